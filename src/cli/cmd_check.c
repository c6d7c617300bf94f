#include "cli/commands.h"
#include "cli/context.h"
#include "cli/output.h"

#include "base/error.h"

static size_t warning_count(const pk_job *job)
{
    return job->warnings.count + job->warnings.left_out;
}

static void print_warning(const prankcurl_error *warning)
{
    prankcurl_error line;
    const pk_place place = {warning->file, warning->pointer, warning->line, warning->column};
    (void)pk_error_set(&line, warning->status, &place, "warning: %s", warning->message);
    pk_print_error(PK_PROGRAM, &line);
}

/* Those who asked to be told of errors only are, unless these are errors. */
static void print_warnings(const pk_job *job)
{
    const prankcurl_errors *warnings = &job->warnings;
    if (job->options->quiet && !job->options->strict) {
        return;
    }
    for (size_t i = 0; i < warnings->count; i++) {
        print_warning(&warnings->items[i]);
    }
    if (warnings->left_out) {
        (void)fprintf(stderr, "prankcurl: and %zu more warnings\n", warnings->left_out);
    }
}

static prankcurl_status refuse_warnings(const pk_job *job)
{
    size_t count = warning_count(job);
    prankcurl_error error;
    const pk_place place = {job->options->campaign, "", 0, 0};
    prankcurl_status status =
        pk_error_set(&error, PRANKCURL_CAMPAIGN, &place, "%zu warning%s; --strict lets none pass",
                     count, count == 1 ? "" : "s");
    pk_print_error(PK_PROGRAM, &error);
    return status;
}

static void print_fine(const pk_job *job)
{
    size_t victims = prankcurl_campaign_victim_count(job->campaign);
    size_t groups = prankcurl_plan_count(job->plan);
    size_t messages = prankcurl_campaign_message_count(job->campaign);
    size_t warnings = warning_count(job);
    char warned[64] = "";
    if (warnings) {
        (void)snprintf(warned, sizeof warned, "; %zu warning%s", warnings,
                       warnings == 1 ? "" : "s");
    }
    pk_print_line(stdout, "%s: fine: %zu victim%s, %zu group%s, %zu message%s%s",
                  job->options->campaign, victims, victims == 1 ? "" : "s", groups,
                  groups == 1 ? "" : "s", messages, messages == 1 ? "" : "s", warned);
}

prankcurl_status pk_cmd_check(const pk_job *job)
{
    if (job->options->context) {
        prankcurl_status status = pk_print_context(job);
        prankcurl_status flushed = pk_flush_output(PK_PROGRAM);
        status = status == PRANKCURL_OK ? flushed : status;
        return status == PRANKCURL_OK ? job->composed : status;
    }
    print_warnings(job);
    if (job->options->strict && warning_count(job)) {
        return refuse_warnings(job);
    }
    if (!job->options->quiet) {
        print_fine(job);
    }
    if (prankcurl_campaign_has_reveal(job->campaign) && !job->options->quiet) {
        (void)fputs("prankcurl: there is a reveal; this version checks only its form, and can't "
                    "send it yet\n",
                    stderr);
    }
    return pk_flush_output(PK_PROGRAM);
}
