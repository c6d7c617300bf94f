#include "mustache/renderer.h"

#include "base/html.h"

#include <string.h>

void pk_escape_html(pk_buf *out, const char *text, size_t len)
{
    size_t from = 0;
    for (size_t i = 0; i < len; i++) {
        const char *entity = pk_html_entity(text[i]);
        if (entity) {
            pk_buf_add(out, text + from, i - from);
            pk_buf_str(out, entity);
            from = i + 1;
        }
    }
    pk_buf_add(out, text + from, len - from);
}

/* What a tag means, as far as it can be printed. MISSING: it can't, and it was told. */
static pk_value look_up_text(pk_renderer *r, const pk_here *here, const pk_mustache_node *node)
{
    pk_value value = pk_look_up(r, here, node);
    if (value.kind != PK_VALUE_MISSING && !value.text) {
        pk_tell_fault(r, here, PK_FAULT_NO_TEXT, node, node->text, node->len, &value);
        value.kind = PK_VALUE_MISSING;
    }
    return value;
}

static void print(pk_renderer *r, const pk_here *here, const pk_mustache_node *node)
{
    pk_value value = look_up_text(r, here, node);
    if (value.kind == PK_VALUE_MISSING) {
        return;
    }
    if (node->kind == PK_MUSTACHE_VARIABLE && r->options->escape) {
        r->options->escape(r->out, value.text, value.len);
    } else {
        pk_buf_add(r->out, value.text, value.len);
    }
}

static bool is_true(const pk_value *value)
{
    switch (value->kind) {
    case PK_VALUE_SCALAR:
        return !value->is_false;
    case PK_VALUE_LIST:
        return value->ops->count(value) > 0;
    case PK_VALUE_OBJECT:
        return true;
    default:
        return false;
    }
}

static void render(pk_renderer *r, const pk_here *here, size_t from, size_t to);

static void stop(pk_renderer *r, const pk_here *here, pk_mustache_fault_kind kind,
                 const pk_mustache_node *node)
{
    pk_tell_fault(r, here, kind, node, node->text, node->len, &here->scope->value);
    r->stopped = true;
}

/* Renders what is inside of a tag. Recursion is bounded here, whatever opens. */
static void render_inside(pk_renderer *r, const pk_here *here, const pk_mustache_node *tag,
                          const pk_here *inside, size_t from, size_t to)
{
    r->steps++; /* an empty section in a list counts too */
    if (r->depth == PK_MUSTACHE_MAX_NESTING) {
        stop(r, here, PK_FAULT_TOO_DEEP, tag);
        return;
    }
    r->depth++;
    render(r, inside, from, to);
    r->depth--;
}

static void render_with(pk_renderer *r, const pk_here *here, size_t section, const pk_value *value)
{
    const pk_mustache_node *node = &here->mustache->nodes[section];
    pk_scope scope = {here->scope, *value};
    pk_here inside = *here;
    inside.scope = &scope;
    render_inside(r, here, node, &inside, section + 1, node->end);
}

static void render_section(pk_renderer *r, const pk_here *here, size_t section)
{
    const pk_mustache_node *node = &here->mustache->nodes[section];
    pk_value value = pk_look_up(r, here, node);
    if (node->kind == PK_MUSTACHE_INVERTED) {
        if (!is_true(&value)) {
            render_inside(r, here, node, here, section + 1, node->end);
        }
        return;
    }
    if (value.kind != PK_VALUE_LIST) {
        if (is_true(&value)) {
            render_with(r, here, section, &value);
        }
        return;
    }
    size_t count = value.ops->count(&value);
    for (size_t i = 0; i < count && !r->stopped; i++) {
        pk_value item = value.ops->at(&value, i);
        render_with(r, here, section, &item);
    }
}

/* The template that a partial or parent names. NULL: there is none. */
static const pk_mustache *find_target(pk_renderer *r, const pk_here *here,
                                      const pk_mustache_node *node)
{
    if (!node->is_dynamic) {
        return here->mustache->refs[node->ref].target;
    }
    pk_value name = look_up_text(r, here, node);
    if (name.kind == PK_VALUE_MISSING) {
        return NULL;
    }
    const pk_mustache *target = pk_mustache_find(here->mustache->names, name.text, name.len);
    if (!target) {
        pk_tell_fault(r, here, PK_FAULT_NO_PARTIAL, node, node->text, node->len, &name);
    }
    return target;
}

/* The blanks before a tag, as far as the template's own lines keep them. */
static pk_layout layout_of(const pk_here *here, const pk_mustache_node *node, size_t strip)
{
    size_t lost = here->layout->strip < node->indent_len ? here->layout->strip : node->indent_len;
    return pk_layout_indented(here->layout, node->indent + lost, node->indent_len - lost, strip);
}

static void cut_line_end(pk_buf *out, size_t from)
{
    size_t len = out->len;
    len -= len > from && out->data[len - 1] == '\n' ? 1 : 0;
    len -= len < out->len && len > from && out->data[len - 1] == '\r' ? 1 : 0;
    pk_buf_cut(out, len);
}

/* Partials and parents: another template, each of its lines further in when the tag has a line for
 * itself. */
