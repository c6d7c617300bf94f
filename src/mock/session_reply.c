/* What a session says: replies, and what rules have in their place. */
#include "mock/session_parts.h"

#include <string.h>

enum {
    LONG_REPLY = 64 * 1024,
    LONG_LINE = 500, /* RFC 5321 §4.5.3.1.5 allows 512 */
};

static const char garbage[] = "{\"this\": \"is no SMTP reply\"} \x01\xff\xfe";

static void add_note(pk_buf *dialogue, char who, const char *text, size_t len)
{
    pk_buf_char(dialogue, who);
    pk_buf_add(dialogue, text, len);
    pk_buf_char(dialogue, '\n');
}

/* Bounded: when it is full, the lines behind the prologue go. */
void pm_session_note(pm_session *session, char who, const char *text, size_t len)
{
    static const char gap[] = "earlier lines are left out";
    pk_buf *dialogue = &session->dialogue;
    if (dialogue->len + len + 2 > dialogue->max) {
        pk_buf_cut(dialogue, session->prologue_len);
        add_note(dialogue, 'N', gap, sizeof gap - 1);
    }
    add_note(dialogue, who, text, len);
}

void pm_session_remark(pm_session *session, const char *text)
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
    char dots[LONG_LINE];
    memset(dots, '.', sizeof dots);
    pm_session_remark(session, "a reply of 64 KiB begins");
    while (out->len < LONG_REPLY) {
        pk_buf_add(out, reply, 3);
        pk_buf_char(out, '-');
        pk_buf_add(out, dots, sizeof dots);
        pk_buf_str(out, "\r\n");
    }
    add_reply(session, out, reply);
}

static void note_fault(pm_session *session, const pm_fault *fault)
{
    static const char *const then[] = {NULL, "a rule closes the connection",
                                       "a rule resets the connection", "a rule says nothing more"};
    if (fault->delay_ms) {
        pm_session_remark(session, "a rule waits here");
    }
    if (then[fault->then]) {
        pm_session_remark(session, then[fault->then]);
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

bool pm_session_says_yes(const pm_fault *fault, const char *normal)
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
    /* cppcheck-suppress returnDanglingLifetime ; rules do not return what they are asked with */
    return rules->decide(rules->decide_context, &moment);
}

bool pm_session_respond(pm_session *session, const pm_fault *fault, const char *normal)
{
    if (fault) {
        act(session, fault, normal);
    } else if (normal[0]) {
        pm_session_say(session, normal);
    }
    return pm_session_says_yes(fault, normal);
}

bool pm_session_step(pm_session *session, pm_step step, const char *reply)
{
    return pm_session_respond(session, pm_session_decide(session, step), reply);
}
