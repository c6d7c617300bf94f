#include "base/clock.h"
#include "base/error.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/record.h"
#include "cli/resume.h"
#include "cli/signals.h"
#include "cli/tell.h"

typedef struct run {
    const pk_job *job;
    const pk_resume *resume;
    size_t accepted_before;                     /* pranks, by everybody or in part */
    size_t verdicts[PRANKCURL_VERDICT_COUNT];   /* pranks by verdict */
    size_t recipients[PRANKCURL_VERDICT_COUNT]; /* of those pranks */
    prankcurl_status stopped_by;                /* OK: nothing stopped it */
    int64_t began_us;
    size_t settled;
    pk_progress progress;
} run;

static void count(run *r, const prankcurl_outcome *outcome)
{
    r->verdicts[outcome->verdict]++;
    for (size_t i = 0; i < outcome->recipient_count; i++) {
        r->recipients[outcome->recipients[i].verdict]++;
    }
}

static void on_retry(run *r, const prankcurl_prank *prank, const prankcurl_outcome *outcome)
{
    const pk_options *options = r->job->options;
    if (options->verbose || !(options->quiet || options->json || r->progress.is_enabled)) {
        pk_progress_clear(&r->progress);
        pk_tell_retry(prank, outcome);
    }
}

static void on_settled(run *r, const prankcurl_prank *prank, const prankcurl_outcome *outcome)
{
    const pk_options *options = r->job->options;
    count(r, outcome);
    r->settled += outcome->verdict == PRANKCURL_SKIPPED ? 0 : 1;
    if (outcome->scope == PRANKCURL_SCOPE_RUN) {
        r->stopped_by = outcome->error.status;
    }
    bool shows = options->verbose || !r->progress.is_enabled;
    if (outcome->error.status != PRANKCURL_OK || shows || options->json) {
        pk_progress_clear(&r->progress);
    }
    if (options->json) {
        pk_tell_json(prank, outcome);
    } else if (!options->quiet && shows && outcome->verdict != PRANKCURL_SKIPPED) {
        pk_tell_line(prank, outcome, options->verbose);
    }
    pk_tell_complaint(prank, outcome);
}

static void on_outcome(void *context, const prankcurl_prank *prank,
                       const prankcurl_outcome *outcome)
{
    run *r = context;
    prankcurl_outcome whole = PRANKCURL_OUTCOME_INIT;
    if (outcome->retry_at_ms) {
        on_retry(r, prank, outcome);
    } else if (pk_resume_join(r->resume, prank, outcome, &whole)) {
        on_settled(r, prank, &whole);
    } else {
        on_settled(r, prank, outcome);
    }
    prankcurl_outcome_free(&whole);
}

static void on_tick(void *context, const prankcurl_progress *delivery)
{
    run *r = context;
    pk_progress_state state = {
        .total = r->job->count,
        .settled_now = r->settled,
        .elapsed_ms = (pk_monotonic_us() - r->began_us) / 1000,
        .delivery = *delivery,
        .now_ms = pk_wall_clock_ms(),
    };
    for (int i = 0; i < PRANKCURL_VERDICT_COUNT; i++) {
        state.verdicts[i] = r->verdicts[i];
    }
    state.verdicts[PRANKCURL_ACCEPTED] += r->accepted_before;
    pk_progress_update(&r->progress, &state);
}

static bool is_stopped(void *context)
{
    (void)context;
    return pk_signals_came();
}

static void on_trace(void *context, unsigned connection, prankcurl_trace_kind kind,
                     const char *line, size_t len)
{
    (void)context;
    pk_tell_trace(connection, kind, line, len);
}

/* What earlier processes left, and this one does not try. */
static void tell_known(run *r)
{
    for (size_t i = 0; i < r->resume->known_count; i++) {
        const pk_known *known = &r->resume->known[i];
        if (!known->is_tried) {
            count(r, &known->outcome);
            if (known->outcome.verdict == PRANKCURL_ACCEPTED) {
                r->verdicts[PRANKCURL_ACCEPTED]--;
                r->accepted_before++;
            }
            if (r->job->options->json) {
                pk_tell_json(known->prank, &known->outcome);
            }
        }
        pk_tell_known(known->prank, &known->outcome);
    }
}

/* The order of the summary. */
static const prankcurl_verdict summary[] = {PRANKCURL_ACCEPTED, PRANKCURL_REFUSED,
                                            PRANKCURL_DEFERRED, PRANKCURL_UNCERTAIN,
                                            PRANKCURL_SKIPPED};

enum { SUMMARY_COUNT = sizeof summary / sizeof summary[0], PEOPLE_COUNT = SUMMARY_COUNT - 1 };

static void print_json_summary(const run *r)
{
    cJSON *object = cJSON_CreateObject();
    cJSON *counts = object ? cJSON_AddObjectToObject(object, "summary") : NULL;
    bool made = counts != NULL;
    for (size_t i = 0; made && i < SUMMARY_COUNT; i++) {
        made = cJSON_AddNumberToObject(counts, prankcurl_verdict_name(summary[i]),
                                       (double)r->verdicts[summary[i]]) != NULL;
    }
    made = made &&
           cJSON_AddNumberToObject(counts, "accepted_before", (double)r->accepted_before) != NULL;
    cJSON *people = made ? cJSON_AddObjectToObject(object, "recipients") : NULL;
    made = people != NULL;
    for (size_t i = 0; made && i < PEOPLE_COUNT; i++) {
        made = cJSON_AddNumberToObject(people, prankcurl_verdict_name(summary[i]),
                                       (double)r->recipients[summary[i]]) != NULL;
    }
    if (!made) {
        cJSON_Delete(object);
        object = NULL;
    }
    (void)pk_json_print(PK_PROGRAM, object, "\n");
}

