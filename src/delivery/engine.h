/* What the workers and the caller of a delivery share: queue, pool, pace and news, behind one lock.
 * Workers take and give back; the caller hears the news. */
#ifndef PK_DELIVERY_ENGINE_H
#define PK_DELIVERY_ENGINE_H

#include "campaign/model.h"
#include "delivery/pace.h"
#include "delivery/pool.h"
#include "delivery/queue.h"

#include <pthread.h>

/* An attempt's outcome on its way to the caller. */
typedef struct pk_news {
    const prankcurl_prank *prank;
    prankcurl_outcome outcome; /* owned */
} pk_news;

typedef struct pk_engine {
    const pk_delivery *limits;                 /* lent */
    const prankcurl_delivery_options *options; /* lent */
    pthread_mutex_t lock;                      /* of all below */
    pthread_cond_t work;  /* for workers: something may be taken, or all is over */
    pthread_cond_t heard; /* for the caller: there are news, or a worker has ended */
    pthread_cond_t room;  /* for workers: there is room for news */
    pk_queue queue;
    pk_pool pool;
    pk_pace pace;
    pk_random random;
    pk_news *news; /* owned; a ring */
    size_t news_capacity;
    size_t news_first;
    size_t news_count;
    unsigned workers;    /* that run */
    bool is_over;        /* no message begins any more */
    prankcurl_wait wait; /* what the last worker that looked has to wait for … */
    int64_t wait_until_us;
} pk_engine;

/* INTERNAL or NO_MEMORY: error says why. Free it in any case. */
prankcurl_status pk_engine_init(pk_engine *engine, const pk_delivery *limits,
                                const prankcurl_delivery_options *options,
                                const prankcurl_task *tasks, size_t count, prankcurl_error *error);
void pk_engine_free(pk_engine *engine);

/* A worker's standing: whether it has one of the pool's connections. */
typedef enum pk_take {
    PK_TAKE_ITEM,  /* *item is yours, and so is a connection */
    PK_TAKE_CLOSE, /* close your connection: it is no longer yours */
    PK_TAKE_END    /* nothing comes any more */
} pk_take;

/* For a worker: waits until there is something to do. */
pk_take pk_engine_take(pk_engine *engine, bool *has_connection, pk_item **item);
/* For a worker: an item's try has ended. The outcome is taken over and may be changed. False: no
 * connection any more, close it. */
bool pk_engine_give(pk_engine *engine, pk_item *item, prankcurl_outcome *outcome);
/* For a worker: it ends. */
void pk_engine_leave(pk_engine *engine);

/* For the caller: no message begins any more. */
void pk_engine_stop(pk_engine *engine);
/* For the caller: waits up to wait_us for the next news, and swaps it with *news. False: none came
 * in time; *is_done: none will. */
bool pk_engine_hear(pk_engine *engine, int64_t wait_us, pk_news *news, bool *is_done);
void pk_engine_progress(pk_engine *engine, prankcurl_progress *progress);

#endif
