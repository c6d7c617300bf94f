#include "delivery/handle.h"
#include "delivery/outcome.h"
#include "delivery/session.h"
#include "delivery/trace.h"
#include "delivery/verdict.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { LONGEST_BLOCK_US = 3 * 60 * 1000 * 1000 };

struct prankcurl_session {
    const prankcurl_campaign *campaign;
    const prankcurl_secret *secret;
    prankcurl_delivery_options options;
    CURL *easy;      /* NULL: the next message makes a new one */
    unsigned sent;   /* messages over this handle's connection */
    bool is_greeted; /* EHLO was heard over it, before any message */
    pk_tracker tracker;
    const prankcurl_piece *pieces; /* of the message being sent; lent */
    size_t piece_count;
    size_t size;                      /* of all pieces together */
    size_t piece;                     /* the next byte to be handed over: in which piece … */
    size_t piece_taken;               /* … and where in it */
    size_t handed;                    /* bytes so far */
    curl_off_t uploaded;              /* bytes that went out … */
    int64_t moved_us;                 /* … at last then */
    bool is_stuck;                    /* and have not for too long */
    const prankcurl_gate *gate;       /* lent; NULL: none */
    const prankcurl_outcome *outcome; /* of the message being sent; lent, for the gate */
    prankcurl_error barred;           /* why the gate stayed shut */
    pk_trace trace;
    char curl_text[CURL_ERROR_SIZE];
};

static int on_debug(CURL *easy, curl_infotype type, char *data, size_t len, void *user)
{
    prankcurl_session *session = user;
    (void)easy;
    if (type == CURLINFO_HEADER_OUT) {
        bool is_secret = pk_tracker_command(&session->tracker, data, len);
        pk_trace_command(&session->trace, session->tracker.phase, data, len, is_secret);
    } else if (type == CURLINFO_TEXT && len > 4 && memcmp(data, "SSL ", 4) == 0) {
        pk_trace_line(&session->trace, PRANKCURL_TRACE_NOTE, data, len);
    }
    return 0;
}

static size_t on_reply(char *data, size_t size, size_t count, void *user)
{
    prankcurl_session *session = user;
    size_t len = size * count;
    pk_phase before = session->tracker.phase;
    pk_trace_line(&session->trace, PRANKCURL_TRACE_REPLY, data, len);
    if (!pk_tracker_reply(&session->tracker, data, len)) {
        return len + 1; /* not what was given: libcurl gives up */
    }
    if (before == PK_PHASE_DATA && session->tracker.phase == PK_PHASE_BODY) {
        pk_trace_message(&session->trace, session->pieces, session->piece_count);
    }
    return len;
}

/* Nothing that holds the last byte leaves before the gate says so. */
static bool may_pass(prankcurl_session *session)
{
    const prankcurl_gate *gate = session->gate;
    session->tracker.is_barred =
        gate && gate->pass(gate->context, session->outcome, &session->barred) != PRANKCURL_OK;
    return !session->tracker.is_barred;
}

static void hand_over(prankcurl_session *session, char *out, size_t len)
{
    while (len > 0) {
        const prankcurl_piece *piece = &session->pieces[session->piece];
        size_t left = piece->len - session->piece_taken;
        size_t take = left < len ? left : len;
        memcpy(out, piece->bytes + session->piece_taken, take);
        session->piece += take == left ? 1 : 0;
        session->piece_taken = take == left ? 0 : session->piece_taken + take;
        session->handed += take;
        out += take;
        len -= take;
    }
}

static size_t on_read(char *out, size_t size, size_t count, void *user)
{
    prankcurl_session *session = user;
    size_t room = size * count;
    size_t left = session->size - session->handed;
    size_t take = left < room ? left : room;
    if (left > 0 && take == left && !may_pass(session)) {
        return CURL_READFUNC_ABORT;
    }
    hand_over(session, out, take);
    session->tracker.is_all_handed = session->handed == session->size;
    return take;
}

/* libcurl has no timeout for a server that does not read; RFC 5321 §4.5.3.2.5 asks for 3 minutes a
 * block. While the reply to the message is owed, that one's own timeout counts. */
static int on_progress(void *user, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
                       curl_off_t ulnow)
{
    prankcurl_session *session = user;
    int64_t now_us = pk_monotonic_us();
    (void)dltotal;
    (void)dlnow;
    (void)ultotal;
    if (session->tracker.phase != PK_PHASE_BODY || ulnow != session->uploaded) {
        session->uploaded = ulnow;
        session->moved_us = now_us;
    }
    session->is_stuck =
        ulnow < (curl_off_t)session->size && now_us - session->moved_us > LONGEST_BLOCK_US;
    return session->is_stuck ? 1 : 0;
}

