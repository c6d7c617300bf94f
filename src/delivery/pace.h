/* No faster than a rate, over all connections together: a token bucket that holds a hundredth of a
 * second's messages, and one at least, so that messages come evenly. Pure: the caller tells the
 * time. */
#ifndef PK_DELIVERY_PACE_H
#define PK_DELIVERY_PACE_H

#include <stdint.h>

typedef struct pk_pace {
    double interval_us; /* between two messages; 0: no limit */
    double next_us;     /* when the next may go */
} pk_pace;

void pk_pace_init(pk_pace *pace, double rate_per_s);
/* Microseconds to wait before the next message; 0: it may go now, and counts as gone. */
int64_t pk_pace_take(pk_pace *pace, int64_t now_us);

#endif
