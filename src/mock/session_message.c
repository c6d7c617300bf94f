/* A message that comes, and what becomes of it. */
#include "mock/session_parts.h"

#include <stdlib.h>
#include <string.h>

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
        return pm_session_says_yes(fault, "2");
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
    pm_session_remark(session, pk_buf_text(&session->text));
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
    session->unsaid_dialogue = session->dialogue.len;
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
        pk_buf_cut(&session->dialogue, session->prologue_len);
    } else {
        /* What was promised is taken back before it is said. */
        pk_buf_cut(&session->out, session->unsaid);
        pk_buf_cut(&session->dialogue, session->unsaid_dialogue);
        session->is_acting = false;
        pm_session_say(session, "452 4.3.1 there is no room to keep this message");
    }
    pm_session_want(session, PM_NEED_INPUT);
    pm_session_reset(session);
    return pm_session_need(session);
}

size_t pm_session_take_body(pm_session *session, const char *bytes, size_t len)
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
