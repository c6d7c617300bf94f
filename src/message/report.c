/* What is wrong with a message, with its place in the campaign file or in the template's own file.
 */
#include "message/composer.h"
#include "message/context.h"

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_MAX = 64 * 1024 };

/* Notes a failure at a place, and answers whether it was told of before. */
static bool was_told(pk_report *report, prankcurl_status status, const pk_source *source,
                     unsigned line, unsigned column)
{
    bool is_first = report->failed == PRANKCURL_OK;
    report->failed = is_first ? status : report->failed;
    report->status = report->status == PRANKCURL_OK ? status : report->status;
    if (!report->errors) {
        return !is_first;
    }
    for (size_t i = 0; i < report->told_count; i++) {
        const pk_told *told = &report->told[i];
        if (told->source == source && told->line == line && told->column == column) {
            return true;
        }
    }
    if (report->told_count < PK_TOLD_MAX) {
        report->told[report->told_count++] = (pk_told){source, line, column};
    }
    return false;
}

static void add(pk_report *report, prankcurl_status status, const pk_place *place, pk_buf *message)
{
    if (report->errors) {
        pk_errors_addf(report->errors, status, place, "%s", pk_buf_text(message));
    } else {
        (void)pk_error_set(report->error, status, place, "%s", pk_buf_text(message));
    }
    pk_buf_free(message);
}

static void add_template_name(const pk_spot *spot, pk_buf *out)
{
    pk_add_source_name(out, spot->composer->campaign, spot->message, spot->source);
}

static void add_group(const pk_spot *spot, pk_buf *out)
{
    pk_buf_fmt(out, " (group \"%s\")", spot->prank->group);
}

/* A text of its own file has its place there; one inside the campaign has the place of its value,
 * and the message tells the rest: escapes make columns of the two differ. */
static pk_place begin_place(const pk_spot *spot, const pk_mustache_fault *fault, pk_buf *message)
{
    const pk_partial *partial = fault->mustache->owner;
    const pk_source *source = partial ? &partial->source : spot->source;
    const pk_mustache_node *node = fault->node;
    pk_place place = source->place;
    add_template_name(spot, message);
    if (partial) {
        pk_buf_fmt(message, ", {{>%s}}", partial->name);
    }
    if (source->is_inline) {
        pk_buf_fmt(message, ", line %u, column %u", node->line, node->column);
    } else {
        place.line = node->line;
        place.column = node->column;
    }
    pk_buf_str(message, ": ");
    return place;
}

/* The tag as it was written, but for blanks and delimiters. */
static void add_tag(const pk_mustache_node *node, pk_buf *out)
{
    pk_buf_str(out, "{{");
    if (node->sigil) {
        pk_buf_char(out, node->sigil);
    }
    if (node->is_dynamic) {
        pk_buf_char(out, '*');
    }
    pk_buf_add(out, node->text, node->len);
    pk_buf_str(out, node->sigil == '{' ? "}}}" : "}}");
}

void pk_report_fault(void *user, const pk_mustache_fault *fault)
{
    const pk_spot *spot = user;
    const pk_mustache_node *node = fault->node;
    const pk_partial *partial = fault->mustache->owner;
    const pk_source *source = partial ? &partial->source : spot->source;
    if (was_told(spot->report, PRANKCURL_CAMPAIGN, source, node->line, node->column)) {
        return;
    }
    pk_context context = {spot->composer->campaign, spot->prank};
    pk_buf message;
    pk_buf_init(&message, MESSAGE_MAX);
    pk_place place = begin_place(spot, fault, &message);
    if (node->kind != PK_MUSTACHE_TEXT) {
        add_tag(node, &message);
        pk_buf_str(&message, ": ");
    }
    if (!pk_context_explain_lacking(&context, fault, &message)) {
        pk_context_explain(&context, fault, &message);
        add_group(spot, &message);
    }
    add(spot->report, PRANKCURL_CAMPAIGN, &place, &message);
}

void pk_report_spot(const pk_spot *spot, prankcurl_status status, const char *format, ...)
{
    /* What belongs to no template is told once a message, in the subject's place. */
    const pk_source *source = spot->source ? spot->source : &spot->message->subject;
    if (was_told(spot->report, status, source, 0, spot->source ? 0 : 1)) {
        return;
    }
    pk_buf message;
    pk_buf_init(&message, MESSAGE_MAX);
    add_template_name(spot, &message);
    pk_buf_str(&message, ": ");
    va_list args;
    va_start(args, format);
    pk_buf_vfmt(&message, format, args);
    va_end(args);
    add_group(spot, &message);
    add(spot->report, status, &source->place, &message);
}

static void report_size(const pk_spot *spot)
{
    pk_report_spot(spot, PRANKCURL_CAMPAIGN, "it becomes larger than %d MiB; make it shorter",
                   PK_MESSAGE_MAX >> 20);
}

void pk_report_buffer(const pk_spot *spot, const pk_buf *buf)
{
    /* No single addition comes near a quarter of the maximum: where little is in it, memory lacked.
     */
    if (buf->len > buf->max / 2) {
        report_size(spot);
    } else {
        pk_report_spot(spot, PRANKCURL_NO_MEMORY, "out of memory");
    }
}

void pk_report_field(const pk_spot *spot, const char *field, pk_header_status status)
{
    if (status == PK_HEADER_CONTROL) {
        pk_report_spot(spot, PRANKCURL_CAMPAIGN,
                       "a control character would get into %s; take it out of the campaign", field);
    } else if (status == PK_HEADER_BAD) {
        pk_report_spot(spot, PRANKCURL_INTERNAL,
                       "%s can't be written in ASCII, which the checks before should have told",
                       field);
    }
}

void pk_report_pieces(const pk_spot *spot, const pk_pieces *pieces)
{
    if (pieces->size > pieces->own.max) {
        report_size(spot);
    } else {
        pk_report_buffer(spot, &pieces->own);
    }
}
