#include "mock/reading_parts.h"

#include "mock/envelope_json.h"
#include "base/mail_tame.h"

#include <string.h>

/* The part's content, decoded, written to the stream. Returns its length. */
static gssize write_content(GMimeObject *part, GMimeStream *stream)
{
    gssize len = -1;
    if (GMIME_IS_PART(part)) {
        GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(part));
        len = content ? g_mime_data_wrapper_write_to_stream(content, stream) : 0;
    } else if (GMIME_IS_MESSAGE_PART(part)) {
        GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));
        GMimeFormatOptions *options = g_mime_format_options_new();
        g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
        len = message ? g_mime_object_write_to_stream(GMIME_OBJECT(message), options, stream) : 0;
        g_mime_format_options_free(options);
    }
    return len > 0 ? len : 0;
}

char *pm_reading_text_of(GMimeObject *part)
{
    GMimeStream *memory = g_mime_stream_mem_new();
    GMimeStream *stream = g_mime_stream_filter_new(memory);
    const char *charset = g_mime_text_part_get_charset(GMIME_TEXT_PART(part));
    GMimeFilter *to_utf8 = charset ? g_mime_filter_charset_new(charset, "utf-8") : NULL;
    if (to_utf8) {
        (void)g_mime_stream_filter_add(GMIME_STREAM_FILTER(stream), to_utf8);
        g_object_unref(to_utf8);
    }
    (void)write_content(part, stream);
    (void)g_mime_stream_flush(stream);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory));
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < bytes->len; i++) {
        if (bytes->data[i]) {
            g_string_append_c(text, (char)bytes->data[i]);
        } else {
            g_string_append(text, "\xef\xbf\xbd");
        }
    }
    g_object_unref(stream);
    g_object_unref(memory);
    return g_string_free(text, FALSE);
}

static double content_size(GMimeObject *part)
{
    GMimeStream *nowhere = g_mime_stream_null_new();
    gssize len = write_content(part, nowhere);
    g_object_unref(nowhere);
    return (double)len;
}

static const char *filename_of(GMimeObject *part)
{
    return GMIME_IS_PART(part) ? g_mime_part_get_filename(GMIME_PART(part)) : NULL;
}

static char *type_of(GMimeObject *part)
{
    return g_mime_content_type_get_mime_type(g_mime_object_get_content_type(part));
}

static cJSON *part_json(GMimeObject *part, size_t n)
{
    char *type = type_of(part);
    cJSON *object = cJSON_CreateObject();
    bool is_whole = object && pm_json_put(object, "n", cJSON_CreateNumber((double)n)) &&
                    pm_json_put(object, "type", pm_text_json(type, strlen(type))) &&
                    pm_json_put(object, "filename", pm_text_or_null_json(filename_of(part))) &&
                    pm_json_put(object, "content_id",
                                pm_text_or_null_json(g_mime_object_get_content_id(part))) &&
                    pm_json_put(object, "disposition",
                                pm_text_or_null_json(g_mime_object_get_disposition(part))) &&
                    pm_json_put(object, "size", cJSON_CreateNumber(content_size(part)));
    g_free(type);
    return pm_json_finish(object, is_whole);
}

cJSON *pm_reading_parts(const pm_reading *reading)
{
    cJSON *list = cJSON_CreateArray();
    for (guint i = 0; list && i < reading->parts->len; i++) {
        if (!pm_json_put(list, NULL, part_json(reading->parts->pdata[i], (size_t)i + 1))) {
            cJSON_Delete(list);
            return NULL;
        }
    }
    return list;
}

cJSON *pm_reading_attachments(const pm_reading *reading, const cJSON *message)
{
    cJSON *list = cJSON_CreateArray();
    const cJSON *part = cJSON_GetObjectItemCaseSensitive(message, "parts")->child;
    for (guint i = 0; list && part; i++, part = part->next) {
        if (pm_reading_is_attachment(reading, reading->parts->pdata[i]) &&
            !pm_json_put(list, NULL, cJSON_Duplicate(part, 1))) {
            cJSON_Delete(list);
            return NULL;
        }
    }
    return list;
}

static cJSON *header_json(const char *name, size_t name_len, const char *value)
{
    char *decoded = g_mime_utils_header_decode_text(NULL, value);
    const char *shown = decoded ? decoded : value;
    cJSON *object = cJSON_CreateObject();
    bool is_whole = object && pm_json_put(object, "name", pm_text_json(name, name_len)) &&
                    pm_json_put(object, "value", pm_text_json(shown, strlen(shown)));
    g_free(decoded);
    return pm_json_finish(object, is_whole);
}

/* What stands behind the colon, on one line. */
static char *unfold(const char *text, const char *end)
{
    GString *line = g_string_new(NULL);
    for (; text < end; text++) {
        if (*text != '\r' && *text != '\n' && *text) {
            g_string_append_c(line, *text);
        }
    }
    return g_strstrip(g_string_free(line, FALSE));
}

