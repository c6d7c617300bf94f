/* Closing tags: what they close, and what is known only then. */
#include "mustache/parser.h"

#include <stdint.h>
#include <string.h>

static bool same_name(const pk_mustache_tag *a, const pk_mustache_tag *b)
{
    return a->len == b->len && a->is_dynamic == b->is_dynamic &&
           memcmp(a->name, b->name, a->len) == 0;
}

static const char *star(const pk_mustache_tag *tag)
{
    return tag->is_dynamic ? "*" : "";
}

/* What an opening tag begins. */
static const char *noun(char sigil)
{
    return sigil == '$' ? "block" : sigil == '<' ? "parent" : "section";
}

static void complain_close(pk_mustache_parser *p, const pk_mustache_tag *tag)
{
    int len = pk_mustache_shown(tag->name, tag->len);
    pk_open_section *top = p->depth > 0 ? &p->open[p->depth - 1] : NULL;
    if (!top) {
        pk_mustache_error(
            p,
            "{{/%.*s}} closes a section that was never opened; write {{#%.*s}} before it, "
            "or remove it",
            len, tag->name, len, tag->name);
        return;
    }
    pk_mustache_error(
        p,
        "{{/%s%.*s}} stands where {{/%s%.*s}} is expected, which closes the %s of line %u, "
        "column %u",
        star(tag), len, tag->name, star(&top->tag), pk_mustache_shown(top->tag.name, top->tag.len),
        top->tag.name, noun(top->tag.sigil), top->line, top->column);
    top->is_told = true;
}

/* How deep the section that the tag closes is; 0: there is none. */
static size_t depth_closed(const pk_mustache_parser *p, const pk_mustache_tag *tag)
{
    size_t depth = p->depth;
    while (depth > 0 && !same_name(&p->open[depth - 1].tag, tag)) {
        depth--;
    }
    return depth;
}

/* A closing tag: what is before it belongs to the inside that it closes. */
static void pass_close(pk_mustache_parser *p, const pk_mustache_tag *tag,
                       const pk_open_section *open, const pk_around *line)
{
    pk_mustache_node *node = &p->nodes[open->node];
    if (node->kind == PK_MUSTACHE_PARENT && node->starts_line) {
        node->is_standalone = line->is_free_behind;
        p->pos = line->is_free_behind ? line->next : tag->end;
    } else if (open->is_argument) {
        pk_add_text_before(p,
                           line->is_free_before && line->begin > p->pos ? line->begin : p->start);
        p->pos = tag->end;
    } else if (!pk_pass(p, tag, line) && pk_begins_line(p, p->start)) {
        /* This line begins inside: an indentation goes there. */
        pk_mustache_node *empty = pk_add_node(p, PK_MUSTACHE_TEXT, p->text + p->start, 0);
        if (empty) {
            empty->starts_line = true;
        }
    }
}

/* Now that a block's inside is known: which blanks all its lines have. */
static void finish_block(pk_mustache_parser *p, const pk_open_section *open)
{
    pk_mustache_node *node = &p->nodes[open->node];
    const char *blanks = NULL;
    size_t common = pk_common_blanks(p->nodes, open->node + 1, p->count, &blanks);
    if (common == SIZE_MAX || !node->is_standalone) {
        return;
    }
    if (open->is_argument) {
        node->strip = common;
    } else {
        node->indent = blanks;
        node->indent_len = common;
    }
}

void pk_act_close(pk_mustache_parser *p, const pk_mustache_tag *tag, const pk_around *line)
{
    size_t depth = depth_closed(p, tag);
    if (depth == 0) {
        (void)pk_pass(p, tag, line);
        complain_close(p, tag);
        return; /* as if it were not there: what follows may still be told */
    }
    const pk_open_section *open = &p->open[depth - 1];
    pass_close(p, tag, open, line);
    if (depth != p->depth) {
        complain_close(p, tag);
    }
    /* What was opened within and never closed ends here, too. */
    while (p->depth >= depth) {
        p->depth--;
        p->nodes[p->open[p->depth].node].end = p->count;
    }
    if (open->tag.sigil == '$' && !p->no_memory) {
        finish_block(p, open);
    }
}

void pk_complain_unclosed(pk_mustache_parser *p)
{
    for (size_t i = 0; i < p->depth; i++) {
        const pk_open_section *open = &p->open[i];
        if (open->is_told) {
            continue;
        }
        int len = pk_mustache_shown(open->tag.name, open->tag.len);
        p->line = open->line;
        p->column = open->column;
        pk_mustache_error(p, "{{%c%s%.*s}} is never closed; write {{/%s%.*s}} where the %s ends",
                          open->tag.sigil, star(&open->tag), len, open->tag.name, star(&open->tag),
                          len, open->tag.name, noun(open->tag.sigil));
    }
}
