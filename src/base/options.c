#include "base/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

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

/* Only whole names count: "--password secret" must never become --password-env. A letter always
 * does. */
static bool is_whole_name(const char *word, const pk_option *option)
{
    size_t len = strlen(option->name);
    return strncmp(word, "--", 2) != 0 ||
           (strncmp(word + 2, option->name, len) == 0 && (!word[2 + len] || word[2 + len] == '='));
}

/* The value behind a = may be a secret, so it is not said. */
static prankcurl_status refuse(const char *what, const char *word, prankcurl_error *error)
{
    return pk_error_set(error, PRANKCURL_USAGE, NULL, "%s: \"%.*s\"", what, (int)strcspn(word, "="),
                        word);
}

static prankcurl_status refuse_unknown(const pk_option_table *table, const char *word,
                                       prankcurl_error *error)
{
    char what[64];
    (void)snprintf(what, sizeof what, "no option of %s", table->program);
    return refuse(what, word, error);
}

/* What getopt_long complains of. */
static prankcurl_status tell_mistake(const pk_option_table *table, int id, char **argv,
                                     prankcurl_error *error)
{
    const char *word = argv[optind - 1];
    size_t i = optopt ? find_option(table, optopt) : table->count;
    if (i < table->count && is_whole_name(word, &table->options[i])) {
        return refuse(id == ':' ? "this option needs a value" : "this option takes no value", word,
                      error);
    }
    /* Of "-xy", getopt_long may still be in the middle: argv has not moved on yet. */
    char letter[] = {'-', (char)optopt, '\0'};
    return refuse_unknown(table, optopt && i == table->count ? letter : word, error);
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
    optind = 0; /* begins anew, even when an error has left it in the middle of a word */
    opterr = 0;
    for (;;) {
        int index = -1; /* stays so for a letter */
        int id = getopt_long(argc, argv, shorts, longs, &index);
        if (id == -1) {
            *first = optind;
            return PRANKCURL_OK;
        }
        size_t i = find_option(table, id);
        if (i == table->count) {
            return tell_mistake(table, id, argv, error);
        }
        const char *word = argv[optarg == argv[optind - 1] ? optind - 2 : optind - 1];
        if (index >= 0 && !is_whole_name(word, &table->options[i])) {
            return refuse_unknown(table, word, error);
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
