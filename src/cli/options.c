#include "cli/options.h"

#include "base/options.h"
#include "cli/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct command {
    const char *name;
    pk_command command;
    const char *help;
} command;

static const command commands[] = {
    {"send", PK_SEND, "send the pranks (the default)"},
    {"plan", PK_PLAN, "show who pranks whom with what"},
    {"preview", PK_PREVIEW, "write a page that shows every message as it will look"},
    {"check", PK_CHECK, "check the campaign and the files it names"},
    {"status", PK_STATUS, "what was sent, and what was not"},
};

enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static prankcurl_status usage(prankcurl_error *error, const char *what, const char *value)
{
    return pk_error_set(error, PRANKCURL_USAGE, NULL, "%s: \"%s\"", what, value);
}

/* A whole number from min to max. */
static bool read_number(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
    uint64_t number = 0;
    for (const char *p = text; *p; p++) {
        unsigned digit = (unsigned)(*p - '0');
        if (digit > 9 || number > (max - digit) / 10) {
            return false;
        }
        number = number * 10 + digit;
    }
    *out = number;
    return *text && number >= min;
}

#define FLAG(name)                                                                                 \
    static prankcurl_status set_##name(void *target, const char *value, prankcurl_error *error)    \
    {                                                                                              \
        (void)value;                                                                               \
        (void)error;                                                                               \
        ((pk_options *)target)->name = true;                                                       \
        return PRANKCURL_OK;                                                                       \
    }

FLAG(dry_run)
FLAG(allow_outside)
FLAG(yes)
FLAG(resend_uncertain)
FLAG(only_failed)
FLAG(new_run)
FLAG(context)
FLAG(strict)
FLAG(json)
FLAG(quiet)
FLAG(verbose)
FLAG(trace)
FLAG(help)
FLAG(version)

#define TEXT(name)                                                                                 \
    static prankcurl_status set_##name(void *target, const char *value, prankcurl_error *error)    \
    {                                                                                              \
        (void)error;                                                                               \
        ((pk_options *)target)->name = value;                                                      \
        return PRANKCURL_OK;                                                                       \
    }

TEXT(format)
TEXT(server)
TEXT(rate)
TEXT(ca_file)

static prankcurl_status set_output(void *target, const char *value, prankcurl_error *error)
{
    pk_options *o = target;
    o->output = value;
    return *value ? PRANKCURL_OK
                  : usage(error, "--output needs the name of a folder, or of a file", value);
}

static prankcurl_status set_ledger(void *target, const char *value, prankcurl_error *error)
{
    pk_options *o = target;
    o->ledger = value;
    return *value ? PRANKCURL_OK : usage(error, "--ledger needs the name of a file", value);
}

static prankcurl_status set_connections(void *target, const char *value, prankcurl_error *error)
{
    pk_options *o = target;
    uint64_t connections = 0;
    if (!read_number(value, 1, PRANKCURL_CONNECTIONS_MAX, &connections)) {
        return usage(error, "--connections needs a number from 1 to 64", value);
    }
    o->connections = (unsigned)connections;
    return PRANKCURL_OK;
}

