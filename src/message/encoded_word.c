#include "message/encoded_word.h"

#include "base/base64.h"

#include <stdbool.h>
#include <string.h>
#include <unigbrk.h>

enum {
    LINE_MAX_LEN = 76, /* RFC 2047 §2: a line with encoded words */
    WORD_MAX = 75,
    OVERHEAD = 12, /* =?UTF-8?Q??= */
    WINDOW = 75,   /* more than a word takes, by a character at least */
};

typedef struct word_writer {
    pk_buf *out;
    bool base64;
    pk_word_place place;
    size_t column;
} word_writer;

/* What stands for itself in Q: letters, digits and !*+-/ anywhere (§5 (3)), and in running text all
 * that is printable but = ? _ and the blank (§4.2). A blank is as short. */
enum { IN_TEXT = 1, ANYWHERE = 2 };

static const unsigned char plain[128] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 0x00 */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 0x10 */
    0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 1, 3, 1, 3, /* 0x20: !"#$%&'()*+,-./ */
    3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 1, 1, 0, 1, 0, /* 0x30: 0123456789:;<=>? */
    1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, /* 0x40: @A.. */
    3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 1, 1, 1, 0, /* 0x50: ..Z[\]^_ */
    1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, /* 0x60: `a.. */
    3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 1, 1, 1, 0, /* 0x70: ..z{|}~ DEL */
};

static bool is_plain(unsigned char c, pk_word_place place)
{
    return c < 0x80 && (plain[c] & (place == PK_WORD_IN_TEXT ? IN_TEXT : ANYWHERE));
}

static size_t q_size(const char *text, size_t len, pk_word_place place)
{
    size_t size = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        size += c == ' ' || is_plain(c, place) ? 1 : 3;
    }
    return size;
}

static size_t b_size(size_t len)
{
    return (len + 2) / 3 * 4;
}

static void add_q(pk_buf *out, const char *text, size_t len, pk_word_place place)
{
    static const char hex[] = "0123456789ABCDEF";
    char word[WORD_MAX + 1];
    size_t n = 0;
    for (size_t i = 0; i < len && n + 3 <= WORD_MAX; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == ' ') {
            word[n++] = '_';
        } else if (is_plain(c, place)) {
            word[n++] = (char)c;
        } else {
            word[n++] = '=';
            word[n++] = hex[c >> 4];
            word[n++] = hex[c & 15];
        }
    }
    pk_buf_add(out, word, n);
}

static void add_word(word_writer *w, const char *text, size_t len)
{
    size_t before = w->out->len;
    pk_buf_str(w->out, w->base64 ? "=?UTF-8?B?" : "=?UTF-8?Q?");
    if (w->base64) {
        pk_add_base64(w->out, text, len);
    } else {
        add_q(w->out, text, len, w->place);
    }
    pk_buf_str(w->out, "?=");
    w->column += w->out->len - before;
}

static size_t word_size(const word_writer *w, const char *text, size_t len)
{
    return w->base64 ? b_size(len) : q_size(text, len, w->place);
}

static void fold(word_writer *w)
{
    pk_buf_str(w->out, "\r\n ");
    w->column = 1;
}

/* Marks where characters begin, or what people see as one (UAX #29). Not u8_grapheme_next(): in
 * libunistring 1.0 it looks at two characters only, and takes flags and families apart. */
static void mark_units(const char *text, size_t len, bool clusters, char *begins)
{
    if (clusters) {
        u8_grapheme_breaks((const uint8_t *)text, len, begins);
        return;
    }
    for (size_t i = 0; i < len; i++) {
        begins[i] = ((unsigned char)text[i] & 0xc0) == 0x80 ? 0 : 1;
    }
}

/* How many bytes of the text fit into room as whole units. 0: not even the first. In B all but the
 * last word of a text take whole groups of three bytes: padding inside a row of words is allowed
 * (RFC 2047 §5), but some readers join the words before they decode, and stop at it. */
static size_t take(const word_writer *w, const char *text, size_t len, size_t room, bool clusters)
{
    if (len <= room && word_size(w, text, len) <= room) {
        return len; /* most do: no need to take it apart */
    }
    char begins[WINDOW];
    size_t window = len < WINDOW ? len : WINDOW;
    size_t taken = 0;
    size_t end = 0;
    size_t size = 0; /* in Q; in B only the sum counts */
    mark_units(text, window, clusters, begins);
    while (end < window) {
        size_t start = end++;
        while (end < window && !begins[end]) {
            end++;
        }
        size = w->base64 ? b_size(end) : size + q_size(text + start, end - start, w->place);
        if (size > room) {
            break;
        }
        taken = !w->base64 || end % 3 == 0 || end == len ? end : taken;
    }
    return taken;
}

/* A line of nothing but the field's name is to be avoided: readers take it for an empty field. And
 * a fold right behind a quote would be a blank of the value. */
static bool must_not_fold(const pk_buf *out)
{
    const char *last = out->len >= 2 ? out->data + out->len - 2 : "  ";
    return memcmp(last, ": ", 2) == 0 || memcmp(last, "=\"", 2) == 0;
}

/* What is tried where no whole clusters make groups of three for B: one word in Q, and B again
 * behind it, before a cluster is split. */
static const struct {
    bool base64;
    bool clusters;
} ways[] = {{false, true}, {true, false}, {false, false}};

/* Adds one word, on this line or on the next; returns the bytes of text that it took. */
static size_t add_next(word_writer *w, const char *text, size_t len)
{
    size_t line = LINE_MAX_LEN - (w->place == PK_WORD_IN_QUOTES ? 2 : 0);
    size_t full = line - 1 - OVERHEAD;
    size_t left = w->column < line ? line - w->column : 0;
    size_t room = left > OVERHEAD ? left - OVERHEAD : 0;
    room = room < full ? room : full;
    size_t taken = take(w, text, len, room, true);
    if (taken == 0 && room < full && !must_not_fold(w->out) && take(w, text, len, full, true) > 0) {
        fold(w); /* it fits a line of its own */
        return 0;
    }
    bool base64 = w->base64;
    for (size_t i = 0; taken == 0 && i < sizeof ways / sizeof ways[0]; i++) {
        w->base64 = base64 && ways[i].base64;
        taken = take(w, text, len, room, ways[i].clusters);
    }
    if (taken > 0) {
        add_word(w, text, taken);
    }
    w->base64 = base64;
    if (taken < len) {
        fold(w);
    }
    return taken;
}

size_t pk_add_encoded_words(pk_buf *out, const char *text, size_t len, pk_word_place place,
                            size_t column)
{
    word_writer w = {out, b_size(len) < q_size(text, len, place), place, column};
    while (len > 0 && pk_buf_ok(out)) {
        size_t taken = add_next(&w, text, len);
        text += taken;
        len -= taken;
    }
    return w.column;
}
