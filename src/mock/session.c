#include "mock/session.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_LINE = 4096, /* the longest of all commands: AUTH (RFC 4954 §4) */
    MAX_DIALOGUE = 64 * 1024,
    MAX_ENVELOPE = 8 * 1024 * 1024,
    LONG_REPLY = 64 * 1024,
    LONG_LINE = 500, /* RFC 5321 §4.5.3.1.5 allows 512 */
};

static const char garbage[] = "{\"this\": \"is no SMTP reply\"} \x01\xff\xfe";

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
    pk_buf_init(&session->act.text, 2 * LONG_REPLY);
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

void pm_session_note(pm_session *session, char who, const char *text, size_t len)
{
    pk_buf *dialogue = &session->dialogue;
    if (dialogue->len + len + 2 > dialogue->max) {
        return; /* bounded: what comes later is not shown */
    }
    pk_buf_char(dialogue, who);
    pk_buf_add(dialogue, text, len);
    pk_buf_char(dialogue, '\n');
}

static void note(pm_session *session, const char *text)
{
    pm_session_note(session, 'N', text, strlen(text));
}

/* Writes a reply as it goes out: every line with its code, the last one with a blank behind it
 * (RFC 5321 §4.2.1). */
static void add_reply(pm_session *session, pk_buf *out, const char *reply)
{
    const char *text = reply + 4;
    for (;;) {
        size_t len = strcspn(text, "\n");
        size_t start = out->len;
        pk_buf_add(out, reply, 3);
        pk_buf_char(out, text[len] ? '-' : ' ');
        pk_buf_add(out, text, len);
        if (pk_buf_ok(out)) {
            pm_session_note(session, 'S', out->data + start, out->len - start);
        }
        pk_buf_str(out, "\r\n");
        if (!text[len]) {
            return;
        }
        text += len + 1;
    }
}

void pm_session_say(pm_session *session, const char *reply)
{
    add_reply(session, &session->out, reply);
}

/* The same reply, with lines before it until it has 64 KiB. */
static void add_long_reply(pm_session *session, pk_buf *out, const char *reply)
{
    char line[LONG_LINE];
    memset(line, '.', sizeof line);
    memcpy(line, reply, 3);
    line[3] = '-';
    memcpy(line + sizeof line - 2, "\r\n", 2);
    note(session, "a reply of 64 KiB begins");
    while (out->len + sizeof line + strlen(reply) + 2 < LONG_REPLY) {
        pk_buf_add(out, line, sizeof line);
    }
    add_reply(session, out, reply);
}

static void note_fault(pm_session *session, const pm_fault *fault)
{
    static const char *const then[] = {NULL, "a rule closes the connection",
                                       "a rule resets the connection", "a rule says nothing more"};
    if (fault->delay_ms) {
        note(session, "a rule waits here");
    }
    if (then[fault->then]) {
        note(session, then[fault->then]);
    }
}

/* What a reply to this step would say; NULL: nothing that means anything. */
static const char *find_said(const pm_fault *fault, const char *normal)
{
    if (fault->garbage) {
        return NULL;
    }
    if (fault->reply) {
        return fault->reply;
    }
    return fault->then == PM_THEN_GO_ON || fault->is_long ? normal : NULL;
}

static bool says_yes(const pm_fault *fault, const char *normal)
{
    const char *said = fault ? find_said(fault, normal) : normal;
    return said && said[0] == normal[0];
}

static void act(pm_session *session, const pm_fault *fault, const char *normal)
{
    pm_act *todo = &session->act;
    const char *said = find_said(fault, normal);
    pk_buf_reset(&todo->text);
    if (fault->garbage) {
        pk_buf_fmt(&todo->text, "%s\r\n", garbage);
        pm_session_note(session, 'S', garbage, strlen(garbage));
    } else if (said && said[0] && fault->is_long) {
        add_long_reply(session, &todo->text, said);
    } else if (said && said[0]) {
        add_reply(session, &todo->text, said);
    }
    note_fault(session, fault);
    todo->delay_ms = fault->delay_ms;
    todo->drip_ms = fault->drip_ms;
    todo->then = fault->then;
    session->is_acting = true;
    if (fault->then != PM_THEN_GO_ON || (said && strncmp(said, "421", 3) == 0)) {
        pm_session_want(session, PM_NEED_CLOSE);
    }
}

