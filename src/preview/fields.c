#include "preview/fields.h"

#include "base/base64.h"
#include "base/text.h"
#include "preview/markup.h"

#include <string.h>

/* =?charset?B?text?= (RFC 2047 §2) */
typedef struct word {
    char kind; /* 'b' or 'q' */
    const char *text;
    size_t len;
    const char *end; /* behind the word */
} word;

static bool find_word(const char *at, const char *end, word *w)
{
    static const char begin[] = "=?utf-8?";
    size_t len = sizeof begin - 1;
    if ((size_t)(end - at) < len + 4 || !pk_ascii_equal_nocase(at, begin, len)) {
        return false;
    }
    w->kind = pk_ascii_lower(at[len]);
    w->text = at + len + 2;
    const char *mark = memchr(w->text, '?', (size_t)(end - w->text));
    if (at[len + 1] != '?' || !mark || mark + 1 >= end || mark[1] != '=') {
        return false;
    }
    w->len = (size_t)(mark - w->text);
    w->end = mark + 2;
    return w->kind == 'b' || w->kind == 'q';
}

static void add_quoted(pk_buf *out, const word *w)
{
    for (size_t i = 0; i < w->len; i++) {
        char c = w->text[i];
        if (c == '=' && i + 2 < w->len && pk_hex_byte(w->text + i + 1, &c)) {
            i += 2;
        } else if (c == '_') {
            c = ' ';
        }
        pk_buf_char(out, c);
    }
}

static void add_word(pk_buf *out, const word *w)
{
    if (w->kind == 'q') {
        add_quoted(out, w);
    } else {
        (void)pk_add_base64_decoded(out, w->text, w->len);
    }
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && strchr(" \t\r\n", *at)) {
        at++;
    }
    return at;
}

/* Blanks between two encoded words are not shown (RFC 2047 §6.2); a fold is not, either. */
static void add_value(pk_buf *out, const char *at, const char *end)
{
    bool after_word = false;
    word w;
    while (at < end) {
        const char *next = skip_blanks(at, end);
        bool is_word = find_word(next, end, &w);
        for (; at < next; at++) {
            if (!(is_word && after_word) && *at != '\r' && *at != '\n') {
                pk_buf_char(out, *at);
            }
        }
        if (is_word) {
            add_word(out, &w);
            at = w.end;
        } else if (at < end) {
            pk_buf_char(out, *at++);
        }
        after_word = is_word;
    }
}

/* Behind the line's end; a line that begins with a blank goes on with the field (RFC 5322 §2.2.3).
 */
static const char *field_end(const char *at, const char *end)
{
    const char *newline = NULL;
    do {
        newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    } while (at < end && (*at == ' ' || *at == '\t'));
    return at;
}

bool pk_next_field(const char **at, const char *end, pk_field_shown *field)
{
    const char *begin = *at;
    const char *behind = begin < end ? field_end(begin, end) : begin;
    const char *colon = begin < end ? memchr(begin, ':', (size_t)(behind - begin)) : NULL;
    if (!colon || *begin == '\r') {
        return false;
    }
    pk_buf raw;
    pk_buf_init(&raw, field->value.max);
    add_value(&raw, skip_blanks(colon + 1, behind), behind);
    field->name = begin;
    field->name_len = (size_t)(colon - begin);
    pk_buf_reset(&field->value);
    pk_add_printable(&field->value, pk_buf_text(&raw), raw.len);
    field->value.failed = field->value.failed || !pk_buf_ok(&raw);
    pk_buf_free(&raw);
    *at = behind;
    return true;
}
