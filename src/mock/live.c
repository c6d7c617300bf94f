#include "mock/live.h"

#include "mock/envelope_json.h"
#include "mock/reading.h"
#include "mock/web_query.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_LISTENERS = 500,
    MAX_BACKLOG = 1 << 20, /* bytes that a listener may lag behind */
    HEARTBEAT_S = 15,
    TIMED_OUT = 408,
};

/* A call that is not answered yet. */
typedef struct listener {
    struct listener *next;
    pm_live *live;
    pm_call call;
    bool is_stream;       /* of events; else somebody waits for messages */
    pm_question question; /* what is waited for */
    size_t seen;          /* messages that match, or more: some may be gone */
    struct event *timer;
    struct event *hangup; /* evhttp does not look whether the client is still there */
} listener;

struct pm_live {
    pm_mock *mock;
    listener *listeners; /* owned */
    size_t count;
    struct event *heartbeat;
};

/* Takes it off the list and frees it; the call itself is not touched. */
static void forget(listener *gone)
{
    pm_live *live = gone->live;
    listener **at = &live->listeners;
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

static struct evhttp_connection *connection_of(const listener *one)
{
    return evhttp_request_get_connection(one->call.http);
}

/* evhttp saw that the client has gone. It leaves a request that is not answered to us. */
static void on_close(struct evhttp_connection *connection, void *context)
{
    listener *gone = context;
    struct evhttp_request *http = gone->call.http;
    (void)connection;
    forget(gone);
    evhttp_request_free(http);
}

/* Closes the connection, and with it the request. */
static void disconnect(listener *one)
{
    struct evhttp_connection *connection = connection_of(one);
    evhttp_connection_set_closecb(connection, NULL, NULL);
    forget(one);
    evhttp_connection_free(connection);
}

static evutil_socket_t socket_of(const listener *one)
{
    return bufferevent_getfd(evhttp_connection_get_bufferevent(connection_of(one)));
}

static void on_hangup(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    disconnect(context);
}

/* NULL, and answered: there are too many, or no memory. */
static listener *add_listener(pm_call *call)
{
    pm_live *live = call->web->live;
    listener *added = live->count < MAX_LISTENERS ? calloc(1, sizeof *added) : NULL;
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
    evhttp_connection_set_closecb(connection_of(added), on_close, added);
    added->hangup = event_new(live->mock->base, socket_of(added), EV_CLOSED, on_hangup, added);
    if (added->hangup) {
        (void)event_add(added->hangup, NULL);
    }
    return added;
}

static void answer_wait(listener *one, int status)
{
    pm_call call = one->call;
    cJSON *object = pm_question_answer(&one->question, &call.mock->store);
    evhttp_connection_set_closecb(connection_of(one), NULL, NULL);
    forget(one);
    pm_call_send_json(&call, status, object);
}

/* Answers when there are enough. */
static void check_wait(listener *one)
{
    if (one->seen < one->question.count) {
        return;
    }
    one->seen = pm_question_count(&one->question, &one->call.mock->store);
    if (one->seen >= one->question.count) {
        answer_wait(one, HTTP_OK);
    }
}

static void on_timeout(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    answer_wait(context, TIMED_OUT);
}

void pm_web_wait(pm_call *call)
{
    pm_question question;
    if (!pm_question_read(call, true, &question)) {
        pm_question_free(&question);
        return;
    }
    listener *added = add_listener(call);
    if (!added) {
        pm_question_free(&question);
        return;
    }
    added->question = question;
    added->seen = pm_question_count(&question, &call->mock->store);
    struct timeval timeout = {.tv_sec = (time_t)(question.timeout_ms / 1000),
                              .tv_usec = (suseconds_t)(question.timeout_ms % 1000 * 1000)};
    added->timer = evtimer_new(call->mock->base, on_timeout, added);
    if (!added->timer || evtimer_add(added->timer, &timeout) != 0) {
        answer_wait(added, HTTP_INTERNAL);
        return;
    }
    check_wait(added);
}

static bool is_late(const listener *one)
{
    struct bufferevent *socket = evhttp_connection_get_bufferevent(connection_of(one));
    return evbuffer_get_length(bufferevent_get_output(socket)) > MAX_BACKLOG;
}

/* False: it does not keep up, and was disconnected. */
static bool send_text(listener *one, const char *text, size_t len)
{
    struct evbuffer *chunk = evbuffer_new();
    if (is_late(one) || !chunk || evbuffer_add(chunk, text, len) != 0) {
        if (chunk) {
            evbuffer_free(chunk);
        }
        disconnect(one);
        return false;
    }
    evhttp_send_reply_chunk(one->call.http, chunk);
    evbuffer_free(chunk);
    return true;
}

/* "event: NAME", "id: ID" (0: none), "data: JSON". Owns the object. NULL: out of memory. */
static char *event_text(const char *name, uint64_t id, cJSON *object)
{
    char *json = object ? cJSON_PrintUnformatted(object) : NULL;
    char id_line[40] = "";
    cJSON_Delete(object);
    if (!json) {
        return NULL;
    }
    if (id) {
        (void)snprintf(id_line, sizeof id_line, "id: %llu\n", (unsigned long long)id);
    }
    size_t size = strlen(json) + strlen(name) + sizeof id_line + 32;
    char *text = malloc(size);
    if (text) {
        (void)snprintf(text, size, "event: %s\n%sdata: %s\n\n", name, id_line, json);
    }
    cJSON_free(json);
    return text;
}

static cJSON *deleted_json(uint64_t id)
{
    cJSON *object = cJSON_CreateObject();
    if (id) {
        (void)cJSON_AddNumberToObject(object, "id", (double)id);
    } else {
        (void)cJSON_AddTrueToObject(object, "all");
    }
    return object;
}

static char *mail_event(const pm_mail *mail)
{
    pm_reading *reading = pm_reading_new(mail);
    char *text = reading ? event_text("message", mail->id, pm_reading_summary(reading)) : NULL;
    pm_reading_free(reading);
    return text;
}

static bool has_streams(const pm_live *live)
{
    for (const listener *one = live->listeners; one; one = one->next) {
        if (one->is_stream) {
            return true;
        }
    }
    return false;
}

static void tell_streams(pm_live *live, const pm_mail *mail, uint64_t id)
{
    if (!has_streams(live)) {
        return;
    }
    char *text = mail ? mail_event(mail) : event_text("deleted", 0, deleted_json(id));
    listener *next = NULL;
    for (listener *one = live->listeners; text && one; one = next) {
        next = one->next;
        if (one->is_stream) {
            (void)send_text(one, text, strlen(text));
        }
    }
    free(text);
}

static void tell_waiting(pm_live *live, const pm_mail *mail)
{
    listener *next = NULL;
    for (listener *one = live->listeners; one; one = next) {
        next = one->next;
        if (!one->is_stream && pm_filter_matches(&one->question.filter, mail)) {
            one->seen++;
            check_wait(one);
        }
    }
}

static void on_change(void *context, const pm_mail *mail, uint64_t id)
{
    pm_live *live = context;
    if (!live->listeners) {
        return;
    }
    tell_streams(live, mail, id);
    if (mail) {
        tell_waiting(live, mail);
    }
}

/* Ends the stream in good order; browsers come back for the rest. */
static void end_stream(listener *one)
{
    struct evhttp_request *http = one->call.http;
    evhttp_connection_set_closecb(connection_of(one), NULL, NULL);
    forget(one);
    evhttp_send_reply_end(http);
}

/* What came after the last event that a listener has seen, as much as it may lag behind. */
static void catch_up(listener *one, const char *last_id)
{
    const pm_store *store = &one->call.mock->store;
    uint64_t after = strtoull(last_id, NULL, 10);
    for (size_t i = 0; i < store->count; i++) {
        const pm_mail *mail = pm_store_at(store, i);
        if (mail->id <= after) {
            continue;
        }
        if (is_late(one)) {
            end_stream(one);
            return;
        }
        char *text = mail_event(mail);
        bool is_sent = !text || send_text(one, text, strlen(text));
        free(text);
        if (!is_sent) {
            return;
        }
    }
}

void pm_web_events(pm_call *call)
{
    static const char hello[] = "retry: 1000\n\n";
    const struct evkeyvalq *headers = evhttp_request_get_input_headers(call->http);
    const char *last_id = evhttp_find_header(headers, "Last-Event-ID");
    if (evhttp_request_get_command(call->http) == EVHTTP_REQ_HEAD) {
        pm_call_send(call, HTTP_OK, "text/event-stream", "", 0);
        return;
    }
    listener *added = add_listener(call);
    if (!added) {
        return;
    }
    added->is_stream = true;
    pm_call_header(call, "Content-Type", "text/event-stream");
    evhttp_send_reply_start(call->http, HTTP_OK, NULL);
    if (send_text(added, hello, sizeof hello - 1) && last_id) {
        catch_up(added, last_id);
    }
}

/* Something goes over every stream now and then: so both sides learn when the other is gone. */
static void on_heartbeat(evutil_socket_t fd, short what, void *context)
{
    static const char beat[] = ": still here\n\n";
    pm_live *live = context;
    listener *next = NULL;
    (void)fd;
    (void)what;
    for (listener *one = live->listeners; one; one = next) {
        next = one->next;
        if (one->is_stream) {
            (void)send_text(one, beat, sizeof beat - 1);
        }
    }
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
    listener *next = NULL;
    for (listener *one = live->listeners; one; one = next) {
        next = one->next;
        disconnect(one);
    }
    if (live->heartbeat) {
        event_free(live->heartbeat);
    }
    free(live);
}
