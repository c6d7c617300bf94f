#include "plan/plan_model.h"

#include <prankcurl/message.h>
#include <stdlib.h>

prankcurl_status prankcurl_envelope_init(prankcurl_envelope *envelope,
                                         const prankcurl_campaign *campaign,
                                         const prankcurl_prank *prank)
{
    *envelope = (prankcurl_envelope){NULL, NULL, 0, NULL};
    size_t count = prankcurl_prank_person_count(prank);
    const char **recipients = calloc(count + 1, sizeof *recipients);
    if (!recipients) {
        return PRANKCURL_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        recipients[i] = prankcurl_prank_person(prank, i)->address.text;
    }
    *envelope =
        (prankcurl_envelope){campaign->organiser->address.text, recipients, count, recipients};
    return PRANKCURL_OK;
}

void prankcurl_envelope_free(prankcurl_envelope *envelope)
{
    if (envelope) {
        free(envelope->owned);
        *envelope = (prankcurl_envelope){NULL, NULL, 0, NULL};
    }
}
