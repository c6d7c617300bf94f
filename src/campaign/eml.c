#include "campaign/eml.h"

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
    MAX_LINE = 998, /* RFC 5322 §2.1.1 */
};

typedef struct reading {
    pk_arena *arena;  /* lent */
    pk_eml *eml;      /* lent */
    GPtrArray *files; /* of GMimeObject, lent by the message: what is no body */
    pk_buf text;
    pk_buf html;
    bool has_text;
    bool has_html;
    size_t parts; /* seen so far */
    const char **notes;
    const char *why; /* NULL: all is well */
} reading;

static const char no_memory[] = "there is no memory left to read it";

/* Without memory the arena gives NULL. */
static const char *keep(reading *r, const char *text, size_t len)
{
    const char *kept = pk_arena_strndup(r->arena, text, len);
    r->why = kept ? r->why : no_memory;
    return kept ? kept : "";
}

/* A note, with something from the mail in it. */
static void note(reading *r, const char *format, const char *what)
{
    if (r->eml->note_count < MAX_NOTES) {
        pk_buf text;
        pk_buf_init(&text, MAX_LINE);
        pk_buf shown;
        pk_buf_init(&shown, MAX_LINE / 2);
        pk_add_printable(&shown, what, strnlen(what, MAX_LINE / 8));
        for (const char *c = format; *c; c++) {
            *c == '*' ? pk_buf_str(&text, pk_buf_text(&shown)) : pk_buf_char(&text, *c);
        }
        r->notes[r->eml->note_count++] = keep(r, pk_buf_text(&text), text.len);
        pk_buf_free(&shown);
        pk_buf_free(&text);
    }
}

static bool is_type(GMimeObject *part, const char *type, const char *subtype)
{
    return g_mime_content_type_is_type(g_mime_object_get_content_type(part), type, subtype);
}

static const char *filename_of(GMimeObject *part)
{
    const char *name = GMIME_IS_PART(part) ? g_mime_part_get_filename(GMIME_PART(part)) : NULL;
    return name ? name : "";
}

static bool is_attachment(GMimeObject *part)
{
    const char *disposition = g_mime_object_get_disposition(part);
    return (disposition && g_ascii_strcasecmp(disposition, "attachment") == 0) ||
           *filename_of(part);
}

/* Apple's programs cut a body into several parts, with the attachments between them. */
static void add_body(reading *r, GMimeObject *part, pk_buf *body, bool *has_body)
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
    if (is_type(part, "application", "pgp-signature") ||
        is_type(part, "application", "pkcs7-signature") ||
        is_type(part, "application", "x-pkcs7-signature")) {
        return "the signature is not kept: it is for the mail as it was";
    }
    if (is_type(part, "message", "external-body") || is_type(part, "message", "partial")) {
        return "a part is not kept: it is not in the file, which only says where it is";
    }
    if (is_type(part, "message", "delivery-status") ||
        is_type(part, "message", "disposition-notification")) {
        return "a part is not kept: it tells what became of another mail";
    }
    return NULL;
}

static void take_leaf(reading *r, GMimeObject *part)
{
    const char *reason = reason_to_drop(part);
    if (reason) {
        note(r, reason, "");
    } else if (is_type(part, "application", "pkcs7-mime") ||
               is_type(part, "application", "x-pkcs7-mime")) {
        r->why = "it is encrypted or signed (S/MIME) as a whole; save it without";
    } else if (is_type(part, "text", "plain") && !is_attachment(part)) {
        add_body(r, part, &r->text, &r->has_text);
    } else if (is_type(part, "text", "html") && !is_attachment(part)) {
        add_body(r, part, &r->html, &r->has_html);
    } else if (is_type(part, "text", "x-amp-html")) {
        note(r, "the AMP form of the text is not kept: it can't be a template", "");
    } else {
        g_ptr_array_add(r->files, part);
    }
}

static void walk(reading *r, GMimeObject *part, unsigned depth)
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
    if (is_type(part, "multipart", "encrypted")) {
        r->why = "it is encrypted; save it decrypted";
        return;
    }
    int count = g_mime_multipart_get_count(GMIME_MULTIPART(part));
    for (int i = 0; i < count; i++) {
        walk(r, g_mime_multipart_get_part(GMIME_MULTIPART(part), i), depth + 1);
    }
}

/* Whether the html shows it: as `cid:ID`, or with the id percent-encoded (RFC 2392). */
static bool is_shown(const reading *r, const char *content_id)
{
    if (!*content_id || !r->has_html) {
        return false;
    }
    char *escaped = g_uri_escape_string(content_id, "@", FALSE);
    char *raw_url = g_strconcat("cid:", content_id, NULL);
    char *escaped_url = g_strconcat("cid:", escaped, NULL);
    bool shown =
        strstr(pk_buf_text(&r->html), raw_url) || strstr(pk_buf_text(&r->html), escaped_url);
    g_free(escaped);
    g_free(raw_url);
    g_free(escaped_url);
    return shown;
}

