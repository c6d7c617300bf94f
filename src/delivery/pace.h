/* No faster than a rate, over all connections together: messages come evenly, a thread that woke up
 * late catches up a little, and no second sees more than the rate says. Pure: the caller tells the
 * time. */
#ifndef PK_DELIVERY_PACE_H
#define PK_DELIVERY_PACE_H

#include <stddef.h>
#include <stdint.h>

enum { PK_PACE_RECENT = 64 };

typedef struct pk_pace {
    double interval_us;                /* between two messages; 0: no limit */
    double next_us;                    /* when the next one is due */
    int64_t recent_us[PK_PACE_RECENT]; /* when the last ones went, the oldest at `oldest` */
    size_t recent_count;               /* as many as may go in a second; 0: too many to count */
    size_t oldest;
} pk_pace;

void pk_pace_init(pk_pace *pace, double rate_per_s);
/* Microseconds to wait before the next message; 0: it may go now, and counts as gone. */
int64_t pk_pace_take(pk_pace *pace, int64_t now_us);

#endif
