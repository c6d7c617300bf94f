#include "delivery/engine.h"

#include "base/clock.h"
#include "base/error.h"
#include "delivery/backoff.h"
#include "delivery/outcome.h"

#include <stdlib.h>
#include <time.h>

enum { LONGEST_NAP_US = 60 * 1000000 }; /* conditions are looked at anew at least this often */

static bool init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0) {
        return false;
    }
    bool made = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
                pthread_cond_init(condition, &attributes) == 0;
    (void)pthread_condattr_destroy(&attributes);
    return made;
}

prankcurl_status pk_engine_init(pk_engine *engine, const pk_delivery *limits,
                                const prankcurl_delivery_options *options,
                                const prankcurl_task *tasks, size_t count, prankcurl_error *error)
{
    size_t capacity = 2 * (size_t)limits->connections;
    *engine = (pk_engine){.limits = limits, .options = options, .news_capacity = capacity};
    engine->news = calloc(capacity, sizeof *engine->news);
    bool has_memory = pk_queue_init(&engine->queue, tasks, count) && engine->news;
    if (pthread_mutex_init(&engine->lock, NULL) != 0 || !init_condition(&engine->work) ||
        !init_condition(&engine->heard) || !init_condition(&engine->room) || !has_memory) {
        return pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    pk_pool_init(&engine->pool, limits->connections);
    pk_pace_init(&engine->pace, limits->rate_per_s);
    pk_random_seed(&engine->random, (uint64_t)pk_monotonic_us());
    return PRANKCURL_OK;
}

void pk_engine_free(pk_engine *engine)
{
    for (size_t i = 0; engine->news && i < engine->news_capacity; i++) {
        prankcurl_outcome_free(&engine->news[i].outcome);
    }
    free(engine->news);
    pk_queue_free(&engine->queue);
    (void)pthread_cond_destroy(&engine->room);
    (void)pthread_cond_destroy(&engine->heard);
    (void)pthread_cond_destroy(&engine->work);
    (void)pthread_mutex_destroy(&engine->lock);
}

static void wait_on(pk_engine *engine, pthread_cond_t *condition, int64_t wait_us)
{
    int64_t until_us = pk_monotonic_us() + (wait_us < LONGEST_NAP_US ? wait_us : LONGEST_NAP_US);
    struct timespec until = {.tv_sec = (time_t)(until_us / 1000000),
                             .tv_nsec = (long)(until_us % 1000000) * 1000};
    (void)pthread_cond_timedwait(condition, &engine->lock, &until);
}

/* A message of ours would be one too many; or an open connection that has nothing to do comes
 * first.
 */
static bool must_stay_out(const pk_pool *pool)
{
    return pool->open >= pool->allowed || pool->idle > 0;
}

/* Microseconds until a message may begin; 0: now, and the pace has counted it. */
static int64_t wait_for_message(pk_engine *engine, int64_t now_us)
{
    int64_t held_us = engine->pool.held_until_us - now_us;
    engine->wait = PRANKCURL_WAIT_SERVER;
    if (held_us > 0) {
        return held_us;
    }
    int64_t due_us = pk_queue_wait_us(&engine->queue, now_us);
    engine->wait = due_us == PK_NEVER ? PRANKCURL_WAIT_NONE : PRANKCURL_WAIT_RETRY;
    if (due_us > 0) {
        return due_us;
    }
    int64_t pace_us = pk_pace_take(&engine->pace, now_us);
    engine->wait = pace_us > 0 ? PRANKCURL_WAIT_PACE : PRANKCURL_WAIT_NONE;
    return pace_us;
}

static pk_item *take(pk_engine *engine, bool *has_connection, int64_t now_us)
{
    pk_item *item = pk_queue_take(&engine->queue, now_us);
    if (!*has_connection) {
        *has_connection = true;
        engine->pool.open++;
    }
    if (item->tries == 0) {
        item->first_us = now_us;
    }
    item->date_s = item->date_s ? item->date_s : pk_wall_clock_ms() / 1000;
    if (engine->pool.idle > 0 || engine->pool.open < engine->pool.allowed) {
        (void)pthread_cond_signal(&engine->work); /* there may be more */
    }
    return item;
}

/* A worker without a connection waits for a place in the pool; one with a connection is idle. */
static void nap(pk_engine *engine, bool has_connection, int64_t wait_us)
{
    engine->pool.idle += has_connection ? 1 : 0;
    wait_on(engine, &engine->work, wait_us);
    engine->pool.idle -= has_connection ? 1 : 0;
}

static bool is_stopped(const pk_engine *engine)
{
    const prankcurl_delivery_options *options = engine->options;
    return options->is_stopped && options->is_stopped(options->context);
}

static pk_take take_locked(pk_engine *engine, bool *has_connection, pk_item **item)
{
    while (!engine->is_over && !pk_queue_is_done(&engine->queue) && !is_stopped(engine)) {
        int64_t now_us = pk_monotonic_us();
        int64_t wait_us = PK_NEVER;
        if (*has_connection && engine->pool.open > engine->pool.allowed) {
            *has_connection = false;
            engine->pool.open--;
            return PK_TAKE_CLOSE;
        }
        if (*has_connection || !must_stay_out(&engine->pool)) {
            wait_us = wait_for_message(engine, now_us);
            engine->wait_until_us = wait_us == PK_NEVER ? 0 : now_us + wait_us;
        }
        if (wait_us == 0) {
            *item = take(engine, has_connection, now_us);
            return PK_TAKE_ITEM;
        }
        nap(engine, *has_connection, wait_us);
    }
    return PK_TAKE_END;
}

pk_take pk_engine_take(pk_engine *engine, bool *has_connection, pk_item **item)
{
    (void)pthread_mutex_lock(&engine->lock);
    pk_take taken = take_locked(engine, has_connection, item);
    (void)pthread_mutex_unlock(&engine->lock);
    return taken;
}

/* Joins the outcome of this try to what earlier ones brought; the whole is in *outcome then. */
static void join(pk_item *item, prankcurl_outcome *outcome)
{
    if (item->outcome) {
        pk_outcome_join(item->outcome, outcome);
        prankcurl_outcome whole = *item->outcome;
        *item->outcome = *outcome;
        *outcome = whole;
    }
    outcome->attempts = item->task->attempts + item->tries;
}

/* Keeps a copy of the outcome with the item. False: out of memory. */
static bool keep(pk_item *item, const prankcurl_outcome *outcome)
{
    size_t count = outcome->recipient_count;
    if (!item->outcome) {
        item->outcome = calloc(1, sizeof *item->outcome);
    }
    prankcurl_recipient_result *recipients =
        item->outcome ? calloc(count + 1, sizeof *recipients) : NULL;
    if (!recipients) {
        return false;
    }
    free(item->outcome->recipients);
    *item->outcome = *outcome;
    item->outcome->recipients = recipients;
    item->outcome->recipient_capacity = count;
    for (size_t i = 0; i < count; i++) {
        recipients[i] = outcome->recipients[i];
    }
    return true;
}

/* When to try again, in microseconds from now; PK_NEVER: not in this run. */
static int64_t retry_after_us(pk_engine *engine, pk_item *item, const prankcurl_outcome *outcome,
                              pk_heard heard, int64_t now_us)
{
    const pk_delivery *limits = engine->limits;
    if (engine->is_over || !pk_outcome_has(outcome, PRANKCURL_DEFERRED)) {
        return PK_NEVER;
    }
    if (heard == PK_HEARD_CROWDED) {
        return 0; /* the others' connections have time for it */
    }
    item->failures++;
    int64_t wait_ms = pk_backoff_ms(limits->first_retry_ms, item->failures, &engine->random);
    for (size_t i = 0; i < outcome->recipient_count; i++) {
        const prankcurl_recipient_result *one = &outcome->recipients[i];
        bool is_deferred = one->verdict == PRANKCURL_DEFERRED;
        int64_t asked_ms = is_deferred ? pk_wait_asked_ms(one->reply.text) : 0;
        wait_ms = asked_ms > wait_ms ? asked_ms : wait_ms;
    }
    bool is_too_late = now_us + 1000 * wait_ms - item->first_us > 1000 * limits->give_up_after_ms;
    return item->failures >= limits->attempts || is_too_late ? PK_NEVER : 1000 * wait_ms;
}

/* The server as a whole serves us no more: nobody is there at all, or it had its chances. */
static bool is_hopeless(const pk_engine *engine, const prankcurl_outcome *outcome, pk_heard heard)
{
    bool never_there = !engine->pool.is_reached && outcome->error.status == PRANKCURL_UNAVAILABLE;
    return outcome->scope == PRANKCURL_SCOPE_RUN ||
           (heard == PK_HEARD_TROUBLE &&
            (never_there || engine->pool.failures >= engine->limits->attempts));
}

static void tell(pk_engine *engine, const prankcurl_prank *prank, prankcurl_outcome *outcome)
{
    while (engine->news_count == engine->news_capacity) {
        (void)pthread_cond_wait(&engine->room, &engine->lock);
    }
    size_t at = (engine->news_first + engine->news_count++) % engine->news_capacity;
    pk_news *news = &engine->news[at];
    prankcurl_outcome spare = news->outcome;
    *news = (pk_news){prank, *outcome};
    *outcome = spare;
    (void)pthread_cond_signal(&engine->heard);
}

static void give(pk_engine *engine, pk_item *item, prankcurl_outcome *outcome)
{
    int64_t now_us = pk_monotonic_us();
    pk_heard heard = pk_pool_hear(&engine->pool, outcome, engine->limits->first_retry_ms,
                                  &engine->random, now_us);
    if (is_hopeless(engine, outcome, heard)) {
        if (heard == PK_HEARD_TROUBLE && engine->pool.is_reached) {
            outcome->error.status = PRANKCURL_TEMPORARY; /* it was there: it may be again */
        }
        outcome->scope = PRANKCURL_SCOPE_RUN;
        engine->is_over = true;
    }
    int64_t retry_us = retry_after_us(engine, item, outcome, heard, now_us);
    join(item, outcome);
    if (retry_us != PK_NEVER && keep(item, outcome)) {
        outcome->retry_at_ms = pk_wall_clock_ms() + retry_us / 1000;
        pk_queue_put_back(&engine->queue, item, now_us + retry_us);
    } else {
        pk_queue_settle(&engine->queue, item);
    }
}

bool pk_engine_give(pk_engine *engine, pk_item *item, prankcurl_outcome *outcome)
{
    const prankcurl_prank *prank = item->task->prank;
    (void)pthread_mutex_lock(&engine->lock);
    give(engine, item, outcome);
    tell(engine, prank, outcome);
    bool stays = engine->pool.open <= engine->pool.allowed;
    engine->pool.open -= stays ? 0 : 1;
    (void)pthread_cond_broadcast(&engine->work);
    (void)pthread_mutex_unlock(&engine->lock);
    return stays;
}

void pk_engine_leave(pk_engine *engine)
{
    (void)pthread_mutex_lock(&engine->lock);
    engine->workers--;
    (void)pthread_cond_signal(&engine->heard);
    (void)pthread_mutex_unlock(&engine->lock);
}

void pk_engine_stop(pk_engine *engine)
{
    (void)pthread_mutex_lock(&engine->lock);
    engine->is_over = true;
    (void)pthread_cond_broadcast(&engine->work);
    (void)pthread_mutex_unlock(&engine->lock);
}

bool pk_engine_hear(pk_engine *engine, int64_t wait_us, pk_news *news, bool *is_done)
{
    (void)pthread_mutex_lock(&engine->lock);
    if (engine->news_count == 0 && engine->workers > 0) {
        wait_on(engine, &engine->heard, wait_us);
    }
    bool any = engine->news_count > 0;
    if (any) {
        pk_news spare = *news;
        *news = engine->news[engine->news_first];
        engine->news[engine->news_first] = spare;
        engine->news_first = (engine->news_first + 1) % engine->news_capacity;
        engine->news_count--;
        (void)pthread_cond_signal(&engine->room);
    }
    *is_done = !any && engine->workers == 0;
    (void)pthread_mutex_unlock(&engine->lock);
    return any;
}

void pk_engine_progress(pk_engine *engine, prankcurl_progress *progress)
{
    (void)pthread_mutex_lock(&engine->lock);
    bool waits = engine->queue.in_work == 0 && !engine->is_over && engine->wait_until_us;
    int64_t left_us = engine->wait_until_us - pk_monotonic_us();
    *progress = (prankcurl_progress){
        .count = engine->queue.count,
        .in_work = engine->queue.in_work,
        .waiting = engine->queue.waiting_count,
        .connections = engine->pool.allowed,
        .connections_wanted = engine->pool.wanted,
        .rate_per_s = engine->limits->rate_per_s,
        .wait = waits && left_us > 0 ? engine->wait : PRANKCURL_WAIT_NONE,
        .wait_until_ms = pk_wall_clock_ms() + left_us / 1000,
    };
    (void)pthread_mutex_unlock(&engine->lock);
}
