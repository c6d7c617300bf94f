/* No faster than a rate: a token bucket that holds one token, so that messages come evenly and
 * never in a burst. Pure: the caller tells the time. */
#ifndef PK_DELIVERY_PACE_H
#define PK_DELIVERY_PACE_H

#include <stdint.h>

typedef struct pk_pace {
    double interval_ms; /* between two messages; 0: no limit */
    double next_ms;     /* when the next may go */
} pk_pace;

void pk_pace_init(pk_pace *pace, double rate_per_s);
/* Milliseconds to wait before the next message; 0: it may go now, and counts as gone. */
int64_t pk_pace_take(pk_pace *pace, int64_t now_ms);

#endif
