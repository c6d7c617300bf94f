#include "cli/options.h"

#include "base/error.h"

#include <string.h>

/* What a command can print. */
static const struct {
    pk_command command;
    const char *names[4];
    const char *complaint;
} formats[] = {
    {PK_SEND, {"mbox", "eml", "bsmtp", NULL}, "--format of a dry run is mbox, eml or bsmtp"},
    {PK_PLAN, {"text", "json", NULL}, "--format of a plan is text or json"},
    {PK_STATUS, {"text", "json", NULL}, "--format of a status is text or json"},
};

static bool is_one_of(const char *word, const char *const *list)
{
    while (*list && strcmp(*list, word) != 0) {
        list++;
    }
    return *list != NULL;
}

static prankcurl_status check_format(const pk_options *options, prankcurl_error *error)
{
    for (size_t i = 0; options->format && i < sizeof formats / sizeof formats[0]; i++) {
        if (formats[i].command == options->command &&
            !is_one_of(options->format, formats[i].names)) {
            return pk_error_set(error, PRANKCURL_USAGE, NULL, "%s: \"%s\"", formats[i].complaint,
                                options->format);
        }
    }
    return PRANKCURL_OK;
}

static prankcurl_status check_dry_run(const pk_options *options, prankcurl_error *error)
{
    if (options->json) {
        return pk_error_set(error, PRANKCURL_USAGE, NULL,
                            "a dry run prints messages, not JSON; \"prankcurl plan --format json\" "
                            "prints the plan");
    }
    if (options->resend_uncertain || options->only_failed || options->new_run) {
        return pk_error_set(error, PRANKCURL_USAGE, NULL,
                            "a dry run sends nothing, and shows all messages; leave %s out",
                            options->resend_uncertain ? "--resend-uncertain"
                            : options->only_failed    ? "--only-failed"
                                                      : "--new-run");
    }
    return PRANKCURL_OK;
}

static prankcurl_status check_send(const pk_options *options, prankcurl_error *error)
{
    if (options->new_run && (options->group_count || options->limit)) {
        return pk_error_set(error, PRANKCURL_USAGE, NULL,
                            "--new-run begins anew for everybody; leave --group and --limit out");
    }
    if (!options->dry_run && (options->format || options->output)) {
        return pk_error_set(error, PRANKCURL_USAGE, NULL,
                            "--format and --output are for a dry run; add --dry-run");
    }
    if (options->output && options->format && strcmp(options->format, "eml") != 0) {
        return pk_error_set(error, PRANKCURL_USAGE, NULL,
                            "--output writes .eml files; leave --format out");
    }
    if (options->only_failed && options->new_run) {
        return pk_error_set(error, PRANKCURL_USAGE, NULL,
                            "--only-failed goes on with the last run, and --new-run begins "
                            "another; give one of them");
    }
    return options->dry_run ? check_dry_run(options, error) : PRANKCURL_OK;
}

static prankcurl_status check_check(const pk_options *options, prankcurl_error *error)
{
    if (!options->context && (options->group_count || options->json)) {
        return pk_error_set(
            error, PRANKCURL_USAGE, NULL,
            "--%s of \"check\" is for what --context shows; add it, or leave it out",
            options->json ? "json" : "group");
    }
    if (options->context && options->strict) {
        return pk_error_set(error, PRANKCURL_USAGE, NULL,
                            "--strict is for warnings, and --context shows none; leave one of the "
                            "two out");
    }
    return PRANKCURL_OK;
}

prankcurl_status pk_options_check(const pk_options *options, prankcurl_error *error)
{
    prankcurl_status status = check_format(options, error);
    if (status == PRANKCURL_OK && options->command == PK_SEND) {
        status = check_send(options, error);
    }
    if (status == PRANKCURL_OK && options->command == PK_CHECK) {
        status = check_check(options, error);
    }
    return status;
}
