#include "mustache/parser.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static pk_mustache_node *add_node(pk_mustache_parser *p, pk_mustache_kind kind, const char *text,
                                  size_t len)
{
    if (p->count == p->capacity) {
        size_t capacity = p->capacity ? p->capacity * 2 : 8;
        pk_mustache_node *nodes = realloc(p->nodes, capacity * sizeof *nodes);
        if (!nodes) {
            p->no_memory = true;
            return NULL;
        }
        p->nodes = nodes;
        p->capacity = capacity;
    }
    pk_mustache_node *node = &p->nodes[p->count++];
    *node = (pk_mustache_node){kind, p->line, p->column, text, len, 0};
    return node;
}

static void add_text(pk_mustache_parser *p, size_t end)
{
    if (end > p->pos) {
        (void)add_node(p, PK_MUSTACHE_TEXT, p->text + p->pos, end - p->pos);
    }
}

/* Sections and comments that have a line for themselves take it with them: its blanks and its line
 * end. Answers whether that is so, with the bounds of the line. */
static bool is_standalone(const pk_mustache_parser *p, size_t end, size_t *line_begin,
                          size_t *line_end)
{
    size_t begin = p->start;
    while (begin > 0 && is_blank(p->text[begin - 1])) {
        begin--;
    }
    if (begin > 0 && p->text[begin - 1] != '\n') {
        return false;
    }
    while (end < p->len && is_blank(p->text[end])) {
        end++;
    }
    if (end + 1 < p->len && p->text[end] == '\r' && p->text[end + 1] == '\n') {
        end++;
    }
    if (end < p->len && p->text[end] != '\n') {
        return false;
    }
    *line_begin = begin;
    *line_end = end < p->len ? end + 1 : end;
    return true;
}

/* Adds the text before a tag, and goes behind the tag. */
static void pass(pk_mustache_parser *p, size_t end, bool may_stand_alone)
{
    size_t begin = p->start;
    if (may_stand_alone) {
        (void)is_standalone(p, end, &begin, &end);
    }
    add_text(p, begin);
    p->pos = end;
}

static void open_tag(pk_mustache_parser *p, const pk_mustache_tag *tag)
{
    if (p->depth == PK_MUSTACHE_MAX_DEPTH) {
        pk_mustache_error(p, "sections are nested deeper than %d; take some apart",
                          PK_MUSTACHE_MAX_DEPTH);
        p->stopped = true;
        return;
    }
    size_t node = SIZE_MAX;
    if (tag->sigil == '#' || tag->sigil == '^') {
        node = p->count;
        (void)add_node(p, tag->sigil == '#' ? PK_MUSTACHE_SECTION : PK_MUSTACHE_INVERTED, tag->name,
                       tag->len);
    }
    p->open[p->depth++] =
        (pk_open_section){tag->name, tag->len, node, tag->sigil, p->line, p->column};
}

static bool same_name(const pk_open_section *section, const pk_mustache_tag *tag)
{
    return section->len == tag->len && memcmp(section->name, tag->name, tag->len) == 0;
}

static void complain_close(pk_mustache_parser *p, const pk_mustache_tag *tag)
{
    int len = pk_mustache_shown(tag->name, tag->len);
    if (p->depth == 0) {
        pk_mustache_error(
            p,
            "{{/%.*s}} closes a section that was never opened; write {{#%.*s}} before it, "
            "or remove it",
            len, tag->name, len, tag->name);
        return;
    }
    const pk_open_section *top = &p->open[p->depth - 1];
    pk_mustache_error(
        p,
        "{{/%.*s}} stands where {{/%.*s}} is expected, which closes the section of line %u, "
        "column %u",
        len, tag->name, pk_mustache_shown(top->name, top->len), top->name, top->line, top->column);
}

static void close_tag(pk_mustache_parser *p, const pk_mustache_tag *tag)
{
    size_t depth = p->depth;
    while (depth > 0 && !same_name(&p->open[depth - 1], tag)) {
        depth--;
    }
    if (depth == 0 || depth != p->depth) {
        complain_close(p, tag);
    }
    if (depth == 0) {
        return; /* as if it were not there: what follows may still be told */
    }
    p->depth = depth - 1;
    size_t node = p->open[p->depth].node;
    if (node < p->count) {
        p->nodes[node].end = p->count;
    }
}

static void act(pk_mustache_parser *p, const pk_mustache_tag *tag)
{
    pass(p, tag->end, tag->sigil && strchr("#^/!", tag->sigil) != NULL);
    switch (tag->sigil) {
    case '!':
        break;
    case '#':
    case '^':
        open_tag(p, tag);
        break;
    case '/':
        close_tag(p, tag);
        break;
    case '$':
    case '<':
        pk_mustache_error(
            p, "blocks and parents, {{%c%.*s}}, are not supported yet; write the text here",
            tag->sigil, pk_mustache_shown(tag->name, tag->len), tag->name);
        open_tag(p, tag);
        break;
    case '>':
        pk_mustache_error(p, "partials, {{>%.*s}}, are not supported yet; write the text here",
                          pk_mustache_shown(tag->name, tag->len), tag->name);
        break;
    case 0:
        (void)add_node(p, PK_MUSTACHE_VARIABLE, tag->name, tag->len);
        break;
    default:
        (void)add_node(p, PK_MUSTACHE_RAW, tag->name, tag->len);
        break;
    }
}

static void complain_unclosed(pk_mustache_parser *p)
{
    for (size_t i = 0; i < p->depth; i++) {
        const pk_open_section *section = &p->open[i];
        int len = pk_mustache_shown(section->name, section->len);
        p->line = section->line;
        p->column = section->column;
        pk_mustache_error(p, "{{%c%.*s}} is never closed; write {{/%.*s}} where the section ends",
                          section->sigil, len, section->name, len, section->name);
    }
}

/* Moves the nodes into the arena. */
static const pk_mustache *finish(pk_mustache_parser *p, pk_arena *arena)
{
    pk_mustache *mustache = pk_arena_alloc(arena, 1, sizeof *mustache);
    pk_mustache_node *nodes = pk_arena_alloc(arena, p->count, sizeof *nodes);
    if (!mustache || !nodes) {
        p->no_memory = true;
        return NULL;
    }
    if (p->count > 0) {
        memcpy(nodes, p->nodes, p->count * sizeof *nodes);
    }
    *mustache = (pk_mustache){nodes, p->count};
    return mustache;
}

pk_mustache_status pk_mustache_parse(const char *text, size_t len, pk_arena *arena,
                                     pk_mustache_complain *told, void *user,
                                     const pk_mustache **out)
{
    pk_mustache_parser p = {
        .text = text, .len = len, .line = 1, .column = 1, .complain = told, .user = user};
    pk_mustache_tag tag;
    while (!p.no_memory && pk_mustache_next_tag(&p, &tag)) {
        act(&p, &tag);
    }
    if (!p.stopped && !p.no_memory) {
        add_text(&p, len);
        complain_unclosed(&p);
    }
    *out = p.errors || p.no_memory ? NULL : finish(&p, arena);
    free(p.nodes);
    return p.no_memory ? PK_MUSTACHE_NO_MEMORY : p.errors ? PK_MUSTACHE_BAD : PK_MUSTACHE_OK;
}
