#include "delivery/international.h"

#include "base/error.h"
#include "base/text.h"
#include "delivery/outcome.h"
#include "delivery/session.h"
#include "delivery/tracker.h"

#include <stdlib.h>

static bool is_ascii(const prankcurl_envelope *envelope)
{
    bool all = pk_is_ascii(envelope->sender);
    for (size_t i = 0; i < envelope->recipient_count && all; i++) {
        all = pk_is_ascii(envelope->recipients[i]);
    }
    return all;
}

static prankcurl_status send_ascii(prankcurl_session *session, const pk_international *what,
                                   const prankcurl_envelope *envelope, prankcurl_outcome *outcome)
{
    prankcurl_status status = prankcurl_compose_ascii(what->composer, what->prank, what->date_s,
                                                      what->message, &outcome->error);
    return status == PRANKCURL_OK
               ? prankcurl_session_send(session, envelope, what->message, what->gate, outcome)
               : status;
}

/* To those whom the server can be told of. */
static prankcurl_status send_to_ascii(prankcurl_session *session, const pk_international *what,
                                      prankcurl_outcome *outcome)
{
    const prankcurl_envelope *all = what->envelope;
    const char **addresses = calloc(all->recipient_count, sizeof *addresses);
    prankcurl_status status = PRANKCURL_OK;
    size_t count = 0;
    if (!addresses) {
        return pk_error_set(&outcome->error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    for (size_t i = 0; i < all->recipient_count; i++) {
        if (pk_is_ascii(all->recipients[i])) {
            addresses[count++] = all->recipients[i];
        }
    }
    if (count > 0) {
        const prankcurl_envelope some = {all->sender, addresses, count, NULL};
        status = send_ascii(session, what, &some, outcome);
    } else {
        outcome->recipient_count = 0;
        outcome->phase = pk_phase_name(PK_PHASE_EHLO);
    }
    if (status == PRANKCURL_OK) {
        pk_outcome_add_international(outcome, all, what->campaign->server.host);
    }
    free((void *)addresses);
    return status;
}

prankcurl_status pk_send_international(prankcurl_session *session, const pk_international *what,
                                       prankcurl_outcome *outcome)
{
    pk_greeting greeting = PK_GREETING_NONE;
    if (is_ascii(what->envelope)) { /* libcurl would not say SMTPUTF8 */
        return send_ascii(session, what, what->envelope, outcome);
    }
    prankcurl_status status = pk_session_greet(session, what->envelope, &greeting, outcome);
    if (status != PRANKCURL_OK || greeting == PK_GREETING_NONE) {
        return status;
    }
    return greeting == PK_GREETING_UTF8
               ? prankcurl_session_send(session, what->envelope, what->message, what->gate, outcome)
               : send_to_ascii(session, what, outcome);
}
