#include "delivery/verdict.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"
#include "delivery/outcome.h"

#include <string.h>

static const char *const verdict_names[] = {
#define VERDICT_NAME(name, text) text,
    PRANKCURL_VERDICT_MAP(VERDICT_NAME)
#undef VERDICT_NAME
};

const char *prankcurl_verdict_name(prankcurl_verdict verdict)
{
    return verdict < PRANKCURL_VERDICT_COUNT ? verdict_names[verdict] : "unknown";
}

/* Every way a transfer can end: name, what becomes of the recipients that were not refused on their
 * own, status, whom it concerns, what to say. {server} {user} {sender} {reply} and
 * {why} (libcurl's words) are filled in. */
#define CAUSE_MAP(X)                                                                               \
    X(DONE, ACCEPTED, OK, MESSAGE, "")                                                             \
    X(UNKNOWN_HOST, DEFERRED, UNAVAILABLE, SERVER,                                                 \
      "{server} has no address: {why}; check server.url, and that you are online")                 \
    X(UNREACHABLE, DEFERRED, UNAVAILABLE, SERVER,                                                  \
      "nobody answers at {server}: {why}; check server.url, and that the server runs")             \
    X(NO_STARTTLS, DEFERRED, DENIED, RUN,                                                          \
      "{server} offers no STARTTLS, so nothing was sent; use its submission port (587), or "       \
      "smtps:// where TLS begins at once (465)")                                                   \
    X(CERTIFICATE, DEFERRED, DENIED, RUN,                                                          \
      "the certificate of {server} can't be trusted: {why}; check the host's name, or name its "   \
      "CA in server.ca_file or with --ca-file")                                                    \
    X(CA_FILE, DEFERRED, DENIED, RUN,                                                              \
      "server.ca_file can't be used: {why}; a file of PEM certificates is expected")               \
    X(TLS, DEFERRED, DENIED, RUN,                                                                  \
      "no TLS with {server}: {why}; check the port, and whether it is smtp:// or smtps://")        \
    X(TURNED_AWAY, DEFERRED, UNAVAILABLE, RUN,                                                     \
      "{server} turns us away: {reply}; ask its administrator")                                    \
    X(BUSY, DEFERRED, TEMPORARY, SERVER, "{server} has no time now: {reply}; try again later")     \
    X(NOT_SMTP, DEFERRED, PROTOCOL, RUN,                                                           \
      "what answers at {server} does not speak SMTP: {reply}; check host and port")                \
    X(NO_AUTH, DEFERRED, DENIED, RUN,                                                              \
      "{server} offers no login (AUTH), so nothing was sent; use its submission port (587 or "     \
      "465)")                                                                                      \
    X(NO_MECHANISM, DEFERRED, DENIED, RUN,                                                         \
      "{server} offers none of the AUTH mechanisms this campaign allows; set server.auth to one "  \
      "that it offers (--trace shows them)")                                                       \
    X(LOGIN_REFUSED, DEFERRED, DENIED, RUN,                                                        \
      "{server} refuses the login of {user}: {reply}; check server.username and the password")     \
    X(LOGIN_LATER, DEFERRED, TEMPORARY, SERVER,                                                    \
      "{server} can't check logins now: {reply}; try again later")                                 \
    X(NO_UTF8_SENDER, DEFERRED, UNAVAILABLE, RUN,                                                  \
      "{server} does not offer SMTPUTF8, which the organiser's address {sender} needs, so "        \
      "nothing "                                                                                   \
      "was sent; use an ASCII address of the organiser, or another server")                        \
    X(NO_UTF8, DEFERRED, TEMPORARY, MESSAGE,                                                       \
      "{server} offered SMTPUTF8 before and does not now, so the message was not sent; try again") \
    X(SENDER_REFUSED, REFUSED, UNAVAILABLE, RUN,                                                   \
      "{server} refuses {sender} as envelope sender: {reply}; the organiser's address has to be "  \
      "one that the login may use")                                                                \
    X(SENDER_LATER, DEFERRED, TEMPORARY, SERVER,                                                   \
      "{server} takes nothing from {sender} now: {reply}; try again later")                        \
    X(RECIPIENTS, REFUSED, UNAVAILABLE, MESSAGE, "")                                               \
    X(MESSAGE_REFUSED, REFUSED, UNAVAILABLE, MESSAGE,                                              \
      "{server} refuses the message: {reply}; change what it complains of, and send it again")     \
    X(MESSAGE_LATER, DEFERRED, TEMPORARY, MESSAGE,                                                 \
      "{server} does not take the message now: {reply}; try again later")                          \
    X(NOT_BEGUN, DEFERRED, TEMPORARY, SERVER,                                                      \
      "{server} broke off before the login: {why}; try again, with --trace to see how far it "     \
      "came")                                                                                      \
    X(LOST, DEFERRED, TEMPORARY, MESSAGE,                                                          \
      "the connection to {server} broke before the message was handed over: {why}; try again")     \
    X(SILENT, DEFERRED, TEMPORARY, SERVER, "{server} did not reply in time; try again later")      \
    X(UNCERTAIN, UNCERTAIN, TEMPORARY, MESSAGE,                                                    \
      "the connection to {server} broke after the whole message was handed over, so it may have "  \
      "been accepted or not; look into a recipient's mailbox before you send it again")            \
    X(OUT_OF_STEP, DEFERRED, TEMPORARY, MESSAGE,                                                   \
      "{server} answered DATA with {reply}, so its replies are out of step and none of them "      \
      "counts; try again")                                                                         \
    X(NOT_RECORDED, DEFERRED, IO, RUN, "{why}")                                                    \
    X(NO_MEMORY, DEFERRED, NO_MEMORY, RUN, "out of memory")                                        \
    X(BROKEN, DEFERRED, INTERNAL, RUN, "libcurl gave up: {why}")

