/* What only the workers need of a session. */
#ifndef PK_DELIVERY_SESSION_H
#define PK_DELIVERY_SESSION_H

#include <prankcurl/delivery.h>

/* Its number among those that work side by side, from 1, for the trace. */
void pk_session_set_number(prankcurl_session *session, unsigned number);

/* What a server was heard to say. */
typedef enum pk_greeting {
    PK_GREETING_NONE,  /* nothing that helps: the outcome says why */
    PK_GREETING_ASCII, /* it does not offer SMTPUTF8, and the envelope's sender needs none */
    PK_GREETING_UTF8,  /* it offers SMTPUTF8 (RFC 6531) */
} pk_greeting;

/* Hears whether the server offers SMTPUTF8, before a message is made for it: over the connection
 * that there is, or else a new one, which stays open for the message. The outcome is prepared for
 * the envelope. OK or NO_MEMORY. */
prankcurl_status pk_session_greet(prankcurl_session *session, const prankcurl_envelope *envelope,
                                  pk_greeting *greeting, prankcurl_outcome *outcome);

#endif
