#include "mustache/parser.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

pk_mustache_node *pk_add_node(pk_mustache_parser *p, pk_mustache_kind kind, const char *text,
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
    *node = (pk_mustache_node){
        .kind = kind, .line = p->line, .column = p->column, .text = text, .len = len, .indent = ""};
    return node;
}

const pk_open_section *pk_innermost(const pk_mustache_parser *p)
{
    return p->depth > 0 ? &p->open[p->depth - 1] : NULL;
}

/* Right inside a parent only blocks count. */
static bool is_ignored(const pk_mustache_parser *p)
{
    const pk_open_section *top = pk_innermost(p);
    return top && top->tag.sigil == '<';
}

/* Whether what comes at pos is the first of its line that has a node. */
bool pk_begins_line(pk_mustache_parser *p, size_t pos)
{
    bool begun = p->line_begun;
    p->line_begun = false;
    return begun || pos == 0 || p->text[pos - 1] == '\n';
}

/* The text from p->pos. A tag that begins its line behind no text at all has its flag itself. */
void pk_add_text_before(pk_mustache_parser *p, size_t end)
{
    if (end > p->pos && !is_ignored(p)) {
        bool starts_line = pk_begins_line(p, p->pos);
        pk_mustache_node *node = pk_add_node(p, PK_MUSTACHE_TEXT, p->text + p->pos, end - p->pos);
        if (node) {
            node->starts_line = starts_line;
        }
    }
}

static pk_around look_around(const pk_mustache_parser *p, const pk_mustache_tag *tag)
{
    pk_around found = {0};
    found.is_free_before = pk_line_is_free_before(p, p->start, &found.begin);
    found.is_free_behind = pk_line_is_free_behind(p, tag->end, &found.next);
    return found;
}

/* Tags that print nothing themselves take a line that they have for themselves with them: blanks
 * and line end. Adds the text before the tag, goes behind it, and answers whether that was so. */
bool pk_pass(pk_mustache_parser *p, const pk_mustache_tag *tag, const pk_around *line)
{
    bool is_standalone = line->is_free_before && line->is_free_behind;
    pk_add_text_before(p, is_standalone ? line->begin : p->start);
    p->pos = is_standalone ? line->next : tag->end;
    return is_standalone;
}

/* {{! }} and {{= =}} have no node: their line begins with what comes next. */
static void act_without_node(pk_mustache_parser *p, const pk_mustache_tag *tag,
                             const pk_around *line)
{
    if (!pk_pass(p, tag, line)) {
        p->line_begun = pk_begins_line(p, p->start);
    }
    if (tag->sigil == '=') {
        pk_mustache_set_delimiters(p, tag);
    }
}

static void open_tag(pk_mustache_parser *p, const pk_mustache_tag *tag, bool is_argument)
{
    if (p->depth == PK_MUSTACHE_MAX_DEPTH) {
        pk_mustache_error(p, "sections are nested deeper than %d; take some apart",
                          PK_MUSTACHE_MAX_DEPTH);
        p->stopped = true;
        return;
    }
    p->open[p->depth++] =
        (pk_open_section){*tag, p->count - 1, is_argument, false, p->line, p->column};
}

static void act_section(pk_mustache_parser *p, const pk_mustache_tag *tag, const pk_around *line)
{
    bool is_standalone = pk_pass(p, tag, line);
    bool starts_line = pk_begins_line(p, p->start);
    pk_mustache_node *node = pk_add_node(
        p, tag->sigil == '#' ? PK_MUSTACHE_SECTION : PK_MUSTACHE_INVERTED, tag->name, tag->len);
    if (node) {
        node->sigil = tag->sigil;
        node->starts_line = starts_line;
        node->is_standalone = is_standalone;
        open_tag(p, tag, false);
    }
}

/* Which of the template's refs the tag is. */
static size_t find_ref(pk_mustache_parser *p, const pk_mustache_tag *tag)
{
    for (size_t i = 0; i < p->ref_count; i++) {
        if (p->refs[i].len == tag->len && memcmp(p->refs[i].name, tag->name, tag->len) == 0) {
            return i;
        }
    }
    if (p->ref_count == PK_MUSTACHE_MAX_REFS) {
        pk_mustache_error(p, "more than %d partials are named here; join some of them",
                          PK_MUSTACHE_MAX_REFS);
        p->stopped = true;
        return 0;
    }
    p->refs[p->ref_count] =
        (pk_mustache_ref){tag->name, tag->len, tag->sigil, p->line, p->column, NULL};
    return p->ref_count++;
}

/* A partial, a parent or a block: the blanks before it indent what it brings. */
static pk_mustache_node *add_bringing(pk_mustache_parser *p, const pk_mustache_tag *tag,
                                      pk_mustache_kind kind, size_t begin)
{
    bool starts_line = pk_begins_line(p, begin);
    size_t ref = kind == PK_MUSTACHE_BLOCK || tag->is_dynamic ? 0 : find_ref(p, tag);
    pk_mustache_node *node = pk_add_node(p, kind, tag->name, tag->len);
    if (node) {
        node->sigil = tag->sigil;
        node->is_dynamic = tag->is_dynamic;
        node->starts_line = starts_line;
        node->indent = p->text + begin;
        node->indent_len = p->start - begin;
        node->ref = ref;
    }
    return node;
}

