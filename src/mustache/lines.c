/* Lines of a template, and the blanks they begin with. */
#include "mustache/parser.h"

#include <stdint.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool pk_line_is_free_before(const pk_mustache_parser *p, size_t pos, size_t *out)
{
    while (pos > 0 && is_blank(p->text[pos - 1])) {
        pos--;
    }
    *out = pos;
    return pos == 0 || p->text[pos - 1] == '\n';
}

bool pk_line_is_free_behind(const pk_mustache_parser *p, size_t pos, size_t *out)
{
    while (pos < p->len && is_blank(p->text[pos])) {
        pos++;
    }
    if (pos + 1 < p->len && p->text[pos] == '\r' && p->text[pos + 1] == '\n') {
        pos++;
    }
    *out = pos < p->len ? pos + 1 : pos;
    return pos == p->len || p->text[pos] == '\n';
}

typedef struct least_blanks {
    size_t count;
    const char *blanks;
} least_blanks;

static void take(least_blanks *least, const char *blanks, size_t len)
{
    if (len < least->count) {
        *least = (least_blanks){len, blanks};
    }
}

static bool is_line_end(const char *at, const char *end)
{
    return *at == '\n' || (*at == '\r' && at + 1 < end && at[1] == '\n');
}

/* A line that the text ends in goes on with a tag, so it is not empty. */
static void take_lines(least_blanks *least, const pk_mustache_node *node)
{
    const char *end = node->text + node->len;
    const char *line = node->starts_line ? node->text : memchr(node->text, '\n', node->len);
    if (line && !node->starts_line) {
        line++;
    }
    while (line && (line < end || node->len == 0)) {
        const char *at = line;
        while (at < end && is_blank(*at)) {
            at++;
        }
        if (at == end || !is_line_end(at, end)) {
            take(least, line, (size_t)(at - line));
        }
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        line = newline ? newline + 1 : NULL;
    }
}

size_t pk_common_blanks(const pk_mustache_node *nodes, size_t from, size_t to, const char **out)
{
    least_blanks least = {SIZE_MAX, NULL};
    size_t i = from;
    while (i < to) {
        const pk_mustache_node *node = &nodes[i];
        bool brings_blanks = node->kind == PK_MUSTACHE_PARTIAL ||
                             node->kind == PK_MUSTACHE_PARENT || node->kind == PK_MUSTACHE_BLOCK;
        if (node->kind == PK_MUSTACHE_TEXT) {
            take_lines(&least, node);
        } else if (node->starts_line && (brings_blanks || !node->is_standalone)) {
            take(&least, node->indent, node->indent_len);
        }
        /* A parent's inside is not printed here, that of a lone block told its own already. */
        bool skips = node->kind == PK_MUSTACHE_PARENT ||
                     (node->kind == PK_MUSTACHE_BLOCK && node->is_standalone);
        i = skips ? node->end : i + 1;
    }
    *out = least.blanks;
    return least.count;
}
