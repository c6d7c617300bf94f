#include "message/lint.h"

#include "base/text.h"
#include "message/variants.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_WARNING = 16 * 1024, MEGABYTE = 1000 * 1000 };

/* Whether what comes of it can differ from group to group. */
static bool has_tags(const pk_source *source)
{
    for (size_t i = 0; source->parsed && i < source->parsed->count; i++) {
        if (source->parsed->nodes[i].kind != PK_MUSTACHE_TEXT) {
            return true;
        }
    }
    return false;
}

void pk_warn(pk_linter *linter, const pk_lint_place *where, const char *format, ...)
{
    const pk_source *source = where->source ? where->source : &where->message->subject;
    pk_buf text;
    va_list args;
    pk_buf_init(&text, MAX_WARNING);
    pk_add_source_name(&text, linter->composer->campaign, where->message, where->source);
    pk_buf_str(&text, ": ");
    va_start(args, format);
    pk_buf_vfmt(&text, format, args);
    va_end(args);
    if (where->group && (!where->source || has_tags(where->source))) {
        pk_buf_fmt(&text, " (group \"%s\")", where->group);
    }
    pk_errors_addf(linter->warnings, PRANKCURL_CAMPAIGN,
                   where->place ? where->place : &source->place, "%s", pk_buf_text(&text));
    pk_buf_free(&text);
}

const pk_source *pk_html_source(const pk_template *message)
{
    const pk_source *source = message->markdown.text ? &message->markdown : &message->html;
    return source->text ? source : NULL;
}

static size_t subject_length(const prankcurl_message *message)
{
    return pk_utf8_count(pk_buf_text(&message->subject), message->subject.len);
}

/* Of the text that somebody wrote; the one that is made of html has short lines. */
static size_t text_line_length(const prankcurl_message *message)
{
    const char *line = message->source->text.text ? pk_buf_text(&message->text) : "";
    size_t longest = 0;
    while (*line) {
        size_t len = strcspn(line, "\r\n");
        size_t length = len > longest ? pk_utf8_count(line, len) : 0;
        longest = length > longest ? length : longest;
        line += len + (line[len] ? 1 : 0);
    }
    return longest;
}

static const struct {
    size_t limit;
    size_t unit;
    size_t (*measure)(const prankcurl_message *message);
    const char *before; /* the value */
    const char *after;
} measures[PK_MEASURES] = {
    [PK_SUBJECT_LENGTH] = {78, 1, subject_length, "it has",
                           "characters, and most programs cut it behind 78; make it shorter"},
    [PK_TEXT_LINE_LENGTH] =
        {998, 1, text_line_length, "one of its lines has",
         "characters; it arrives whole, but it is sent encoded, as mail allows 998, and some "
         "programs don't wrap it; break it into several"},
    [PK_MESSAGE_SIZE] = {20 * MEGABYTE, MEGABYTE, prankcurl_message_size, "as it is sent it has",
                         "MB, and many servers refuse more than 25; make its files smaller, or "
                         "put a link in their place"},
};