static void act_partial(pk_mustache_parser *p, const pk_mustache_tag *tag, const pk_around *line)
{
    bool is_standalone = pk_pass(p, tag, line);
    pk_mustache_node *node =
        add_bringing(p, tag, PK_MUSTACHE_PARTIAL, is_standalone ? line->begin : p->start);
    if (node) {
        node->is_standalone = is_standalone;
    }
}

/* Parents and blocks. A parent has its line for itself when nothing is before its opening and
 * behind its closing tag, which is seen there. A block right inside a parent has it when nothing is
 * behind it: what is before is ignored anyway. */
static void act_bringing(pk_mustache_parser *p, const pk_mustache_tag *tag, const pk_around *line)
{
    bool is_block = tag->sigil == '$';
    bool is_argument = is_block && is_ignored(p);
    size_t begin = line->is_free_before && !is_argument ? line->begin : p->start;
    pk_add_text_before(p, begin);
    pk_mustache_node *node =
        add_bringing(p, tag, is_block ? PK_MUSTACHE_BLOCK : PK_MUSTACHE_PARENT, begin);
    if (!node) {
        return;
    }
    node->starts_line = node->starts_line || line->is_free_before;
    node->is_standalone = is_block && line->is_free_behind && (is_argument || line->is_free_before);
    p->pos = node->is_standalone ? line->next : tag->end;
    open_tag(p, tag, is_argument);
}

static void act_variable(pk_mustache_parser *p, const pk_mustache_tag *tag)
{
    pk_add_text_before(p, p->start);
    p->pos = tag->end;
    bool starts_line = pk_begins_line(p, p->start);
    pk_mustache_node *node =
        pk_add_node(p, tag->sigil ? PK_MUSTACHE_RAW : PK_MUSTACHE_VARIABLE, tag->name, tag->len);
    if (node) {
        node->sigil = tag->sigil;
        node->starts_line = starts_line;
    }
}

static void act(pk_mustache_parser *p, const pk_mustache_tag *tag)
{
    pk_around line = look_around(p, tag);
    switch (tag->sigil) {
    case '!':
    case '=':
        act_without_node(p, tag, &line);
        break;
    case '#':
    case '^':
        act_section(p, tag, &line);
        break;
    case '/':
        pk_act_close(p, tag, &line);
        break;
    case '$':
    case '<':
        act_bringing(p, tag, &line);
        break;
    case '>':
        act_partial(p, tag, &line);
        break;
    default:
        act_variable(p, tag);
        break;
    }
}

static const pk_mustache_node *first_dynamic(const pk_mustache *mustache)
{
    for (size_t i = 0; i < mustache->count; i++) {
        if (mustache->nodes[i].is_dynamic) {
            return &mustache->nodes[i];
        }
    }
    return NULL;
}

static void *move(pk_arena *arena, const void *items, size_t count, size_t size)
{
    void *moved = pk_arena_alloc(arena, count, size);
    if (moved && count > 0) {
        memcpy(moved, items, count * size);
    }
    return moved;
}

/* Moves all into the arena. */
static pk_mustache *finish(pk_mustache_parser *p, pk_arena *arena)
{
    pk_mustache *mustache = pk_arena_alloc(arena, 1, sizeof *mustache);
    pk_mustache_node *nodes = move(arena, p->nodes, p->count, sizeof *nodes);
    pk_mustache_ref *refs = move(arena, p->refs, p->ref_count, sizeof *refs);
    if (!mustache || !nodes || !refs) {
        p->no_memory = true;
        return NULL;
    }
    *mustache =
        (pk_mustache){.nodes = nodes, .count = p->count, .refs = refs, .ref_count = p->ref_count};
    mustache->dynamic = first_dynamic(mustache);
    return mustache;
}

pk_mustache_status pk_mustache_parse(const char *text, size_t len, pk_arena *arena,
                                     pk_mustache_complain *complain, void *user, pk_mustache **out)
{
    pk_mustache_parser p = {.text = text,
                            .len = len,
                            .line = 1,
                            .column = 1,
                            .opening = {"{{", 2},
                            .closing = {"}}", 2},
                            .complain = complain,
                            .user = user};
    pk_mustache_tag tag;
    while (!p.no_memory && pk_mustache_next_tag(&p, &tag)) {
        act(&p, &tag);
    }
    if (!p.stopped && !p.no_memory) {
        pk_add_text_before(&p, len);
        pk_complain_unclosed(&p);
    }
    *out = p.errors || p.no_memory ? NULL : finish(&p, arena);
    free(p.nodes);
    return p.no_memory ? PK_MUSTACHE_NO_MEMORY : p.errors ? PK_MUSTACHE_BAD : PK_MUSTACHE_OK;
}
