#include "mustache/parser.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    MAX_SHOWN = 60,     /* bytes of a tag that an error repeats */
    MAX_ERRORS = 100,   /* of one template; then it is hardly one */
    MAX_DELIMITER = 16, /* bytes */
};

void pk_mustache_error(pk_mustache_parser *p, const char *format, ...)
{
    char message[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    p->stopped = ++p->errors >= MAX_ERRORS;
    p->complain(p->user, p->line, p->column, message);
}

int pk_mustache_shown(const char *text, size_t len)
{
    if (len <= MAX_SHOWN) {
        return (int)len;
    }
    size_t cut = MAX_SHOWN;
    while (cut > 0 && ((unsigned char)text[cut] & 0xc0) == 0x80) {
        cut--;
    }
    return (int)cut;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Line and column of a position that is not before the last one asked for. */
static void locate(pk_mustache_parser *p, size_t pos)
{
    const char *newline = NULL;
    while ((newline = memchr(p->text + p->seen, '\n', pos - p->seen)) != NULL) {
        p->seen = (size_t)(newline - p->text) + 1;
        p->line++;
        p->column = 1;
    }
    p->column += (unsigned)pk_utf8_count(p->text + p->seen, pos - p->seen);
    p->seen = pos;
}

/* Where `what` first stands as a whole between two positions; SIZE_MAX: nowhere. */
static size_t find(const pk_mustache_parser *p, size_t from, size_t to, const pk_delimiter *what)
{
    while (from + what->len <= to) {
        const char *hit = memchr(p->text + from, what->text[0], to - from - what->len + 1);
        if (!hit) {
            break;
        }
        if (memcmp(hit, what->text, what->len) == 0) {
            return (size_t)(hit - p->text);
        }
        from = (size_t)(hit - p->text) + 1;
    }
    return SIZE_MAX;
}

static void trim(pk_mustache_tag *tag)
{
    while (tag->len > 0 && is_space(tag->name[0])) {
        tag->name++;
        tag->len--;
    }
    while (tag->len > 0 && is_space(tag->name[tag->len - 1])) {
        tag->len--;
    }
}

static bool has_empty_part(const pk_mustache_tag *tag)
{
    if (tag->len == 1) {
        return false; /* {{.}} */
    }
    for (size_t i = 0; i < tag->len; i++) {
        bool at_end = i == 0 || i + 1 == tag->len;
        if (tag->name[i] == '.' && (at_end || tag->name[i + 1] == '.')) {
            return true;
        }
    }
    return false;
}

/* Names of partials and blocks are no paths into the data: their dots mean nothing. */
static bool is_path(const pk_mustache_parser *p, const pk_mustache_tag *tag)
{
    char sigil = tag->sigil;
    if (sigil == '/' && p->depth > 0) {
        sigil = p->open[p->depth - 1].tag.sigil;
    }
    return tag->is_dynamic || !(sigil && strchr("><$", sigil));
}

static bool check_name(pk_mustache_parser *p, const pk_mustache_tag *tag)
{
    int len = pk_mustache_shown(tag->name, tag->len);
    if (tag->len == 0) {
        pk_mustache_error(p, "the tag is empty; a name is expected between %.*s and %.*s",
                          (int)p->opening.len, p->opening.text, (int)p->closing.len,
                          p->closing.text);
        return false;
    }
    for (size_t i = 0; i < tag->len; i++) {
        unsigned char c = (unsigned char)tag->name[i];
        if (c <= ' ' || c == 0x7f || c == '{' || c == '}') {
            pk_mustache_error(p,
                              "\"%.*s\" is no name: it has %s inside; write one like author.name",
                              len, tag->name, c <= ' ' || c == 0x7f ? "a blank" : "a brace");
            return false;
        }
    }
    if (is_path(p, tag) && has_empty_part(tag)) {
        pk_mustache_error(p, "\"%.*s\" has a dot too many; write one like author.name", len,
                          tag->name);
        return false;
    }
    return true;
}

/* {{>*name}}: the star is no part of the name. */
static void take_star(const pk_mustache_parser *p, pk_mustache_tag *tag)
{
    bool closes = tag->sigil == '/' && p->depth > 0 && p->open[p->depth - 1].tag.is_dynamic;
    bool may = tag->sigil == '>' || tag->sigil == '<' || closes;
    if (may && tag->len > 0 && tag->name[0] == '*') {
        tag->is_dynamic = true;
        tag->name++;
        tag->len--;
        trim(tag);
    }
}

/* What a tag of this sigil ends with: }}, }}} or =}}. */
static size_t add_closing(const pk_mustache_parser *p, char sigil, char out[])
{
    size_t len = 0;
    if (sigil == '{' || sigil == '=') {
        out[len++] = sigil == '{' ? '}' : '=';
    }
    memcpy(out + len, p->closing.text, p->closing.len);
    return len + p->closing.len;
}

/* The tag at p->start. False: it is wrong, and p->pos stands where to go on. */
static bool read_tag(pk_mustache_parser *p, pk_mustache_tag *out)
{
    char closing[MAX_DELIMITER + 1];
    size_t inside = p->start + p->opening.len;
    char sigil = '\0';
    if (inside < p->len && p->text[inside] && strchr("!#^/&>{$<=", p->text[inside])) {
        sigil = p->text[inside++];
    }
    pk_delimiter end = {closing, add_closing(p, sigil, closing)};
    bool is_free = sigil == '!' || sigil == '='; /* anything may be in it */
    size_t close = find(p, inside, p->len, &end);
    size_t next =
        is_free ? SIZE_MAX : find(p, inside, close == SIZE_MAX ? p->len : close, &p->opening);
    if (close == SIZE_MAX || next < close) {
        pk_mustache_error(p, "this tag is not closed; %.*s is expected behind its name",
                          (int)end.len, end.text);
        p->pos = next;
        p->stopped = p->stopped || next == SIZE_MAX;
        return false;
    }
    *out = (pk_mustache_tag){sigil, false, p->text + inside, close - inside, close + end.len};
    trim(out);
    take_star(p, out);
    if (!is_free && !check_name(p, out)) {
        p->pos = out->end;
        return false;
    }
    return true;
}

bool pk_mustache_next_tag(pk_mustache_parser *p, pk_mustache_tag *out)
{
    while (!p->stopped && (p->start = find(p, p->pos, p->len, &p->opening)) != SIZE_MAX) {
        locate(p, p->start);
        if (read_tag(p, out)) {
            return true;
        }
    }
    return false;
}

/* How long the word at text is. */
static size_t word(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && !is_space(text[n]) && text[n] != '=') {
        n++;
    }
    return n;
}

void pk_mustache_set_delimiters(pk_mustache_parser *p, const pk_mustache_tag *tag)
{
    pk_mustache_tag rest = *tag;
    pk_delimiter opening = {rest.name, word(rest.name, rest.len)};
    rest.name += opening.len;
    rest.len -= opening.len;
    trim(&rest);
    pk_delimiter closing = {rest.name, word(rest.name, rest.len)};
    bool whole = opening.len && closing.len && closing.len == rest.len &&
                 opening.text + opening.len < closing.text;
    if (!whole || opening.len > MAX_DELIMITER || closing.len > MAX_DELIMITER) {
        pk_mustache_error(p,
                          "\"%.*s\" are no delimiters; two words of at most %d bytes without = are "
                          "expected, as in {{=<%% %%>=}}",
                          pk_mustache_shown(tag->name, tag->len), tag->name, MAX_DELIMITER);
        p->stopped = true; /* where tags begin and end from here on is not known */
        return;
    }
    p->opening = opening;
    p->closing = closing;
}
