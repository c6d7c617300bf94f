#include "preview/prank.h"

#include "base/error.h"
#include "base/text.h"
#include "preview/form.h"
#include "preview/markup.h"

#include <string.h>

enum {
    LINE_WIDTH = 76,         /* characters that a frame shows in a line, about */
    THUMBNAIL_MAX = 1 << 18, /* bytes of a picture that is shown beside its name */
};

static bool is_field(const pk_field_shown *field, const char *name)
{
    return strlen(name) == field->name_len &&
           pk_ascii_equal_nocase(field->name, name, field->name_len);
}

/* How the parts are encoded is nothing that a reader sees. */
static bool is_of_mime(const pk_field_shown *field)
{
    return is_field(field, "MIME-Version") ||
           (field->name_len > 8 && pk_ascii_equal_nocase(field->name, "Content-", 8));
}

static void put_field(const pk_page *page)
{
    const pk_field_shown *field = &page->field;
    (void)fputs("<dt>", page->out);
    pk_put_bytes(page->out, field->name, field->name_len);
    (void)fputs("</dt><dd>", page->out);
    if (is_field(field, "Date") && !page->preview->has_fixed_date) {
        (void)fputs("<i>when it is sent</i>", page->out);
    } else {
        pk_put_own(page->out, pk_buf_text(&field->value));
    }
    (void)fputs("</dd>\n", page->out);
}

static prankcurl_status put_header(pk_page *page, prankcurl_error *error)
{
    size_t count = 0;
    const prankcurl_piece *pieces = prankcurl_message_pieces(page->message, &count);
    const char *at = count ? pieces[0].bytes : "";
    const char *end = at + (count ? pieces[0].len : 0);
    (void)fputs("<section class=\"header\"><h3>The header <small>is what they read</small></h3>\n"
                "<dl>\n",
                page->out);
    while (pk_next_field(&at, end, &page->field)) {
        if (!pk_buf_ok(&page->field.value)) {
            return pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
        }
        if (!is_of_mime(&page->field)) {
            put_field(page);
        }
    }
    (void)fputs("</dl></section>\n", page->out);
    return PRANKCURL_OK;
}

