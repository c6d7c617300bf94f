#include "campaign/eml.h"
#include "campaign/field_names.h"

#include "base/mail_tame.h"
#include "base/text.h"
#include "campaign/eml_parts.h"

#include <pthread.h>
#include <string.h>

enum {
    MAX_BYTES = 64 << 20,
    MAX_DEPTH = 20, /* of multiparts */
    MAX_PARTS = 200,
    MAX_FIELDS = 50,
    MAX_NOTES = 20,
    MAX_NOTE = 998,
    MAX_SHOWN = 120, /* bytes of the mail in a note */
};

/* A note, with something from the mail in it. */
static void note(pk_eml_reading *r, const char *format, const char *what)
{
    if (r->eml->note_count < MAX_NOTES) {
        pk_buf text;
        pk_buf_init(&text, MAX_NOTE);
        pk_buf shown;
        pk_buf_init(&shown, (size_t)4 * MAX_SHOWN);
        pk_add_printable(&shown, what, strnlen(what, MAX_SHOWN));
        for (const char *c = format; *c; c++) {
            *c == '*' ? pk_buf_str(&text, pk_buf_text(&shown)) : pk_buf_char(&text, *c);
        }
        r->notes[r->eml->note_count++] = pk_eml_keep(r, pk_buf_text(&text), text.len);
        pk_buf_free(&shown);
        pk_buf_free(&text);
    }
}

static bool is_attachment(GMimeObject *part)
{
    const char *disposition = g_mime_object_get_disposition(part);
    return (disposition && g_ascii_strcasecmp(disposition, "attachment") == 0) ||
           *pk_eml_filename(part);
}

/* Apple's programs cut a body into several parts, with the attachments between them. */
static void add_body(pk_eml_reading *r, GMimeObject *part, pk_buf *body, bool *has_body)
{
    if (*has_body && body->len > 0 && body->data[body->len - 1] != '\n') {
        pk_buf_char(body, '\n');
    }
    *has_body = true;
    if (!pk_eml_add_text(body, part)) {
        note(r, "the charset of a text is unknown (*): it is read as windows-1252",
             g_mime_object_get_content_type_parameter(part, "charset")
                 ? g_mime_object_get_content_type_parameter(part, "charset")
                 : "none is named");
    }
}

/* What is worth nothing, or can't be, outside the mail it was made for. */
static const char *reason_to_drop(GMimeObject *part)
{
    if (pk_eml_is_type(part, "application", "pgp-signature") ||
        pk_eml_is_type(part, "application", "pkcs7-signature") ||
        pk_eml_is_type(part, "application", "x-pkcs7-signature")) {
        return "the signature is not kept: it is for the mail as it was";
    }
    if (pk_eml_is_type(part, "message", "external-body") ||
        pk_eml_is_type(part, "message", "partial")) {
        return "a part is not kept: it is not in the file, which only says where it is";
    }
    if (pk_eml_is_type(part, "message", "delivery-status") ||
        pk_eml_is_type(part, "message", "disposition-notification")) {
        return "a part is not kept: it tells what became of another mail";
    }
    return NULL;
}

static void take_leaf(pk_eml_reading *r, GMimeObject *part)
{
    const char *reason = reason_to_drop(part);
    if (reason) {
        note(r, reason, "");
    } else if (pk_eml_is_type(part, "application", "pkcs7-mime") ||
               pk_eml_is_type(part, "application", "x-pkcs7-mime")) {
        r->why = "it is encrypted or signed (S/MIME) as a whole; save it without";
    } else if (pk_eml_is_type(part, "text", "plain") && !is_attachment(part)) {
        add_body(r, part, &r->text, &r->has_text);
    } else if (pk_eml_is_type(part, "text", "html") && !is_attachment(part)) {
        add_body(r, part, &r->html, &r->has_html);
    } else if (pk_eml_is_type(part, "text", "x-amp-html")) {
        note(r, "the AMP form of the text is not kept: it can't be a template", "");
    } else {
        g_ptr_array_add(r->files, part);
    }
}

static void walk(pk_eml_reading *r, GMimeObject *part, unsigned depth)
{
    if (r->why || !part) {
        return;
    }
    if (depth > MAX_DEPTH || ++r->parts > MAX_PARTS) {
        r->why = "it has parts in parts, or parts, without end; 20 levels and 200 parts are read";
        return;
    }
    if (!GMIME_IS_MULTIPART(part)) {
        take_leaf(r, part);
        return;
    }
    if (pk_eml_is_type(part, "multipart", "encrypted")) {
        r->why = "it is encrypted; save it decrypted";
        return;
    }
    int count = g_mime_multipart_get_count(GMIME_MULTIPART(part));
    for (int i = 0; i < count; i++) {
        walk(r, g_mime_multipart_get_part(GMIME_MULTIPART(part), i), depth + 1);
    }
}

