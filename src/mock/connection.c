#include "mock/connection_parts.h"

#include "base/clock.h"
#include "mock/log.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_REST = 1 << 20, KEEP_CAPACITY = 16 * 1024 };

static void unlink_connection(pm_connection *c)
{
    pm_mock *mock = c->mock;
    if (c->previous) {
        c->previous->next = c->next;
    } else {
        mock->connections = c->next;
    }
    if (c->next) {
        c->next->previous = c->previous;
    }
    mock->open_count--;
}

static void free_event(struct event *event)
{
    if (event) {
        event_free(event);
    }
}

void pm_connection_destroy(pm_connection *c, bool reset)
{
    pm_log_unsent(c->mock->config, &c->session);
    unlink_connection(c);
    (void)pm_store_receive(&c->mock->store, c->room, 0);
    free_event(c->readable);
    free_event(c->writable);
    free_event(c->timer);
    free_event(c->hangup);
    pm_stream_close(&c->stream, reset);
    pm_session_free(&c->session);
    pk_buf_free(&c->rest);
    free(c);
}

void pm_connection_end_all(pm_mock *mock)
{
    pm_connection *next = NULL;
    for (pm_connection *c = mock->connections; c; c = next) {
        next = c->next;
        pm_connection_destroy(c, false);
    }
}

/* The one setter of what is waited for. limit NULL: however long it takes. */
void pm_connection_wait_for(pm_connection *c, pm_waiting wanted, const struct timeval *limit)
{
    if (c->waiting == wanted && c->phase == PM_PHASE_TALKING) {
        return; /* libevent starts the time anew by itself */
    }
    (void)event_del(c->readable);
    (void)event_del(c->writable);
    (void)event_del(c->hangup);
    c->waiting = wanted;
    if (wanted != PM_FOR_NOTHING) {
        (void)event_add(wanted == PM_FOR_READING ? c->readable : c->writable, limit);
    }
}

void pm_connection_wait_ms(pm_connection *c, int64_t ms)
{
    struct timeval time = {.tv_sec = (time_t)(ms / 1000),
                           .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
    c->phase = PM_PHASE_WAITING;
    pm_connection_wait_for(c, PM_FOR_NOTHING, NULL);
    (void)evtimer_add(c->timer, &time);
    (void)event_add(c->hangup, NULL);
}

/* Waits for what the stream needs. False: the stream is broken, and the connection is gone. */
bool pm_connection_wait_for_stream(pm_connection *c, pm_io io)
{
    if (io == PM_IO_END || io == PM_IO_FAILED) {
        pm_connection_destroy(c, false);
        return false;
    }
    pm_connection_wait_for(c, io == PM_IO_WRITE ? PM_FOR_WRITING : PM_FOR_READING, &c->mock->idle);
    return true;
}

/* Sends what was said. False: not all of it could go, or the connection is gone. */
bool pm_connection_flush(pm_connection *c)
{
    pk_buf *out = &c->session.out;
    if (!pk_buf_ok(out)) {
        pm_connection_destroy(c, true);
        return false;
    }
    while (c->sent < out->len) {
        size_t len = 0;
        pm_io io = pm_stream_write(&c->stream, out->data + c->sent, out->len - c->sent, &len);
        if (io != PM_IO_DONE) {
            (void)pm_connection_wait_for_stream(c, io);
            return false;
        }
        c->sent += len;
    }
    if (out->capacity > KEEP_CAPACITY) {
        pk_buf_free(out);
    }
    pk_buf_reset(out);
    c->sent = 0;
    return true;
}

/* Reads once. */
static void take_bytes(pm_connection *c)
{
    size_t len = 0;
    pm_mock *mock = c->mock;
    pm_io io = pm_stream_read(&c->stream, mock->chunk, sizeof mock->chunk, &len);
    if (c->phase != PM_PHASE_TALKING && (io == PM_IO_DONE || io == PM_IO_READ)) {
        return; /* nobody listens any more */
    }
    if (io != PM_IO_DONE) {
        (void)pm_connection_wait_for_stream(c, io);
        return;
    }
    pm_connection_feed(c, mock->chunk, len);
    pm_connection_go_on(c);
}

/* The client, or the stream, took too long. */
static void on_timeout(pm_connection *c)
{
    if (c->need == PM_NEED_TLS || c->waiting == PM_FOR_WRITING) {
        pm_connection_destroy(c, false);
        return;
    }
    c->need = pm_session_end(&c->session, "421 4.4.2 you have said nothing for too long");
    pm_connection_go_on(c);
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
    pm_connection *c = context;
    (void)fd;
    if (what & EV_TIMEOUT) {
        on_timeout(c);
    } else if (c->phase == PM_PHASE_TALKING && c->need != PM_NEED_INPUT) {
        pm_connection_go_on(c); /* TLS had to read to get on */
    } else {
        take_bytes(c);
    }
}

static void on_writable(evutil_socket_t fd, short what, void *context)
{
    pm_connection *c = context;
    (void)fd;
    if (what & EV_TIMEOUT) {
        on_timeout(c);
    } else {
        pm_connection_go_on(c);
    }
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    pm_connection *c = context;
    (void)fd;
    (void)what;
    if (c->phase == PM_PHASE_GOING) {
        pm_connection_destroy(c, false);
        return;
    }
    c->phase = PM_PHASE_TALKING;
    pm_connection_go_on(c);
}

/* The client went away while a rule lets it wait; what it has sent before still counts. */
static void on_hangup(evutil_socket_t fd, short what, void *context)
{
    pm_connection *c = context;
    (void)fd;
    (void)what;
    if (c->rest.len == c->rest_used && !pm_stream_has_unread(&c->stream)) {
        pm_connection_destroy(c, false);
    }
}

static unsigned name_peer(pm_connection *c, const struct sockaddr *peer)
{
    if (peer->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)peer;
        (void)inet_ntop(AF_INET6, &in6->sin6_addr, c->address, sizeof c->address);
        return ntohs(in6->sin6_port);
    }
    const struct sockaddr_in *in = (const void *)peer;
    (void)inet_ntop(AF_INET, &in->sin_addr, c->address, sizeof c->address);
    return ntohs(in->sin_port);
}

