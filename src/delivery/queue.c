#include "delivery/queue.h"

#include <stdlib.h>

bool pk_queue_init(pk_queue *queue, const prankcurl_task *tasks, size_t count)
{
    *queue = (pk_queue){
        .items = calloc(count + 1, sizeof *queue->items),
        .waiting = calloc(count + 1, sizeof(pk_item *)),
    };
    if (!queue->items || !queue->waiting) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        queue->items[i] = (pk_item){.task = &tasks[i], .date_s = tasks[i].date_s};
    }
    queue->count = count;
    return true;
}

static void free_outcome(pk_item *item)
{
    prankcurl_outcome_free(item->outcome);
    free(item->outcome);
    item->outcome = NULL;
}

void pk_queue_free(pk_queue *queue)
{
    for (size_t i = 0; i < queue->count; i++) {
        free_outcome(&queue->items[i]);
    }
    free(queue->items);
    free((void *)queue->waiting);
    *queue = (pk_queue){0};
}

int64_t pk_queue_wait_us(const pk_queue *queue, int64_t now_us)
{
    if (queue->fresh < queue->count) {
        return 0;
    }
    if (queue->waiting_count == 0) {
        return PK_NEVER;
    }
    int64_t due_us = queue->waiting[0]->due_us;
    return due_us > now_us ? due_us - now_us : 0;
}

static void swap(pk_item **a, pk_item **b)
{
    pk_item *kept = *a;
    *a = *b;
    *b = kept;
}

static pk_item *take_first_waiting(pk_queue *queue)
{
    pk_item **heap = queue->waiting;
    pk_item *first = heap[0];
    size_t at = 0;
    heap[0] = heap[--queue->waiting_count];
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++) {
            if (child < queue->waiting_count && heap[child]->due_us < heap[least]->due_us) {
                least = child;
            }
        }
        if (least == at) {
            return first;
        }
        swap(&heap[at], &heap[least]);
        at = least;
    }
}

pk_item *pk_queue_take(pk_queue *queue, int64_t now_us)
{
    pk_item *item = NULL;
    if (queue->waiting_count && queue->waiting[0]->due_us <= now_us) {
        item = take_first_waiting(queue);
    } else if (queue->fresh < queue->count) {
        item = &queue->items[queue->fresh++];
    }
    queue->in_work += item ? 1 : 0;
    return item;
}

void pk_queue_put_back(pk_queue *queue, pk_item *item, int64_t due_us)
{
    pk_item **heap = queue->waiting;
    size_t at = queue->waiting_count++;
    item->due_us = due_us;
    heap[at] = item;
    while (at > 0 && heap[at]->due_us < heap[(at - 1) / 2]->due_us) {
        swap(&heap[at], &heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    queue->in_work--;
}

void pk_queue_settle(pk_queue *queue, pk_item *item)
{
    free_outcome(item);
    queue->in_work--;
}

bool pk_queue_is_done(const pk_queue *queue)
{
    return queue->fresh == queue->count && queue->waiting_count == 0 && queue->in_work == 0;
}
