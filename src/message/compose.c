#include "message/composer.h"

#include "base/clock.h"
#include "base/text.h"
#include "message/context.h"
#include "message/mime.h"
#include "message/people.h"

#include <unictype.h>

/* Everything but the forms of the body goes into a line. */
static bool makes_line(const pk_template *message, const pk_source *source)
{
    return source != &message->text && source != &message->html && source != &message->markdown;
}

void pk_render(pk_spot *spot, pk_escape *escape, pk_buf *out)
{
    pk_context context = {spot->composer->campaign, spot->prank};
    pk_value root = pk_context_root(&context);
    pk_mustache_options options = {.escape = escape,
                                   .is_one_line = makes_line(spot->message, spot->source),
                                   .fault = pk_report_fault,
                                   .user = spot};
    pk_buf_reset(out);
    if (spot->source->parsed) { /* a message of files alone has no text */
        pk_mustache_render(spot->source->parsed, &root, &options, out);
    }
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

static void complain_control(const pk_spot *spot, uint32_t control, const char *line,
                             const char *what)
{
    pk_buf shown;
    pk_buf_init(&shown, 1024);
    for (size_t i = 0; i < 200 && line[i]; i++) {
        if (line[i] == '\n' || line[i] == '\r') {
            pk_buf_str(&shown, line[i] == '\n' ? "\\n" : "\\r");
        } else {
            pk_buf_char(&shown, line[i]);
        }
    }
    pk_report_spot(
        spot, PRANKCURL_CAMPAIGN,
        "a variable or a partial puts a %s into it, but a %s is one line: \"%s\"; make it "
        "one line, or take it out of the %s",
        pk_control_name(control), what, pk_buf_text(&shown), what);
    pk_buf_free(&shown);
}

void pk_render_line(pk_spot *spot, const pk_source *source, const char *what, pk_buf *out)
{
    spot->source = source;
    pk_render(spot, NULL, out);
    if (pk_buf_ok(out) && !pk_text_compose(out)) {
        pk_report_spot(spot, PRANKCURL_NO_MEMORY, "out of memory");
    }
    const char *line = pk_buf_text(out);
    uint32_t control = pk_find_control(line, "");
    if (control) {
        complain_control(spot, control, line, what);
    } else if (spot->report->failed == PRANKCURL_OK && is_blank(line)) {
        pk_report_spot(spot, PRANKCURL_CAMPAIGN,
                       "nothing is left of it when its variables are filled in; write some words "
                       "into it");
    }
}

static void add_date_field(const pk_spot *spot, prankcurl_message *message)
{
    pk_buf *date = &message->date;
    if (date->len == 0 || !pk_buf_ok(date) || message->date_s != spot->date_s) {
        pk_buf_reset(date);
        pk_buf_str(date, "Date: ");
        pk_add_date(date, spot->date_s);
        pk_buf_str(date, "\r\n");
        message->date_s = spot->date_s;
    }
    if (!pk_buf_ok(date)) {
        pk_report_buffer(spot, date);
    }
    pk_buf_add(&message->out.own, pk_buf_text(date), date->len);
}

static void add_fields(const pk_spot *spot, prankcurl_message *message)
{
    pk_buf *out = &message->out.own;
    const prankcurl_prank *prank = spot->prank;
    pk_add_people(spot, message);
    if (spot->message->reply_to) {
        pk_report_field(spot, "Reply-To",
                        pk_header_token(out, "Reply-To", spot->message->reply_to->address.text));
    }
    pk_report_field(spot, "Subject",
                    pk_header_text(out, "Subject", pk_buf_text(&message->subject)));
    add_date_field(spot, message);
    pk_report_field(spot, "Message-ID", pk_header_token(out, "Message-ID", prank->message_id));
    pk_buf_str(out, "MIME-Version: 1.0\r\n");
}

/* The fields that the message's own table adds. */
static void add_own_fields(pk_spot *spot, prankcurl_message *message)
{
    for (size_t i = 0; i < spot->message->field_count; i++) {
        const pk_field_template *field = &spot->message->fields[i];
        pk_render_line(spot, &field->value, "header field", &message->line);
        pk_report_field(
            spot, field->name,
            pk_header_text(&message->out.own, field->name, pk_buf_text(&message->line)));
    }
    spot->source = NULL;
}

static void assemble(pk_spot *spot, prankcurl_message *message, const pk_part *root)
{
    pk_buf *out = &message->out.own;
    const char *id = spot->prank->id;
    add_fields(spot, message);
    pk_mime_fields(out, root, id);
    pk_report_field(spot, "X-Prank-Campaign",
                    pk_header_token(out, "X-Prank-Campaign", spot->composer->campaign->name));
    add_own_fields(spot, message);
    pk_buf_str(out, "\r\n");
    pk_mime_body(&message->out, root, id);
    if (!pk_pieces_finish(&message->out)) {
        pk_report_pieces(spot, &message->out);
    }
}

static bool is_of(const prankcurl_campaign *campaign, const pk_template *message)
{
    for (size_t i = 0; i < campaign->message_count; i++) {
        if (&campaign->messages[i] == message) {
            return true;
        }
    }
    return message == campaign->reveal;
}

prankcurl_status pk_compose(const prankcurl_composer *composer, const prankcurl_prank *prank,
                            int64_t date_s, prankcurl_message *message, pk_report *report)
{
    pk_prank_expect_next(prank);
    pk_pieces_reset(&message->out);
    message->source = NULL;
    report->failed = PRANKCURL_OK;
    if (!is_of(composer->campaign, prank->message)) {
        report->status = PRANKCURL_INTERNAL;
        return pk_error_set(report->error, PRANKCURL_INTERNAL, NULL,
                            "this prank is not of the campaign that the composer is for");
    }
    pk_spot spot = {.composer = composer,
                    .message = prank->message,
                    .prank = prank,
                    .date_s = date_s,
                    .report = report};
    pk_part root;
    message->is_utf8 = !message->is_ascii_only && pk_needs_utf8(composer->campaign, prank);
    pk_render_line(&spot, &prank->message->subject, "subject", &message->subject);
    pk_make_body(&spot, message, &root);
    if (report->failed == PRANKCURL_OK) {
        assemble(&spot, message, &root);
    }
    if (report->failed == PRANKCURL_OK) {
        message->source = prank->message;
    } else {
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
