/* What is to be sent: pranks not tried yet in their order, and those that wait to be tried again.
 * Pure: the caller tells the time, in microseconds. */
#ifndef PK_DELIVERY_QUEUE_H
#define PK_DELIVERY_QUEUE_H

#include <prankcurl/delivery.h>

/* A task and how it goes. */
typedef struct pk_item {
    const prankcurl_task *task;
    unsigned tries;             /* by us */
    unsigned failures;          /* of these, such as count for the campaign's attempts */
    int64_t date_s;             /* of its Date; 0: not tried yet */
    int64_t first_us;           /* of the first try */
    int64_t due_us;             /* of the next one */
    prankcurl_outcome *outcome; /* owned; of all tries, where it waits for another one */
} pk_item;

typedef struct pk_queue {
    pk_item *items; /* owned, one a task */
    size_t count;
    size_t fresh;      /* index of the next one that was never taken */
    pk_item **waiting; /* owned; a heap: the one due first is first */
    size_t waiting_count;
    size_t in_work; /* taken, and not brought back or settled */
} pk_queue;

/* False: out of memory. Free it in any case. */
bool pk_queue_init(pk_queue *queue, const prankcurl_task *tasks, size_t count);
void pk_queue_free(pk_queue *queue);

#define PK_NEVER INT64_MAX

/* Microseconds until something can be taken; 0: now; PK_NEVER: not as it stands. */
int64_t pk_queue_wait_us(const pk_queue *queue, int64_t now_us);
/* Takes what is due, or else the next fresh one. NULL: neither is there. */
pk_item *pk_queue_take(pk_queue *queue, int64_t now_us);
/* Brings a taken one back, to be taken again from due_us on. */
void pk_queue_put_back(pk_queue *queue, pk_item *item, int64_t due_us);
/* A taken one is settled; its outcome is freed. */
void pk_queue_settle(pk_queue *queue, pk_item *item);
/* Everything is settled. */
bool pk_queue_is_done(const pk_queue *queue);

#endif
