#include "message/composer.h"

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "message/context.h"
#include "message/mime.h"
#include "message/people.h"

#include <stdlib.h>
#include <string.h>
#include <unictype.h>

prankcurl_message *prankcurl_message_new(void)
{
    prankcurl_message *message = calloc(1, sizeof *message);
    if (message) {
        pk_buf_init(&message->subject, PK_MESSAGE_MAX);
        pk_buf_init(&message->rendered, PK_MESSAGE_MAX);
        pk_buf_init(&message->canonical, PK_MESSAGE_MAX);
        pk_buf_init(&message->encoded[0], PK_MESSAGE_MAX);
        pk_buf_init(&message->encoded[1], PK_MESSAGE_MAX);
        pk_pieces_init(&message->out, PK_MESSAGE_MAX);
    }
    return message;
}

void prankcurl_message_free(prankcurl_message *message)
{
    if (!message) {
        return;
    }
    pk_buf_free(&message->subject);
    pk_buf_free(&message->rendered);
    pk_buf_free(&message->canonical);
    pk_buf_free(&message->encoded[0]);
    pk_buf_free(&message->encoded[1]);
    pk_pieces_free(&message->out);
    free(message->mailboxes);
    free(message);
}

const prankcurl_piece *prankcurl_message_pieces(const prankcurl_message *message, size_t *count)
{
    *count = message->out.count;
    return message->out.list;
}

size_t prankcurl_message_size(const prankcurl_message *message)
{
    return message->out.size;
}

uint64_t prankcurl_message_fingerprint(const prankcurl_message *message)
{
    return pk_pieces_fingerprint(&message->out);
}

static void render(pk_spot *spot, const pk_mustache *mustache, pk_escape escape, pk_buf *out)
{
    pk_context context = {spot->composer->campaign, spot->prank};
    pk_value root = pk_context_root(&context);
    pk_mustache_options options = {escape, pk_report_fault, spot};
    pk_buf_reset(out);
    pk_mustache_render(mustache, &root, &options, out);
    if (!pk_buf_ok(out)) {
        pk_report_buffer(spot, out);
    }
}

static bool is_blank(const char *text)
{
    while (*text) {
        uint32_t c = 0;
        text += pk_utf8_next(text, &c);
        if (!uc_is_property_white_space(c)) {
            return false;
        }
    }
    return true;
}

static void make_subject(pk_spot *spot, pk_buf *out)
{
    spot->source = &spot->message->source->subject;
    render(spot, &spot->message->subject, PK_ESCAPE_NONE, out);
    if (pk_buf_ok(out) && !pk_text_compose(out)) {
        pk_report_spot(spot, PRANKCURL_NO_MEMORY, "out of memory");
    }
    const char *subject = pk_buf_text(out);
    uint32_t control = pk_find_control(subject, "");
    if (control) {
        pk_report_spot(spot, PRANKCURL_CAMPAIGN,
                       "a variable puts a %s into it, but a subject is one line: \"%.200s\"; take "
                       "that out of the variable, or the variable out of the subject",
                       pk_control_name(control), subject);
    } else if (spot->report->failed == PRANKCURL_OK && is_blank(subject)) {
        pk_report_spot(spot, PRANKCURL_CAMPAIGN,
                       "nothing is left of it when its variables are filled in; write some words "
                       "into it");
    }
}

/* One text, rendered and encoded: into *part, whose body lies in `encoded`. */
static void make_leaf(pk_spot *spot, const pk_mustache *mustache, bool html,
                      prankcurl_message *message, pk_part *part)
{
    pk_buf *encoded = &message->encoded[html ? 1 : 0];
    pk_buf *canonical = &message->canonical;
    *part = (pk_part){.type = html ? "text/html; charset=utf-8" : "text/plain; charset=utf-8"};
    render(spot, mustache, html ? PK_ESCAPE_HTML : PK_ESCAPE_NONE, &message->rendered);
    pk_buf_reset(canonical);
    pk_buf_reset(encoded);
    if (!pk_buf_ok(&message->rendered)) {
        return;
    }
    if (!pk_add_canonical(canonical, pk_buf_text(&message->rendered), message->rendered.len)) {
        pk_report_spot(spot, PRANKCURL_CAMPAIGN,
                       "a control character is in it; only tabs and line ends may be");
    }
    part->transfer = pk_add_encoded(encoded, pk_buf_text(canonical), canonical->len);
    part->body = pk_buf_text(encoded);
    part->len = encoded->len;
    if (!pk_buf_ok(canonical) || !pk_buf_ok(encoded)) {
        pk_report_buffer(spot, pk_buf_ok(encoded) ? canonical : encoded);
    }
}

