#include "campaign/eml_parts.h"

#include "base/text.h"

#include <string.h>

GByteArray *pk_eml_content(GMimeObject *part)
{
    GMimeStream *stream = g_mime_stream_mem_new();
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
    if (GMIME_IS_PART(part)) {
        GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(part));
        (void)(content ? g_mime_data_wrapper_write_to_stream(content, stream) : 0);
    } else if (GMIME_IS_MESSAGE_PART(part)) {
        GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));
        (void)(message ? g_mime_object_write_to_stream(GMIME_OBJECT(message), NULL, stream) : 0);
    }
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    g_object_unref(stream);
    return bytes;
}

/* The bytes in UTF-8, NULL: GMime does not know the charset. The caller unrefs it. */
static GByteArray *convert(GByteArray *bytes, const char *charset)
{
    GMimeFilter *filter = g_mime_filter_charset_new(charset, "utf-8");
    if (!filter) {
        return NULL;
    }
    char *converted = NULL;
    size_t len = 0;
    size_t prespace = 0;
    g_mime_filter_complete(filter, (char *)bytes->data, bytes->len, 0, &converted, &len, &prespace);
    GByteArray *out = g_byte_array_sized_new((guint)len);
    (void)g_byte_array_append(out, (const guint8 *)converted, (guint)len);
    g_object_unref(filter);
    return out;
}

void pk_eml_add_clean(pk_buf *out, const char *text, size_t len)
{
    size_t i = 0;
    while (i < len) {
        size_t valid = pk_utf8_valid_len(text + i, len - i);
        for (size_t end = i + valid; i < end; i++) {
            char c = text[i];
            bool is_cr = c == '\r' && !(i + 1 < end && text[i + 1] == '\n');
            if ((unsigned char)c >= ' ' ? c != 0x7f : c == '\t' || c == '\n' || is_cr) {
                pk_buf_char(out, (char)(is_cr ? '\n' : c));
            }
        }
        if (i < len) {
            pk_buf_str(out, "\xef\xbf\xbd");
            i++;
        }
    }
}

/* A line of format=flowed, RFC 3676 §4. */
typedef struct flowed_line {
    size_t quotes;
    const char *text; /* without the quotes and the blank that is stuffed */
    size_t len;
    bool is_soft; /* the next line goes on with it */
} flowed_line;

static flowed_line read_flowed(const char *line, size_t len)
{
    flowed_line read = {.text = line, .len = len};
    while (read.len > 0 && *read.text == '>') {
        read.quotes++;
        read.text++;
        read.len--;
    }
    if (read.len > 0 && *read.text == ' ') {
        read.text++;
        read.len--;
    }
    bool is_signature = read.len == 3 && memcmp(read.text, "-- ", 3) == 0;
    read.is_soft = read.len > 0 && read.text[read.len - 1] == ' ' && !is_signature;
    return read;
}

static void begin_flowed(pk_buf *out, const flowed_line *line)
{
    for (size_t i = 0; i < line->quotes; i++) {
        pk_buf_char(out, '>');
    }
    if (line->quotes > 0 && line->len > 0) {
        pk_buf_char(out, ' ');
    }
}

static void add_unflowed(pk_buf *out, const char *text, size_t len, bool without_blanks)
{
    const char *end = text + len;
    flowed_line before = {0};
    while (text < end) {
        const char *lf = memchr(text, '\n', (size_t)(end - text));
        flowed_line line = read_flowed(text, (size_t)((lf ? lf : end) - text));
        bool goes_on = before.is_soft && before.quotes == line.quotes;
        if (before.is_soft && !goes_on) {
            pk_buf_char(out, '\n');
        }
        if (!goes_on) {
            begin_flowed(out, &line);
        }
        pk_buf_add(out, line.text, line.len - (line.is_soft && without_blanks ? 1 : 0));
        if (!line.is_soft) {
            pk_buf_char(out, '\n');
        }
        before = line;
        text = lf ? lf + 1 : end;
    }
}

static bool has_parameter(GMimeObject *part, const char *name, const char *value)
{
    const char *found = g_mime_object_get_content_type_parameter(part, name);
    return found && g_ascii_strcasecmp(found, value) == 0;
}

static bool is_one_of(const char *charset, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (g_ascii_strcasecmp(charset, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The text in UTF-8, as far as it is known how. *is_known: whether that is so. */
static GByteArray *text_bytes(GMimeObject *part, bool *is_known)
{
    static const char *const utf8_names[] = {"", "utf-8", "utf8", "us-ascii", "ascii"};
    /* Programs say Latin-1 and mean what Windows has (as WHATWG's table does). */
    static const char *const latin1_names[] = {"iso-8859-1", "latin1", "us-ascii", "ascii"};
    GByteArray *bytes = pk_eml_content(part);
    const char *charset = g_mime_object_get_content_type_parameter(part, "charset");
    charset = charset ? charset : "";
    bool is_utf8 = pk_utf8_valid_len((const char *)bytes->data, bytes->len) == bytes->len;
    *is_known = true;
    if (is_utf8 && is_one_of(charset, utf8_names, G_N_ELEMENTS(utf8_names))) {
        return bytes;
    }
    bool is_latin1 = is_one_of(charset, latin1_names, G_N_ELEMENTS(latin1_names));
    GByteArray *converted = *charset ? convert(bytes, is_latin1 ? "windows-1252" : charset) : NULL;
    if (!converted) {
        *is_known = is_utf8;
        converted = is_utf8 ? NULL : convert(bytes, "windows-1252");
    }
    if (!converted) {
        return bytes;
    }
    g_byte_array_unref(bytes);
    return converted;
}

bool pk_eml_add_text(pk_buf *out, GMimeObject *part)
{
    static const char mark[] = "\xef\xbb\xbf"; /* a byte order mark */
    bool is_known = false;
    GByteArray *bytes = text_bytes(part, &is_known);
    const char *text = bytes->data ? (const char *)bytes->data : "";
    size_t skipped = bytes->len >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
    pk_buf clean;
    pk_buf_init(&clean, out->max);
    pk_eml_add_clean(&clean, text + skipped, bytes->len - skipped);
    if (has_parameter(part, "format", "flowed")) {
        add_unflowed(out, pk_buf_text(&clean), clean.len, has_parameter(part, "delsp", "yes"));
    } else {
        pk_buf_add(out, pk_buf_text(&clean), clean.len);
    }
    out->failed = out->failed || !pk_buf_ok(&clean);
    pk_buf_free(&clean);
    g_byte_array_unref(bytes);
    return is_known;
}
