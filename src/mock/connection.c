#include "mock/connection.h"

#include "base/clock.h"
#include "mock/log.h"
#include "mock/stream.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINGER_S = 2, MAX_REST = 1 << 20 };

typedef enum phase {
    TALKING,
    WAITING, /* a rule's delay, or the time between two drops */
    HANGING, /* until the client goes */
    GOING,   /* all was said; until the client has gone, or long enough */
} phase;

typedef enum waiting {
    FOR_NOTHING, /* but a timer */
    FOR_READING,
    FOR_WRITING,
} waiting;

struct pm_connection {
    pm_mock *mock;
    pm_connection *next, *previous;
    pm_stream stream;
    pm_session session;
    pm_need need;
    phase phase;
    waiting waiting;
    struct event *readable, *writable, *timer;
    pk_buf rest; /* read, but not taken by the session yet */
    size_t rest_used;
    size_t sent;     /* of session.out */
    size_t act_said; /* of session.act.text */
    size_t room;     /* that the store has set aside for the message */
    bool is_delayed; /* the act's delay is over */
    bool is_greeted;
    char challenge[160];
    char address[INET6_ADDRSTRLEN];
};

static void go_on(pm_connection *c);

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

static void destroy(pm_connection *c, bool reset)
{
    unlink_connection(c);
    (void)pm_store_receive(&c->mock->store, c->room, 0);
    free_event(c->readable);
    free_event(c->writable);
    free_event(c->timer);
    pm_stream_close(&c->stream, reset);
    pm_session_free(&c->session);
    pk_buf_free(&c->rest);
    free(c);
}

void pm_connection_end_all(pm_mock *mock)
{
    while (mock->connections) {
        destroy(mock->connections, false);
    }
}

/* The one setter of what is waited for. limit NULL: however long it takes. */
static void wait_for(pm_connection *c, waiting wanted, const struct timeval *limit)
{
    if (c->waiting == wanted && c->phase == TALKING) {
        return; /* libevent starts the time anew by itself */
    }
    (void)event_del(c->readable);
    (void)event_del(c->writable);
    c->waiting = wanted;
    if (wanted != FOR_NOTHING) {
        (void)event_add(wanted == FOR_READING ? c->readable : c->writable, limit);
    }
}

