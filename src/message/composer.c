#include "message/composer.h"

#include <stdlib.h>
#include <string.h>

static void told_parse_error(void *user, unsigned line, unsigned column, const char *message)
{
    pk_report_place(user, line, column, message);
}

static void parse(pk_spot *spot, const pk_source *source, pk_mustache *out)
{
    if (!source->text) {
        return;
    }
    spot->source = source;
    size_t len = strlen(source->text);
    if (len > PK_MUSTACHE_MAX_SIZE) {
        pk_report_spot(spot, PRANKCURL_CAMPAIGN, "it is larger than %d MiB; make it shorter",
                       PK_MUSTACHE_MAX_SIZE >> 20);
    } else if (pk_mustache_parse(source->text, len, told_parse_error, spot, out) ==
               PK_MUSTACHE_NO_MEMORY) {
        pk_report_spot(spot, PRANKCURL_NO_MEMORY, "out of memory");
    }
}

static void parse_message(const prankcurl_composer *composer, const pk_template *source,
                          pk_parsed *out, pk_report *report)
{
    pk_spot spot = {.composer = composer, .message = out, .report = report};
    out->source = source;
    parse(&spot, &source->subject, &out->subject);
    parse(&spot, &source->text, &out->text);
    parse(&spot, &source->html, &out->html);
}

static prankcurl_composer *allocate(const prankcurl_campaign *campaign)
{
    prankcurl_composer *composer = calloc(1, sizeof *composer);
    if (!composer) {
        return NULL;
    }
    composer->campaign = campaign;
    composer->count = campaign->message_count + (campaign->reveal ? 1 : 0);
    composer->messages = calloc(composer->count + 1, sizeof *composer->messages);
    if (!composer->messages) {
        free(composer);
        return NULL;
    }
    return composer;
}

static prankcurl_status out_of_memory(prankcurl_errors *errors)
{
    pk_errors_addf(errors, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    return PRANKCURL_NO_MEMORY;
}

prankcurl_status prankcurl_composer_new(const prankcurl_campaign *campaign,
                                        prankcurl_composer **out, prankcurl_errors *errors)
{
    *out = NULL;
    prankcurl_composer *composer = allocate(campaign);
    pk_report report = {.errors = errors, .told = calloc(PK_TOLD_MAX, sizeof *report.told)};
    if (!composer || !report.told) {
        prankcurl_composer_free(composer);
        free(report.told);
        return out_of_memory(errors);
    }
    for (size_t i = 0; i < campaign->message_count; i++) {
        parse_message(composer, &campaign->messages[i], &composer->messages[i], &report);
    }
    if (campaign->reveal) {
        parse_message(composer, campaign->reveal, &composer->messages[campaign->message_count],
                      &report);
    }
    free(report.told);
    if (report.status != PRANKCURL_OK) {
        prankcurl_composer_free(composer);
        return report.status;
    }
    *out = composer;
    return PRANKCURL_OK;
}

void prankcurl_composer_free(prankcurl_composer *composer)
{
    if (!composer) {
        return;
    }
    for (size_t i = 0; i < composer->count; i++) {
        pk_mustache_free(&composer->messages[i].subject);
        pk_mustache_free(&composer->messages[i].text);
        pk_mustache_free(&composer->messages[i].html);
    }
    free(composer->messages);
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
        prankcurl_prank_expect(prankcurl_plan_prank(plan, i + 1));
        if (pk_compose(composer, &plan->pranks[i], 0, message, &report) == PRANKCURL_NO_MEMORY) {
            break;
        }
    }
    prankcurl_message_free(message);
    free(report.told);
    return report.status;
}
