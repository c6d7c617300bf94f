/* SASL, the server's side (RFC 4954): PLAIN (RFC 4616), LOGIN, CRAM-MD5 (RFC 2195), XOAUTH2 and
 * OAUTHBEARER (RFC 7628). Pure. */
#ifndef PM_AUTH_H
#define PM_AUTH_H

#include "base/buf.h"

#include <stdbool.h>

/* Behind "AUTH ", in EHLO's reply. */
#define PM_AUTH_MECHANISMS "PLAIN LOGIN CRAM-MD5 XOAUTH2 OAUTHBEARER"

typedef struct pm_mechanism pm_mechanism;

typedef struct pm_auth {
    const char *challenge;         /* lent: CRAM-MD5's, unique */
    const char *want_user;         /* lent; NULL: anybody may come in, with any password */
    const char *want_secret;       /* lent; password or token */
    const pm_mechanism *mechanism; /* NULL: none is at work */
    unsigned round;                /* answers taken so far */
    bool is_refused;               /* the error challenge was sent (RFC 7628 §3.2.2) */
    pk_buf user;                   /* who logs in */
    pk_buf answer;                 /* decoded; wiped after each round */
    pk_buf reply;                  /* the challenge to be said */
} pm_auth;

typedef enum pm_auth_result {
    PM_AUTH_MORE, /* reply holds a 334 to be said; feed the client's answer */
    PM_AUTH_YES,
    PM_AUTH_NO,      /* wrong user or secret */
    PM_AUTH_BAD,     /* not what the mechanism wants, or no base64 */
    PM_AUTH_UNKNOWN, /* no such mechanism */
    PM_AUTH_CANCELLED,
} pm_auth_result;

/* Whether there is a mechanism of that name. */
bool pm_auth_knows(const char *name, size_t len);

void pm_auth_init(pm_auth *auth);
void pm_auth_free(pm_auth *auth);
/* Begins: mechanism as the client wrote it, and its initial response; NULL: there was none. */
pm_auth_result pm_auth_start(pm_auth *auth, const char *name, const char *initial);
/* An answer, as it came, in base64. */
pm_auth_result pm_auth_feed(pm_auth *auth, const char *line);
/* "PLAIN" and the like; "" when none is at work. */
const char *pm_auth_name(const pm_auth *auth);
/* Forgets the attempt; user stays. */
void pm_auth_stop(pm_auth *auth);

#endif
