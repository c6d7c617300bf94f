/* The commands of SMTP: one table, one function each. */
#include "base/text.h"
#include "mock/session_parts.h"

#include <string.h>

enum {
    MAX_COMMAND = 512,                         /* RFC 5321 §4.5.3.1.4 */
    MAX_MAIL = 512 + 26 + 17 + 10 + 500 + 115, /* RFC 1870, 6152, 6531, 4954, 3461 */
    MAX_RCPT = 512 + 535,                      /* RFC 3461 §4 */
    MAX_LONG = 4096,                           /* RFC 4954 §4 */
    MAX_NAME = 255,
};

typedef struct command {
    const char *verb;
    unsigned states; /* in which it is in order, one bit each */
    size_t max;      /* bytes of the line, with CR LF */
    void (*run)(pm_session *session, const char *argument);
    const char *syntax; /* what HELP says of it; NULL: nothing */
} command;

#define IN(state) (1U << (state))
#define GREETED   (IN(PM_STATE_NEW) | IN(PM_STATE_READY) | IN(PM_STATE_MAIL) | IN(PM_STATE_RCPT))
#define UNDER_WAY (IN(PM_STATE_MAIL) | IN(PM_STATE_RCPT))
#define ANY_TIME  (GREETED | IN(PM_STATE_REFUSED))

static void say_hello(pm_session *session, const char *name, bool is_extended, const char *reply)
{
    size_t len = strcspn(name, " ");
    if (!len || len > MAX_NAME || name[len + strspn(name + len, " ")]) {
        pm_session_say(session, "501 5.5.4 say who you are, in one word: EHLO client.example");
        return;
    }
    if (pm_session_step(session, PM_STEP_EHLO, reply)) {
        pm_session_reset(session);
        pk_buf_reset(&session->name);
        pk_buf_add(&session->name, name, len);
        session->is_extended = is_extended;
        pm_session_enter(session, PM_STATE_READY);
    }
}

static void run_ehlo(pm_session *session, const char *name)
{
    const pm_rules *rules = session->rules;
    pk_buf *text = &session->text;
    pk_buf_reset(text);
    pk_buf_fmt(text, "250 %s\nPIPELINING\nSIZE %zu\n", rules->host, rules->max_message);
    pk_buf_str(text, rules->has_tls && !session->is_secure ? "STARTTLS\n" : "");
    pk_buf_str(text, "AUTH " PM_AUTH_MECHANISMS "\n8BITMIME\nSMTPUTF8\nDSN\nENHANCEDSTATUSCODES");
    say_hello(session, name, true, pk_buf_text(text));
}

static void run_helo(pm_session *session, const char *name)
{
    pk_buf_reset(&session->text);
    pk_buf_fmt(&session->text, "250 %s", session->rules->host);
    say_hello(session, name, false, pk_buf_text(&session->text));
}

static void run_starttls(pm_session *session, const char *argument)
{
    if (*argument) {
        pm_session_say(session, "501 5.5.4 STARTTLS takes nothing behind it");
    } else if (session->is_secure) {
        pm_session_say(session, "503 5.5.1 TLS is on already");
    } else if (!session->rules->has_tls) {
        pm_session_say(session, "502 5.5.1 there is no TLS here");
    } else if (pm_session_step(session, PM_STEP_STARTTLS, "220 2.0.0 go ahead")) {
        /* Everything learned before is forgotten (RFC 3207 §4.2). */
        pk_buf_reset(&session->name);
        session->is_logged_in = false;
        pm_session_enter(session, PM_STATE_NEW);
        pm_session_want(session, PM_NEED_TLS);
    }
}

static void run_rset(pm_session *session, const char *argument)
{
    (void)argument;
    pm_session_reset(session);
    pm_session_say(session, "250 2.0.0 Ok");
}

static void run_noop(pm_session *session, const char *argument)
{
    (void)argument;
    pm_session_say(session, "250 2.0.0 Ok");
}

static void run_vrfy(pm_session *session, const char *argument)
{
    pm_session_say(session, *argument ? "252 2.5.2 everybody is here; send it and see"
                                      : "501 5.5.4 verify whom?");
}