static prankcurl_status add_group(void *target, const char *value, prankcurl_error *error)
{
    pk_options *o = target;
    const char **groups = realloc(o->groups, (o->group_count + 1) * sizeof *groups);
    if (!groups) {
        return pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    groups[o->group_count++] = value;
    o->groups = groups;
    return PRANKCURL_OK;
}

static prankcurl_status set_limit(void *target, const char *value, prankcurl_error *error)
{
    pk_options *o = target;
    uint64_t limit = 0;
    if (!read_number(value, 1, SIZE_MAX, &limit)) {
        return usage(error, "--limit needs a number of pranks, 1 or more", value);
    }
    o->limit = (size_t)limit;
    return PRANKCURL_OK;
}

static prankcurl_status set_seed(void *target, const char *value, prankcurl_error *error)
{
    pk_options *o = target;
    o->has_seed = read_number(value, 0, PRANKCURL_SEED_MAX, &o->seed);
    return o->has_seed ? PRANKCURL_OK
                       : usage(error, "--seed needs a whole number below 2^53", value);
}

/* Commands that work on a campaign, and commands that look into its ledger. */
#define CAMPAIGN (PK_SEND | PK_PLAN | PK_PREVIEW | PK_CHECK)
#define LEDGER   (PK_SEND | PK_PLAN | PK_STATUS)
#define CHOOSING (PK_SEND | PK_PLAN | PK_PREVIEW)
#define ALL      (CAMPAIGN | LEDGER)

static const pk_option entries[] = {
    {'n', "dry-run", NULL, PK_SEND, set_dry_run, "print the messages instead of sending them"},
    {0, "format", "FORMAT", LEDGER, set_format,
     "dry run: mbox (default), eml, bsmtp; plan, status: text (default), json"},
    {'o', "output", "PATH", PK_SEND | PK_PREVIEW, set_output,
     "dry run: a folder for one .eml a message; preview: the page's file"},
    {'g', "group", "NAME", CHOOSING | PK_CHECK, add_group, "only this group (repeatable)"},
    {'l', "limit", "N", CHOOSING, set_limit, "only the first N pranks"},
    {'s', "seed", "N", CHOOSING, set_seed, "draw anew with this number"},
    {'y', "yes", NULL, PK_SEND, set_yes, "send without asking"},
    {'j', "connections", "N", PK_SEND, set_connections, "no more connections than this"},
    {0, "rate", "N/s|m|h", PK_SEND, set_rate, "no more messages than this"},
    {0, "ledger", "FILE", LEDGER | PK_PREVIEW, set_ledger, "keep the record of what was sent here"},
    {0, "resend-uncertain", NULL, PK_SEND, set_resend_uncertain,
     "send again what may have arrived or not"},
    {0, "only-failed", NULL, PK_SEND, set_only_failed,
     "only what was refused or deferred before, refused recipients too"},
    {0, "new-run", NULL, PK_SEND, set_new_run,
     "begin a second run: everybody gets a prank again (asks first)"},
    {0, "server", "URL", CAMPAIGN, set_server, "in place of the campaign's server.url"},
    {0, "ca-file", "FILE", CAMPAIGN, set_ca_file,
     "trust this CA, in place of the campaign's server.ca_file"},
    {0, "allow-outside", NULL, CAMPAIGN, set_allow_outside,
     "let the campaign name files outside its folder"},
    {0, "context", NULL, PK_CHECK, set_context,
     "every name that templates can use, with its value for each --group"},
    {0, "strict", NULL, PK_CHECK, set_strict, "take warnings for errors"},
    {0, "json", NULL, PK_SEND | PK_CHECK, set_json, "one JSON object a line on stdout"},
    {'q', "quiet", NULL, CAMPAIGN, set_quiet, "only errors"},
    {'v', "verbose", NULL, ALL, set_verbose,
     "more about what happens; status: every recipient, also the accepted ones"},
    {0, "trace", NULL, PK_SEND, set_trace, "show the SMTP dialogue on stderr, secrets masked"},
    {'h', "help", NULL, ALL, set_help, "show this"},
    {'V', "version", NULL, ALL, set_version, "show the versions of prankcurl and its libraries"},
};

enum { ENTRY_COUNT = sizeof entries / sizeof entries[0] };

static const pk_option_table table = {PK_PROGRAM, entries, ENTRY_COUNT};

static const command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

static const char *command_name(pk_command wanted)
{
    size_t i = 0;
    while (commands[i].command != wanted) {
        i++;
    }
    return commands[i].name;
}

static prankcurl_status take_words(int argc, char **argv, int first, pk_options *options,
                                   prankcurl_error *error)
{
    options->command = PK_SEND;
    const command *named = first < argc ? find_command(argv[first]) : NULL;
    if (named) {
        options->command = named->command;
        first++;
    }
    if (options->help || options->version) {
        return PRANKCURL_OK;
    }
    if (first == argc) {
        return pk_error_set(error, PRANKCURL_USAGE, NULL, "which campaign? Name its JSON file");
    }
    if (first + 1 < argc) {
        return usage(error, "one campaign at a time; this is too much", argv[first + 1]);
    }
    options->campaign = argv[first];
    return PRANKCURL_OK;
}

static prankcurl_status check_command(const pk_options *options, const bool *given,
                                      prankcurl_error *error)
{
    for (size_t i = 0; i < ENTRY_COUNT; i++) {
        if (given[i] && !(entries[i].commands & options->command)) {
            return pk_error_set(error, PRANKCURL_USAGE, NULL, "--%s is not for \"%s\"",
                                entries[i].name, command_name(options->command));
        }
    }
    return PRANKCURL_OK;
}

prankcurl_status pk_options_parse(int argc, char **argv, pk_options *options,
                                  prankcurl_error *error)
{
    bool given[ENTRY_COUNT] = {false};
    int first = 0;
    *options = (pk_options){0};
    prankcurl_status status = pk_options_take(&table, argc, argv, options, given, &first, error);
    if (status == PRANKCURL_OK) {
        status = take_words(argc, argv, first, options, error);
    }
    if (status == PRANKCURL_OK) {
        status = check_command(options, given, error);
    }
    return status == PRANKCURL_OK ? pk_options_check(options, error) : status;
}

void pk_options_free(pk_options *options)
{
    free(options->groups);
    options->groups = NULL;
}

void pk_options_print_help(void)
{
    (void)puts("Usage: prankcurl [COMMAND] [OPTIONS] CAMPAIGN.json\n\n"
               "Plays pranks by e-mail on people who agreed to it.\n\nCommands:");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        (void)printf("  %-8s %s\n", commands[i].name, commands[i].help);
    }
    (void)puts("\nOptions:");
    pk_options_print(&table);
    (void)puts("\nExit codes: 0 all accepted, 64 usage, 65 campaign wrong, 66 file missing, 69 "
               "refused or\n"
               "unreachable, 73 cannot create, 74 I/O, 75 try again, 76 protocol, 77 login or TLS "
               "refused,\n"
               "78 configuration, 130 interrupted.");
}

void pk_options_print_hint(void)
{
    (void)fputs(
        "prankcurl plays pranks by e-mail on people who agreed to it.\n\n"
        "  prankcurl check campaign.json          is the campaign right?\n"
        "  prankcurl plan campaign.json           who pranks whom with what?\n"
        "  prankcurl preview campaign.json        a page with every message, as it will look\n"
        "  prankcurl --dry-run campaign.json      show the messages, send nothing\n"
        "  prankcurl campaign.json                send them\n"
        "  prankcurl status campaign.json         what was sent, and what was not?\n\n"
        "examples/april-fools.json is a campaign to begin with; --help shows all options.\n",
        stderr);
}
