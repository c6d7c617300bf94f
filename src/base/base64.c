#include "base/base64.h"

#include <stdint.h>

enum { CHUNK = 57 }; /* bytes encoded at a time: they become 76 */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* A character's place in the alphabet, from 1; 0: it is not there. */
static const uint8_t places[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

static size_t encode_group(char *to, const uint8_t *from)
{
    to[0] = alphabet[from[0] >> 2];
    to[1] = alphabet[(from[0] & 3) << 4 | from[1] >> 4];
    to[2] = alphabet[(from[1] & 15) << 2 | from[2] >> 6];
    to[3] = alphabet[from[2] & 63];
    return 4;
}

/* At most CHUNK bytes. */
static size_t encode(char *to, const uint8_t *from, size_t len)
{
    size_t n = 0;
    size_t i = 0;
    for (; i + 3 <= len; i += 3) {
        n += encode_group(to + n, from + i);
    }
    if (i < len) {
        uint8_t last[3] = {from[i], i + 1 < len ? from[i + 1] : 0, 0};
        n += encode_group(to + n, last);
        to[n - 1] = '=';
        if (i + 1 == len) {
            to[n - 2] = '=';
        }
    }
    return n;
}

void pk_add_base64(pk_buf *out, const char *data, size_t len)
{
    char text[CHUNK / 3 * 4];
    for (size_t i = 0; i < len; i += CHUNK) {
        size_t take = len - i < CHUNK ? len - i : CHUNK;
        pk_buf_add(out, text, encode(text, (const uint8_t *)data + i, take));
    }
}

size_t pk_base64_lines_len(size_t len)
{
    return (len + 2) / 3 * 4 + 2 * ((len + CHUNK - 1) / CHUNK);
}

void pk_base64_lines(char *to, const char *data, size_t len)
{
    for (size_t i = 0; i < len; i += CHUNK) {
        to += encode(to, (const uint8_t *)data + i, len - i < CHUNK ? len - i : CHUNK);
        *to++ = '\r';
        *to++ = '\n';
    }
}

/* A group of four characters, the last of which may be padding. */
static bool add_group(pk_buf *out, const char *group, size_t padding)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < 4 - padding; i++) {
        uint8_t place = places[(unsigned char)group[i]];
        if (!place) {
            return false;
        }
        bits |= (uint32_t)(place - 1) << (18 - 6 * i);
    }
    const char bytes[3] = {(char)(bits >> 16), (char)(bits >> 8 & 0xff), (char)(bits & 0xff)};
    for (size_t i = 3 - padding; i < 3; i++) {
        if (bytes[i]) {
            return false; /* bits that no encoder sets */
        }
    }
    pk_buf_add(out, bytes, 3 - padding);
    return true;
}

bool pk_add_base64_decoded(pk_buf *out, const char *text, size_t len)
{
    if (len % 4 != 0) {
        return false;
    }
    for (size_t i = 0; i < len; i += 4) {
        bool is_padded = i + 4 == len && text[len - 1] == '=';
        size_t padding = !is_padded ? 0 : text[len - 2] == '=' ? 2 : 1;
        if (!add_group(out, text + i, padding)) {
            return false;
        }
    }
    return true;
}
