/* Does what a session needs: sends, stores, shakes hands, carries faults out. */
#include "base/clock.h"
#include "mock/connection_parts.h"
#include "mock/log.h"

enum { LINGER_S = 2 };

/* The store knows how much memory the message at hand takes. */
static void set_room_aside(pm_connection *c)
{
    size_t room = pm_session_footprint(&c->session);
    if (room != c->room && !pm_store_receive(&c->mock->store, c->room, room)) {
        c->need = pm_session_end(&c->session, "421 4.3.1 there is no room for such a message");
        room = pm_session_footprint(&c->session);
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
    if (is_kept) {
        pm_log_mail(c->mock->config, pm_store_at(store, store->count - 1));
    }
}

/* Gives the session bytes; returns how many it took. A message is stored at once: nothing else may
 * happen in between. */
static size_t feed(pm_connection *c, const char *bytes, size_t len)
{
    size_t used = 0;
    size_t taken = 0;
    c->need = pm_session_feed(&c->session, bytes, len, &used);
    set_room_aside(c);
    while (c->need == PM_NEED_STORE) {
        store_message(c);
        /* Setting room aside may evict this very message: it has been logged. */
        c->need = pm_session_feed(&c->session, bytes + used, len - used, &taken);
        set_room_aside(c);
        used += taken;
    }
    return used;
}

void pm_connection_feed(pm_connection *c, const char *bytes, size_t len)
{
    size_t used = feed(c, bytes, len);
    pk_buf_add(&c->rest, bytes + used, len - used);
    if (!pk_buf_ok(&c->rest)) {
        c->need = pm_session_end(&c->session, "421 4.3.0 out of memory");
    }
}

static void feed_rest(pm_connection *c)
{
    c->rest_used += feed(c, pk_buf_text(&c->rest) + c->rest_used, c->rest.len - c->rest_used);
    if (c->rest_used == c->rest.len) {
        pk_buf_free(&c->rest);
        c->rest_used = 0;
    }
}

static void shake_hands(pm_connection *c)
{
    pm_mock *mock = c->mock;
    if (!c->stream.ssl && !pm_stream_secure(&c->stream, mock->tls)) {
        pm_connection_destroy(c, true);
        return;
    }
    pm_io io = pm_stream_shake_hands(&c->stream);
    if (io == PM_IO_FAILED) {
        pm_log_note(mock->config, "connection %llu: the TLS handshake failed",
                    (unsigned long long)c->session.client.connection);
    }
    if (io != PM_IO_DONE) {
        (void)pm_connection_wait_for_stream(c, io);
        return;
    }
    c->need = pm_session_secured(&c->session, SSL_get_version(c->stream.ssl),
                                 SSL_get_cipher_name(c->stream.ssl));
    if (!c->is_greeted) {
        c->is_greeted = true;
        c->need = pm_session_greet(&c->session);
    }
    pm_connection_go_on(c);
}

/* Closes so that the last reply arrives: with bytes unread, close() would send an RST. */
static void say_goodbye(pm_connection *c)
{
    bool has_unread = c->rest.len > c->rest_used || pm_stream_has_unread(&c->stream);
    pm_stream_finish(&c->stream);
    if (!has_unread) {
        pm_connection_destroy(c, false);
        return;
    }
    static const struct timeval linger = {.tv_sec = LINGER_S};
    c->phase = PM_PHASE_GOING;
    pm_connection_wait_for(c, PM_FOR_READING, NULL);
    (void)evtimer_add(c->timer, &linger);
}

static void finish_act(pm_connection *c)
{
    pm_then then = c->session.act.then;
    c->phase = PM_PHASE_TALKING;
    c->act_said = 0;
    c->is_delayed = false;
    switch (then) {
    case PM_THEN_GO_ON:
    case PM_THEN_CLOSE:
        c->need = pm_session_acted(&c->session);
        pm_connection_go_on(c);
        break;
    case PM_THEN_RESET:
        pm_connection_destroy(c, true);
        break;
    case PM_THEN_HANG:
        c->phase = PM_PHASE_HANGING;
        pm_connection_wait_for(c, PM_FOR_READING, NULL);
        break;
    }
}

/* A rule's delay, then its text at once or in drops, then the rest. */
static void carry_out(pm_connection *c)
{
    const pm_act *act = &c->session.act;
    if (act->delay_ms && !c->is_delayed) {
        c->is_delayed = true;
        pm_connection_wait_ms(c, act->delay_ms);
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
    c->phase = PM_PHASE_TALKING;
    if (!pm_connection_flush(c)) {
        return;
    }
    if (act->drip_ms && len < left) {
        pm_connection_wait_ms(c, act->drip_ms);
    } else {
        finish_act(c);
    }
}

/* Does what the session needs, until it needs the client or time. */
void pm_connection_go_on(pm_connection *c)
{
    while (pm_connection_flush(c)) {
        switch (c->need) {
        case PM_NEED_INPUT:
            if (!c->rest.len) {
                pm_connection_wait_for(c, PM_FOR_READING, &c->mock->idle);
                return;
            }
            feed_rest(c);
            break;
        case PM_NEED_STORE: /* feed() has met it */
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