static void add_counts(pk_buf *out, const size_t *counts, size_t kinds)
{
    for (size_t i = 0; i < kinds; i++) {
        if (counts[summary[i]]) {
            pk_buf_fmt(out, "%s%zu %s", out->len ? ", " : "", counts[summary[i]],
                       summary[i] == PRANKCURL_SKIPPED ? "not tried"
                                                       : prankcurl_verdict_name(summary[i]));
        }
    }
}

/* "4 accepted, 1 accepted before", and where pranks reached only some, "recipients: 7 accepted, 1
 * refused". */
static void print_summary(const run *r)
{
    pk_buf pranks;
    pk_buf people;
    pk_buf_init(&pranks, 1024);
    pk_buf_init(&people, 1024);
    add_counts(&pranks, r->verdicts, SUMMARY_COUNT);
    if (r->accepted_before) {
        pk_buf_fmt(&pranks, "%s%zu accepted before", pranks.len ? ", " : "", r->accepted_before);
    }
    if (r->recipients[PRANKCURL_REFUSED] || r->recipients[PRANKCURL_DEFERRED] ||
        r->recipients[PRANKCURL_UNCERTAIN]) {
        add_counts(&people, r->recipients, PEOPLE_COUNT);
    }
    (void)fprintf(stderr, "%s%s%s\n", pk_buf_text(&pranks),
                  people.len ? "; of their recipients: " : "", pk_buf_text(&people));
    pk_buf_free(&people);
    pk_buf_free(&pranks);
}

/* The words that go on from here. Not the command itself: with its options it might be long, and
 * without them it would be another one. */
static void advise(const run *r, const char *why)
{
    (void)fprintf(stderr, "prankcurl: %s; the same command%s goes on where this one ended\n", why,
                  r->job->options->new_run ? ", without --new-run," : "");
}

static prankcurl_status judge(const run *r)
{
    size_t open = r->verdicts[PRANKCURL_SKIPPED] + r->recipients[PRANKCURL_DEFERRED];
    if (r->stopped_by != PRANKCURL_OK) {
        return r->stopped_by;
    }
    if (pk_signals_came() && open) {
        advise(r, "interrupted");
        return PRANKCURL_INTERRUPTED;
    }
    if (r->recipients[PRANKCURL_DEFERRED] && !r->job->options->json && !r->job->options->quiet) {
        advise(r, "not all could be sent yet");
    }
    if (r->recipients[PRANKCURL_DEFERRED] || r->recipients[PRANKCURL_UNCERTAIN]) {
        return PRANKCURL_TEMPORARY;
    }
    return r->recipients[PRANKCURL_REFUSED] ? PRANKCURL_UNAVAILABLE : PRANKCURL_OK;
}

static prankcurl_status deliver(run *r)
{
    const pk_job *job = r->job;
    const pk_options *options = job->options;
    prankcurl_error error;
    pk_record record = {job->ledger, job->run, prankcurl_campaign_server_url(job->campaign)};
    prankcurl_recorder recorder = pk_record_recorder(&record);
    prankcurl_delivery_options how = PRANKCURL_DELIVERY_OPTIONS_INIT;
    how.trace = options->trace ? on_trace : NULL;
    how.is_stopped = is_stopped;
    how.tick = on_tick;
    how.context = r;
    how.recorder = &recorder;
    bool shows = pk_progress_wanted() && !options->quiet && !options->trace;
    pk_progress_start(&r->progress, stderr, shows);
    r->began_us = pk_monotonic_us();
    prankcurl_status status = prankcurl_deliver(job->composer, job->campaign, r->resume->tasks,
                                                r->resume->count, &how, on_outcome, r, &error);
    pk_progress_end(&r->progress);
    if (status != PRANKCURL_OK) {
        pk_print_error(PK_PROGRAM, &error);
    }
    return status;
}

static prankcurl_status send(run *r, pk_job *job)
{
    prankcurl_status status = PRANKCURL_OK;
    tell_known(r);
    if (r->resume->count) {
        status = pk_job_hold_ledger(job);
        if (status == PRANKCURL_OK) {
            status = pk_resume_write(r->resume, job);
        }
        if (status == PRANKCURL_OK) {
            status = deliver(r);
        }
    }
    if (status != PRANKCURL_OK) {
        return status;
    }
    if (job->options->json) {
        print_json_summary(r);
    } else if (!job->options->quiet) {
        print_summary(r);
    }
    return judge(r);
}

prankcurl_status pk_cmd_send(pk_job *job)
{
    pk_resume resume;
    run r = {.job = job, .resume = &resume, .stopped_by = PRANKCURL_OK};
    prankcurl_status status = pk_resume_make(&resume, job);
    r.accepted_before = resume.accepted_before;
    pk_answer answer = PK_ANSWER_NO;
    if (status == PRANKCURL_OK) {
        status = pk_ask(job, &resume, &answer);
    }
    if (status == PRANKCURL_OK && answer == PK_ANSWER_YES) {
        pk_signals_catch();
        status = send(&r, job);
    }
    pk_resume_free(&resume);
    prankcurl_status flushed = pk_flush_output(PK_PROGRAM);
    return status == PRANKCURL_OK ? flushed : status;
}