/* A server's words are no output of ours. */
static size_t on_write(char *data, size_t size, size_t count, void *user)
{
    (void)data;
    (void)user;
    return size * count;
}

static CURLcode set_callbacks(prankcurl_session *session, CURL *easy)
{
    CURLcode code = CURLE_OK;
    /* The verbose mode is what shows the commands to on_debug. */
    code = code ? code : curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
    code = code ? code : curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_debug);
    code = code ? code : curl_easy_setopt(easy, CURLOPT_DEBUGDATA, session);
    code = code ? code : curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_reply);
    code = code ? code : curl_easy_setopt(easy, CURLOPT_HEADERDATA, session);
    code = code ? code : curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    code = code ? code : curl_easy_setopt(easy, CURLOPT_READDATA, session);
    code = code ? code : curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
    code = code ? code : curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    code = code ? code : curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    code = code ? code : curl_easy_setopt(easy, CURLOPT_XFERINFODATA, session);
    return code ? code : curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, session->curl_text);
}

/* Server, TLS and login are set once for a handle and never changed: libcurl would reuse a
 * connection made with the old ones (CVE-2026-4873). */
static CURLcode open_handle(prankcurl_session *session)
{
    CURL *easy = curl_easy_init();
    if (!easy) {
        return CURLE_OUT_OF_MEMORY;
    }
    CURLcode code =
        pk_handle_set_up(easy, &session->campaign->server, session->secret, &session->options);
    code = code ? code : set_callbacks(session, easy);
    if (code) {
        curl_easy_cleanup(easy);
        return code;
    }
    session->easy = easy;
    session->sent = 0;
    session->is_greeted = false;
    return CURLE_OK;
}

/* libcurl says QUIT here and would wait for the answer up to two minutes, whatever the options say
 * (7.88): with our reading side shut, QUIT still goes out and nobody waits. */
