/* Follows the SMTP dialogue of one connection from what goes out and what comes in: libcurl tells
 * only the last code. Pure: no socket, no clock. */
#ifndef PK_DELIVERY_TRACKER_H
#define PK_DELIVERY_TRACKER_H

#include <prankcurl/delivery.h>

#define PK_PHASE_MAP(X)                                                                            \
    X(CONNECT, "connect")                                                                          \
    X(EHLO, "ehlo")                                                                                \
    X(STARTTLS, "starttls")                                                                        \
    X(AUTH, "auth")                                                                                \
    X(NOOP, "noop")                                                                                \
    X(MAIL, "mail")                                                                                \
    X(RCPT, "rcpt")                                                                                \
    X(DATA, "data")                                                                                \
    X(BODY, "body")                                                                                \
    X(FINAL, "final")

typedef enum pk_phase {
#define PK_PHASE_ENUM(name, text) PK_PHASE_##name,
    PK_PHASE_MAP(PK_PHASE_ENUM)
#undef PK_PHASE_ENUM
} pk_phase;

const char *pk_phase_name(pk_phase phase);

typedef struct pk_tracker {
    pk_phase phase;
    bool needs_auth; /* set by the session: no message without a login */
    bool needs_utf8; /* … and none without SMTPUTF8, for it has international addresses */
    /* Of the connection: */
    bool is_authenticated;
    bool is_in_auth;  /* an AUTH exchange is open: what goes out is secret */
    bool offers_utf8; /* the last EHLO reply has SMTPUTF8 (RFC 6531 §3.1) */
    /* Of the message: */
    bool is_fresh;        /* the connection was made for it */
    bool is_all_handed;   /* libcurl has taken the last byte */
    bool lacks_auth;      /* stopped, because it would have gone out without a login */
    bool lacks_utf8;      /* stopped, because the server does not offer SMTPUTF8 */
    bool is_barred;       /* stopped at the gate, with the last byte in our hands */
    bool is_over;         /* QUIT went out: what still comes changes nothing */
    prankcurl_reply last; /* the reply to the last command; code 0: none, or no SMTP */
    prankcurl_recipient_result *recipients; /* lent; their replies are filled */
    size_t recipient_count;
    size_t recipients_named; /* RCPTs that went out */
    bool is_continued;       /* the last line had a hyphen: more of the same reply comes */
} pk_tracker;

/* A message begins, on the connection that there is or on a new one. */
void pk_tracker_begin(pk_tracker *tracker, prankcurl_recipient_result *recipients, size_t count);
/* A command went out, with or without its line end. True: it is a secret, or holds one. */
bool pk_tracker_command(pk_tracker *tracker, const char *line, size_t len);
/* A line of a reply came in. False: the transfer must not go on. */
bool pk_tracker_reply(pk_tracker *tracker, const char *line, size_t len);

#endif