/* Text, html, or both: the simplest first, as readers take the last they know (RFC 2046 §5.1.4). */
static size_t make_leaves(pk_spot *spot, prankcurl_message *message, pk_part leaves[2])
{
    const pk_template *source = spot->message->source;
    size_t count = 0;
    if (source->text.text || !source->html.text) {
        spot->source = &source->text;
        make_leaf(spot, &spot->message->text, false, message, &leaves[count++]);
    }
    if (source->html.text) {
        spot->source = &source->html;
        make_leaf(spot, &spot->message->html, true, message, &leaves[count++]);
    }
    spot->source = NULL;
    return count;
}

static void add_fields(const pk_spot *spot, prankcurl_message *message)
{
    pk_buf *out = &message->out.own;
    const prankcurl_prank *prank = spot->prank;
    pk_add_people(spot, message);
    pk_report_field(spot, "Subject",
                    pk_header_text(out, "Subject", pk_buf_text(&message->subject)));
    pk_buf_str(out, "Date: ");
    pk_add_date(out, spot->date_s);
    pk_buf_str(out, "\r\n");
    pk_report_field(spot, "Message-ID", pk_header_token(out, "Message-ID", prank->message_id));
    pk_buf_str(out, "MIME-Version: 1.0\r\n");
}

static void assemble(const pk_spot *spot, prankcurl_message *message, const pk_part *root)
{
    pk_buf *out = &message->out.own;
    const char *id = spot->prank->id;
    add_fields(spot, message);
    pk_mime_fields(out, root, id);
    pk_report_field(spot, "X-Prank-Campaign",
                    pk_header_token(out, "X-Prank-Campaign", spot->composer->campaign->name));
    pk_buf_str(out, "\r\n");
    pk_mime_body(&message->out, root, id);
    if (!pk_pieces_finish(&message->out)) {
        pk_report_buffer(spot, out);
    }
}

static const pk_parsed *find_parsed(const prankcurl_composer *composer, const pk_template *source)
{
    for (size_t i = 0; i < composer->count; i++) {
        if (composer->messages[i].source == source) {
            return &composer->messages[i];
        }
    }
    return NULL;
}

prankcurl_status pk_compose(const prankcurl_composer *composer, const prankcurl_prank *prank,
                            int64_t date_s, prankcurl_message *message, pk_report *report)
{
    pk_pieces_reset(&message->out);
    const pk_parsed *parsed = find_parsed(composer, prank->message);
    report->failed = PRANKCURL_OK;
    if (!parsed) {
        report->status = PRANKCURL_INTERNAL;
        return pk_error_set(report->error, PRANKCURL_INTERNAL, NULL,
                            "this prank is not of the campaign whose templates were parsed");
    }
    pk_spot spot = {.composer = composer,
                    .message = parsed,
                    .prank = prank,
                    .date_s = date_s,
                    .report = report};
    pk_part leaves[2];
    message->is_utf8 = !message->is_ascii_only && pk_needs_utf8(composer->campaign, prank);
    make_subject(&spot, &message->subject);
    size_t count = make_leaves(&spot, message, leaves);
    if (report->failed == PRANKCURL_OK) {
        pk_part root = leaves[0];
        if (count > 1) {
            root = (pk_part){.type = "multipart/alternative", .parts = leaves, .part_count = count};
            pk_mime_boundary(&root, prank->id, 1);
        }
        assemble(&spot, message, &root);
    }
    if (report->failed != PRANKCURL_OK) {
        pk_pieces_reset(&message->out);
    }
    return report->failed;
}

prankcurl_status prankcurl_compose(const prankcurl_composer *composer, const prankcurl_prank *prank,
                                   int64_t date_s, prankcurl_message *message,
                                   prankcurl_error *error)
{
    pk_report report = {.error = error};
    message->is_ascii_only = false;
    return pk_compose(composer, prank, date_s, message, &report);
}

prankcurl_status prankcurl_compose_ascii(const prankcurl_composer *composer,
                                         const prankcurl_prank *prank, int64_t date_s,
                                         prankcurl_message *message, prankcurl_error *error)
{
    pk_report report = {.error = error};
    message->is_ascii_only = true;
    return pk_compose(composer, prank, date_s, message, &report);
}

bool prankcurl_message_needs_utf8(const prankcurl_message *message)
{
    return message->is_utf8;
}