const pm_fault *pm_session_decide(pm_session *session, pm_step step)
{
    const pm_rules *rules = session->rules;
    if (!rules->decide) {
        return NULL;
    }
    pm_moment moment = {.step = step,
                        .connection = session->client.connection,
                        .message = session->message,
                        .accepted = session->accepted,
                        .sender = pk_buf_text(&session->sender),
                        .recipients = pk_buf_text(&session->recipients),
                        .recipient_count = session->recipient_count};
    return rules->decide(rules->decide_context, &moment);
}

bool pm_session_respond(pm_session *session, const pm_fault *fault, const char *normal)
{
    if (fault) {
        act(session, fault, normal);
    } else if (normal[0]) {
        pm_session_say(session, normal);
    }
    return says_yes(fault, normal);
}

bool pm_session_step(pm_session *session, pm_step step, const char *reply)
{
    return pm_session_respond(session, pm_session_decide(session, step), reply);
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
static pm_need now(const pm_session *session)
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
    return now(session);
}

pm_need pm_session_end(pm_session *session, const char *reply)
{
    pm_session_say(session, reply);
    session->is_acting = false;
    pm_session_want(session, PM_NEED_CLOSE);
    return now(session);
}

pm_need pm_session_acted(pm_session *session)
{
    session->is_acting = false;
    pk_buf_reset(&session->act.text);
    return now(session);
}

pm_need pm_session_secured(pm_session *session, const char *version, const char *cipher)
{
    session->client.tls_version = version;
    session->client.tls_cipher = cipher;
    session->is_secure = true;
    pk_buf_reset(&session->text);
    pk_buf_fmt(&session->text, "from here on %s, %s", version, cipher);
    note(session, pk_buf_text(&session->text));
    pm_session_want(session, PM_NEED_INPUT);
    return now(session);
}

