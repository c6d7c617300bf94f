#include "delivery/pace.h"

void pk_pace_init(pk_pace *pace, double rate_per_s)
{
    *pace = (pk_pace){.interval_ms = rate_per_s > 0 ? 1000.0 / rate_per_s : 0};
}

int64_t pk_pace_take(pk_pace *pace, int64_t now_ms)
{
    double now = (double)now_ms;
    if (now < pace->next_ms) {
        return (int64_t)(pace->next_ms - now) + 1;
    }
    /* From the time it was due, so that small delays don't add up; but no catching up after a
     * pause. */
    double due = pace->next_ms + pace->interval_ms;
    pace->next_ms = due > now ? due : now + pace->interval_ms;
    return 0;
}
