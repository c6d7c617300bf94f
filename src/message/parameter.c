#include "message/parameter.h"

#include "base/text.h"
#include "message/encoded_word.h"

#include <stdbool.h>
#include <string.h>

enum { LINE = 76 };

static const char CHARSET[] = "UTF-8''"; /* RFC 2231 §4: no language is named */

/* attr-char of RFC 5987 §3.2.1, which is RFC 2231's without what some readers stumble over. */
static bool is_attribute_char(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c && strchr("!#$&+-.^_`|~", c));
}

/* Can stand between quotes. A quote or a backslash could be escaped, but readers differ in what
 * they make of it; and nobody shall take it for encoded words. That holds for what is in encoded
 * words, too: GMime looks for the closing quote, and for words, in what it has decoded. */
static bool is_quotable(const char *value)
{
    return !strpbrk(value, "\"\\") && !strstr(value, "=?");
}

static size_t encoded_len(const char *text, size_t len)
{
    size_t size = 0;
    for (size_t i = 0; i < len; i++) {
        size += is_attribute_char((unsigned char)text[i]) ? 1 : 3;
    }
    return size;
}

static void add_encoded(pk_buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (is_attribute_char(c)) {
            pk_buf_char(out, (char)c);
        } else {
            pk_buf_fmt(out, "%%%02X", c);
        }
    }
}

static size_t column(const pk_buf *out)
{
    size_t start = out->len;
    while (start > 0 && out->data[start - 1] != '\n') {
        start--;
    }
    return out->len - start;
}

/* The semicolon before a parameter of that length, on this line or the next. A semicolon may still
 * come behind it. */
static void separate(pk_buf *out, size_t len)
{
    bool fits = column(out) + 2 + len + 1 <= LINE;
    pk_buf_str(out, fits ? "; " : ";\r\n ");
}

/* How many bytes of value make whole characters that are, encoded, at most room long. */
static size_t take(const char *value, size_t room)
{
    size_t taken = 0;
    while (value[taken]) {
        uint32_t character = 0;
        size_t len = pk_utf8_next(value + taken, &character);
        size_t size = encoded_len(value + taken, len);
        if (size > room) {
            break;
        }
        room -= size;
        taken += len;
    }
    return taken;
}

/* RFC 2231 §3: a piece a line. Readers may decode each for itself, so no character is split. */
static void add_pieces(pk_buf *out, const char *name, const char *value)
{
    for (unsigned i = 0; *value && pk_buf_ok(out); i++) {
        pk_buf_fmt(out, ";\r\n %s*%u*=%s", name, i, i == 0 ? CHARSET : "");
        size_t taken = take(value, LINE - 1 - column(out));
        add_encoded(out, value, taken);
        value += taken;
    }
}

static void add_extended(pk_buf *out, const char *name, const char *value)
{
    size_t len = strlen(value);
    size_t size = strlen(name) + 2 + strlen(CHARSET) + encoded_len(value, len);
    if (1 + size + 1 > LINE) {
        add_pieces(out, name, value);
        return;
    }
    separate(out, size);
    pk_buf_fmt(out, "%s*=%s", name, CHARSET);
    add_encoded(out, value, len);
}

/* Words on several lines are one value: the blanks between are no part of it (RFC 2047 §6.2). */
static void add_words(pk_buf *out, const char *name, const char *value)
{
    pk_buf_fmt(out, ";\r\n %s=\"", name);
    (void)pk_add_encoded_words(out, value, strlen(value), PK_WORD_IN_QUOTES, column(out));
    pk_buf_char(out, '"');
}

pk_header_status pk_mime_parameter(pk_buf *out, const char *name, const char *value,
                                   pk_parameter_form form)
{
    size_t len = strlen(value);
    size_t quoted = strlen(name) + 1 + len + 2;
    if (pk_utf8_valid_len(value, len) != len) {
        return PK_HEADER_BAD;
    }
    if (pk_find_control(value, "")) {
        return PK_HEADER_CONTROL;
    }
    if (is_quotable(value) && pk_is_ascii(value) && 1 + quoted + 1 <= LINE) {
        separate(out, quoted);
        pk_buf_fmt(out, "%s=\"%s\"", name, value);
    } else if (form == PK_PARAMETER_WORDS && is_quotable(value)) {
        add_words(out, name, value);
    } else {
        add_extended(out, name, value);
    }
    return PK_HEADER_OK;
}
