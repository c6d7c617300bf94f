/* How many connections a server bears: one until it has answered well, then as many as are wanted;
 * one less each time it complains, one more after many accepted messages. And when all of them have
 * to wait for it. Pure: the caller tells the time, in microseconds. */
#ifndef PK_DELIVERY_POOL_H
#define PK_DELIVERY_POOL_H

#include "base/random.h"

#include <prankcurl/delivery.h>

typedef struct pk_pool {
    unsigned wanted;
    unsigned allowed;      /* now; 1 at least */
    unsigned open;         /* workers that have a connection, or may make one */
    unsigned idle;         /* of these: have nothing to do */
    unsigned accepted;     /* messages since the last complaint or growth */
    bool is_reached;       /* the server has answered well once */
    unsigned failures;     /* of the server as a whole, in a row */
    int64_t held_until_us; /* nobody begins a message before */
} pk_pool;

void pk_pool_init(pk_pool *pool, unsigned wanted);

/* What an attempt tells of the server. */
typedef enum pk_heard {
    PK_HEARD_NOTHING, /* it is as it was */
    PK_HEARD_CROWDED, /* too many connections, and others of ours work: this one goes */
    PK_HEARD_TROUBLE  /* it serves nobody now: all wait */
} pk_heard;

/* Judges an attempt's outcome and adapts. first_ms is the first backoff. */
pk_heard pk_pool_hear(pk_pool *pool, const prankcurl_outcome *outcome, int64_t first_ms,
                      pk_random *random, int64_t now_us);

#endif
