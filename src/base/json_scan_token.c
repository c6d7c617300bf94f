#include "base/json_scan_cursor.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The four hexadecimal digits behind \u; -1: they aren't. */
static long read_hex4(const pk_cursor *cursor, size_t at)
{
    long value = 0;
    for (size_t i = 0; i < 4; i++) {
        int c = at + i < cursor->scan->len ? cursor->scan->json[at + i] : 0;
        int digit = -1;
        if (c >= '0' && c <= '9') {
            digit = c - '0';
        } else if (pk_ascii_lower((char)c) >= 'a' && pk_ascii_lower((char)c) <= 'f') {
            digit = pk_ascii_lower((char)c) - 'a' + 10;
        }
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

static bool is_low_surrogate(const pk_cursor *cursor, size_t at)
{
    const char *json = cursor->scan->json;
    if (at + 6 > cursor->scan->len || json[at] != '\\' || json[at + 1] != 'u') {
        return false;
    }
    long unit = read_hex4(cursor, at + 2);
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* \uXXXX at the cursor. */
static void scan_unicode_escape(pk_cursor *cursor)
{
    size_t start = cursor->at;
    long unit = read_hex4(cursor, start + 2);
    cursor->at += 2;
    if (unit < 0) {
        pk_cursor_complain(cursor, start, "\\u is not followed by four hexadecimal digits");
        return;
    }
    cursor->at += 4;
    if (unit == 0) {
        pk_cursor_complain(cursor, start, "\\u0000 (NUL) can't be in any text of a %s",
                           cursor->scan->what);
    } else if (unit >= 0xd800 && unit <= 0xdbff && is_low_surrogate(cursor, cursor->at)) {
        cursor->at += 6;
    } else if (unit >= 0xd800 && unit <= 0xdfff) {
        pk_cursor_complain(cursor, start,
                           "\\u%04lx is half a character (a lone surrogate); "
                           "write the character itself",
                           (unsigned long)unit);
    }
}

static void scan_escape(pk_cursor *cursor)
{
    size_t start = cursor->at;
    int c = start + 1 < cursor->scan->len ? cursor->scan->json[start + 1] : 0;
    if (c == 'u') {
        scan_unicode_escape(cursor);
        return;
    }
    if (!c || !strchr("\"\\/bfnrt", c)) {
        pk_cursor_complain(cursor, start,
                           "a backslash here needs one of \" \\ / b f n r t u behind it; for a "
                           "backslash itself write \\\\");
        cursor->at += 1;
        return;
    }
    cursor->at += 2;
}

/* Bytes of 0x80 and more at the cursor. */
static void scan_utf8(pk_cursor *cursor, bool *told)
{
    const char *text = cursor->scan->json + cursor->at;
    size_t left = cursor->scan->len - cursor->at;
    size_t run = 0;
    while (run < left && (unsigned char)text[run] >= 0x80) {
        run++;
    }
    size_t valid = pk_utf8_valid_len(text, run);
    if (valid < run && !*told) {
        *told = true;
        pk_cursor_complain(cursor, cursor->at + valid,
                           "byte 0x%02x is not UTF-8; save the file as UTF-8",
                           (unsigned char)text[valid]);
    }
    cursor->at += run;
}

static void scan_raw_control(pk_cursor *cursor, int c, bool *told)
{
    if (!*told) {
        *told = true;
        const char *instead = c == '\n'   ? "write \\n, or close the string with a \""
                              : c == '\r' ? "write \\r"
                              : c == '\t' ? "write \\t"
                                          : "take it out";
        pk_cursor_complain(cursor, cursor->at, "a raw %s stands in a string; %s",
                           pk_control_name((uint32_t)c), instead);
    }
    cursor->at++;
}

bool pk_scan_string(pk_cursor *cursor)
{
    size_t start = cursor->at;
    bool told_control = false;
    bool told_utf8 = false;
    cursor->at++;
    for (;;) {
        int c = pk_cursor_peek(cursor);
        if (c < 0) {
            pk_cursor_complain(cursor, start < cursor->mark ? cursor->mark : start,
                               "this string is not closed by a \"");
            return false;
        }
        if (c == '"') {
            cursor->at++;
            return true;
        }
        if (c == '\\') {
            scan_escape(cursor);
        } else if (c < 0x20 || c == 0x7f) {
            scan_raw_control(cursor, c, &told_control);
        } else if (c >= 0x80) {
            scan_utf8(cursor, &told_utf8);
        } else {
            cursor->at++;
        }
    }
}

static size_t skip_digits(const char *text, size_t len, size_t i)
{
    while (i < len && text[i] >= '0' && text[i] <= '9') {
        i++;
    }
    return i;
}

/* RFC 8259 §6: what is wrong with the number; NULL: nothing. */
static const char *number_fault(const char *text, size_t len)
{
    size_t i = text[0] == '-' ? 1 : 0;
    size_t first = i;
    i = skip_digits(text, len, i);
    if (i == first) {
        return "has no digit before its point or at all";
    }
    if (text[first] == '0' && i > first + 1) {
        return "begins with a 0; write it without";
    }
    if (i < len && text[i] == '.') {
        size_t point = ++i;
        i = skip_digits(text, len, i);
        if (i == point) {
            return "has no digit behind its point";
        }
    }
    if (i < len && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        i += i < len && (text[i] == '+' || text[i] == '-') ? 1 : 0;
        size_t exponent = i;
        i = skip_digits(text, len, i);
        if (i == exponent) {
            return "has no digit in its exponent";
        }
    }
    return i < len ? "is not a number as JSON writes them" : NULL;
}

void pk_scan_number(pk_cursor *cursor)
{
    const char *text = cursor->scan->json + cursor->at;
    size_t left = cursor->scan->len - cursor->at;
    size_t len = 0;
    while (len < left && text[len] && strchr("0123456789+-.eE", text[len])) {
        len++;
    }
    const char *fault = number_fault(text, len);
    char copy[64];
    if (!fault && len >= sizeof copy) {
        fault = "has too many digits";
    }
    if (!fault) {
        memcpy(copy, text, len);
        copy[len] = '\0';
        fault = isfinite(strtod(copy, NULL)) ? NULL : "is too large";
    }
    if (fault) {
        /* Never shown: it may be a password that lost its quotes. */
        pk_cursor_complain(cursor, cursor->at, "this number %s", fault);
    }
    cursor->at += len;
}
