#include "mock/session_parts.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_LINE = 4096, /* the longest of all commands: AUTH (RFC 4954 §4) */
    MAX_DIALOGUE = 64 * 1024,
    MAX_ENVELOPE = 8 * 1024 * 1024,
    MAX_ACT = 128 * 1024, /* a reply of 64 KiB, and more */
    KEEP_CAPACITY = 16 * 1024,
    MAX_UNSENT = 16 * 1024, /* replies that wait to be sent */
};

void pm_session_init(pm_session *session, const pm_rules *rules, const pm_client *client,
                     const char *challenge, bool is_secure, uint64_t *messages)
{
    *session = (pm_session){.rules = rules,
                            .client = *client,
                            .messages = messages,
                            .state = PM_STATE_NEW,
                            .need = PM_NEED_INPUT,
                            .is_secure = is_secure};
    pk_buf_init(&session->line, MAX_LINE);
    pk_buf_init(&session->name, MAX_LINE);
    pk_buf_init(&session->sender, MAX_LINE);
    pk_buf_init(&session->recipients, MAX_ENVELOPE);
    pk_buf_init(&session->dialogue, MAX_DIALOGUE);
    pk_buf_init(&session->text, MAX_LINE);
    pk_buf_init(&session->out, SIZE_MAX / 2);
    pk_buf_init(&session->act.text, MAX_ACT);
    pm_auth_init(&session->auth);
    session->auth.challenge = challenge;
    session->auth.want_user = rules->user;
    session->auth.want_secret = rules->password;
    pm_body_init(&session->body, rules->max_message);
}

void pm_session_free(pm_session *session)
{
    pk_buf_free(&session->line);
    pk_buf_free(&session->name);
    pk_buf_free(&session->sender);
    pk_buf_free(&session->recipients);
    pk_buf_free(&session->dialogue);
    pk_buf_free(&session->text);
    pk_buf_free(&session->out);
    pk_buf_free(&session->act.text);
    pm_auth_free(&session->auth);
    pm_body_free(&session->body);
    free(session->paths);
    session->paths = NULL;
}

void pm_session_enter(pm_session *session, pm_state state)
{
    if (session->state != PM_STATE_OVER) {
        session->state = state;
    }
}

void pm_session_want(pm_session *session, pm_need need)
{
    if (session->need != PM_NEED_CLOSE) {
        session->need = need;
    }
    if (need == PM_NEED_CLOSE) {
        pm_session_enter(session, PM_STATE_OVER);
    }
}

/* What it needs now. */
pm_need pm_session_need(const pm_session *session)
{
    return session->is_acting ? PM_NEED_ACT : session->need;
}

pm_need pm_session_greet(pm_session *session)
{
    pk_buf_reset(&session->text);
    pk_buf_fmt(&session->text, "220 %s ESMTP prankmock: nothing here is ever delivered",
               session->rules->host);
    if (!pm_session_step(session, PM_STEP_CONNECT, pk_buf_text(&session->text))) {
        pm_session_enter(session, PM_STATE_REFUSED);
    }
    return pm_session_need(session);
}

pm_need pm_session_end(pm_session *session, const char *reply)
{
    pm_session_say(session, reply);
    session->is_acting = false;
    pm_session_want(session, PM_NEED_CLOSE);
    pm_session_reset(session);
    return pm_session_need(session);
}

size_t pm_session_footprint(const pm_session *session)
{
    const pk_buf *text = &session->body.text;
    const pk_buf *recipients = &session->recipients;
    return (text->len ? text->capacity : 0) + (recipients->len ? recipients->capacity : 0);
}

pm_need pm_session_acted(pm_session *session)
{
    session->is_acting = false;
    pk_buf_free(&session->act.text);
    return pm_session_need(session);
}

pm_need pm_session_secured(pm_session *session, const char *version, const char *cipher)
{
    session->client.tls_version = version;
    session->client.tls_cipher = cipher;
    session->is_secure = true;
    pk_buf_reset(&session->text);
    pk_buf_fmt(&session->text, "from here on %s, %s", version, cipher);
    pm_session_remark(session, pk_buf_text(&session->text));
    pm_session_want(session, PM_NEED_INPUT);
    return pm_session_need(session);
}

void pm_session_reset(pm_session *session)
{
    pk_buf_reset(&session->sender);
    if (session->recipients.capacity > KEEP_CAPACITY) {
        pk_buf_free(&session->recipients);
    }
    pk_buf_reset(&session->recipients);
    session->recipient_count = 0;
    session->message = 0;
    session->is_utf8 = false;
    session->is_body_begun = false;
    pm_body_reset(&session->body);
    if (session->state == PM_STATE_MAIL || session->state == PM_STATE_RCPT ||
        session->state == PM_STATE_BODY) {
        pm_session_enter(session, PM_STATE_READY);
    }
}

static void end_overlong_line(pm_session *session)
{
    session->is_skipping = false;
    pm_session_say(session, "500 5.5.2 that line is too long");
    pm_session_end_auth(session);
}

/* The line has come whole, without its LF. */
static void take_line(pm_session *session)
{
    pk_buf *line = &session->line;
    if (session->is_skipping) {
        end_overlong_line(session);
        return;
    }
    bool has_cr = line->len && line->data[line->len - 1] == '\r';
    if (has_cr) {
        line->data[--line->len] = '\0';
    }
    bool is_bare = !has_cr || memchr(pk_buf_text(line), '\r', line->len);
    if (is_bare && !session->rules->lenient) {
        pm_session_remark(session, "a line with a bare CR or LF");
        (void)pm_session_end(
            session, "521 5.5.2 lines end with CR LF, a CR or LF alone is refused; try nc -C, or "
                     "openssl s_client -crlf");
        return;
    }
    pm_session_command(session, pk_buf_text(line), line->len);
}

/* Takes a line, or the part of one that is there. */
static size_t take_line_bytes(pm_session *session, const char *bytes, size_t len)
{
    const char *lf = memchr(bytes, '\n', len);
    size_t part = lf ? (size_t)(lf - bytes) : len;
    pk_buf_add(&session->line, bytes, session->is_skipping ? 0 : part);
    if (!pk_buf_ok(&session->line)) {
        session->is_skipping = true;
        pk_buf_reset(&session->line);
    }
    if (lf) {
        take_line(session);
        pk_buf_reset(&session->line);
    }
    return lf ? part + 1 : part;
}

/* Nothing that came in the clear counts under TLS (RFC 3207 §5, CVE-2011-0411). */
static size_t drop_before_tls(pm_session *session, size_t left)
{
    if (session->need != PM_NEED_TLS || !left) {
        return 0;
    }
    pm_session_remark(session, "what came behind STARTTLS in the clear is thrown away");
    return left;
}

pm_need pm_session_feed(pm_session *session, const char *bytes, size_t len, size_t *used)
{
    *used = 0;
    while (pm_session_need(session) == PM_NEED_INPUT && *used < len &&
           session->out.len < MAX_UNSENT) {
        *used += session->state == PM_STATE_BODY
                     ? pm_session_take_body(session, bytes + *used, len - *used)
                     : take_line_bytes(session, bytes + *used, len - *used);
    }
    *used += drop_before_tls(session, len - *used);
    return pm_session_need(session);
}
