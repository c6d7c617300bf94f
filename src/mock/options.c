#include "mock/options.h"

#include "base/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(name)                                                                                 \
    static prankcurl_status set_##name(void *target, const char *value, prankcurl_error *error)    \
    {                                                                                              \
        (void)error;                                                                               \
        ((pm_options *)target)->config.name = value;                                               \
        return PRANKCURL_OK;                                                                       \
    }

#define FLAG(name, place)                                                                          \
    static prankcurl_status set_##name(void *target, const char *value, prankcurl_error *error)    \
    {                                                                                              \
        (void)value;                                                                               \
        (void)error;                                                                               \
        ((pm_options *)target)->place = true;                                                      \
        return PRANKCURL_OK;                                                                       \
    }

TEXT(smtp)
TEXT(smtps)
TEXT(http)
TEXT(tls_dir)
TEXT(user)
TEXT(faults)
TEXT(store)
FLAG(lenient, config.lenient)
FLAG(json, config.json)
FLAG(quiet, config.quiet)
FLAG(verbose, config.verbose)
FLAG(help, help)
FLAG(version, version)

static prankcurl_status set_password_env(void *target, const char *value, prankcurl_error *error)
{
    (void)error;
    ((pm_options *)target)->password_env = value;
    return PRANKCURL_OK;
}

/* what: is needed, for people. */
static prankcurl_status read_count(const char *option, const char *what, const char *value,
                                   uint64_t min, uint64_t *out, prankcurl_error *error)
{
    enum { MAX_DIGITS = 15 };
    size_t digits = strspn(value, "0123456789");
    bool is_number = digits && !value[digits];
    if (is_number && digits > MAX_DIGITS) {
        return pk_error_set(error, PRANKCURL_USAGE, NULL,
                            "--%s is too large; a number of %d digits at most is expected: \"%s\"",
                            option, MAX_DIGITS, value);
    }
    unsigned long long number = strtoull(value, NULL, 10);
    if (!is_number || number < min) {
        return pk_error_set(error, PRANKCURL_USAGE, NULL, "--%s needs %s, %llu or more: \"%s\"",
                            option, what, (unsigned long long)min, value);
    }
    *out = number;
    return PRANKCURL_OK;
}

static prankcurl_status set_max_messages(void *target, const char *value, prankcurl_error *error)
{
    return read_count("max-messages", "a whole number", value, 1,
                      &((pm_options *)target)->config.max_messages, error);
}

static prankcurl_status set_max_bytes(void *target, const char *value, prankcurl_error *error)
{
    enum { LEAST = 64 * 1024 };
    return read_count("max-bytes", "a number of bytes, without a unit", value, LEAST,
                      &((pm_options *)target)->config.max_bytes, error);
}

static const pk_option options[] = {
    {0, "smtp", "ADDR:PORT", 0, set_smtp,
     "listen for SMTP here (127.0.0.1:2525); port 0: a free one"},
    {0, "smtps", "ADDR:PORT", 0, set_smtps, "also listen with TLS from the start"},
    {0, "http", "ADDR:PORT", 0, set_http, "the page and the API (127.0.0.1:8282)"},
    {0, "tls-dir", "DIR", 0, set_tls_dir, "keep ca.pem and server.pem here"},
    {0, "user", "NAME", 0, set_user, "only this user may send, and must log in"},
    {0, "password-env", "VAR", 0, set_password_env, "the variable that holds the user's password"},
    {0, "faults", "FILE", 0, set_faults, "fail by the rules in this file"},
    {0, "max-messages", "N", 0, set_max_messages, "keep so many, the newest (1000)"},
    {0, "max-bytes", "N", 0, set_max_bytes,
     "keep no more bytes than this, 65536 or more (268435456)"},
    {0, "store", "DIR", 0, set_store, "keep them in a Maildir, too"},
    {0, "lenient", NULL, 0, set_lenient, "take what breaks the rules: bare LF, loose paths"},
    {0, "json", NULL, 0, set_json, "one JSON object a line on stdout"},
    {'q', "quiet", NULL, 0, set_quiet, "only warnings and errors"},
    {'v', "verbose", NULL, 0, set_verbose, "the dialogues, on stderr"},
    {'h', "help", NULL, 0, set_help, "show this"},
    {'V', "version", NULL, 0, set_version, "show the versions of prankmock and its libraries"},
};

static const pk_option_table table = {"prankmock", options, sizeof options / sizeof options[0]};

/* The password comes from the environment only: a command line can be read by others. */
static prankcurl_status read_login(pm_options *out, prankcurl_error *error)
{
    pm_config *config = &out->config;
    if (!config->user != !out->password_env) {
        return pk_error_set(error, PRANKCURL_USAGE, NULL,
                            "--user and --password-env go together; without both, anybody may log "
                            "in with any password");
    }
    if (!config->user) {
        return PRANKCURL_OK;
    }
    config->password = getenv(out->password_env);
    if (!config->password || !config->password[0]) {
        return pk_error_set(error, PRANKCURL_CONFIG, NULL,
                            "--password-env: the variable %s is not set, or empty",
                            out->password_env);
    }
    return config->user[0] ? PRANKCURL_OK
                           : pk_error_set(error, PRANKCURL_USAGE, NULL, "--user needs a name");
}

prankcurl_status pm_options_parse(int argc, char **argv, pm_options *out, prankcurl_error *error)
{
    bool given[sizeof options / sizeof options[0]] = {false};
    int first = 0;
    *out = (pm_options){.config = PM_CONFIG_INIT};
    prankcurl_status status = pk_options_take(&table, argc, argv, out, given, &first, error);
    if (status != PRANKCURL_OK || out->help || out->version) {
        return status;
    }
    if (first < argc) {
        return pk_error_set(error, PRANKCURL_USAGE, NULL,
                            "prankmock takes options only; this is too much: \"%s\"", argv[first]);
    }
    if (out->config.quiet && out->config.verbose) {
        return pk_error_set(error, PRANKCURL_USAGE, NULL,
                            "--quiet and --verbose say the opposite; give one of them");
    }
    return read_login(out, error);
}

void pm_options_print_help(void)
{
    (void)puts(
        "Usage: prankmock [OPTIONS]\n\n"
        "A mail server that only pretends: it accepts everything, delivers nothing, shows what "
        "came\nin a web page, and fails on command.\n\nOptions:");
    pk_options_print(&table);
    (void)puts(
        "\nThe first lines on stdout say where it listens, and which CA file to trust. Ctrl-C "
        "ends it.\nThe rules of --faults: docs/faults.md; the API: docs/prankmock.openapi.yaml.");
}