static prankcurl_status put_envelope(pk_page *page, const prankcurl_prank *prank,
                                     prankcurl_error *error)
{
    FILE *out = page->out;
    bool needs_utf8 = prankcurl_message_needs_utf8(page->message);
    prankcurl_envelope envelope;
    if (prankcurl_envelope_init(&envelope, page->preview->campaign, prank) != PRANKCURL_OK) {
        return pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    (void)fputs("<section class=\"envelope\"><h3>The envelope <small>is what the servers go by"
                "</small></h3>\n<dl>\n<dt>MAIL FROM</dt><dd><code>",
                out);
    pk_put_own(out, envelope.sender);
    (void)fputs(needs_utf8 ? "</code> SMTPUTF8</dd>\n<dt>RCPT TO</dt>"
                           : "</code></dd>\n<dt>RCPT TO</dt>",
                out);
    for (size_t i = 0; i < envelope.recipient_count; i++) {
        (void)fputs("<dd><code>", out);
        pk_put_own(out, envelope.recipients[i]);
        (void)fputs("</code></dd>\n", out);
    }
    (void)fputs("</dl><p>", out);
    pk_put_size(out, prankcurl_message_size(page->message));
    (void)fputs(" to ", out);
    pk_put_count(out, envelope.recipient_count, "mailbox", "mailboxes");
    (void)fputs("; bounces go to the organiser", out);
    (void)fputs(
        needs_utf8 ? ". A server without SMTPUTF8 takes it only for the ASCII addresses" : "", out);
    (void)fputs("</p></section>\n", out);
    prankcurl_envelope_free(&envelope);
    return PRANKCURL_OK;
}

static prankcurl_status put_invitation(pk_page *page, prankcurl_error *error)
{
    FILE *out = page->out;
    pk_invitation *invitation = &page->invitation;
    const char *calendar = prankcurl_message_calendar(page->message);
    if (!*calendar) {
        return PRANKCURL_OK;
    }
    pk_invitation_free(invitation);
    if (!pk_invitation_read(invitation, calendar)) {
        return pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    const struct {
        const char *name;
        const char *value;
    } rows[] = {{"What", pk_buf_text(&invitation->summary)},
                {"From", pk_buf_text(&invitation->start)},
                {"Until", pk_buf_text(&invitation->end)},
                {"Where", pk_buf_text(&invitation->location)}};
    (void)fputs("<section class=\"invitation\"><h3>Invitation <small>their calendar offers to "
                "accept it</small></h3>\n<dl>\n",
                out);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (*rows[i].value) {
            (void)fprintf(out, "<dt>%s</dt><dd>", rows[i].name);
            pk_put_own(out, rows[i].value);
            (void)fputs("</dd>\n", out);
        }
    }
    (void)fputs("</dl></section>\n", out);
    return PRANKCURL_OK;
}

/* Small files are small pictures, mostly. */
static size_t guess_picture_lines(const prankcurl_file *file)
{
    size_t lines = 4 + file->size / 8000;
    return lines < 12 ? lines : 12;
}

/* How many lines the html fills, about: a frame can't ask what is in it without a script. */
static size_t guess_lines(const prankcurl_message *message)
{
    size_t lines = 1;
    size_t column = 0;
    for (const char *p = prankcurl_message_text(message); *p && lines < 1000; p++) {
        column = *p == '\n' ? 0 : column + 1;
        lines += *p == '\n' || column % LINE_WIDTH == 0 ? 1 : 0;
    }
    for (size_t i = 0; i < prankcurl_message_file_count(message); i++) {
        prankcurl_file file = prankcurl_message_file(message, i);
        lines += file.content_id ? guess_picture_lines(&file) : 0;
    }
    return lines;
}

static void put_frame(pk_page *page)
{
    FILE *out = page->out;
    size_t remote = 0;
    (void)fprintf(out,
                  "<section class=\"form\"><h3>As html</h3>\n<iframe sandbox loading=\"lazy\" "
                  "style=\"--lines:%zu\" title=\"",
                  guess_lines(page->message));
    pk_put_text(out, prankcurl_message_subject(page->message));
    (void)fputs(", as html\" srcdoc=\"", out);
    pk_put_form(out, page->message, &page->pictures, &remote);
    (void)fputs("\"></iframe>\n", out);
    if (remote) {
        (void)fputs("<p class=\"note\">", out);
        pk_put_count(out, remote, "picture is", "pictures are");
        (void)fputs(
            " on other people&#39;s servers, and not loaded here; many mail programs don&#39;t, "
            "either</p>\n",
            out);
    }
    (void)fputs("</section>\n", out);
}

static void put_forms(pk_page *page)
{
    FILE *out = page->out;
    const char *text = prankcurl_message_text(page->message);
    bool has_html = *prankcurl_message_html(page->message) != '\0';
    if (has_html) {
        put_frame(page);
    }
    /* The first line end in a pre is not shown, so there is one that may get lost. */
    (void)fputs(has_html ? "<details class=\"form\"><summary>As plain text</summary>\n<pre dir="
                           "\"auto\">\n"
                         : "<section class=\"form\"><h3>As plain text</h3>\n<pre dir=\"auto\">\n",
                out);
    pk_put_text(out, text);
    (void)fputs(has_html ? "</pre></details>\n" : "</pre></section>\n", out);
}

static void put_file(pk_page *page, const prankcurl_file *file)
{
    FILE *out = page->out;
    bool is_inside = file->content_id != NULL;
    (void)fputs("<li>", out);
    if (!is_inside && pk_is_picture(file) && file->size <= THUMBNAIL_MAX &&
        pk_pictures_take(&page->pictures, file)) {
        (void)fputs("<img alt=\"\" src=\"", out);
        pk_put_picture(out, file);
        (void)fputs("\">", out);
    }
    (void)fputs("<span><b>", out);
    pk_put_own(out, file->name);
    (void)fputs("</b> <small>", out);
    pk_put_text(out, file->type);
    (void)fputs(", ", out);
    pk_put_size(out, file->size);
    (void)fputs(is_inside ? ", within the html</small></span></li>\n" : "</small></span></li>\n",
                out);
}

static void put_files(pk_page *page)
{
    size_t count = prankcurl_message_file_count(page->message);
    if (!count) {
        return;
    }
    (void)fputs("<section class=\"files\"><h3>Files</h3>\n<ul>\n", page->out);
    for (size_t i = 0; i < count; i++) {
        prankcurl_file file = prankcurl_message_file(page->message, i);
        put_file(page, &file);
    }
    (void)fputs("</ul></section>\n", page->out);
}

static void put_heading(const pk_page *page, const prankcurl_prank *prank, size_t i)
{
    FILE *out = page->out;
    const char *id = prankcurl_prank_id(prank);
    (void)fprintf(
        out,
        "<article id=\"p-%s\" aria-labelledby=\"h-%s\">\n<p class=\"what\"><a href=\"#p-%s\">"
        "%zu of %zu</a> <span>group <b>",
        id, id, id, i + 1, page->preview->count);
    pk_put_own(out, prankcurl_prank_group(prank));
    (void)fputs("</b></span> <span>message <b>", out);
    pk_put_own(out, prankcurl_prank_message(prank));
    (void)fprintf(out, "</b></span></p>\n<h2 id=\"h-%s\">", id);
    pk_put_own(out, prankcurl_message_subject(page->message));
    (void)fputs("</h2>\n", out);
}

prankcurl_status pk_put_prank(pk_page *page, size_t i, prankcurl_error *error)
{
    const pk_preview *preview = page->preview;
    const prankcurl_prank *prank = preview->pranks[i];
    prankcurl_status status =
        prankcurl_compose(preview->composer, prank, preview->date_s, page->message, error);
    if (status != PRANKCURL_OK) {
        return status;
    }
    put_heading(page, prank, i);
    (void)fputs("<div class=\"sides\">\n", page->out);
    status = put_header(page, error);
    if (status == PRANKCURL_OK) {
        status = put_envelope(page, prank, error);
    }
    (void)fputs("</div>\n", page->out);
    if (status == PRANKCURL_OK) {
        status = put_invitation(page, error);
    }
    put_forms(page);
    put_files(page);
    (void)fputs("<p class=\"up\"><a href=\"#top\">Back to the list</a></p>\n</article>\n",
                page->out);
    return status;
}