/* Not GMime's list: it tells the fields of message and part apart, people want them as they came.
 */
cJSON *pm_reading_headers(const pm_mail *mail)
{
    cJSON *list = cJSON_CreateArray();
    const char *text = mail->raw;
    const char *end = text + mail->raw_len;
    while (list && text < end && *text != '\r' && *text != '\n') {
        const char *next = pk_mail_field_end(text, end);
        const char *colon = memchr(text, ':', (size_t)(next - text));
        if (!colon) {
            text = next; /* no field; GMime goes on behind it, too */
            continue;
        }
        char *value = unfold(colon + 1, next);
        bool is_put = pm_json_put(list, NULL, header_json(text, (size_t)(colon - text), value));
        g_free(value);
        if (!is_put) {
            cJSON_Delete(list);
            return NULL;
        }
        text = next;
    }
    return list;
}

/* Where the parts are that a `cid:` may name, from 1. The caller frees it; keys are lent. */
static GHashTable *list_content_ids(const pm_reading *reading)
{
    GHashTable *list = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = reading->parts->len; i > 0; i--) {
        const char *content_id = g_mime_object_get_content_id(reading->parts->pdata[i - 1]);
        if (content_id && *content_id) {
            (void)g_hash_table_insert(list, (gpointer)content_id, GUINT_TO_POINTER(i));
        }
    }
    return list;
}

/* The part that the URL `cid:ID` names (RFC 2392), len bytes of it behind the colon; 0: none. */
static guint find_by_cid(GHashTable *content_ids, const char *url, size_t len)
{
    char *id = g_uri_unescape_segment(url, url + len, NULL);
    guint n = id ? GPOINTER_TO_UINT(g_hash_table_lookup(content_ids, id)) : 0;
    g_free(id);
    return n;
}

/* Elements for which browsers connect somewhere before they have asked the policy, or that change
 * where other things lead. */
static const char *const unwanted[] = {"iframe", "frame",  "frameset", "link",   "base",
                                       "meta",   "object", "embed",    "portal", "fencedframe"};

static bool is_unwanted(const char *name)
{
    enum { LONGEST = 12 };
    size_t len = 0;
    while (len < LONGEST && name[len] && !strchr(" \t\n\f\r/>", name[len])) {
        len++;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(unwanted); i++) {
        if (strlen(unwanted[i]) == len && g_ascii_strncasecmp(name, unwanted[i], len) == 0) {
            return true;
        }
    }
    return false;
}

/* How long the `cid:` URL at text is; 0: there is none. */
static size_t cid_url_len(const char *text, const char *start)
{
    enum { MAX_ID = 998 };
    if (g_ascii_strncasecmp(text, "cid:", 4) != 0 || (text > start && g_ascii_isalnum(text[-1]))) {
        return 0;
    }
    size_t len = 4;
    while (len < MAX_ID && text[len] && !strchr(" \t\r\n\"'<>()", text[len])) {
        len++;
    }
    return len > 4 ? len : 0;
}

static void add_cid_url(GString *shown, GHashTable *content_ids, const char *url, size_t len)
{
    guint n = find_by_cid(content_ids, url + 4, len - 4);
    if (n) {
        g_string_append_printf(shown, "parts/%u", n);
    } else {
        g_string_append_len(shown, url, (gssize)len);
    }
}

/* Unwanted elements become ones that nobody knows. No parser is needed: a tag begins with "<" and
 * its name, byte for byte, and can't be written in any other way. */
char *pm_reading_html(const pm_reading *reading)
{
    if (!reading->html) {
        return NULL;
    }
    char *html = pm_reading_text_of(reading->html);
    GHashTable *content_ids = list_content_ids(reading);
    GString *shown = g_string_new(NULL);
    for (const char *text = html; *text;) {
        size_t len = cid_url_len(text, html);
        if (len) {
            add_cid_url(shown, content_ids, text, len);
            text += len;
        } else {
            bool is_armed = *text == '<' && is_unwanted(text + 1);
            g_string_append_c(shown, *text++);
            g_string_append(shown, is_armed ? "x-" : "");
        }
    }
    g_hash_table_destroy(content_ids);
    g_free(html);
    return g_string_free(shown, FALSE);
}

bool pm_reading_part(const pm_reading *reading, size_t n, pm_content *out)
{
    if (n < 1 || n > reading->parts->len) {
        return false;
    }
    GMimeObject *part = reading->parts->pdata[n - 1];
    GMimeStream *stream = g_mime_stream_mem_new();
    (void)write_content(part, stream);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    *out = (pm_content){.bytes = g_memdup2(bytes->data, bytes->len),
                        .len = bytes->len,
                        .type = type_of(part),
                        .filename = g_strdup(filename_of(part))};
    g_object_unref(stream);
    return true;
}

void pm_content_free(pm_content *content)
{
    g_free(content->bytes);
    g_free(content->type);
    g_free(content->filename);
    *content = (pm_content){0};
}
