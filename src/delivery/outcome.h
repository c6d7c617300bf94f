/* What became of a message: made, joined over several tries, and explained. */
#ifndef PK_DELIVERY_OUTCOME_H
#define PK_DELIVERY_OUTCOME_H

#include <prankcurl/delivery.h>

/* Empties it for a try at these recipients; false: out of memory. */
bool pk_outcome_prepare(prankcurl_outcome *outcome, const prankcurl_envelope *envelope);
/* Sets its error from the recipients that were refused or deferred each on its own. */
void pk_outcome_complain(prankcurl_outcome *outcome);
/* Names all of the envelope in the outcome of a try at those of its recipients whose addresses are
 * ASCII, in its order; the others are refused: `server` does not offer SMTPUTF8. There is room for
 * them: it was prepared for the whole envelope before. */
void pk_outcome_add_international(prankcurl_outcome *outcome, const prankcurl_envelope *envelope,
                                  const char *server);
/* Takes over what a later try, at some of the recipients of `all`, has brought. */
void pk_outcome_join(prankcurl_outcome *all, const prankcurl_outcome *later);
bool pk_outcome_has(const prankcurl_outcome *outcome, prankcurl_verdict verdict);

#endif