static void render_other(pk_renderer *r, const pk_here *here, size_t at)
{
    static const pk_layout plain = {NULL, "", 0, 0};
    const pk_mustache_node *node = &here->mustache->nodes[at];
    const pk_mustache *target = find_target(r, here, node);
    if (!target) {
        return;
    }
    pk_frame frame = {here->frames, here->mustache, at};
    pk_layout indented = layout_of(here, node, 0);
    pk_here inside = {target, node->is_standalone ? &indented : &plain,
                      node->kind == PK_MUSTACHE_PARENT ? &frame : here->frames, here->scope};
    size_t from = r->out->len;
    render_inside(r, here, node, &inside, 0, target->count);
    if (r->options->is_one_line) {
        cut_line_end(r->out, from);
    }
}

/* The argument of that name among a parent's blocks; 0: there is none. */
static size_t find_argument(pk_renderer *r, const pk_frame *frame, const pk_mustache_node *block)
{
    const pk_mustache_node *nodes = frame->mustache->nodes;
    size_t i = frame->parent + 1;
    while (i < nodes[frame->parent].end) {
        r->steps++;
        if (nodes[i].kind == PK_MUSTACHE_BLOCK && nodes[i].len == block->len &&
            memcmp(nodes[i].text, block->text, block->len) == 0) {
            return i;
        }
        i = nodes[i].end ? nodes[i].end : i + 1;
    }
    return 0;
}

/* What the outermost parent that has something to say puts in the block's place: a node of
 * *mustache. 0: nobody has. */
static size_t find_override(pk_renderer *r, const pk_here *here, const pk_mustache_node *block,
                            const pk_mustache **mustache)
{
    size_t found = 0;
    for (const pk_frame *frame = here->frames; frame; frame = frame->outer) {
        size_t argument = find_argument(r, frame, block);
        if (argument) {
            found = argument;
            *mustache = frame->mustache;
        }
    }
    return found;
}

static void render_override(pk_renderer *r, const pk_here *here, const pk_mustache_node *block,
                            const pk_mustache *mustache, size_t argument)
{
    const pk_mustache_node *nodes = mustache->nodes;
    const pk_mustache_node *node = &nodes[argument];
    bool is_empty = node->end == argument + 1;
    bool has_line = !is_empty && nodes[argument + 1].starts_line;
    pk_layout layout = block->starts_line ? layout_of(here, block, node->strip)
                                          : (pk_layout){NULL, "", 0, node->strip};
    if (block->starts_line && !has_line && !is_empty) {
        pk_add_indent(r->out, &layout);
    }
    pk_here inside = {mustache, &layout, here->frames, here->scope};
    render_inside(r, here, block, &inside, argument + 1, node->end);
}

static void render_block(pk_renderer *r, const pk_here *here, size_t at)
{
    const pk_mustache_node *node = &here->mustache->nodes[at];
    const pk_mustache *mustache = NULL;
    size_t argument = find_override(r, here, node, &mustache);
    if (argument) {
        render_override(r, here, node, mustache, argument);
        return;
    }
    if (node->starts_line && !node->is_standalone) {
        pk_layout layout = layout_of(here, node, 0);
        pk_add_indent(r->out, &layout);
    }
    render_inside(r, here, node, here, at + 1, node->end);
}

/* A tag that begins a line behind no text. Blocks see to their line themselves. */
static void begin_line(pk_renderer *r, const pk_here *here, const pk_mustache_node *node)
{
    if (node->starts_line && !node->is_standalone && node->kind != PK_MUSTACHE_BLOCK) {
        pk_layout layout = layout_of(here, node, 0);
        pk_add_indent(r->out, &layout);
    }
}

static void render_node(pk_renderer *r, const pk_here *here, size_t at)
{
    const pk_mustache_node *node = &here->mustache->nodes[at];
    if (node->kind == PK_MUSTACHE_TEXT) {
        pk_add_text(r->out, here->layout, node);
        return;
    }
    begin_line(r, here, node);
    switch (node->kind) {
    case PK_MUSTACHE_SECTION:
    case PK_MUSTACHE_INVERTED:
        render_section(r, here, at);
        break;
    case PK_MUSTACHE_PARTIAL:
    case PK_MUSTACHE_PARENT:
        render_other(r, here, at);
        break;
    case PK_MUSTACHE_BLOCK:
        render_block(r, here, at);
        break;
    default:
        print(r, here, node);
        break;
    }
}

static void render(pk_renderer *r, const pk_here *here, size_t from, size_t to)
{
    size_t i = from;
    while (i < to && !r->stopped) {
        const pk_mustache_node *node = &here->mustache->nodes[i];
        if (++r->steps > PK_MUSTACHE_MAX_STEPS) {
            stop(r, here, PK_FAULT_TOO_MUCH, node);
            return;
        }
        render_node(r, here, i);
        i = node->end ? node->end : i + 1;
    }
    r->stopped = r->stopped || !pk_buf_ok(r->out);
}

void pk_mustache_render(const pk_mustache *mustache, const pk_value *root,
                        const pk_mustache_options *options, pk_buf *out)
{
    static const pk_layout plain = {NULL, "", 0, 0};
    pk_renderer r = {.options = options, .out = out};
    pk_scope scope = {NULL, *root};
    pk_here here = {mustache, &plain, NULL, &scope};
    render(&r, &here, 0, mustache->count);
}