void prankcurl_session_close(prankcurl_session *session)
{
    curl_socket_t socket = CURL_SOCKET_BAD;
    if (!session->easy) {
        return;
    }
    if (curl_easy_getinfo(session->easy, CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK &&
        socket != CURL_SOCKET_BAD) {
        (void)shutdown(socket, SHUT_RD);
    }
    curl_easy_cleanup(session->easy);
    session->easy = NULL;
}

prankcurl_status prankcurl_session_new(const prankcurl_campaign *campaign,
                                       const prankcurl_secret *secret,
                                       const prankcurl_delivery_options *options,
                                       prankcurl_session **out, prankcurl_error *error)
{
    static const prankcurl_delivery_options defaults = PRANKCURL_DELIVERY_OPTIONS_INIT;
    *out = NULL;
    if (campaign->server.username && !secret) {
        return pk_error_set(error, PRANKCURL_CONFIG, NULL,
                            "the campaign's login needs its password");
    }
    prankcurl_session *session = calloc(1, sizeof *session);
    if (!session) {
        return pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    session->campaign = campaign;
    session->secret = secret;
    session->options = options ? *options : defaults;
    session->tracker.needs_auth = secret != NULL;
    session->trace = (pk_trace){&session->options, 1};
    *out = session;
    return PRANKCURL_OK;
}

void pk_session_set_number(prankcurl_session *session, unsigned number)
{
    session->trace.number = number;
}

void prankcurl_session_free(prankcurl_session *session)
{
    if (session) {
        prankcurl_session_close(session);
        free(session);
    }
}

static struct curl_slist *make_list(const prankcurl_envelope *envelope)
{
    struct curl_slist *list = NULL;
    for (size_t i = 0; i < envelope->recipient_count; i++) {
        struct curl_slist *longer = curl_slist_append(list, envelope->recipients[i]);
        if (!longer) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = longer;
    }
    return list;
}

static CURLcode begin(prankcurl_session *session, prankcurl_outcome *outcome)
{
    CURLcode code = session->easy ? CURLE_OK : open_handle(session);
    pk_tracker_begin(&session->tracker, outcome->recipients, outcome->recipient_count);
    session->piece = 0;
    session->piece_taken = 0;
    session->handed = 0;
    session->is_stuck = false;
    session->moved_us = pk_monotonic_us();
    session->curl_text[0] = '\0';
    return code;
}

/* One transfer, over the connection that there is or a new one. */
static CURLcode transfer(prankcurl_session *session, const char *sender, struct curl_slist *list,
                         prankcurl_outcome *outcome)
{
    CURLcode code = begin(session, outcome);
    code = code ? code : curl_easy_setopt(session->easy, CURLOPT_MAIL_FROM, sender);
    code = code ? code : curl_easy_setopt(session->easy, CURLOPT_MAIL_RCPT, list);
    code = code ? code : curl_easy_perform(session->easy);
    if (session->easy) {
        (void)curl_easy_setopt(session->easy, CURLOPT_MAIL_RCPT, NULL);
    }
    return code;
}

/* A kept connection that the server gave up between two messages, or whose reply to MAIL may have
 * been owed to the last one: it took nothing of this one, so it is safe to send it over a new one.
 */
static bool was_stale(const prankcurl_session *session, CURLcode code)
{
    const pk_tracker *tracker = &session->tracker;
    int reply = tracker->last.code;
    bool is_odd = reply == 0 || reply == 421 || reply / 100 == 5; /* it took this sender before */
    return code && session->sent > 0 && !tracker->is_fresh && !tracker->lacks_auth &&
           !tracker->lacks_utf8 && tracker->phase <= PK_PHASE_MAIL && is_odd;
}

static void judge(const prankcurl_session *session, CURLcode code, const char *sender,
                  prankcurl_outcome *outcome)
{
    const char *words = session->tracker.is_barred ? session->barred.message
                        : session->is_stuck        ? "it reads no more"
                                                   : session->curl_text;
    pk_transfer seen = {&session->tracker, code, words, &session->campaign->server, sender};
    pk_verdict(&seen, outcome);
}

static void send_message(prankcurl_session *session, const char *sender, struct curl_slist *list,
                         prankcurl_outcome *outcome)
{
    CURLcode code = transfer(session, sender, list, outcome);
    if (was_stale(session, code)) {
        prankcurl_session_close(session);
        code = transfer(session, sender, list, outcome);
    }
    judge(session, code, sender, outcome);
    session->sent++;
    bool is_full = session->sent >= session->campaign->delivery.messages_per_connection;
    /* After any failure a reply may still be on its way: the next message would take it for its
     * own. */
    if (code || is_full) {
        prankcurl_session_close(session);
    }
}

/* Connects, says NOOP, and leaves the connection open: without recipients to name, libcurl sends
 * the command it is given. */
static CURLcode say_noop(prankcurl_session *session, prankcurl_outcome *outcome)
{
    session->piece_count = 0;
    session->size = 0;
    CURLcode code = begin(session, outcome);
    code = code ? code : curl_easy_setopt(session->easy, CURLOPT_CUSTOMREQUEST, "NOOP");
    code = code ? code : curl_easy_perform(session->easy);
    if (session->easy) {
        (void)curl_easy_setopt(session->easy, CURLOPT_CUSTOMREQUEST, NULL);
    }
    return code;
}

prankcurl_status pk_session_greet(prankcurl_session *session, const prankcurl_envelope *envelope,
                                  pk_greeting *greeting, prankcurl_outcome *outcome)
{
    const pk_tracker *tracker = &session->tracker;
    bool is_heard = session->easy && (session->is_greeted || session->sent > 0);
    CURLcode code = CURLE_OK;
    if (!pk_outcome_prepare(outcome, envelope)) {
        return pk_error_set(&outcome->error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    if (!is_heard) {
        code = say_noop(session, outcome);
        /* A server that knows no NOOP has said all the same what it offers. */
        is_heard = !code || (tracker->phase == PK_PHASE_NOOP && tracker->last.code / 100 == 5);
        session->is_greeted = !code;
    }
    session->tracker.lacks_utf8 =
        is_heard && !tracker->offers_utf8 && !pk_is_ascii(envelope->sender);
    *greeting = PK_GREETING_NONE;
    if (is_heard && !tracker->lacks_utf8) {
        *greeting = tracker->offers_utf8 ? PK_GREETING_UTF8 : PK_GREETING_ASCII;
    } else {
        judge(session, code, envelope->sender, outcome);
    }
    if (code) {
        prankcurl_session_close(session);
    }
    return PRANKCURL_OK;
}

prankcurl_status prankcurl_session_send(prankcurl_session *session,
                                        const prankcurl_envelope *envelope,
                                        const prankcurl_message *message,
                                        const prankcurl_gate *gate, prankcurl_outcome *outcome)
{
    struct curl_slist *list = make_list(envelope);
    if (!list || !pk_outcome_prepare(outcome, envelope)) {
        curl_slist_free_all(list);
        return pk_error_set(&outcome->error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    session->pieces = prankcurl_message_pieces(message, &session->piece_count);
    session->size = prankcurl_message_size(message);
    session->gate = gate;
    session->outcome = outcome;
    session->tracker.needs_utf8 = prankcurl_message_needs_utf8(message);
    send_message(session, envelope->sender, list, outcome);
    curl_slist_free_all(list);
    return PRANKCURL_OK;
}
