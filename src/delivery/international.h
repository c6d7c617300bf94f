/* A message that has international addresses, to a server that may not offer SMTPUTF8 (RFC 6531).
 */
#ifndef PK_DELIVERY_INTERNATIONAL_H
#define PK_DELIVERY_INTERNATIONAL_H

#include "campaign/model.h"

#include <prankcurl/delivery.h>

/* What is to be sent. All lent. */
typedef struct pk_international {
    const prankcurl_composer *composer;
    const prankcurl_campaign *campaign;
    const prankcurl_prank *prank;
    int64_t date_s;
    const prankcurl_envelope *envelope; /* of this try */
    prankcurl_message *message;         /* composed for the prank's whole envelope */
    const prankcurl_gate *gate;         /* NULL: none */
} pk_international;

/* Like prankcurl_session_send(), but asks the server first. Where it does not offer SMTPUTF8, the
 * recipients that need it are refused without being named to it, and the others get the message
 * composed anew without their addresses. */
prankcurl_status pk_send_international(prankcurl_session *session, const pk_international *what,
                                       prankcurl_outcome *outcome);

#endif
