#include "mock/live.h"

#include <event2/bufferevent.h>
#include <stdlib.h>

enum { MAX_LISTENERS = 500, HEARTBEAT_S = 15 };

void pm_live_forget(pm_listener *gone)
{
    pm_live *live = gone->live;
    pm_listener **at = &live->listeners;
    while (*at != gone) {
        at = &(*at)->next;
    }
    *at = gone->next;
    live->count--;
    if (gone->timer) {
        event_free(gone->timer);
    }
    if (gone->hangup) {
        event_free(gone->hangup);
    }
    pm_question_free(&gone->question);
    free(gone);
}

struct evhttp_connection *pm_live_connection(const pm_listener *one)
{
    return evhttp_request_get_connection(one->call.http);
}

/* evhttp saw that the client has gone. It leaves a request that is not answered to us. */
static void on_close(struct evhttp_connection *connection, void *context)
{
    pm_listener *gone = context;
    struct evhttp_request *http = gone->call.http;
    (void)connection;
    pm_live_forget(gone);
    evhttp_request_free(http);
}

void pm_live_disconnect(pm_listener *one)
{
    struct evhttp_connection *connection = pm_live_connection(one);
    evhttp_connection_set_closecb(connection, NULL, NULL);
    pm_live_forget(one);
    evhttp_connection_free(connection);
}

static evutil_socket_t socket_of(const pm_listener *one)
{
    return bufferevent_getfd(evhttp_connection_get_bufferevent(pm_live_connection(one)));
}

static void on_hangup(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    pm_live_disconnect(context);
}

pm_listener *pm_live_add(pm_call *call)
{
    pm_live *live = call->web->live;
    pm_listener *added = live->count < MAX_LISTENERS ? calloc(1, sizeof *added) : NULL;
    if (!added) {
        pm_call_problem(call, HTTP_SERVUNAVAIL, "too many are waiting already; try again later");
        return NULL;
    }
    added->live = live;
    added->call = *call;
    added->call.query = NULL; /* it lives only as long as the call */
    added->next = live->listeners;
    live->listeners = added;
    live->count++;
    evhttp_connection_set_closecb(pm_live_connection(added), on_close, added);
    added->hangup = event_new(live->mock->base, socket_of(added), EV_CLOSED, on_hangup, added);
    if (added->hangup) {
        (void)event_add(added->hangup, NULL);
    }
    return added;
}

static void on_change(void *context, const pm_mail *mail, uint64_t id)
{
    pm_live *live = context;
    if (!live->listeners) {
        return;
    }
    pm_events_tell(live, mail, id);
    if (mail) {
        pm_wait_tell(live, mail);
    }
}

static void on_heartbeat(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    pm_events_beat(context);
}

pm_live *pm_live_new(pm_mock *mock)
{
    static const struct timeval every = {.tv_sec = HEARTBEAT_S};
    pm_live *live = calloc(1, sizeof *live);
    if (!live) {
        return NULL;
    }
    live->mock = mock;
    live->heartbeat = event_new(mock->base, -1, EV_PERSIST, on_heartbeat, live);
    if (!live->heartbeat || event_add(live->heartbeat, &every) != 0) {
        pm_live_free(live);
        return NULL;
    }
    mock->store.listener = on_change;
    mock->store.context = live;
    return live;
}

void pm_live_free(pm_live *live)
{
    if (!live) {
        return;
    }
    live->mock->store.listener = NULL;
    pm_listener *next = NULL;
    for (pm_listener *one = live->listeners; one; one = next) {
        next = one->next;
        pm_live_disconnect(one);
    }
    if (live->heartbeat) {
        event_free(live->heartbeat);
    }
    free(live);
}
