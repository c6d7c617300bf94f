#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/output.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The one global: a signal handler can reach nothing else. */
static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

/* The first signal lets the message in flight end; the second one has its usual effect. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

static bool is_stopped(void *context)
{
    (void)context;
    return interrupted != 0;
}

typedef struct run {
    const pk_job *job;
    size_t verdicts[PRANKCURL_VERDICT_COUNT]; /* pranks by verdict */
    size_t recipients[PRANKCURL_VERDICT_COUNT];
    prankcurl_status stopped_by; /* OK: nothing stopped it */
    pk_buf rest;                 /* options that name the groups nobody of whom was served */
} run;

static void on_trace(void *context, prankcurl_trace_kind kind, const char *line, size_t len)
{
    static const char *const prefixes[] = {
        [PRANKCURL_TRACE_NOTE] = "         * ",    [PRANKCURL_TRACE_REPLY] = "server   < ",
        [PRANKCURL_TRACE_COMMAND] = "client   > ", [PRANKCURL_TRACE_ENVELOPE] = "envelope > ",
        [PRANKCURL_TRACE_HEADER] = "header   > ",  [PRANKCURL_TRACE_BODY] = "body     > ",
    };
    pk_buf text;
    (void)context;
    pk_buf_init(&text, 64 * 1024);
    pk_add_printable(&text, line, len);
    (void)fprintf(stderr, "%s%s\n", prefixes[kind], pk_buf_text(&text));
    pk_buf_free(&text);
}

static bool add_recipient(cJSON *list, const char *address, prankcurl_verdict verdict,
                          const prankcurl_reply *reply)
{
    cJSON *object = cJSON_CreateObject();
    if (object && pk_json_add_text(object, "address", address) &&
        cJSON_AddStringToObject(object, "status", prankcurl_verdict_name(verdict)) &&
        cJSON_AddNumberToObject(object, "code", reply->code) &&
        pk_json_add_text(object, "reply", reply->text) && cJSON_AddItemToArray(list, object)) {
        return true;
    }
    cJSON_Delete(object);
    return false;
}

/* Recipients of a prank that was never tried. */
static bool add_skipped(cJSON *list, const prankcurl_prank *prank)
{
    static const prankcurl_reply none = {0};
    size_t to = prankcurl_prank_recipient_count(prank);
    for (size_t i = 0; i < to + prankcurl_prank_cc_count(prank); i++) {
        const prankcurl_person *person =
            i < to ? prankcurl_prank_recipient(prank, i) : prankcurl_prank_cc(prank, i - to);
        if (!add_recipient(list, prankcurl_person_address(person), PRANKCURL_SKIPPED, &none)) {
            return false;
        }
    }
    return true;
}

static bool add_recipients(cJSON *object, const prankcurl_prank *prank,
                           const prankcurl_outcome *outcome)
{
    cJSON *list = cJSON_AddArrayToObject(object, "recipients");
    if (!list || outcome->recipient_count == 0) {
        return list && add_skipped(list, prank);
    }
    for (size_t i = 0; i < outcome->recipient_count; i++) {
        const prankcurl_recipient_result *one = &outcome->recipients[i];
        if (!add_recipient(list, one->address, one->verdict, &one->reply)) {
            return false;
        }
    }
    return true;
}

static void print_json(const prankcurl_prank *prank, const prankcurl_outcome *outcome)
{
    int attempts = outcome->verdict == PRANKCURL_SKIPPED ? 0 : 1;
    cJSON *object = cJSON_CreateObject();
    bool made =
        object && cJSON_AddStringToObject(object, "id", prankcurl_prank_id(prank)) &&
        cJSON_AddStringToObject(object, "group", prankcurl_prank_group(prank)) &&
        cJSON_AddStringToObject(object, "message", prankcurl_prank_message(prank)) &&
        cJSON_AddStringToObject(object, "message_id", prankcurl_prank_message_id(prank)) &&
        cJSON_AddStringToObject(object, "status", prankcurl_verdict_name(outcome->verdict)) &&
        cJSON_AddNumberToObject(object, "attempts", attempts) &&
        add_recipients(object, prank, outcome) &&
        pk_json_add_text(object, "reply", outcome->reply.text);
    if (!made) {
        cJSON_Delete(object);
        object = NULL;
    }
    (void)pk_json_print(PK_PROGRAM, object, "\n");
    (void)fflush(stdout); /* who reads along sees it at once */
}

