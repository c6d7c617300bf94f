/* A message's body: what is read, rendered and encoded in each of its forms, and the files. */
#include "message/composer.h"

#include "message/html_text.h"
#include "message/markdown.h"

/* A form as it is encoded: into *part, whose body lies in `encoded`. */
static void encode(const pk_spot *spot, prankcurl_message *message, const char *type,
                   const pk_buf *text, pk_buf *encoded, pk_part *part)
{
    pk_buf_reset(encoded);
    if (!pk_buf_ok(text)) {
        return; /* told already */
    }
    if (!pk_add_encoded(encoded, pk_buf_text(text), text->len, &message->scratch,
                        &part->transfer)) {
        pk_report_spot(spot, PRANKCURL_CAMPAIGN,
                       "a control character is in it; only tabs and line ends may be");
    }
    part->type = type;
    part->body = pk_buf_text(encoded);
    part->len = encoded->len;
    if (!pk_buf_ok(&message->scratch) || !pk_buf_ok(encoded)) {
        pk_report_buffer(spot, pk_buf_ok(encoded) ? &message->scratch : encoded);
    }
}

/* Variables are filled in first, so that they can stand for anything but Markdown. */
static void render_markdown(pk_spot *spot, prankcurl_message *message)
{
    spot->source = &spot->message->markdown;
    pk_render(spot, pk_add_markdown_escaped, &message->markdown);
    pk_buf_reset(&message->html);
    if (pk_buf_ok(&message->markdown) &&
        !pk_markdown_to_html(&message->html, pk_buf_text(&message->markdown),
                             message->markdown.len)) {
        pk_report_spot(spot, PRANKCURL_CAMPAIGN,
                       "it is too large, or has too large a table; make it shorter");
    }
}

static void make_html(pk_spot *spot, prankcurl_message *message, pk_part *part)
{
    if (spot->message->markdown.text) {
        render_markdown(spot, message);
    } else {
        spot->source = &spot->message->html;
        pk_render(spot, pk_escape_html, &message->html);
    }
    encode(spot, message, "text/html; charset=utf-8", &message->html, &message->encoded[1], part);
}

static void make_text(pk_spot *spot, prankcurl_message *message, pk_part *part)
{
    spot->source = &spot->message->text;
    pk_render(spot, NULL, &message->text);
    encode(spot, message, "text/plain; charset=utf-8", &message->text, &message->encoded[0], part);
}

/* Who reads no html reads what it says. */
static void make_text_of_html(pk_spot *spot, prankcurl_message *message, pk_part *part)
{
    pk_buf *text = &message->text;
    pk_buf_reset(text);
    if (!pk_html_to_text(text, pk_buf_text(&message->html), message->html.len, PK_TEXT_TO_READ)) {
        pk_report_spot(spot, PRANKCURL_CAMPAIGN,
                       "no text can be made of it for those who read no html: it is too large, or "
                       "nested too deeply; write \"text\", too");
        return;
    }
    encode(spot, message, "text/plain; charset=utf-8", text, &message->encoded[0], part);
}

static void make_calendar(pk_spot *spot, prankcurl_message *message, pk_part *part)
{
    pk_make_invitation(spot, message);
    encode(spot, message, "text/calendar; charset=utf-8; method=REQUEST", &message->calendar,
           &message->encoded[2], part);
}

static bool has_html(const pk_template *source)
{
    return source->html.text || source->markdown.text;
}

void pk_make_body(pk_spot *spot, prankcurl_message *message, pk_part *root)
{
    const pk_template *source = spot->message;
    bool has_text = source->text.text || !has_html(source);
    pk_part text = {.type = NULL};
    pk_part html = {.type = NULL};
    pk_part calendar = {.type = NULL};
    pk_buf_reset(&message->text);
    pk_buf_reset(&message->html);
    pk_buf_reset(&message->calendar);
    pk_forms forms = {&text, has_html(source) ? &html : NULL, source->meeting ? &calendar : NULL};
    if (has_text) {
        make_text(spot, message, &text);
    }
    if (forms.html) {
        make_html(spot, message, &html);
    }
    if (!has_text) {
        make_text_of_html(spot, message, &text);
    }
    if (forms.calendar) {
        make_calendar(spot, message, &calendar);
    }
    spot->source = NULL;
    if (spot->report->failed == PRANKCURL_OK &&
        !pk_tree_make(&message->tree, &forms, source, spot->prank->id, root)) {
        pk_report_spot(spot, PRANKCURL_NO_MEMORY, "out of memory");
    }
}
