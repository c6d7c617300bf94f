#include "base/clock.h"
#include "base/error.h"
#include "cli/output.h"
#include "cli/resume.h"

#include <stdlib.h>
#include <string.h>

typedef struct writer {
    const pk_job *job;
    const pk_resume *resume;
    int64_t run;
    prankcurl_error error;
} writer;

static prankcurl_status put(writer *w, size_t position, const prankcurl_prank *prank,
                            unsigned attempts)
{
    prankcurl_envelope envelope;
    prankcurl_entry_recipient *recipients = NULL;
    if (prankcurl_envelope_init(&envelope, w->job->campaign, prank) == PRANKCURL_OK) {
        recipients = calloc(envelope.recipient_count + 1, sizeof *recipients);
    }
    for (size_t i = 0; recipients && i < envelope.recipient_count; i++) {
        recipients[i] = (prankcurl_entry_recipient){
            .address = envelope.recipients[i], .state = PRANKCURL_STATE_PLANNED, .reply = ""};
    }
    prankcurl_entry entry = {
        .id = prankcurl_prank_id(prank),
        .group = prankcurl_prank_group(prank),
        .message = prankcurl_prank_message(prank),
        .message_id = prankcurl_prank_message_id(prank),
        .author = prankcurl_person_address(prankcurl_prank_author(prank)),
        .attempts = attempts, /* the log of them goes on counting */
        .queue_id = "",
        .recipients = recipients,
        .recipient_count = envelope.recipient_count,
    };
    prankcurl_status status =
        recipients ? prankcurl_ledger_put(w->job->ledger, w->run, position, &entry, &w->error)
                   : pk_error_set(&w->error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    free(recipients);
    prankcurl_envelope_free(&envelope);
    return status;
}

static const prankcurl_task *next_task(const pk_resume *resume, size_t *at,
                                       const prankcurl_prank *prank)
{
    bool is_it = *at < resume->count && resume->tasks[*at].prank == prank;
    return is_it ? &resume->tasks[(*at)++] : NULL;
}

/* A prank that was tried keeps what is known of it; of the others the plan is what counts. */
static prankcurl_status put_plan(writer *w)
{
    const prankcurl_plan *plan = w->job->plan;
    prankcurl_status status = PRANKCURL_OK;
    size_t at = 0;
    for (size_t i = 0; i < prankcurl_plan_count(plan) && status == PRANKCURL_OK; i++) {
        const prankcurl_prank *prank = prankcurl_plan_prank(plan, i);
        const prankcurl_task *task = next_task(w->resume, &at, prank);
        prankcurl_entry known = {0};
        status = prankcurl_ledger_find(w->job->ledger, w->run, prankcurl_prank_id(prank), &known,
                                       &w->error);
        bool is_anew = task && !task->recipients;
        if (status == PRANKCURL_OK && (is_anew || !known.id || known.attempts == 0)) {
            status = put(w, i, prank, known.id ? known.attempts : 0);
        }
    }
    return status;
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Pranks that the plan no longer has, and nobody was sent, are no longer to be done. */
static prankcurl_status forget_others(writer *w)
{
    size_t count = prankcurl_plan_count(w->job->plan);
    const char **ids = calloc(count + 1, sizeof *ids);
    if (!ids) {
        return pk_error_set(&w->error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    for (size_t i = 0; i < count; i++) {
        ids[i] = prankcurl_prank_id(prankcurl_plan_prank(w->job->plan, i));
    }
    qsort((void *)ids, count, sizeof *ids, compare_ids);
    prankcurl_status status =
        prankcurl_ledger_forget_others(w->job->ledger, w->run, ids, count, &w->error);
    free((void *)ids);
    return status;
}

static prankcurl_status begin_run(writer *w)
{
    const pk_job *job = w->job;
    prankcurl_run run = {
        .campaign = prankcurl_campaign_name(job->campaign),
        .server = prankcurl_campaign_server_url(job->campaign),
        .seed = prankcurl_plan_seed(job->plan),
        .started_ms = pk_wall_clock_ms(),
    };
    if (job->last.number && !job->options->new_run) {
        return prankcurl_ledger_set_seed(job->ledger, w->run, run.seed, &w->error);
    }
    return prankcurl_ledger_new_run(job->ledger, &run, &w->error);
}

prankcurl_status pk_resume_write(const pk_resume *resume, const pk_job *job)
{
    writer w = {.job = job, .resume = resume, .run = job->run};
    prankcurl_status status = prankcurl_ledger_begin(job->ledger, &w.error);
    if (status == PRANKCURL_OK) {
        status = begin_run(&w);
    }
    if (status == PRANKCURL_OK) {
        status = forget_others(&w);
    }
    if (status == PRANKCURL_OK) {
        status = put_plan(&w);
    }
    if (status == PRANKCURL_OK) {
        status = prankcurl_ledger_commit(job->ledger, &w.error);
    }
    if (status != PRANKCURL_OK) {
        pk_print_error(PK_PROGRAM, &w.error);
    }
    return status;
}