static void run_expn(pm_session *session, const char *argument)
{
    (void)argument;
    pm_session_say(session, "502 5.5.1 there are no mailing lists here that could be expanded");
}

static void run_bdat(pm_session *session, const char *argument)
{
    (void)argument;
    pm_session_say(session, "502 5.5.1 CHUNKING is not offered; DATA takes the message");
}

static void run_help(pm_session *session, const char *argument);

/* A web page that makes a browser talk to this port must not get a mail through. */
static void run_http(pm_session *session, const char *argument)
{
    (void)argument;
    (void)pm_session_end(session, "521 5.5.1 this is SMTP; the page has a port of its own");
}

static void run_quit(pm_session *session, const char *argument)
{
    (void)argument;
    if (pm_session_step(session, PM_STEP_QUIT, "221 2.0.0 bye")) {
        pm_session_want(session, PM_NEED_CLOSE);
    }
}

static const command commands[] = {
    {"EHLO", GREETED, MAX_COMMAND, run_ehlo, "EHLO <your host's name>"},
    {"HELO", GREETED, MAX_COMMAND, run_helo, "HELO <your host's name>; EHLO offers more"},
    {"MAIL", IN(PM_STATE_READY), MAX_MAIL, pm_session_run_mail,
     "MAIL FROM:<name@domain> [SIZE=bytes] [BODY=8BITMIME] [SMTPUTF8] [AUTH=<>] [RET=FULL|HDRS] "
     "[ENVID=text]"},
    {"RCPT", UNDER_WAY, MAX_RCPT, pm_session_run_rcpt,
     "RCPT TO:<name@domain> [NOTIFY=NEVER|SUCCESS,FAILURE,DELAY] [ORCPT=rfc822;address]"},
    {"DATA", IN(PM_STATE_RCPT), MAX_COMMAND, pm_session_run_data,
     "DATA, then the message; a line with a single dot ends it"},
    {"QUIT", ANY_TIME, MAX_COMMAND, run_quit, "QUIT"},
    {"RSET", GREETED, MAX_COMMAND, run_rset, "RSET forgets the message that is under way"},
    {"NOOP", GREETED, MAX_COMMAND, run_noop, "NOOP does nothing"},
    {"STARTTLS", IN(PM_STATE_READY), MAX_COMMAND, run_starttls, "STARTTLS, then TLS, then EHLO"},
    {"AUTH", IN(PM_STATE_READY), MAX_LONG, pm_session_run_auth,
     "AUTH <mechanism> [<first answer in base64>]; " PM_AUTH_MECHANISMS},
    {"VRFY", GREETED, MAX_COMMAND, run_vrfy, "VRFY <name>; everybody is here"},
    {"EXPN", GREETED, MAX_COMMAND, run_expn, NULL},
    {"BDAT", GREETED, MAX_COMMAND, run_bdat, NULL},
    {"HELP", GREETED, MAX_COMMAND, run_help, "HELP [<command>]"},
    {"GET", ANY_TIME, MAX_LONG, run_http, NULL},
    {"POST", ANY_TIME, MAX_LONG, run_http, NULL},
    {"PUT", ANY_TIME, MAX_LONG, run_http, NULL},
};

static const command *find_command(const char *line)
{
    size_t len = strcspn(line, " ");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strlen(commands[i].verb) == len && pk_ascii_equal_nocase(line, commands[i].verb, len)) {
            return &commands[i];
        }
    }
    return NULL;
}

static void run_help(pm_session *session, const char *argument)
{
    const command *found = find_command(argument);
    if (!*argument) {
        pm_session_say(session, "214 2.0.0 EHLO HELO STARTTLS AUTH MAIL RCPT DATA RSET NOOP VRFY "
                                "HELP QUIT; nothing is ever delivered");
    } else if (!found || !found->syntax) {
        pm_session_say(session, "504 5.5.4 there is no such command; HELP alone lists them");
    } else {
        pk_buf_reset(&session->text);
        pk_buf_fmt(&session->text, "214 2.0.0 %s", found->syntax);
        pm_session_say(session, pk_buf_text(&session->text));
    }
}

