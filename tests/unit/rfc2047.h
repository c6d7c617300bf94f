/* A small reader of header fields, independent of the writer: unfolds and decodes encoded words. */
#ifndef PK_TESTS_RFC2047_H
#define PK_TESTS_RFC2047_H

#include "unit.h"

#include "base/text.h"

#include <string.h>

static inline void check_lines(const char *field, size_t len, size_t limit)
{
    assert_true(len >= 2 && memcmp(field + len - 2, "\r\n", 2) == 0);
    size_t line = 0;
    bool only_blanks = true;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)field[i];
        if (c == '\r') {
            assert_int_equal(field[i + 1], '\n');
            assert_true(i - line <= limit);
            assert_false(only_blanks);
            i++;
            line = i + 1;
            only_blanks = true;
            assert_true(line == len || field[line] == ' ');
            continue;
        }
        assert_true(c >= ' ' && c < 0x7f);
        only_blanks = only_blanks && c == ' ';
    }
}

static inline size_t unfold(const char *field, size_t len, char *out, size_t size)
{
    const char *colon = memchr(field, ':', len);
    assert_non_null(colon);
    size_t n = 0;
    for (const char *p = colon + 1; p < field + len; p++) {
        if (*p != '\r' && *p != '\n') {
            assert_true(n + 1 < size);
            out[n++] = *p;
        }
    }
    out[n] = '\0';
    return n;
}

static inline int hex_digit(char c)
{
    const char *digits = "0123456789ABCDEF";
    const char *hit = c ? strchr(digits, c) : NULL;
    assert_non_null(hit);
    return (int)(hit - digits);
}

static inline size_t decode_q(const char *text, size_t len, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '=') {
            assert_true(i + 2 < len);
            out[n++] = (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out[n++] = (char)(text[i] == '_' ? ' ' : text[i]);
        }
    }
    return n;
}

static inline size_t decode_b(const char *text, size_t len, char *out)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    assert_int_equal(len % 4, 0);
    size_t n = 0;
    for (size_t i = 0; i < len; i += 4) {
        uint32_t bits = 0;
        size_t bytes = 3;
        for (size_t j = 0; j < 4; j++) {
            const char *hit = text[i + j] == '=' ? alphabet : strchr(alphabet, text[i + j]);
            assert_non_null(hit);
            bits = bits << 6 | (uint32_t)(hit - alphabet);
            bytes -= text[i + j] == '=' ? 1 : 0;
        }
        for (size_t j = 0; j < bytes; j++) {
            out[n++] = (char)(bits >> (16 - 8 * j) & 0xff);
        }
    }
    return n;
}

/* Decodes the word at text into out; *end is behind it. */
static inline size_t decode_word(const char *text, const char **end, char *out)
{
    assert_memory_equal(text, "=?UTF-8?", 8);
    const char *stop = strstr(text + 10, "?=");
    assert_non_null(stop);
    *end = stop + 2;
    assert_true(*end - text <= 75);
    size_t len = (size_t)(stop - text) - 10;
    size_t n = text[8] == 'B' ? decode_b(text + 10, len, out) : decode_q(text + 10, len, out);
    assert_int_equal(pk_utf8_valid_len(out, n), n);
    return n;
}

/* The field's body, unfolded (RFC 5322 §2.2.3) and with encoded words decoded, white space between
 * two of them gone (RFC 2047 §6.2). Also asserts what holds of every field that we write: CRLF
 * only, lines within limit, no line of blanks only, words within 75, whole UTF-8 characters in each
 * word. field: "Name: ...\r\n", len bytes. */
static inline void read_field(const char *field, size_t len, size_t limit, char *out, size_t size)
{
    static char unfolded[65536];
    check_lines(field, len, limit);
    (void)unfold(field, len, unfolded, sizeof unfolded);
    const char *p = unfolded + 1; /* the blank behind the colon */
    assert_int_equal(unfolded[0], ' ');
    size_t n = 0;
    while (*p) {
        assert_true(n + 80 < size);
        if (strncmp(p, "=?", 2) != 0) {
            out[n++] = *p++;
            continue;
        }
        n += decode_word(p, &p, out + n);
        size_t blanks = strspn(p, " ");
        p += strncmp(p + blanks, "=?", 2) == 0 ? blanks : 0;
    }
    out[n] = '\0';
}

#endif
