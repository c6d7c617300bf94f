#include "base/text.h"

#include "base/word.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uninorm.h>
#include <unistr.h>
#include <uniwidth.h>

size_t pk_utf8_valid_len(const char *text, size_t len)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t ascii = 0;
    while (len - ascii >= sizeof(uint64_t) && !pk_word_not_ascii(pk_word(text + ascii))) {
        ascii += sizeof(uint64_t);
    }
    while (ascii < len && bytes[ascii] < 0x80) {
        ascii++;
    }
    const uint8_t *bad = ascii < len ? u8_check(bytes + ascii, len - ascii) : NULL;
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

/* First bytes of control characters, of U+0080..U+009F and U+2028..U+2029 too, and the end. */
static const bool may_be_control[256] = {
    [0x00] = true, [0x01] = true, [0x02] = true, [0x03] = true, [0x04] = true, [0x05] = true,
    [0x06] = true, [0x07] = true, [0x08] = true, [0x09] = true, [0x0a] = true, [0x0b] = true,
    [0x0c] = true, [0x0d] = true, [0x0e] = true, [0x0f] = true, [0x10] = true, [0x11] = true,
    [0x12] = true, [0x13] = true, [0x14] = true, [0x15] = true, [0x16] = true, [0x17] = true,
    [0x18] = true, [0x19] = true, [0x1a] = true, [0x1b] = true, [0x1c] = true, [0x1d] = true,
    [0x1e] = true, [0x1f] = true, [0x7f] = true, [0xc2] = true, [0xe2] = true,
};

uint32_t pk_find_control(const char *text, const char *allowed)
{
    for (;; text++) {
        uint32_t c = 0;
        while (!may_be_control[(unsigned char)*text]) {
            text++;
        }
        if (!*text) {
            return 0;
        }
        (void)pk_utf8_next(text, &c);
        if (pk_is_control(c) && !(c < 0x80 && strchr(allowed, (int)c))) {
            return c;
        }
    }
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

bool pk_line_fault(const char *text, const char *what, char *why, size_t size)
{
    uint32_t control = pk_find_control(text, "");
    if (control) {
        (void)snprintf(why, size, "holds a %s (U+%04X); %s is one line without control characters",
                       pk_control_name(control), (unsigned)control, what);
        return true;
    }
    if (!text[strspn(text, " ")]) {
        (void)snprintf(why, size, "is empty; %s is expected", what);
        return true;
    }
    return false;
}

const char *pk_body_fault(const char *text, char *why, size_t size)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if ((*p < 0x20 && !strchr("\t\n\r", *p)) || *p == 0x7f) {
            (void)snprintf(why, size,
                           "holds a %s (U+%04X); of these only tab and line ends may be in a text",
                           pk_control_name(*p), *p);
            return (const char *)p;
        }
    }
    return NULL;
}

/* Characters that NFC leaves alone whatever stands beside them: no marks, and nothing that has
 * another form. */
static const struct {
    uint32_t first, last;
} settled[] = {
    {0x0000, 0x02ff}, /* Latin */
    {0x0388, 0x0482}, /* Greek, Cyrillic */
    {0x0620, 0x064a}, /* Arabic */
    {0x4e00, 0x9fff}, /* Han */
    {0xac00, 0xd7a3}, /* Hangul */
};

bool pk_is_settled(uint32_t character)
{
    for (size_t i = 0; i < sizeof settled / sizeof settled[0]; i++) {
        if (character >= settled[i].first && character <= settled[i].last) {
            return true;
        }
    }
    return false;
}

static bool is_composed(const char *text)
{
    uint32_t c = 0;
    while (*text) {
        if ((unsigned char)*text < 0x80) {
            text++;
            continue;
        }
        text += pk_utf8_next(text, &c);
        if (!pk_is_settled(c)) {
            return false;
        }
    }
    return true;
}

/* The length of the blank that text begins with; 0: it begins with none. */
static size_t blank_len(const char *text)
{
    return *text == ' ' || *text == '\t' ? 1 : strncmp(text, "\u00a0", 2) == 0 ? 2 : 0;
}

char *pk_trim(char *text)
{
    for (size_t blank = blank_len(text); blank > 0; blank = blank_len(text)) {
        text += blank;
    }
    size_t len = strlen(text);
    size_t cut = 1;
    while (len > 0 && cut > 0) {
        cut = blank_len(text + len - 1);
        cut = cut == 0 && len > 1 && blank_len(text + len - 2) == 2 ? 2 : cut;
        len -= cut;
    }
    text[len] = '\0';
    return text;
}

char *pk_text_nfc(pk_arena *arena, const char *text)
{
    if (is_composed(text)) {
        return pk_arena_strdup(arena, text);
    }
    size_t len = 0;
    uint8_t *composed = u8_normalize(UNINORM_NFC, (const uint8_t *)text, strlen(text), NULL, &len);
    char *kept = composed ? pk_arena_strndup(arena, (const char *)composed, len) : NULL;
    free(composed);
    return kept;
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

int pk_compare_name(const char *name, size_t len, const char *with)
{
    int order = strncmp(name, with, len);
    return order ? order : with[len] ? -1 : 0;
}

bool pk_is_dotted_name(const char *text, size_t max)
{
    char before = '.';
    for (const char *p = text; *p; p++) {
        char c = pk_ascii_lower(*p);
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!plain && !(c == '.' && before != '.')) {
            return false;
        }
        before = c;
    }
    return before != '.' && strlen(text) <= max;
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
    if (!pk_buf_ok(out) || is_composed(pk_buf_text(out))) {
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

/* How many bytes from text on are printable ASCII. */
static size_t plain_len(const char *text, size_t len)
{
    size_t i = 0;
    while (i < len && text[i] >= 0x20 && text[i] < 0x7f) {
        i++;
    }
    return i;
}

size_t pk_display_width(const char *text)
{
    size_t len = strlen(text);
    if (plain_len(text, len) == len) {
        return len;
    }
    int width = u8_strwidth((const uint8_t *)text, "UTF-8");
    return width > 0 ? (size_t)width : 0;
}

void pk_add_printable(pk_buf *out, const char *text, size_t len)
{
    static const char replacement[] = "\xef\xbf\xbd";
    size_t i = 0;
    while (i < len) {
        size_t plain = plain_len(text + i, len - i);
        if (plain) {
            pk_buf_add(out, text + i, plain);
            i += plain;
            continue;
        }
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