void pm_session_reset(pm_session *session)
{
    pk_buf_reset(&session->sender);
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
    if (session->state == PM_STATE_AUTH) {
        pm_auth_stop(&session->auth);
        pm_session_enter(session, PM_STATE_READY);
    }
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
        note(session, "a line with a bare CR or LF");
        (void)pm_session_end(session,
                             "521 5.5.2 lines end with CR LF; a CR or LF alone is refused");
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

/* Why the message that has come is not taken; NULL: it is. */
static const char *find_refusal(const pm_session *session)
{
    if (session->body.is_too_large) {
        return "552 5.3.4 that message is too large";
    }
    if (session->body.has_bare_line && !session->rules->lenient) {
        return "550 5.6.11 the message has a CR or LF that stands alone; lines end with CR LF";
    }
    return NULL;
}

static bool is_to_be_kept(const pm_fault *fault)
{
    if (!fault || fault->stored == PM_STORED_AS_REPLIED) {
        return says_yes(fault, "2");
    }
    return fault->stored == PM_STORED_YES;
}

static void finish_message(pm_session *session)
{
    const char *refusal = find_refusal(session);
    if (refusal) {
        pm_session_say(session, refusal);
        pm_session_reset(session);
        return;
    }
    pk_buf_reset(&session->text);
    pk_buf_fmt(&session->text, "a message of %zu bytes", session->body.text.len);
    note(session, pk_buf_text(&session->text));
    session->fault = pm_session_decide(session, PM_STEP_FINAL);
    if (is_to_be_kept(session->fault)) {
        pm_session_want(session, PM_NEED_STORE);
    } else {
        (void)pm_session_respond(session, session->fault, "250 2.0.0 Ok: queued as nothing");
        pm_session_reset(session);
    }
}

static bool list_paths(pm_session *session)
{
    pm_path *paths = realloc(session->paths, (session->recipient_count + 1) * sizeof *paths);
    if (!paths) {
        return false;
    }
    session->paths = paths;
    const char *text = pk_buf_text(&session->recipients);
    for (size_t i = 0; i < session->recipient_count; i++) {
        paths[i].address = text;
        paths[i].parameters = text + strlen(text) + 1;
        text = paths[i].parameters + strlen(paths[i].parameters) + 1;
    }
    return true;
}

/* RFC 3848, RFC 6531 §4.3. */
static const char *protocol(const pm_session *session)
{
    static const char *const names[] = {"ESMTP",    "ESMTPA",    "ESMTPS",    "ESMTPSA",
                                        "UTF8SMTP", "UTF8SMTPA", "UTF8SMTPS", "UTF8SMTPSA"};
    if (!session->is_extended) {
        return "SMTP";
    }
    return names[(session->is_logged_in ? 1 : 0) + (session->is_secure ? 2 : 0) +
                 (session->is_utf8 ? 4 : 0)];
}

bool pm_session_mail(pm_session *session, uint64_t id, pm_mail *draft)
{
    session->unsaid = session->out.len;
    pk_buf_reset(&session->text);
    pk_buf_fmt(&session->text, "250 2.0.0 Ok: queued as %llu", (unsigned long long)id);
    (void)pm_session_respond(session, session->fault, pk_buf_text(&session->text));
    if (!list_paths(session) || !pk_buf_ok(&session->recipients)) {
        return false;
    }
    const char *sender = pk_buf_text(&session->sender);
    *draft = (pm_mail){.id = id,
                       .sender = {sender, sender + strlen(sender) + 1},
                       .recipients = session->paths,
                       .recipient_count = session->recipient_count,
                       .client = session->client,
                       .dialogue = pk_buf_text(&session->dialogue),
                       .dialogue_len = session->dialogue.len,
                       .raw = pk_buf_text(&session->body.text),
                       .raw_len = session->body.text.len};
    draft->client.name = pk_buf_text(&session->name);
    draft->client.protocol = protocol(session);
    draft->client.user = session->is_logged_in ? pk_buf_text(&session->auth.user) : "";
    draft->client.mechanism = session->is_logged_in ? pm_auth_name(&session->auth) : "";
    draft->client.message = session->accepted + 1;
    return true;
}

pm_need pm_session_stored(pm_session *session, bool ok)
{
    if (ok) {
        session->accepted++;
        session->dialogue.len = session->prologue_len;
    } else {
        /* What was promised is taken back before it is said. */
        session->out.len = session->unsaid;
        session->is_acting = false;
        pm_session_say(session, "452 4.3.1 there is no room to keep this message");
    }
    pm_session_want(session, PM_NEED_INPUT);
    pm_session_reset(session);
    return now(session);
}

static size_t take_body(pm_session *session, const char *bytes, size_t len)
{
    if (!session->is_body_begun) {
        session->is_body_begun = true;
        (void)pm_session_step(session, PM_STEP_BODY, "");
        return 0;
    }
    size_t used = pm_body_feed(&session->body, bytes, len);
    if (session->body.state == PM_BODY_END) {
        finish_message(session);
    }
    return used;
}

/* Nothing that came in the clear counts under TLS (RFC 3207 §5, CVE-2011-0411). */
static size_t drop_before_tls(pm_session *session, size_t left)
{
    if (session->need != PM_NEED_TLS || !left) {
        return 0;
    }
    note(session, "what came behind STARTTLS in the clear is thrown away");
    return left;
}

pm_need pm_session_feed(pm_session *session, const char *bytes, size_t len, size_t *used)
{
    *used = 0;
    while (now(session) == PM_NEED_INPUT && *used < len) {
        *used += session->state == PM_STATE_BODY
                     ? take_body(session, bytes + *used, len - *used)
                     : take_line_bytes(session, bytes + *used, len - *used);
    }
    *used += drop_before_tls(session, len - *used);
    return now(session);
}
