/* Who waits for what comes: `/api/wait` and `/api/events`. */
#ifndef PM_LIVE_H
#define PM_LIVE_H

#include "mock/web_call.h"

/* Listens to the store from now on. NULL: out of memory. */
pm_live *pm_live_new(pm_mock *mock);
void pm_live_free(pm_live *live);

#endif