static void wait_ms(pm_connection *c, int64_t ms)
{
    struct timeval time = {.tv_sec = (time_t)(ms / 1000),
                           .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
    c->phase = WAITING;
    wait_for(c, FOR_NOTHING, NULL);
    (void)evtimer_add(c->timer, &time);
}

/* Waits for what the stream needs. False: the stream is broken, and the connection is gone. */
static bool wait_for_stream(pm_connection *c, pm_io io)
{
    if (io == PM_IO_END || io == PM_IO_FAILED) {
        destroy(c, false);
        return false;
    }
    wait_for(c, io == PM_IO_WRITE ? FOR_WRITING : FOR_READING, &c->mock->idle);
    return true;
}

/* Sends what was said. False: not all of it could go, or the connection is gone. */
static bool flush(pm_connection *c)
{
    pk_buf *out = &c->session.out;
    if (!pk_buf_ok(out)) {
        destroy(c, true);
        return false;
    }
    while (c->sent < out->len) {
        size_t len = 0;
        pm_io io = pm_stream_write(&c->stream, out->data + c->sent, out->len - c->sent, &len);
        if (io != PM_IO_DONE) {
            (void)wait_for_stream(c, io);
            return false;
        }
        c->sent += len;
    }
    pk_buf_reset(out);
    c->sent = 0;
    return true;
}

/* The store knows how much memory the message at hand takes. */
static void set_room_aside(pm_connection *c)
{
    size_t room = c->session.body.text.capacity;
    if (room == c->room) {
        return;
    }
    if (!pm_store_receive(&c->mock->store, c->room, room)) {
        pm_body_free(&c->session.body);
        c->need = pm_session_end(&c->session, "421 4.3.1 there is no room for such a message");
        room = 0;
        (void)pm_store_receive(&c->mock->store, c->room, room);
    }
    c->room = room;
}

static void store_message(pm_connection *c)
{
    pm_store *store = &c->mock->store;
    pm_mail draft;
    prankcurl_error error;
    bool is_kept = pm_session_mail(&c->session, store->next_id, &draft);
    if (is_kept) {
        draft.received_ms = pk_wall_clock_ms();
        is_kept = pm_store_add(store, &draft, &error);
        if (!is_kept) {
            pm_log_error(&error);
        }
    }
    c->need = pm_session_stored(&c->session, is_kept);
    set_room_aside(c);
    if (is_kept) {
        pm_log_mail(c->mock->config, pm_store_at(store, store->count - 1));
    }
}

static void feed(pm_connection *c, const char *bytes, size_t len)
{
    size_t used = 0;
    size_t taken = 0;
    do {
        if (c->need == PM_NEED_STORE) {
            store_message(c);
        }
        c->need = pm_session_feed(&c->session, bytes + used, len - used, &taken);
        set_room_aside(c);
        used += taken;
    } while (c->need == PM_NEED_STORE);
    pk_buf_add(&c->rest, bytes + used, len - used);
    if (!pk_buf_ok(&c->rest)) {
        c->need = pm_session_end(&c->session, "421 4.3.0 out of memory");
    }
}

static void feed_rest(pm_connection *c)
{
    size_t taken = 0;
    c->need = pm_session_feed(&c->session, pk_buf_text(&c->rest) + c->rest_used,
                              c->rest.len - c->rest_used, &taken);
    set_room_aside(c);
    c->rest_used += taken;
    if (c->rest_used == c->rest.len) {
        pk_buf_free(&c->rest);
        c->rest_used = 0;
    }
}

static void shake_hands(pm_connection *c)
{
    pm_mock *mock = c->mock;
    if (!c->stream.ssl && !pm_stream_secure(&c->stream, mock->tls)) {
        destroy(c, true);
        return;
    }
    pm_io io = pm_stream_shake_hands(&c->stream);
    if (io == PM_IO_FAILED) {
        pm_log_note(mock->config, "connection %llu: the TLS handshake failed",
                    (unsigned long long)c->session.client.connection);
    }
    if (io != PM_IO_DONE) {
        (void)wait_for_stream(c, io);
        return;
    }
    c->need = pm_session_secured(&c->session, SSL_get_version(c->stream.ssl),
                                 SSL_get_cipher_name(c->stream.ssl));
    if (!c->is_greeted) {
        c->is_greeted = true;
        c->need = pm_session_greet(&c->session);
    }
    go_on(c);
}

/* Closes so that the last reply arrives: with bytes unread, close() would send an RST. */
static void say_goodbye(pm_connection *c)
{
    bool has_unread = c->rest.len > c->rest_used || pm_stream_has_unread(&c->stream);
    pm_stream_finish(&c->stream);
    if (!has_unread) {
        destroy(c, false);
        return;
    }
    static const struct timeval linger = {.tv_sec = LINGER_S};
    c->phase = GOING;
    wait_for(c, FOR_READING, NULL);
    (void)evtimer_add(c->timer, &linger);
}

static void finish_act(pm_connection *c)
{
    pm_then then = c->session.act.then;
    c->phase = TALKING;
    c->act_said = 0;
    c->is_delayed = false;
    switch (then) {
    case PM_THEN_GO_ON:
    case PM_THEN_CLOSE:
        c->need = pm_session_acted(&c->session);
        go_on(c);
        break;
    case PM_THEN_RESET:
        destroy(c, true);
        break;
    case PM_THEN_HANG:
        c->phase = HANGING;
        wait_for(c, FOR_READING, NULL);
        break;
    }
}

/* A rule's delay, then its text at once or in drops, then the rest. */
static void carry_out(pm_connection *c)
{
    const pm_act *act = &c->session.act;
    if (act->delay_ms && !c->is_delayed) {
        c->is_delayed = true;
        wait_ms(c, act->delay_ms);
        return;
    }
    size_t left = act->text.len - c->act_said;
    if (!left) {
        finish_act(c);
        return;
    }
    size_t len = act->drip_ms ? 1 : left;
    pk_buf_add(&c->session.out, act->text.data + c->act_said, len);
    c->act_said += len;
    c->phase = TALKING;
    if (!flush(c)) {
        return;
    }
    if (act->drip_ms && len < left) {
        wait_ms(c, act->drip_ms);
    } else {
        finish_act(c);
    }
}

/* Does what the session needs, until it needs the client or time. */
static void go_on(pm_connection *c)
{
    while (flush(c)) {
        switch (c->need) {
        case PM_NEED_INPUT:
            if (!c->rest.len) {
                wait_for(c, FOR_READING, &c->mock->idle);
                return;
            }
            feed_rest(c);
            break;
        case PM_NEED_STORE:
            store_message(c);
            break;
        case PM_NEED_ACT:
            carry_out(c);
            return;
        case PM_NEED_TLS:
            shake_hands(c);
            return;
        case PM_NEED_CLOSE:
            say_goodbye(c);
            return;
        }
    }
}

/* Reads once. */
static void take_bytes(pm_connection *c)
{
    size_t len = 0;
    pm_mock *mock = c->mock;
    pm_io io = pm_stream_read(&c->stream, mock->chunk, sizeof mock->chunk, &len);
    if (c->phase != TALKING && (io == PM_IO_DONE || io == PM_IO_READ)) {
        return; /* nobody listens any more */
    }
    if (io != PM_IO_DONE) {
        (void)wait_for_stream(c, io);
        return;
    }
    feed(c, mock->chunk, len);
    go_on(c);
}

/* The client, or the stream, took too long. */
static void on_timeout(pm_connection *c)
{
    if (c->need == PM_NEED_TLS || c->waiting == FOR_WRITING) {
        destroy(c, false);
        return;
    }
    c->need = pm_session_end(&c->session, "421 4.4.2 you have said nothing for too long");
    go_on(c);
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
    pm_connection *c = context;
    (void)fd;
    if (what & EV_TIMEOUT) {
        on_timeout(c);
    } else if (c->phase == TALKING && c->need != PM_NEED_INPUT) {
        go_on(c); /* TLS had to read to get on */
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
        go_on(c);
    }
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    pm_connection *c = context;
    (void)fd;
    (void)what;
    if (c->phase == GOING) {
        destroy(c, false);
        return;
    }
    c->phase = TALKING;
    go_on(c);
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
        number = (uint64_t)pk_monotonic_ms(); /* only CRAM-MD5 asks for more, and this is a mock */
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
    return c->readable && c->writable && c->timer;
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
    go_on(c);
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
        destroy(c, true);
    }
}
