#include "base/options.h"

#include <getopt.h>
#include <stdio.h>

enum { FIRST_LONG_ONLY = 256 };

/* getopt_long's form of a table. */
static void make_getopt_tables(const pk_option_table *table, struct option *longs, char *shorts)
{
    *shorts++ = ':'; /* a missing value is told as ':' */
    for (size_t i = 0; i < table->count; i++) {
        const pk_option *option = &table->options[i];
        int has_value = option->value ? required_argument : no_argument;
        int id = option->letter ? option->letter : FIRST_LONG_ONLY + (int)i;
        longs[i] = (struct option){option->name, has_value, NULL, id};
        if (option->letter) {
            *shorts++ = (char)option->letter;
            if (option->value) {
                *shorts++ = ':';
            }
        }
    }
    longs[table->count] = (struct option){0};
    *shorts = '\0';
}

/* The option that getopt_long means; the table's count: none. */
static size_t find_option(const pk_option_table *table, int id)
{
    size_t i = 0;
    while (i < table->count && table->options[i].letter != id && FIRST_LONG_ONLY + (int)i != id) {
        i++;
    }
    return i;
}

prankcurl_status pk_options_take(const pk_option_table *table, int argc, char **argv, void *target,
                                 bool *given, int *first, prankcurl_error *error)
{
    struct option longs[PK_MAX_OPTIONS + 1];
    char shorts[2 * PK_MAX_OPTIONS + 2];
    if (table->count > PK_MAX_OPTIONS) {
        return pk_error_set(error, PRANKCURL_INTERNAL, NULL, "too many options in a table");
    }
    make_getopt_tables(table, longs, shorts);
    optind = 1;
    opterr = 0;
    for (;;) {
        int id = getopt_long(argc, argv, shorts, longs, NULL);
        if (id == -1) {
            *first = optind;
            return PRANKCURL_OK;
        }
        size_t i = find_option(table, id);
        if (id == ':') {
            return pk_error_set(error, PRANKCURL_USAGE, NULL, "this option needs a value: \"%s\"",
                                argv[optind - 1]);
        }
        if (i == table->count) {
            return pk_error_set(error, PRANKCURL_USAGE, NULL, "no option of %s: \"%s\"",
                                table->program, argv[optind - 1]);
        }
        given[i] = true;
        prankcurl_status status = table->options[i].set(target, optarg, error);
        if (status != PRANKCURL_OK) {
            return status;
        }
    }
}

void pk_options_print(const pk_option_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const pk_option *option = &table->options[i];
        char name[40];
        char letter[8] = "";
        if (option->letter) {
            (void)snprintf(letter, sizeof letter, "-%c,", option->letter);
        }
        (void)snprintf(name, sizeof name, "--%s%s%s", option->name, option->value ? " " : "",
                       option->value ? option->value : "");
        (void)printf("  %-3s %-18s %s\n", letter, name, option->help);
    }
}