/* RFC 2195 §2: `<random.clock@host>`. */
static void make_challenge(pm_connection *c)
{
    uint64_t number = 0;
    if (RAND_bytes((unsigned char *)&number, sizeof number) != 1) {
        number = (uint64_t)pk_monotonic_us(); /* only CRAM-MD5 asks for more, and this is a mock */
    }
    (void)snprintf(c->challenge, sizeof c->challenge, "<%llu.%lld@%.100s>",
                   (unsigned long long)number, (long long)pk_wall_clock_ms(), c->mock->host);
}

static bool make_events(pm_connection *c)
{
    struct event_base *base = c->mock->base;
    c->readable = event_new(base, c->stream.fd, EV_READ | EV_PERSIST, on_readable, c);
    c->writable = event_new(base, c->stream.fd, EV_WRITE | EV_PERSIST, on_writable, c);
    c->timer = evtimer_new(base, on_timer, c);
    c->hangup = event_new(base, c->stream.fd, EV_CLOSED, on_hangup, c);
    return c->readable && c->writable && c->timer && c->hangup;
}

static void link_connection(pm_connection *c)
{
    pm_mock *mock = c->mock;
    c->next = mock->connections;
    if (c->next) {
        c->next->previous = c;
    }
    mock->connections = c;
    mock->open_count++;
}

static void begin(pm_connection *c, bool is_secure)
{
    if (c->mock->open_count > c->mock->config->max_connections) {
        c->need = pm_session_end(&c->session, "421 4.3.2 too many connections; come back later");
    } else if (is_secure) {
        c->need = PM_NEED_TLS;
    } else {
        c->is_greeted = true;
        c->need = pm_session_greet(&c->session);
    }
    pm_connection_go_on(c);
}

void pm_connection_start(pm_mock *mock, int fd, const struct sockaddr *peer, bool is_secure)
{
    pm_connection *c = calloc(1, sizeof *c);
    if (!c) {
        (void)evutil_closesocket(fd);
        return;
    }
    int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    c->mock = mock;
    pm_stream_init(&c->stream, fd);
    pk_buf_init(&c->rest, MAX_REST);
    link_connection(c);
    make_challenge(c);
    pm_client client = {.port = name_peer(c, peer),
                        .address = c->address,
                        .connected_ms = pk_wall_clock_ms(),
                        .connection = ++mock->connection_count};
    pm_session_init(&c->session, &mock->rules, &client, c->challenge, is_secure,
                    &mock->message_count);
    if (make_events(c)) {
        begin(c, is_secure);
    } else {
        pm_connection_destroy(c, true);
    }
}
