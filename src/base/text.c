#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <uninorm.h>
#include <unistr.h>
#include <uniwidth.h>

size_t pk_utf8_valid_len(const char *text, size_t len)
{
    const uint8_t *bytes = (const uint8_t *)text;
    const uint8_t *bad = u8_check(bytes, len);
    return bad ? (size_t)(bad - bytes) : len;
}

size_t pk_utf8_next(const char *text, uint32_t *character)
{
    ucs4_t c = 0;
    int len = u8_strmbtouc(&c, (const uint8_t *)text);
    *character = c;
    return len > 0 ? (size_t)len : 1;
}

size_t pk_utf8_count(const char *text, size_t len)
{
    return u8_mbsnlen((const uint8_t *)text, len);
}

bool pk_is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029;
}

uint32_t pk_find_control(const char *text, const char *allowed)
{
    while (*text) {
        uint32_t c = 0;
        text += pk_utf8_next(text, &c);
        if (pk_is_control(c) && !(c < 0x80 && strchr(allowed, (int)c))) {
            return c;
        }
    }
    return 0;
}

const char *pk_control_name(uint32_t character)
{
    switch (character) {
    case '\0':
        return "NUL";
    case '\t':
        return "tab";
    case '\n':
        return "line feed";
    case '\r':
        return "carriage return";
    case 0x1b:
        return "escape";
    case 0x2028:
        return "line separator";
    case 0x2029:
        return "paragraph separator";
    default:
        return "control character";
    }
}

bool pk_is_ascii(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text >= 0x80) {
            return false;
        }
    }
    return true;
}

char pk_ascii_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool pk_ascii_equal_nocase(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (pk_ascii_lower(a[i]) != pk_ascii_lower(b[i])) {
            return false;
        }
        if (!a[i]) {
            return true;
        }
    }
    return true;
}

bool pk_text_compose(pk_buf *out)
{
    size_t len = 0;
    if (!pk_buf_ok(out) || pk_is_ascii(pk_buf_text(out))) {
        return pk_buf_ok(out);
    }
    uint8_t *composed = u8_normalize(UNINORM_NFC, (const uint8_t *)out->data, out->len, NULL, &len);
    if (!composed) {
        return false;
    }
    out->len = 0;
    pk_buf_add(out, composed, len);
    free(composed);
    return pk_buf_ok(out);
}

size_t pk_display_width(const char *text)
{
    int width = u8_strwidth((const uint8_t *)text, "UTF-8");
    return width > 0 ? (size_t)width : 0;
}

void pk_add_printable(pk_buf *out, const char *text, size_t len)
{
    static const char replacement[] = "\xef\xbf\xbd";
    size_t i = 0;
    while (i < len) {
        ucs4_t c = 0;
        int step = u8_mbtoucr(&c, (const uint8_t *)text + i, len - i);
        if (step < 1 || pk_is_control(c)) {
            pk_buf_str(out, replacement);
        } else {
            pk_buf_add(out, text + i, (size_t)step);
        }
        i += step < 1 ? 1 : (size_t)step;
    }
}
