/* Who waits for what comes: the calls that are not answered yet. */
#ifndef PM_LIVE_H
#define PM_LIVE_H

#include "mock/web_query.h"

/* A call that is not answered yet. */
typedef struct pm_listener {
    struct pm_listener *next;
    pm_live *live;
    pm_call call;
    bool is_stream;       /* of events; else somebody waits for messages */
    pm_question question; /* what is waited for */
    size_t seen;          /* messages that match, or more: some may be gone */
    struct event *timer;
    struct event *hangup; /* evhttp does not look whether the client is still there */
} pm_listener;

struct pm_live {
    pm_mock *mock;
    pm_listener *listeners; /* owned */
    size_t count;
    struct event *heartbeat;
};

/* Listens to the store from now on. NULL: out of memory. */
pm_live *pm_live_new(pm_mock *mock);
/* Ends the connections of all who wait. */
void pm_live_free(pm_live *live);

/* For those who answer: */

/* Keeps the call for later. NULL, and answered: there are too many, or no memory. */
pm_listener *pm_live_add(pm_call *call);
/* Takes it off the list and frees it; the call itself is not touched. */
void pm_live_forget(pm_listener *gone);
/* Closes the connection, and with it the request. */
void pm_live_disconnect(pm_listener *one);
struct evhttp_connection *pm_live_connection(const pm_listener *one);

/* What the store says (see pm_store_listener), to those whom it concerns. */
void pm_wait_tell(pm_live *live, const pm_mail *mail);
void pm_events_tell(pm_live *live, const pm_mail *mail, uint64_t id);
/* Something goes over every stream now and then: so both sides learn when the other is gone. */
void pm_events_beat(pm_live *live);

#endif
