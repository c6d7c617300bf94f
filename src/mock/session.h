/* The SMTP dialogue (RFC 5321), pure: bytes in, replies and needs out. It knows no socket, no clock
 * and no store; who drives it does what it needs, and says when that is done. */
#ifndef PM_SESSION_H
#define PM_SESSION_H

#include "base/buf.h"
#include "mock/auth.h"
#include "mock/body.h"
#include "mock/mail.h"
#include "mock/step.h"

/* What all sessions share. Lent; it must not change while there are any. */
typedef struct pm_rules {
    const char *host;      /* what it calls itself */
    size_t max_message;    /* bytes (RFC 1870) */
    size_t max_recipients; /* of a message */
    bool lenient;          /* takes bare CR and LF, and sloppy paths */
    bool has_tls;          /* can do STARTTLS */
    const char *user;      /* only this one, and with its password; NULL: anybody, any password */
    const char *password;
    pm_decide *decide; /* NULL: there are no faults */
    void *decide_context;
} pm_rules;

/* What a session needs before it can go on. */
typedef enum pm_need {
    PM_NEED_INPUT, /* feed it */
    PM_NEED_ACT,   /* send `out`, carry out `act`, then pm_session_acted() */
    PM_NEED_STORE, /* pm_session_mail(), keep it, then pm_session_stored() */
    PM_NEED_TLS,   /* send `out`, shake hands, then pm_session_secured() */
    PM_NEED_CLOSE, /* send `out`, close */
} pm_need;

typedef enum pm_state {
    PM_STATE_NEW,     /* nobody has said EHLO */
    PM_STATE_READY,   /* no message under way */
    PM_STATE_MAIL,    /* a sender */
    PM_STATE_RCPT,    /* … and a recipient */
    PM_STATE_BODY,    /* a message is coming */
    PM_STATE_AUTH,    /* an answer to a challenge is coming */
    PM_STATE_REFUSED, /* the greeting said no (RFC 5321 §3.1): only QUIT helps */
    PM_STATE_OVER,
} pm_state;

/* A fault to be carried out: wait, say the text, and then. */
typedef struct pm_act {
    int64_t delay_ms;
    int64_t drip_ms;
    pk_buf text;
    pm_then then;
} pm_act;

typedef struct pm_session {
    const pm_rules *rules; /* lent */
    pm_client client;      /* texts are lent by the driver or by the buffers below */
    uint64_t *messages;    /* lent: how many MAIL commands all sessions have had */
    pm_state state;
    pm_need need; /* what follows when nothing is acted out */
    bool is_acting;
    bool is_extended; /* EHLO, not HELO */
    bool is_secure;
    bool is_logged_in;
    bool is_utf8;       /* MAIL asked for SMTPUTF8 */
    bool is_skipping;   /* an overlong line, up to its end */
    bool is_body_begun; /* the rules were asked about BODY */
    uint64_t message;   /* number of the message under way; 0: none */
    uint64_t accepted;  /* messages accepted on this connection */
    pk_buf line;        /* a command that is not complete yet */
    pk_buf name;        /* of the client */
    pk_buf sender;      /* address, NUL, parameters */
    pk_buf recipients;  /* pairs: address, NUL, parameters, NUL */
    size_t recipient_count;
    pm_path *paths; /* owned: the recipients, as a mail wants them */
    pm_auth auth;
    pm_body body;
    pk_buf dialogue;        /* of the connection so far, but for the messages before */
    size_t prologue_len;    /* the part that belongs to every message */
    const pm_fault *fault;  /* what rules do at FINAL; lent until pm_session_mail() */
    pk_buf text;            /* a reply being written */
    pk_buf out;             /* replies to be sent; the driver empties it */
    size_t unsaid;          /* how much of out was there before the reply to a message */
    size_t unsaid_dialogue; /* the same of dialogue */
    pm_act act;
} pm_session;

/* client's texts must live as long as the session. challenge: unique (RFC 2195 §2), lent. */
void pm_session_init(pm_session *session, const pm_rules *rules, const pm_client *client,
                     const char *challenge, bool is_secure, uint64_t *messages);
void pm_session_free(pm_session *session);

/* Says hello. */
pm_need pm_session_greet(pm_session *session);
/* Says one reply, as "421 4.4.2 too slow", and is over; what was under way is given up. */
pm_need pm_session_end(pm_session *session, const char *reply);
/* Takes bytes, *used of them; what it did not take is to be fed when its need was met, and what it
 * said was sent: it does not say on and on to somebody who does not listen. */
pm_need pm_session_feed(pm_session *session, const char *bytes, size_t len, size_t *used);
pm_need pm_session_acted(pm_session *session);
/* TLS is on. Both texts must live as long as the session. */
pm_need pm_session_secured(pm_session *session, const char *version, const char *cipher);
/* The message at hand with this id; everything in *draft is lent until pm_session_stored(), and
 * received_ms is the caller's to fill. False: out of memory. */
bool pm_session_mail(pm_session *session, uint64_t id, pm_mail *draft);
/* Bytes of memory that the message under way takes. */
size_t pm_session_footprint(const pm_session *session);
/* ok: the message is in safe hands. */
pm_need pm_session_stored(pm_session *session, bool ok);

#endif
