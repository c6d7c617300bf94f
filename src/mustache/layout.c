#include "mustache/renderer.h"

#include <string.h>

pk_layout pk_layout_indented(const pk_layout *layout, const char *indent, size_t len, size_t strip)
{
    if (len == 0) {
        return (pk_layout){layout->outer, layout->indent, layout->indent_len, strip};
    }
    return (pk_layout){layout->indent_len ? layout : NULL, indent, len, strip};
}

void pk_add_indent(pk_buf *out, const pk_layout *layout)
{
    if (layout->outer) {
        pk_add_indent(out, layout->outer); /* as deep as PK_MUSTACHE_MAX_NESTING at most */
    }
    pk_buf_add(out, layout->indent, layout->indent_len);
}

static bool is_line_end(const char *at, const char *end)
{
    return at < end && (*at == '\n' || (*at == '\r' && at + 1 < end && at[1] == '\n'));
}

/* The begin of a line, behind the blanks that it loses. */
static const char *begin_line(pk_buf *out, const pk_layout *layout, const char *at, const char *end)
{
    for (size_t i = 0; i < layout->strip && at < end && (*at == ' ' || *at == '\t'); i++) {
        at++;
    }
    if (!is_line_end(at, end)) {
        pk_add_indent(out, layout);
    }
    return at;
}

void pk_add_text(pk_buf *out, const pk_layout *layout, const pk_mustache_node *node)
{
    if (layout->indent_len == 0 && layout->strip == 0) {
        pk_buf_add(out, node->text, node->len);
        return;
    }
    const char *at = node->text;
    const char *end = node->text + node->len;
    if (node->starts_line) {
        at = begin_line(out, layout, at, end);
    }
    while (at < end && pk_buf_ok(out)) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *next = newline ? newline + 1 : end;
        pk_buf_add(out, at, (size_t)(next - at));
        at = next < end ? begin_line(out, layout, next, end) : end;
    }
}