typedef enum cause {
#define CAUSE_ENUM(name, verdict, status, scope, text) CAUSE_##name,
    CAUSE_MAP(CAUSE_ENUM)
#undef CAUSE_ENUM
} cause;

typedef struct cause_entry {
    prankcurl_verdict verdict;
    prankcurl_status status;
    prankcurl_scope scope;
    const char *text;
} cause_entry;

static const cause_entry causes[] = {
#define CAUSE_ENTRY(name, verdict, status, scope, text)                                            \
    {PRANKCURL_##verdict, PRANKCURL_##status, PRANKCURL_SCOPE_##scope, text},
    CAUSE_MAP(CAUSE_ENTRY)
#undef CAUSE_ENTRY
};

/* The class of a reply: its first digit, or one of these. */
enum { SILENCE = 0, GARBAGE = 1, ANY = -1 };

static int reply_class(const prankcurl_reply *reply)
{
    if (reply->code) {
        return reply->code / 100;
    }
    return reply->text[0] ? GARBAGE : SILENCE;
}

/* Before the message began to flow. First fit; ANY fits all. */
static const struct {
    int code;  /* CURLcode */
    int phase; /* pk_phase */
    int reply; /* class */
    cause cause;
} before_data[] = {
    {CURLE_OUT_OF_MEMORY, ANY, ANY, CAUSE_NO_MEMORY},
    {CURLE_COULDNT_RESOLVE_HOST, ANY, ANY, CAUSE_UNKNOWN_HOST},
    {CURLE_COULDNT_CONNECT, ANY, ANY, CAUSE_UNREACHABLE},
    {CURLE_PEER_FAILED_VERIFICATION, ANY, ANY, CAUSE_CERTIFICATE},
    {CURLE_SSL_ISSUER_ERROR, ANY, ANY, CAUSE_CERTIFICATE},
    {CURLE_SSL_CACERT_BADFILE, ANY, ANY, CAUSE_CA_FILE},
    {CURLE_SSL_CONNECT_ERROR, ANY, ANY, CAUSE_TLS},
    {CURLE_SSL_CIPHER, ANY, ANY, CAUSE_TLS},
    {CURLE_USE_SSL_FAILED, PK_PHASE_STARTTLS, 4, CAUSE_BUSY},
    {CURLE_USE_SSL_FAILED, ANY, ANY, CAUSE_NO_STARTTLS},
    {CURLE_LOGIN_DENIED, ANY, 4, CAUSE_LOGIN_LATER},
    {CURLE_LOGIN_DENIED, ANY, 5, CAUSE_LOGIN_REFUSED},
    {CURLE_LOGIN_DENIED, PK_PHASE_AUTH, ANY, CAUSE_LOGIN_REFUSED}, /* a token: 334 tells why not */
    {CURLE_LOGIN_DENIED, ANY, ANY, CAUSE_NO_MECHANISM},
    {ANY, PK_PHASE_CONNECT, 4, CAUSE_BUSY},
    {ANY, PK_PHASE_CONNECT, 5, CAUSE_TURNED_AWAY},
    {ANY, ANY, GARBAGE, CAUSE_NOT_SMTP},
    {CURLE_WEIRD_SERVER_REPLY, PK_PHASE_CONNECT, ANY, CAUSE_NOT_SMTP},
    {CURLE_OPERATION_TIMEDOUT, PK_PHASE_CONNECT, SILENCE, CAUSE_UNREACHABLE},
    {ANY, PK_PHASE_EHLO, 4, CAUSE_BUSY},
    {ANY, PK_PHASE_EHLO, 5, CAUSE_TURNED_AWAY},
    {ANY, PK_PHASE_NOOP, 4, CAUSE_BUSY},
    {ANY, PK_PHASE_MAIL, 4, CAUSE_SENDER_LATER},
    {ANY, PK_PHASE_MAIL, 5, CAUSE_SENDER_REFUSED},
    {ANY, PK_PHASE_RCPT, 4, CAUSE_RECIPIENTS},
    {ANY, PK_PHASE_RCPT, 5, CAUSE_RECIPIENTS},
    {ANY, PK_PHASE_DATA, 2, CAUSE_OUT_OF_STEP},
    {ANY, PK_PHASE_DATA, 4, CAUSE_MESSAGE_LATER},
    {ANY, PK_PHASE_DATA, 5, CAUSE_MESSAGE_REFUSED},
    {CURLE_OPERATION_TIMEDOUT, ANY, ANY, CAUSE_SILENT},
    {ANY, PK_PHASE_CONNECT, ANY, CAUSE_NOT_BEGUN},
    {ANY, PK_PHASE_EHLO, ANY, CAUSE_NOT_BEGUN},
    {ANY, PK_PHASE_STARTTLS, ANY, CAUSE_NOT_BEGUN},
    {ANY, PK_PHASE_AUTH, ANY, CAUSE_NOT_BEGUN},
    {CURLE_SEND_ERROR, ANY, ANY, CAUSE_LOST},
    {CURLE_RECV_ERROR, ANY, ANY, CAUSE_LOST},
    {CURLE_GOT_NOTHING, ANY, ANY, CAUSE_LOST},
    {CURLE_WEIRD_SERVER_REPLY, ANY, ANY, CAUSE_LOST},
    {ANY, ANY, ANY, CAUSE_BROKEN},
};

static bool fits(int wanted, int seen)
{
    return wanted == ANY || wanted == seen;
}

static cause find_before_data(const pk_transfer *transfer)
{
    const pk_tracker *tracker = transfer->tracker;
    int reply = reply_class(&tracker->last);
    size_t i = 0;
    while (!fits(before_data[i].code, (int)transfer->code) ||
           !fits(before_data[i].phase, (int)tracker->phase) || !fits(before_data[i].reply, reply)) {
        i++;
    }
    return before_data[i].cause;
}

static bool any_refused(const pk_tracker *tracker)
{
    for (size_t i = 0; i < tracker->recipient_count; i++) {
        if (reply_class(&tracker->recipients[i].reply) >= 4) {
            return true;
        }
    }
    return false;
}

/* Many servers judge the sender only when they hear a recipient, and name it in their refusal
 * (Postfix: "553 5.7.1 <sender>: Sender address rejected: not owned by user"). */
static bool is_about_sender(const pk_transfer *transfer)
{
    const pk_tracker *tracker = transfer->tracker;
    for (size_t i = 0; i < tracker->recipient_count; i++) {
        const prankcurl_recipient_result *one = &tracker->recipients[i];
        if (one->reply.code / 100 != 5 || !strstr(one->reply.text, transfer->sender) ||
            strstr(one->reply.text, one->address)) {
            return false;
        }
    }
    return tracker->recipient_count > 0;
}

static cause find_cause(const pk_transfer *transfer)
{
    const pk_tracker *tracker = transfer->tracker;
    int reply = reply_class(&tracker->last);
    if (tracker->lacks_auth) {
        return CAUSE_NO_AUTH;
    }
    if (tracker->lacks_utf8) {
        return pk_is_ascii(transfer->sender) ? CAUSE_NO_UTF8 : CAUSE_NO_UTF8_SENDER;
    }
    if (tracker->is_barred) {
        return CAUSE_NOT_RECORDED;
    }
    if (tracker->phase < PK_PHASE_BODY) {
        cause why = find_before_data(transfer);
        if (why == CAUSE_RECIPIENTS && is_about_sender(transfer)) {
            return CAUSE_SENDER_REFUSED;
        }
        /* What was said of a recipient tells more than that the connection broke after it. */
        return why == CAUSE_LOST && any_refused(tracker) ? CAUSE_RECIPIENTS : why;
    }
    /* What did not leave our hands whole was not accepted, whatever is said of it. */
    if (!tracker->is_all_handed) {
        return tracker->phase == PK_PHASE_FINAL && reply == 5 ? CAUSE_MESSAGE_REFUSED : CAUSE_LOST;
    }
    if (tracker->phase == PK_PHASE_FINAL && reply == 2) {
        return CAUSE_DONE;
    }
    if (tracker->phase == PK_PHASE_FINAL && reply == 4) {
        return CAUSE_MESSAGE_LATER;
    }
    if (tracker->phase == PK_PHASE_FINAL && reply == 5) {
        return CAUSE_MESSAGE_REFUSED;
    }
    return CAUSE_UNCERTAIN;
}

/* The last reply, if it has to do with what came of it: "220 go ahead" says nothing of a
 * certificate that was found wanting after it. */
static prankcurl_reply deciding_reply(cause why, const pk_tracker *tracker)
{
    static const prankcurl_reply none = {0};
    int class = reply_class(&tracker->last);
    return why == CAUSE_DONE || class >= 4 || class == GARBAGE ? tracker->last : none;
}

/* A recipient's own refusal counts before what became of the message, and whoever was not named to
 * the server (RCPT answered with 2yz) did not get it. */
static void judge_recipient(prankcurl_recipient_result *recipient, cause why,
                            const pk_tracker *tracker)
{
    int own = reply_class(&recipient->reply);
    bool concerns_all = why != CAUSE_DONE && why != CAUSE_UNCERTAIN && why != CAUSE_RECIPIENTS;
    if (why == CAUSE_OUT_OF_STEP) {
        recipient->verdict = PRANKCURL_DEFERRED;
        recipient->reply = (prankcurl_reply){0}; /* it was another one's */
    } else if (own == 5) {
        recipient->verdict = PRANKCURL_REFUSED;
    } else if (own == 4 || own == 3 || (own != 2 && !concerns_all)) {
        recipient->verdict = PRANKCURL_DEFERRED;
    } else {
        /* RECIPIENTS with one that was taken: the connection broke behind it. */
        recipient->verdict = why == CAUSE_RECIPIENTS ? PRANKCURL_DEFERRED : causes[why].verdict;
        recipient->reply = deciding_reply(why, tracker);
    }
}

/* The server's name for the message, in the words that Postfix, Exim and OpenSMTPD use. */
static void find_queue_id(const char *reply, char *out, size_t size)
{
    static const struct {
        const char *words;
        size_t least; /* behind the last words may stand others than an id, as "Ok" */
    } before[] = {{"queued as ", 1}, {"OK id=", 1}, {"ok: id=", 1}, {"250 2.0.0 ", 6}};
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        const char *start = strstr(reply, before[i].words);
        size_t len = start ? strcspn(start + strlen(before[i].words), " ;,()\t\r\n") : 0;
        if (len >= before[i].least && len < size) {
            memcpy(out, start + strlen(before[i].words), len);
            out[len] = '\0';
            return;
        }
    }
    out[0] = '\0';
}