static void print_line(const prankcurl_prank *prank, const prankcurl_outcome *outcome, bool verbose)
{
    size_t people = prankcurl_prank_recipient_count(prank) + prankcurl_prank_cc_count(prank);
    (void)fprintf(stderr, "%-9s  %s: %s, from %s to %zu", prankcurl_verdict_name(outcome->verdict),
                  prankcurl_prank_group(prank), prankcurl_prank_message(prank),
                  prankcurl_person_name(prankcurl_prank_author(prank)), people);
    if (outcome->queue_id[0]) {
        (void)fprintf(stderr, " (queue id %s)", outcome->queue_id);
    }
    (void)fputc('\n', stderr);
    for (size_t i = 0; verbose && i < outcome->recipient_count; i++) {
        const prankcurl_recipient_result *one = &outcome->recipients[i];
        pk_print_line(stderr, "           %-9s  %s: %s", prankcurl_verdict_name(one->verdict),
                      one->address, one->reply.text);
    }
}

static void print_complaint(const prankcurl_prank *prank, const prankcurl_outcome *outcome)
{
    if (outcome->error.status == PRANKCURL_OK) {
        return;
    }
    prankcurl_error error = outcome->error;
    const char *message_id = prankcurl_prank_message_id(prank);
    bool is_uncertain = outcome->verdict == PRANKCURL_UNCERTAIN;
    (void)pk_error_set(&error, error.status, NULL, "%s: %s%s%s", prankcurl_prank_group(prank),
                       outcome->error.message, is_uncertain ? "; its Message-ID is " : "",
                       is_uncertain ? message_id : "");
    pk_print_error(PK_PROGRAM, &error);
}

/* What was neither accepted by anybody nor may have been: it can be sent again without harm. */
static void note_rest(run *r, const prankcurl_prank *prank, const prankcurl_outcome *outcome)
{
    if (outcome->verdict == PRANKCURL_DEFERRED || outcome->verdict == PRANKCURL_SKIPPED) {
        pk_buf_str(&r->rest, " --group '");
        for (const char *p = prankcurl_prank_group(prank); *p; p++) {
            if (*p == '\'') {
                pk_buf_str(&r->rest, "'\\'"); /* as a shell reads it */
            }
            pk_buf_char(&r->rest, *p);
        }
        pk_buf_char(&r->rest, '\'');
    }
}

static void count_recipients(run *r, const prankcurl_outcome *outcome)
{
    for (size_t i = 0; i < outcome->recipient_count; i++) {
        r->recipients[outcome->recipients[i].verdict]++;
    }
}

static void on_outcome(void *context, const prankcurl_prank *prank,
                       const prankcurl_outcome *outcome)
{
    run *r = context;
    const pk_options *options = r->job->options;
    r->verdicts[outcome->verdict]++;
    count_recipients(r, outcome);
    note_rest(r, prank, outcome);
    if (outcome->stops) {
        r->stopped_by = outcome->error.status;
    }
    if (options->json) {
        print_json(prank, outcome);
    } else if (!options->quiet && outcome->verdict != PRANKCURL_SKIPPED) {
        print_line(prank, outcome, options->verbose);
    }
    print_complaint(prank, outcome);
}

/* The order of the summary. */
static const prankcurl_verdict summary[] = {PRANKCURL_ACCEPTED, PRANKCURL_REFUSED,
                                            PRANKCURL_DEFERRED, PRANKCURL_UNCERTAIN,
                                            PRANKCURL_SKIPPED};

enum { SUMMARY_COUNT = sizeof summary / sizeof summary[0] };

static void print_json_summary(const run *r)
{
    cJSON *object = cJSON_CreateObject();
    cJSON *counts = object ? cJSON_AddObjectToObject(object, "summary") : NULL;
    bool made = counts != NULL;
    for (size_t i = 0; made && i < SUMMARY_COUNT; i++) {
        made = cJSON_AddNumberToObject(counts, prankcurl_verdict_name(summary[i]),
                                       (double)r->verdicts[summary[i]]) != NULL;
    }
    if (!made) {
        cJSON_Delete(object);
        object = NULL;
    }
    (void)pk_json_print(PK_PROGRAM, object, "\n");
}

