/* MAIL, RCPT, DATA: the envelope of a message. */
#include "base/text.h"
#include "mock/parameters.h"
#include "mock/path.h"
#include "mock/session_parts.h"

#include <string.h>

static const char needs_smtputf8[] =
    "553 5.6.7 an address that is not ASCII needs SMTPUTF8 behind MAIL FROM:<...>";

/* "FROM:" or "TO:", and the path and parameters behind it. Returns the reply that refuses. */
static const char *read_path(pm_session *session, const char *argument, const char *keyword,
                             pm_for whose, pm_path_text *path, pm_parameters *parameters)
{
    size_t len = strlen(keyword);
    if (!pk_ascii_equal_nocase(argument, keyword, len)) {
        return whose == PM_FOR_MAIL ? "501 5.5.2 MAIL FROM:<address> is expected"
                                    : "501 5.5.2 RCPT TO:<address> is expected";
    }
    const char *refusal = pm_path_parse(argument + len, session->rules->lenient, path);
    return refusal ? refusal
                   : pm_parameters_parse(path->parameters, whose, &session->text, parameters);
}

static const char *read_mail(pm_session *session, const char *argument, pm_path_text *path)
{
    pm_parameters parameters;
    const char *refusal = read_path(session, argument, "FROM:", PM_FOR_MAIL, path, &parameters);
    if (refusal) {
        return refusal;
    }
    if (session->rules->user && !session->is_logged_in) {
        return "530 5.7.0 log in first, with AUTH";
    }
    if (!session->is_extended && *path->parameters) {
        return "555 5.5.4 parameters need EHLO";
    }
    if (path->international && !parameters.smtputf8) {
        return needs_smtputf8;
    }
    if (parameters.size > session->rules->max_message) {
        pk_buf_reset(&session->text);
        pk_buf_fmt(&session->text, "552 5.3.4 that message is too large; %zu bytes are the limit",
                   session->rules->max_message);
        return pk_buf_text(&session->text);
    }
    session->is_utf8 = parameters.smtputf8;
    return NULL;
}

void pm_session_run_mail(pm_session *session, const char *argument)
{
    pm_path_text path;
    const char *refusal = read_mail(session, argument, &path);
    if (refusal) {
        pm_session_say(session, refusal);
        return;
    }
    session->message = ++*session->messages;
    pk_buf_str(&session->sender, path.address);
    pk_buf_char(&session->sender, '\0');
    pk_buf_str(&session->sender, path.parameters);
    if (pm_session_step(session, PM_STEP_MAIL, "250 2.1.0 Ok")) {
        pm_session_enter(session, PM_STATE_MAIL);
    } else {
        pm_session_reset(session);
    }
}

/* The reply of an address that asks for it by its name; NULL: it does not. */
static const char *reply_by_name(const char *address)
{
    static const struct {
        const char *local;
        const char *reply;
    } names[] = {
        {"tempfail@", "451 4.3.0 tempfail asked for it: try again later"},
        {"permfail@", "550 5.1.1 permfail asked for it: there is no such mailbox"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (pk_ascii_equal_nocase(address, names[i].local, strlen(names[i].local))) {
            return names[i].reply;
        }
    }
    return NULL;
}

/* "452-…@" as its reply; false: it is no such address. */
static bool add_reply_by_code(pk_buf *out, const char *address)
{
    bool is_code = (address[0] == '4' || address[0] == '5') && strspn(address, "0123456789") == 3 &&
                   address[3] == '-';
    if (is_code) {
        pk_buf_reset(out);
        pk_buf_fmt(out, "%.3s %c.0.0 %.3s asked for it", address, address[0], address);
    }
    return is_code;
}

static bool refuse_by_name(pm_session *session, const char *address)
{
    const char *reply = reply_by_name(address);
    if (!reply && add_reply_by_code(&session->text, address)) {
        reply = pk_buf_text(&session->text);
    }
    if (!reply) {
        return false;
    }
    pm_session_say(session, reply);
    if (strncmp(reply, "421", 3) == 0) {
        pm_session_want(session, PM_NEED_CLOSE);
    }
    return true;
}

static const char *read_rcpt(pm_session *session, const char *argument, pm_path_text *path)
{
    pm_parameters parameters;
    const char *refusal = read_path(session, argument, "TO:", PM_FOR_RCPT, path, &parameters);
    if (refusal) {
        return refusal;
    }
    if (!path->address[0]) {
        return "501 5.1.3 a recipient has an address";
    }
    if (path->international && !session->is_utf8) {
        return needs_smtputf8;
    }
    if (!session->is_extended && *path->parameters) {
        return "555 5.5.4 parameters need EHLO";
    }
    if (session->recipient_count >= session->rules->max_recipients) {
        return "452 4.5.3 too many recipients; send the others separately";
    }
    return NULL;
}

void pm_session_run_rcpt(pm_session *session, const char *argument)
{
    pm_path_text path;
    const char *refusal = read_rcpt(session, argument, &path);
    if (refusal) {
        pm_session_say(session, refusal);
        return;
    }
    pk_buf *recipients = &session->recipients;
    size_t before = recipients->len;
    pk_buf_add(recipients, path.address, strlen(path.address) + 1);
    pk_buf_add(recipients, path.parameters, strlen(path.parameters) + 1);
    if (!pk_buf_ok(recipients)) {
        (void)pm_session_end(session, "421 4.3.0 out of memory");
        return;
    }
    session->recipient_count++;
    /* Rules go before names, and see the recipient that is being named. */
    const pm_fault *fault = pm_session_decide(session, PM_STEP_RCPT);
    bool is_refused = !fault && refuse_by_name(session, path.address);
    if (!is_refused && pm_session_respond(session, fault, "250 2.1.5 Ok")) {
        pm_session_enter(session, PM_STATE_RCPT);
    } else {
        pk_buf_cut(recipients, before);
        session->recipient_count--;
    }
}

void pm_session_run_data(pm_session *session, const char *argument)
{
    if (*argument) {
        pm_session_say(session, "501 5.5.4 DATA takes nothing behind it");
    } else if (pm_session_step(session, PM_STEP_DATA,
                               "354 send the message; a line with a single dot ends it")) {
        pm_session_enter(session, PM_STATE_BODY);
    }
}