static void keep_fields(pk_eml_reading *r, GMimeMessage *message)
{
    pk_eml_field *fields = pk_arena_alloc(r->arena, MAX_FIELDS, sizeof *fields);
    if (!fields) {
        r->why = pk_eml_no_memory;
        return;
    }
    GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
    int count = g_mime_header_list_get_count(list);
    for (int i = 0; i < count && r->eml->field_count < MAX_FIELDS; i++) {
        GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
        const char *name = g_mime_header_get_name(header);
        const char *value = g_mime_header_get_value(header);
        if (value && *value && pk_eml_keeps_field(name)) {
            fields[r->eml->field_count++] =
                (pk_eml_field){pk_eml_keep_line(r, name), pk_eml_keep_line(r, value)};
        }
    }
    r->eml->fields = fields;
}

static void keep_message(pk_eml_reading *r, GMimeMessage *message)
{
    const char *subject = g_mime_message_get_subject(message);
    r->eml->subject = pk_eml_keep_line(r, subject ? subject : "");
    walk(r, g_mime_message_get_mime_part(message), 0);
    if (!r->why && !r->has_text && !r->has_html) {
        r->why = "there is neither a text nor html in it";
    }
    if (r->why) {
        return;
    }
    keep_fields(r, message);
    pk_eml_keep_files(r);
    r->eml->text = r->has_text ? pk_eml_keep(r, pk_buf_text(&r->text), r->text.len) : NULL;
    r->eml->html = r->has_html ? pk_eml_keep(r, pk_buf_text(&r->html), r->html.len) : NULL;
    if (!pk_buf_ok(&r->text) || !pk_buf_ok(&r->html)) {
        r->why = pk_eml_no_memory;
    }
}

/* Where the header begins: behind a byte order mark and an mbox's line. */
static size_t preface_len(const char *bytes, size_t len)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t skipped = len >= 3 && memcmp(bytes, mark, 3) == 0 ? 3 : 0;
    if (len - skipped >= 5 && memcmp(bytes + skipped, "From ", 5) == 0) {
        const char *lf = memchr(bytes + skipped, '\n', len - skipped);
        skipped = lf ? (size_t)(lf - bytes) + 1 : len;
    }
    return skipped;
}

/* A header with one field that every mail has; else it is some other file. */
static bool is_mail(GMimeMessage *message)
{
    static const char *const expected[] = {"From", "Subject", "Date", "MIME-Version",
                                           "Content-Type"};
    GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        if (g_mime_header_list_contains(list, expected[i])) {
            return true;
        }
    }
    return false;
}

/* NULL: there is none in it. The caller unrefs it. */
static GMimeMessage *parse(GByteArray *bytes)
{
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), TRUE);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    g_object_unref(stream);
    if (message && !is_mail(message)) {
        g_object_unref(message);
        return NULL;
    }
    return message;
}

static void read_bytes(pk_eml_reading *r, const char *text, size_t len)
{
    GByteArray *bytes = g_byte_array_sized_new((guint)len + 1);
    (void)g_byte_array_append(bytes, (const guint8 *)text, (guint)len);
    if (pk_mail_tame((char *)bytes->data, len) < len) {
        g_byte_array_unref(bytes);
        r->why = "it has more parts than any honest mail";
        return;
    }
    GMimeMessage *message = parse(bytes);
    if (!message) {
        r->why = "it is no mail: no header field as Subject or From is in it";
        return;
    }
    keep_message(r, message);
    g_object_unref(message);
}

static pthread_once_t gmime_once = PTHREAD_ONCE_INIT;

bool pk_eml_read(pk_arena *arena, const char *bytes, size_t len, pk_eml *out, const char **why)
{
    *out = (pk_eml){.subject = ""};
    pk_eml_reading r = {.arena = arena, .eml = out};
    r.notes = pk_arena_alloc(arena, MAX_NOTES, sizeof *r.notes);
    if (len > MAX_BYTES || !r.notes) {
        *why = r.notes ? "it is bigger than 64 MiB" : pk_eml_no_memory;
        return false;
    }
    (void)pthread_once(&gmime_once, g_mime_init);
    r.files = g_ptr_array_new();
    pk_buf_init(&r.text, (size_t)4 * MAX_BYTES);
    pk_buf_init(&r.html, (size_t)4 * MAX_BYTES);
    size_t skipped = preface_len(bytes, len);
    read_bytes(&r, bytes + skipped, len - skipped);
    out->notes = r.notes;
    g_ptr_array_free(r.files, TRUE);
    pk_buf_free(&r.text);
    pk_buf_free(&r.html);
    *why = r.why;
    return r.why == NULL;
}
