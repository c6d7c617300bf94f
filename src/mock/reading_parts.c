#include "mock/reading_parts.h"

#include "mock/envelope_json.h"

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
        len = message ? g_mime_object_write_to_stream(GMIME_OBJECT(message), NULL, stream) : 0;
    }
    return len > 0 ? len : 0;
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
    if (!is_whole) {
        cJSON_Delete(object);
        object = NULL;
    }
    return object;
}

cJSON *pm_reading_parts(const pm_reading *reading, bool only_attachments)
{
    cJSON *list = cJSON_CreateArray();
    for (guint i = 0; list && i < reading->parts->len; i++) {
        GMimeObject *part = reading->parts->pdata[i];
        if (only_attachments && !pm_reading_is_attachment(reading, part)) {
            continue;
        }
        if (!pm_json_put(list, NULL, part_json(part, (size_t)i + 1))) {
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
    if (!is_whole) {
        cJSON_Delete(object);
        object = NULL;
    }
    return object;
}

/* Where the field that begins at text ends, with its line end: lines that begin with a blank belong
 * to it (RFC 5322 §2.2.3). */
static const char *field_end(const char *text, const char *end)
{
    const char *next = text;
    do {
        const char *lf = memchr(next, '\n', (size_t)(end - next));
        next = lf ? lf + 1 : end;
    } while (next < end && (*next == ' ' || *next == '\t'));
    return next;
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
        const char *next = field_end(text, end);
        const char *colon = memchr(text, ':', (size_t)(next - text));
        if (!colon) {
            break;
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

/* Replaces every `cid:ID` of the part's by where the API has it. */
static char *point_to_part(char *html, const char *content_id, guint n)
{
    char *from = g_strconcat("cid:", content_id, NULL);
    char *to = g_strdup_printf("parts/%u", n);
    GString *text = g_string_new(html);
    (void)g_string_replace(text, from, to, 0);
    g_free(html);
    g_free(from);
    g_free(to);
    return g_string_free(text, FALSE);
}

char *pm_reading_html(const pm_reading *reading)
{
    char *html = reading->html ? g_mime_text_part_get_text(GMIME_TEXT_PART(reading->html)) : NULL;
    for (guint i = 0; html && i < reading->parts->len; i++) {
        const char *content_id = g_mime_object_get_content_id(reading->parts->pdata[i]);
        if (content_id && *content_id) {
            html = point_to_part(html, content_id, i + 1);
        }
    }
    return html;
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