static void add_server(pk_buf *out, const pk_server *server)
{
    bool is_six = strchr(server->host, ':') != NULL;
    pk_buf_fmt(out, is_six ? "[%s]:%u" : "%s:%u", server->host, server->port);
}

/* The text with its {words} filled in. */
static void fill_words(pk_buf *out, const char *text, const pk_transfer *transfer)
{
    while (*text) {
        size_t plain = strcspn(text, "{");
        pk_buf_add(out, text, plain);
        text += plain;
        if (strncmp(text, "{server}", 8) == 0) {
            add_server(out, transfer->server);
        } else if (strncmp(text, "{user}", 6) == 0) {
            pk_buf_str(out, transfer->server->username ? transfer->server->username : "nobody");
        } else if (strncmp(text, "{sender}", 8) == 0) {
            pk_buf_str(out, transfer->sender);
        } else if (strncmp(text, "{reply}", 7) == 0) {
            const char *reply = transfer->tracker->last.text;
            pk_buf_str(out, reply[0] ? reply : transfer->curl_text);
        } else if (strncmp(text, "{why}", 5) == 0) {
            pk_buf_str(out, transfer->curl_text[0] ? transfer->curl_text
                                                   : curl_easy_strerror(transfer->code));
        }
        text += strcspn(text, "}");
        text += *text ? 1 : 0;
    }
}