static const pk_source *measured_source(const pk_template *message, pk_measure measure)
{
    return measure == PK_SUBJECT_LENGTH     ? &message->subject
           : measure == PK_TEXT_LINE_LENGTH ? &message->text
                                            : NULL;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

/* Composes one prank, and looks at what has come of it. */
static bool look(void *user, const prankcurl_prank *prank)
{
    pk_linter *linter = user;
    prankcurl_message *message = linter->message;
    pk_seen *seen = &linter->seen[prank->message - linter->composer->campaign->messages];
    prankcurl_status status = pk_compose(linter->composer, prank, 0, message, &linter->report);
    if (status != PRANKCURL_OK) {
        linter->no_memory = status == PRANKCURL_NO_MEMORY;
        return !linter->no_memory;
    }
    for (size_t i = 0; i < PK_MEASURES; i++) {
        size_t value = measures[i].measure(message);
        if (value > seen->most[i].value) {
            seen->most[i].value = value;
            seen->most[i].group = prank->group;
        }
    }
    if (!seen->blank_group && prank->message->text.text && is_blank(pk_buf_text(&message->text))) {
        seen->blank_group = prank->group;
    }
    if (!linter->is_quick && pk_html_source(prank->message)) {
        pk_lint_html(linter, prank->message, seen, prank->group);
    }
    return !linter->no_memory;
}

static void tell_measures(pk_linter *linter, const pk_template *message, const pk_seen *seen)
{
    for (size_t i = 0; i < PK_MEASURES; i++) {
        if (seen->most[i].value > measures[i].limit) {
            pk_lint_place where = {.message = message,
                                   .source = measured_source(message, (pk_measure)i),
                                   .group = seen->most[i].group};
            pk_warn(linter, &where, "%s %zu %s", measures[i].before,
                    seen->most[i].value / measures[i].unit, measures[i].after);
        }
    }
}

static void tell_pictures(pk_linter *linter, const pk_template *message, const pk_seen *seen)
{
    for (size_t i = 0; i < message->picture_count && seen->is_html_seen; i++) {
        const pk_attachment *picture = &message->pictures[i];
        if (!seen->shown[i]) {
            pk_lint_place where = {.message = message, .place = &picture->place};
            pk_warn(linter, &where,
                    "nothing in its html shows this picture; write <img src=\"cid:%s\" alt=\"…\"> "
                    "where it belongs, or put it into \"attachments\"",
                    picture->id);
        }
    }
}

static void tell_seen(pk_linter *linter, const pk_template *message, const pk_seen *seen)
{
    tell_measures(linter, message, seen);
    tell_pictures(linter, message, seen);
    if (seen->blank_group) {
        pk_lint_place where = {message, &message->text, NULL, seen->blank_group};
        pk_warn(linter, &where, "there are no words in it; who reads plain text sees nothing");
    }
}

static void tell_all(pk_linter *linter)
{
    const prankcurl_campaign *campaign = linter->composer->campaign;
    for (size_t i = 0; i < campaign->message_count; i++) {
        pk_lint_template(linter, &campaign->messages[i]);
        tell_seen(linter, &campaign->messages[i], &linter->seen[i]);
    }
    if (campaign->reveal) {
        pk_lint_template(linter, campaign->reveal);
    }
    pk_lint_variables(linter);
    pk_errors_sort(linter->warnings);
}

static bool open_linter(pk_linter *linter)
{
    const prankcurl_campaign *campaign = linter->composer->campaign;
    linter->message = prankcurl_message_new();
    linter->report.told = calloc(PK_TOLD_MAX, sizeof *linter->report.told);
    linter->seen = calloc(campaign->message_count, sizeof *linter->seen);
    bool has_memory = linter->message && linter->report.told && linter->seen;
    for (size_t i = 0; has_memory && i < campaign->message_count; i++) {
        linter->seen[i].shown = calloc(campaign->messages[i].picture_count + 1, sizeof(bool));
        has_memory = linter->seen[i].shown != NULL;
    }
    return has_memory;
}

static void close_linter(pk_linter *linter)
{
    for (size_t i = 0; linter->seen && i < linter->composer->campaign->message_count; i++) {
        free(linter->seen[i].shown);
    }
    free(linter->seen);
    free(linter->report.told);
    prankcurl_message_free(linter->message);
}

/* What the plan drew is composed in any case: that is what will be sent. */
static void look_at_all(pk_linter *linter, const prankcurl_plan *plan)
{
    pk_variants visited = pk_visit_variants(plan, look, linter);
    linter->no_memory = linter->no_memory || visited == PK_VARIANTS_NO_MEMORY;
    linter->is_quick = true;
    bool goes_on = visited == PK_VARIANTS_SAMPLE && !linter->no_memory;
    for (size_t i = 0; i < plan->count && goes_on; i++) {
        goes_on = look(linter, &plan->pranks[i]);
    }
}

prankcurl_status prankcurl_composer_lint(const prankcurl_composer *composer,
                                         const prankcurl_plan *plan, prankcurl_errors *errors,
                                         prankcurl_errors *warnings)
{
    pk_linter linter = {.composer = composer, .warnings = warnings, .report = {.errors = errors}};
    linter.no_memory = !open_linter(&linter);
    if (!linter.no_memory) {
        look_at_all(&linter, plan);
    }
    if (linter.report.status == PRANKCURL_OK && !linter.no_memory) {
        tell_all(&linter);
    }
    if (linter.no_memory && linter.report.status == PRANKCURL_OK) {
        linter.report.status = PRANKCURL_NO_MEMORY;
        pk_errors_addf(errors, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    if (linter.report.status != PRANKCURL_OK) {
        prankcurl_errors_free(warnings);
    }
    close_linter(&linter);
    return linter.report.status;
}