/* On one line, without what is no text. */
static const char *keep_line(reading *r, const char *text)
{
    pk_buf line;
    pk_buf_init(&line, (size_t)4 * MAX_LINE);
    pk_eml_add_clean(&line, text, strnlen(text, MAX_LINE));
    for (size_t i = 0; i < line.len; i++) {
        line.data[i] = (char)(line.data[i] == '\n' || line.data[i] == '\t' ? ' ' : line.data[i]);
    }
    const char *kept = keep(r, pk_buf_text(&line), line.len);
    pk_buf_free(&line);
    return kept;
}

/* A name for a part that has none. */
static const char *default_name(GMimeObject *part, bool shown)
{
    if (GMIME_IS_MESSAGE_PART(part)) {
        return "message.eml";
    }
    if (is_type(part, "text", "calendar")) {
        return "invite.ics";
    }
    return shown ? "picture" : "attachment";
}

static const char *name_of(reading *r, GMimeObject *part, bool shown)
{
    const char *name = filename_of(part);
    for (const char *c = name; *c; c++) {
        name = *c == '/' || *c == '\\' ? c + 1 : name;
    }
    return keep_line(r, *name ? name : default_name(part, shown));
}

static void keep_file(reading *r, GMimeObject *part, pk_eml_part *out, bool shown)
{
    char *type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(part));
    char *lower = g_ascii_strdown(type, -1);
    const char *content_id = g_mime_object_get_content_id(part);
    GByteArray *bytes = pk_eml_content(part);
    *out = (pk_eml_part){.name = name_of(r, part, shown),
                         .type = keep_line(r, lower),
                         .content_id = keep_line(r, content_id ? content_id : ""),
                         .bytes = keep(r, bytes->data ? (const char *)bytes->data : "", bytes->len),
                         .len = bytes->len};
    g_byte_array_unref(bytes);
    g_free(lower);
    g_free(type);
}

static void keep_files(reading *r)
{
    guint count = r->files->len;
    pk_eml_part *inlines = pk_arena_alloc(r->arena, count + 1, sizeof *inlines);
    pk_eml_part *attachments = pk_arena_alloc(r->arena, count + 1, sizeof *attachments);
    if (!inlines || !attachments) {
        r->why = no_memory;
        return;
    }
    for (guint i = 0; i < count; i++) {
        GMimeObject *part = r->files->pdata[i];
        const char *content_id = g_mime_object_get_content_id(part);
        bool shown = is_shown(r, content_id ? content_id : "");
        pk_eml_part *place =
            shown ? &inlines[r->eml->inline_count++] : &attachments[r->eml->attachment_count++];
        keep_file(r, part, place, shown);
    }
    r->eml->inlines = inlines;
    r->eml->attachments = attachments;
}

static void keep_fields(reading *r, GMimeMessage *message)
{
    pk_eml_field *fields = pk_arena_alloc(r->arena, MAX_FIELDS, sizeof *fields);
    if (!fields) {
        r->why = no_memory;
        return;
    }
    GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
    int count = g_mime_header_list_get_count(list);
    for (int i = 0; i < count && r->eml->field_count < MAX_FIELDS; i++) {
        GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
        const char *name = g_mime_header_get_name(header);
        const char *value = g_mime_header_get_value(header);
        if (value && *value && pk_eml_keeps_field(name)) {
            fields[r->eml->field_count++] = (pk_eml_field){keep_line(r, name), keep_line(r, value)};
        }
    }
    r->eml->fields = fields;
}

static void keep_message(reading *r, GMimeMessage *message)
{
    const char *subject = g_mime_message_get_subject(message);
    r->eml->subject = keep_line(r, subject ? subject : "");
    walk(r, g_mime_message_get_mime_part(message), 0);
    if (!r->why && !r->has_text && !r->has_html) {
        r->why = "there is neither a text nor html in it";
    }
    if (r->why) {
        return;
    }
    keep_fields(r, message);
    keep_files(r);
    r->eml->text = r->has_text ? keep(r, pk_buf_text(&r->text), r->text.len) : NULL;
    r->eml->html = r->has_html ? keep(r, pk_buf_text(&r->html), r->html.len) : NULL;
    if (!pk_buf_ok(&r->text) || !pk_buf_ok(&r->html)) {
        r->why = no_memory;
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

static void read_bytes(reading *r, const char *text, size_t len)
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
    reading r = {.arena = arena, .eml = out};
    r.notes = pk_arena_alloc(arena, MAX_NOTES, sizeof *r.notes);
    if (len > MAX_BYTES || !r.notes) {
        *why = r.notes ? "it is bigger than 64 MiB" : no_memory;
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
