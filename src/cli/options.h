/* The command line: commands and options are tables that parse it and print the help. */
#ifndef PK_CLI_OPTIONS_H
#define PK_CLI_OPTIONS_H

#include <prankcurl/prankcurl.h>

/* Commands, one bit each, so that an option can say to which it belongs. */
typedef enum pk_command {
    PK_SEND = 1,
    PK_PLAN = 2,
    PK_CHECK = 4,
    PK_STATUS = 8,
    PK_PREVIEW = 16,
} pk_command;

typedef struct pk_options {
    pk_command command;
    const char *campaign; /* the file */
    const char **groups;  /* owned; lent words of argv */
    size_t group_count;
    size_t limit; /* 0: none */
    uint64_t seed;
    bool has_seed;
    const char *server;
    const char *rate;
    unsigned connections; /* 0: the campaign's */
    const char *ledger;   /* NULL: beside the campaign */
    const char *ca_file;
    const char *format; /* NULL: the command's default */
    const char *output;
    bool allow_outside;
    bool dry_run;
    bool yes;
    bool resend_uncertain;
    bool only_failed;
    bool new_run;
    bool context;
    bool strict;
    bool json;
    bool quiet;
    bool verbose;
    bool trace;
    bool help;
    bool version;
} pk_options;

/* Reads the command line. On any status but OK, error says what is wrong with it. */
prankcurl_status pk_options_parse(int argc, char **argv, pk_options *options,
                                  prankcurl_error *error);
/* Whether the options make sense together; part of the above. */
prankcurl_status pk_options_check(const pk_options *options, prankcurl_error *error);
void pk_options_free(pk_options *options);

/* All commands and options, to stdout. */
void pk_options_print_help(void);
/* What to do next, to stderr. */
void pk_options_print_hint(void);

#endif
