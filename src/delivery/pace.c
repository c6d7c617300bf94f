#include "delivery/pace.h"

/* What may be caught up, where messages come closer together than this. Slow rates catch nothing
 * up: no second sees more of them than the rate says. */
static const double burst_us = 10000;

void pk_pace_init(pk_pace *pace, double rate_per_s)
{
    *pace = (pk_pace){.interval_us = rate_per_s > 0 ? 1e6 / rate_per_s : 0};
}

int64_t pk_pace_take(pk_pace *pace, int64_t now_us)
{
    double now = (double)now_us;
    if (now < pace->next_us) {
        return (int64_t)(pace->next_us - now) + 1;
    }
    double caught_up = pace->interval_us < burst_us ? burst_us : 0;
    double earliest = now - caught_up;
    pace->next_us = (pace->next_us > earliest ? pace->next_us : earliest) + pace->interval_us;
    return 0;
}
