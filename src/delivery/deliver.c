#include "delivery/outcome.h"
#include "delivery/worker.h"

#include "base/clock.h"
#include "base/error.h"

#include <curl/curl.h>
#include <stdlib.h>

enum { TICK_US = 100 * 1000 }; /* how soon a stop is noticed */

typedef struct run {
    const prankcurl_delivery_options *options;
    prankcurl_outcome_fn *told;
    void *told_context;
    pk_engine engine;
    prankcurl_secret *secret; /* owned */
    pk_worker *workers;       /* owned */
    unsigned worker_count;
} run;

static prankcurl_status open_all(run *r, const prankcurl_composer *composer,
                                 const prankcurl_campaign *campaign, size_t count,
                                 prankcurl_error *error)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return pk_error_set(error, PRANKCURL_INTERNAL, NULL, "libcurl can't be started");
    }
    unsigned wanted = campaign->delivery.connections;
    r->worker_count = count < wanted ? (unsigned)count : wanted;
    r->workers = calloc((size_t)r->worker_count + 1, sizeof *r->workers);
    if (!r->workers) {
        return pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    prankcurl_status status = prankcurl_secret_read(campaign, &r->secret, error);
    for (unsigned i = 0; status == PRANKCURL_OK && i < r->worker_count; i++) {
        r->workers[i].engine = &r->engine;
        r->workers[i].composer = composer;
        r->workers[i].campaign = campaign;
        r->workers[i].recorder = r->options->recorder;
        status = pk_worker_init(&r->workers[i], r->secret, r->options, i + 1, error);
    }
    return status;
}

static void free_all(run *r)
{
    for (unsigned i = 0; r->workers && i < r->worker_count; i++) {
        pk_worker_free(&r->workers[i]);
    }
    free(r->workers);
    prankcurl_secret_free(r->secret);
    pk_engine_free(&r->engine);
    curl_global_cleanup();
}

/* As many as can be had; one does. */
static prankcurl_status start_workers(run *r, prankcurl_error *error)
{
    unsigned started = 0;
    r->engine.workers = r->worker_count;
    while (started < r->worker_count && pthread_create(&r->workers[started].thread, NULL,
                                                       pk_worker_run, &r->workers[started]) == 0) {
        started++;
    }
    for (unsigned i = started; i < r->worker_count; i++) {
        pk_engine_leave(&r->engine);
        pk_worker_free(&r->workers[i]);
    }
    bool none = started == 0 && r->worker_count > 0;
    r->worker_count = started;
    return none ? pk_error_set(error, PRANKCURL_INTERNAL, NULL, "no thread can be started")
                : PRANKCURL_OK;
}

static void tick(run *r)
{
    const prankcurl_delivery_options *options = r->options;
    prankcurl_progress progress;
    if (options->is_stopped && options->is_stopped(options->context)) {
        pk_engine_stop(&r->engine);
    }
    if (options->tick) {
        pk_engine_progress(&r->engine, &progress);
        options->tick(options->context, &progress);
    }
}

static void hear_all(run *r)
{
    pk_news news = {.outcome = PRANKCURL_OUTCOME_INIT};
    int64_t next_us = 0;
    bool is_done = false;
    while (!is_done) {
        int64_t now_us = pk_monotonic_us();
        if (now_us >= next_us) {
            tick(r);
            next_us = now_us + TICK_US;
        }
        if (pk_engine_hear(&r->engine, TICK_US, &news, &is_done)) {
            r->told(r->told_context, news.prank, &news.outcome);
        }
    }
    for (unsigned i = 0; i < r->worker_count; i++) {
        (void)pthread_join(r->workers[i].thread, NULL);
    }
    prankcurl_outcome_free(&news.outcome);
}

/* What waited to be tried again, and what was never tried. */
static void tell_rest(run *r)
{
    pk_queue *queue = &r->engine.queue;
    prankcurl_outcome nothing = PRANKCURL_OUTCOME_INIT;
    for (size_t i = 0; i < queue->waiting_count; i++) {
        const pk_item *item = queue->waiting[i];
        item->outcome->scope = PRANKCURL_SCOPE_MESSAGE;
        item->outcome->retry_at_ms = 0;
        r->told(r->told_context, item->task->prank, item->outcome);
    }
    for (; queue->fresh < queue->count; queue->fresh++) {
        nothing.attempts = queue->items[queue->fresh].task->attempts;
        r->told(r->told_context, queue->items[queue->fresh].task->prank, &nothing);
    }
}

prankcurl_status prankcurl_deliver(const prankcurl_composer *composer,
                                   const prankcurl_campaign *campaign, const prankcurl_task *tasks,
                                   size_t count, const prankcurl_delivery_options *options,
                                   prankcurl_outcome_fn *told, void *told_context,
                                   prankcurl_error *error)
{
    static const prankcurl_delivery_options defaults = PRANKCURL_DELIVERY_OPTIONS_INIT;
    run r = {.options = options ? options : &defaults, .told = told, .told_context = told_context};
    prankcurl_status status =
        pk_engine_init(&r.engine, &campaign->delivery, r.options, tasks, count, error);
    if (status == PRANKCURL_OK) {
        status = open_all(&r, composer, campaign, count, error);
    }
    if (status == PRANKCURL_OK) {
        status = start_workers(&r, error);
    }
    if (status == PRANKCURL_OK) {
        hear_all(&r);
        tell_rest(&r);
    }
    free_all(&r);
    return status;
}
