#include "message/composer.h"

#include <stdlib.h>

static prankcurl_status out_of_memory(prankcurl_errors *errors)
{
    pk_errors_addf(errors, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    return PRANKCURL_NO_MEMORY;
}

prankcurl_status prankcurl_composer_new(const prankcurl_campaign *campaign,
                                        prankcurl_composer **out, prankcurl_errors *errors)
{
    *out = NULL;
    prankcurl_composer *composer = calloc(1, sizeof *composer);
    if (!composer) {
        return out_of_memory(errors);
    }
    composer->campaign = campaign;
    *out = composer;
    return PRANKCURL_OK;
}

void prankcurl_composer_free(prankcurl_composer *composer)
{
    free(composer);
}

prankcurl_status prankcurl_composer_check(const prankcurl_composer *composer,
                                          const prankcurl_plan *plan, prankcurl_errors *errors)
{
    pk_report report = {.errors = errors, .told = calloc(PK_TOLD_MAX, sizeof *report.told)};
    prankcurl_message *message = prankcurl_message_new();
    if (!report.told || !message) {
        report.status = out_of_memory(errors);
    }
    for (size_t i = 0; i < plan->count && report.told && message; i++) {
        if (pk_compose(composer, &plan->pranks[i], 0, message, &report) == PRANKCURL_NO_MEMORY) {
            break;
        }
    }
    prankcurl_message_free(message);
    free(report.told);
    return report.status;
}