static void print_summary(const run *r)
{
    if (r->job->options->json) {
        print_json_summary(r);
        return;
    }
    if (!r->job->options->quiet) {
        const char *separator = "";
        for (size_t i = 0; i < SUMMARY_COUNT; i++) {
            if (r->verdicts[summary[i]]) {
                (void)fprintf(stderr, "%s%zu %s", separator, r->verdicts[summary[i]],
                              prankcurl_verdict_name(summary[i]));
                separator = ", ";
            }
        }
        (void)fputs("\n", stderr);
    }
    bool some_went = r->verdicts[PRANKCURL_ACCEPTED] || r->verdicts[PRANKCURL_UNCERTAIN];
    if (some_went && r->rest.len && pk_buf_ok(&r->rest)) {
        pk_print_line(stderr, "prankcurl: to send only what did not go out: prankcurl%s %s",
                      pk_buf_text(&r->rest), r->job->options->campaign);
    }
}

static prankcurl_status judge(const run *r)
{
    if (r->stopped_by != PRANKCURL_OK) {
        return r->stopped_by;
    }
    if (interrupted && r->verdicts[PRANKCURL_SKIPPED]) {
        prankcurl_error error;
        prankcurl_status status = pk_error_set(&error, PRANKCURL_INTERRUPTED, NULL,
                                               "interrupted; %zu of %zu pranks were not sent",
                                               r->verdicts[PRANKCURL_SKIPPED], r->job->count);
        pk_print_error(PK_PROGRAM, &error);
        return status;
    }
    if (r->recipients[PRANKCURL_DEFERRED] || r->recipients[PRANKCURL_UNCERTAIN]) {
        return PRANKCURL_TEMPORARY;
    }
    return r->recipients[PRANKCURL_REFUSED] ? PRANKCURL_UNAVAILABLE : PRANKCURL_OK;
}

/* True: go on. Without a terminal nobody is there to be asked. */
static bool ask(const pk_job *job)
{
    if (job->options->yes || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        return true;
    }
    for (size_t i = 0; i < job->count; i++) {
        const prankcurl_prank *prank = job->pranks[i];
        (void)fprintf(stderr, "  %s: %s from %s to %zu\n", prankcurl_prank_group(prank),
                      prankcurl_prank_message(prank),
                      prankcurl_person_name(prankcurl_prank_author(prank)),
                      prankcurl_prank_recipient_count(prank) + prankcurl_prank_cc_count(prank));
    }
    (void)fprintf(stderr, "Send %zu pranks to %zu people through %s? [y/N] ", job->count,
                  pk_job_recipient_count(job), prankcurl_campaign_server_url(job->campaign));
    char answer[16] = "";
    (void)fgets(answer, sizeof answer, stdin);
    if (answer[0] == 'y' || answer[0] == 'Y') {
        return true;
    }
    (void)fputs("Nothing was sent.\n", stderr);
    return false;
}

prankcurl_status pk_cmd_send(const pk_job *job)
{
    if (!ask(job)) {
        return PRANKCURL_OK;
    }
    catch_signals();
    run r = {.job = job, .stopped_by = PRANKCURL_OK};
    pk_buf_init(&r.rest, 64 * 1024);
    prankcurl_error error;
    prankcurl_delivery_options how = PRANKCURL_DELIVERY_OPTIONS_INIT;
    how.trace = job->options->trace ? on_trace : NULL;
    how.is_stopped = is_stopped;
    prankcurl_status status = prankcurl_deliver(job->composer, job->campaign, job->pranks,
                                                job->count, &how, on_outcome, &r, &error);
    if (status == PRANKCURL_OK) {
        print_summary(&r);
        status = judge(&r);
    } else {
        pk_print_error(PK_PROGRAM, &error);
    }
    pk_buf_free(&r.rest);
    prankcurl_status flushed = pk_flush_output(PK_PROGRAM);
    return status == PRANKCURL_OK ? flushed : status;
}