/* "Subject: hi", said too early. */
static bool is_header_field(const char *line)
{
    size_t i = 0;
    while (line[i] == '-' || (pk_ascii_lower(line[i]) >= 'a' && pk_ascii_lower(line[i]) <= 'z')) {
        i++;
    }
    return i > 0 && line[i] == ':';
}

static const char *out_of_order(const pm_session *session, const command *found)
{
    if (session->state == PM_STATE_REFUSED) {
        return "503 5.5.1 the greeting said no; only QUIT is left";
    }
    if (session->state == PM_STATE_NEW) {
        return "503 5.5.1 say EHLO first";
    }
    if (session->state == PM_STATE_READY) {
        return "503 5.5.1 MAIL FROM comes first";
    }
    if (session->state == PM_STATE_MAIL && found->run == pm_session_run_data) {
        return "554 5.5.1 no valid recipients; RCPT TO comes first";
    }
    return "503 5.5.1 not while a message is under way; finish it, or RSET";
}

/* What is no mechanism's name may be a secret, too: somebody forgot the name. */
static void add_auth_line(pk_buf *text, const char *line)
{
    const char *name = line + strcspn(line, " ");
    name += *name ? 1 : 0;
    size_t len = strcspn(name, " ");
    len = pm_auth_knows(name, len) ? len : 0;
    pk_buf_add(text, line, (size_t)(name - line) + len);
    if (name[len]) {
        pk_buf_str(text, len ? " (secret)" : "(secret)");
    }
}

/* The dialogue shows what was said, but for secrets: answers to challenges, initial responses, and
 * whatever is no command at all, for it may be a password that came at the wrong time. */
static void note_line(pm_session *session, const command *found, const char *line, size_t len)
{
    pk_buf *text = &session->text;
    pk_buf_reset(text);
    if (session->state == PM_STATE_AUTH) {
        pk_buf_str(text, strcmp(line, "*") == 0 ? "*" : "(secret)");
    } else if (!found) {
        pk_buf_fmt(text, "(%zu bytes that are no command)", len);
    } else if (found->run == pm_session_run_auth) {
        add_auth_line(text, line);
    } else {
        pk_buf_add(text, line, len);
    }
    pm_session_note(session, 'C', pk_buf_text(text), text->len);
}

/* NULL, or why the bytes of the line can't be a command. */
static const char *find_fault(const char *line, size_t len)
{
    if (pk_utf8_valid_len(line, len) != len) {
        return "500 5.5.2 that is not UTF-8";
    }
    if (strlen(line) != len || pk_find_control(line, "")) {
        return "500 5.5.2 there is a control character in that line";
    }
    return NULL;
}

static void run(pm_session *session, const command *found, const char *line, size_t len)
{
    const char *fault = find_fault(line, len);
    if (fault) {
        pm_session_say(session, fault);
        pm_session_end_auth(session);
    } else if (session->state == PM_STATE_AUTH) {
        pm_session_answer_auth(session, line);
    } else if (!found) {
        pm_session_say(session, is_header_field(line)
                                    ? "500 5.5.1 header fields come after DATA"
                                    : "500 5.5.1 that is no command; HELP lists them");
    } else if (len + 2 > found->max) {
        pm_session_say(session, "500 5.5.2 that line is too long");
    } else if (!(found->states & IN(session->state))) {
        pm_session_say(session, out_of_order(session, found));
    } else {
        const char *argument = line + strlen(found->verb);
        found->run(session, *argument ? argument + 1 : argument);
    }
}

void pm_session_command(pm_session *session, const char *line, size_t len)
{
    const command *found = find_command(line);
    /* What came before the first message belongs to all, unless it fills the dialogue by itself. */
    if (found && found->run == pm_session_run_mail && !session->accepted &&
        session->dialogue.len <= session->dialogue.max / 2) {
        session->prologue_len = session->dialogue.len;
    }
    note_line(session, found, line, len);
    run(session, found, line, len);
}
