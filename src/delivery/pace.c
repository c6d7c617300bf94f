#include "delivery/pace.h"

#include <math.h>

/* A second, and what messages may come closer together on their way to the server. */
static const int64_t second_us = 1010 * 1000;
/* What may be caught up: one message, but not more than a tenth of a second, nor less than a
 * hundredth. */
static const double most_late_us = 100 * 1000;
static const double least_late_us = 10 * 1000;

void pk_pace_init(pk_pace *pace, double rate_per_s)
{
    *pace = (pk_pace){.interval_us = rate_per_s > 0 ? 1e6 / rate_per_s : 0};
    if (rate_per_s > 0 && rate_per_s <= PK_PACE_RECENT) {
        pace->recent_count = (size_t)ceil(rate_per_s);
    }
    for (size_t i = 0; i < pace->recent_count; i++) {
        pace->recent_us[i] = -second_us;
    }
}

static int64_t wait_us(const pk_pace *pace, int64_t now_us)
{
    double wait = pace->next_us - (double)now_us;
    int64_t due_us = wait > 0 ? (int64_t)wait + 1 : 0;
    int64_t room_us = pace->recent_count ? pace->recent_us[pace->oldest] + second_us - now_us : 0;
    return due_us > room_us ? due_us : room_us;
}

int64_t pk_pace_take(pk_pace *pace, int64_t now_us)
{
    int64_t wait = wait_us(pace, now_us);
    if (wait > 0) {
        return wait;
    }
    double late_us = fmin(most_late_us, fmax(least_late_us, pace->interval_us));
    pace->next_us = fmax(pace->next_us, (double)now_us - late_us) + pace->interval_us;
    if (pace->recent_count) {
        pace->recent_us[pace->oldest] = now_us;
        pace->oldest = (pace->oldest + 1) % pace->recent_count;
    }
    return 0;
}