static void explain(const pk_transfer *transfer, cause why, prankcurl_outcome *outcome)
{
    if (why == CAUSE_DONE || why == CAUSE_RECIPIENTS) {
        pk_outcome_complain(outcome);
    } else {
        pk_buf text;
        pk_buf_init(&text, 64 * 1024);
        fill_words(&text, causes[why].text, transfer);
        (void)pk_error_set(&outcome->error, causes[why].status, NULL, "%s", pk_buf_text(&text));
        pk_buf_free(&text);
    }
    outcome->error.curl_code = (int)transfer->code;
    outcome->error.smtp_code = transfer->tracker->last.code;
}

void pk_verdict(const pk_transfer *transfer, prankcurl_outcome *outcome)
{
    const pk_tracker *tracker = transfer->tracker;
    cause why = find_cause(transfer);
    for (size_t i = 0; i < outcome->recipient_count; i++) {
        judge_recipient(&outcome->recipients[i], why, tracker);
    }
    prankcurl_outcome_judge(outcome);
    outcome->scope = causes[why].scope;
    outcome->phase = pk_phase_name(tracker->phase);
    outcome->reply = deciding_reply(why, tracker);
    find_queue_id(why == CAUSE_DONE ? tracker->last.text : "", outcome->queue_id,
                  sizeof outcome->queue_id);
    explain(transfer, why, outcome);
}
