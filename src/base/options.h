/* Option tables: one table parses the command line and prints the help. */
#ifndef PK_BASE_OPTIONS_H
#define PK_BASE_OPTIONS_H

#include "base/error.h"

#include <stddef.h>

enum { PK_MAX_OPTIONS = 64 }; /* in a table */

typedef struct pk_option {
    int letter; /* 0: it has none */
    const char *name;
    const char *value; /* what stands behind it, for people; NULL: nothing */
    unsigned commands; /* that know it, a bit each; for the program, not looked at here */
    /* Takes the value (lent from argv; NULL: it has none) into the parser's target. */
    prankcurl_status (*set)(void *target, const char *value, prankcurl_error *error);
    const char *help;
} pk_option;

typedef struct pk_option_table {
    const char *program; /* its name */
    const pk_option *options;
    size_t count; /* PK_MAX_OPTIONS at most */
} pk_option_table;

/* Calls set for each option of argv, in its order; long ones are not abbreviated. given[i] (count
 * of them, all false before) becomes true for what was there. The other words move to the end of
 * argv, from *first on. USAGE, or what set returned: error says what is wrong. */
prankcurl_status pk_options_take(const pk_option_table *table, int argc, char **argv, void *target,
                                 bool *given, int *first, prankcurl_error *error);

/* A line an option, to stdout. */
void pk_options_print(const pk_option_table *table);

#endif
