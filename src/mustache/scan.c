#include "mustache/parser.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    MAX_SHOWN = 60,   /* bytes of a tag that an error repeats */
    MAX_ERRORS = 100, /* of one template; then it is hardly one */
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
static size_t find(const pk_mustache_parser *p, size_t from, size_t to, const char *what)
{
    size_t what_len = strlen(what);
    while (from + what_len <= to) {
        const char *hit = memchr(p->text + from, what[0], to - from - what_len + 1);
        if (!hit) {
            break;
        }
        if (memcmp(hit, what, what_len) == 0) {
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

static bool check_name(pk_mustache_parser *p, const pk_mustache_tag *tag)
{
    int len = pk_mustache_shown(tag->name, tag->len);
    if (tag->len == 0) {
        pk_mustache_error(p, "the tag is empty; a name is expected between {{ and }}");
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
    if (has_empty_part(tag)) {
        pk_mustache_error(p, "\"%.*s\" has a dot too many; write one like author.name", len,
                          tag->name);
        return false;
    }
    return true;
}

/* The tag at p->start. False: it is wrong, and p->pos stands where to go on. */
static bool read_tag(pk_mustache_parser *p, pk_mustache_tag *out)
{
    size_t inside = p->start + 2;
    char sigil = '\0';
    if (inside < p->len && strchr("!#^/&>{$<=", p->text[inside]) && p->text[inside]) {
        sigil = p->text[inside++];
    }
    bool triple = sigil == '{';
    size_t close = find(p, inside, p->len, triple ? "}}}" : "}}");
    size_t next =
        sigil == '!' ? SIZE_MAX : find(p, inside, close == SIZE_MAX ? p->len : close, "{{");
    if (close == SIZE_MAX || next < close) {
        pk_mustache_error(p, "this tag is not closed; %s is expected behind its name",
                          triple ? "}}}" : "}}");
        p->pos = next;
        p->stopped = p->stopped || next == SIZE_MAX;
        return false;
    }
    *out = (pk_mustache_tag){sigil, p->text + inside, close - inside, close + (triple ? 3 : 2)};
    if (sigil == '=') {
        pk_mustache_error(p, "other delimiters, {{=…=}}, are not supported yet; keep {{ and }}");
        p->stopped = true;
        return false;
    }
    trim(out);
    if (sigil != '!' && !check_name(p, out)) {
        p->pos = out->end;
        return false;
    }
    return true;
}

bool pk_mustache_next_tag(pk_mustache_parser *p, pk_mustache_tag *out)
{
    while (!p->stopped && (p->start = find(p, p->pos, p->len, "{{")) != SIZE_MAX) {
        locate(p, p->start);
        if (read_tag(p, out)) {
            return true;
        }
    }
    return false;
}
