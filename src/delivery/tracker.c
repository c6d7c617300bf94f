#include "delivery/tracker.h"

#include "base/text.h"

#include <string.h>

static const char *const phase_names[] = {
#define PHASE_NAME(name, text) text,
    PK_PHASE_MAP(PHASE_NAME)
#undef PHASE_NAME
};

const char *pk_phase_name(pk_phase phase)
{
    return phase_names[phase];
}

static void set_phase(pk_tracker *tracker, pk_phase phase)
{
    tracker->phase = phase;
}

void pk_tracker_begin(pk_tracker *tracker, prankcurl_recipient_result *recipients, size_t count)
{
    const pk_tracker before = *tracker;
    *tracker = (pk_tracker){.needs_auth = before.needs_auth,
                            .needs_utf8 = before.needs_utf8,
                            .is_authenticated = before.is_authenticated,
                            .offers_utf8 = before.offers_utf8,
                            .recipients = recipients,
                            .recipient_count = count};
    set_phase(tracker, PK_PHASE_CONNECT);
    for (size_t i = 0; i < count; i++) {
        recipients[i].reply = (prankcurl_reply){0};
    }
}

static const struct {
    const char *verb;
    pk_phase phase;
} commands[] = {
    {"EHLO", PK_PHASE_EHLO}, {"HELO", PK_PHASE_EHLO}, {"STARTTLS", PK_PHASE_STARTTLS},
    {"AUTH", PK_PHASE_AUTH}, {"NOOP", PK_PHASE_NOOP}, {"MAIL", PK_PHASE_MAIL},
    {"RCPT", PK_PHASE_RCPT}, {"DATA", PK_PHASE_DATA},
};

static bool starts_with(const char *line, size_t len, const char *verb)
{
    size_t verb_len = strlen(verb);
    return len >= verb_len && pk_ascii_equal_nocase(line, verb, verb_len);
}

bool pk_tracker_command(pk_tracker *tracker, const char *line, size_t len)
{
    if (tracker->is_in_auth) {
        return true; /* an answer to a challenge, whatever it looks like */
    }
    /* libcurl says QUIT on its own when it gives a connection up. */
    tracker->is_over = tracker->is_over || starts_with(line, len, "QUIT");
    if (tracker->is_over) {
        return false;
    }
    tracker->last = (prankcurl_reply){0};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (starts_with(line, len, commands[i].verb)) {
            set_phase(tracker, commands[i].phase);
            tracker->recipients_named += commands[i].phase == PK_PHASE_RCPT ? 1 : 0;
            tracker->is_in_auth = commands[i].phase == PK_PHASE_AUTH;
            tracker->offers_utf8 =
                tracker->offers_utf8 && commands[i].phase != PK_PHASE_EHLO; /* it is told anew */
            break;
        }
    }
    return tracker->is_in_auth;
}

/* The three digits that begin a reply line (RFC 5321 §4.2); 0: there are none. */
static int reply_code(const char *line, size_t len)
{
    int code = 0;
    for (size_t i = 0; i < 3; i++) {
        if (i >= len || line[i] < '0' || line[i] > '9') {
            return 0;
        }
        code = code * 10 + (line[i] - '0');
    }
    bool ends = len == 3 || (line[3] && strchr(" -\r\n", line[3]));
    return ends && code >= 200 && code <= 599 ? code : 0;
}

/* Appends what fits, whole characters only. */
static void append(prankcurl_reply *reply, const char *text, size_t len)
{
    size_t used = strlen(reply->text);
    size_t room = sizeof reply->text - 1 - used;
    len = pk_utf8_valid_len(text, len < room ? len : room);
    memcpy(reply->text + used, text, len);
    reply->text[used + len] = '\0';
}

/* Adds a line to a reply: the first one whole, of the others what stands behind their code. Servers
 * may say anything: what is no text of one line is replaced. */
static void add_line(prankcurl_reply *reply, const char *line, size_t len, bool is_first)
{
    pk_buf text;
    pk_buf_init(&text, 16 * sizeof reply->text);
    while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r')) {
        len--;
    }
    if (is_first) {
        reply->text[0] = '\0';
    }
    size_t skip = is_first ? 0 : 3;
    len = len < sizeof reply->text ? len : sizeof reply->text;
    if (len > skip) {
        pk_add_printable(&text, line + skip, len - skip);
    }
    /* The hyphen behind the code is SMTP's, not part of what the server says. */
    size_t behind_code = 3 - skip;
    if (text.len > behind_code && text.data[behind_code] == '-') {
        text.data[behind_code] = ' ';
    }
    append(reply, pk_buf_text(&text), text.len);
    pk_buf_free(&text);
}

/* A whole reply: what it means for where we are. False: stop. */
static bool take_reply(pk_tracker *tracker)
{
    int code = tracker->last.code;
    switch (tracker->phase) {
    case PK_PHASE_CONNECT:
        tracker->is_fresh = true;
        tracker->is_authenticated = false;
        break;
    case PK_PHASE_AUTH:
        tracker->is_in_auth = code / 100 == 3;
        tracker->is_authenticated = code == 235;
        break;
    case PK_PHASE_MAIL:
        tracker->lacks_auth = tracker->needs_auth && !tracker->is_authenticated;
        tracker->lacks_utf8 = tracker->needs_utf8 && !tracker->offers_utf8;
        return !tracker->lacks_auth && !tracker->lacks_utf8;
    case PK_PHASE_RCPT:
        if (tracker->recipients_named && tracker->recipients_named <= tracker->recipient_count) {
            tracker->recipients[tracker->recipients_named - 1].reply = tracker->last;
        }
        break;
    case PK_PHASE_DATA:
        if (code == 354) {
            set_phase(tracker, PK_PHASE_BODY);
            tracker->last = (prankcurl_reply){0}; /* the next one is the message's */
        }
        break;
    case PK_PHASE_BODY:
        set_phase(tracker, PK_PHASE_FINAL);
        break;
    case PK_PHASE_EHLO:
    case PK_PHASE_STARTTLS:
    case PK_PHASE_NOOP:
    case PK_PHASE_FINAL:
        break;
    }
    return true;
}

/* A line of EHLO's reply: behind the code stands a keyword, and perhaps words behind that. */
static bool has_keyword(const char *line, size_t len, const char *keyword)
{
    size_t end = 4 + strlen(keyword);
    return len >= end && pk_ascii_equal_nocase(line + 4, keyword, strlen(keyword)) &&
           (len == end || strchr(" \r\n", line[end]));
}

bool pk_tracker_reply(pk_tracker *tracker, const char *line, size_t len)
{
    int code = reply_code(line, len);
    if (tracker->is_over) {
        return true;
    }
    if (!code) {
        /* libcurl would wait for something better, for minutes. */
        tracker->last.code = 0;
        add_line(&tracker->last, line, len, true);
        return false;
    }
    add_line(&tracker->last, line, len, !tracker->is_continued);
    tracker->last.code = code;
    if (tracker->phase == PK_PHASE_EHLO && code == 250 && has_keyword(line, len, "SMTPUTF8")) {
        tracker->offers_utf8 = true;
    }
    tracker->is_continued = len > 3 && line[3] == '-';
    return tracker->is_continued || take_reply(tracker);
}
