#include "mustache/mustache.h"

#include <string.h>

typedef struct renderer {
    const pk_mustache *mustache;
    const pk_mustache_options *options;
    pk_buf *out;
    size_t steps;
    bool stopped;
    size_t depth; /* of the stack below: what is open, outermost first */
    pk_value stack[PK_MUSTACHE_MAX_DEPTH + 1]; /* the root, then one a section */
} renderer;

pk_value pk_value_text(const char *text)
{
    return (pk_value){
        .kind = PK_VALUE_SCALAR, .text = text, .len = strlen(text), .is_false = !*text};
}

static void tell(const renderer *r, pk_mustache_fault_kind kind, const pk_mustache_node *node,
                 const char *part, size_t part_len, const pk_value *holder)
{
    if (r->options->fault) {
        pk_mustache_fault fault = {kind, node, part, part_len, part == node->text, holder};
        r->options->fault(r->options->user, &fault);
    }
}

static pk_value get(const pk_value *holder, const char *name, size_t len)
{
    if (holder->kind != PK_VALUE_OBJECT || !holder->ops->get) {
        return (pk_value){.kind = PK_VALUE_MISSING};
    }
    return holder->ops->get(holder, name, len);
}

/* The innermost object that has the name, or knows it: who is known to lack a variable must not get
 * that of somebody further out. *holder is where it was found, else the innermost object. */
static pk_value get_first(const renderer *r, const char *name, size_t len, const pk_value **holder)
{
    *holder = NULL;
    for (size_t i = r->depth; i > 0; i--) {
        const pk_value *open = &r->stack[i - 1];
        pk_value value = get(open, name, len);
        if (value.kind != PK_VALUE_MISSING) {
            *holder = open;
            return value;
        }
        if (!*holder && open->kind == PK_VALUE_OBJECT) {
            *holder = open;
        }
    }
    *holder = *holder ? *holder : &r->stack[0];
    return (pk_value){.kind = PK_VALUE_MISSING};
}

static size_t part_length(const char *part, const char *end)
{
    const char *dot = memchr(part, '.', (size_t)(end - part));
    return (size_t)((dot ? dot : end) - part);
}

/* What a tag's name means. In a section a last part without value is false, not a fault. */
static pk_value look_up(const renderer *r, const pk_mustache_node *node)
{
    const char *part = node->text;
    const char *end = node->text + node->len;
    if (node->len == 1 && *part == '.') {
        return r->stack[r->depth - 1];
    }
    bool section = node->kind == PK_MUSTACHE_SECTION || node->kind == PK_MUSTACHE_INVERTED;
    const pk_value *holder = NULL;
    size_t len = part_length(part, end);
    pk_value outer;
    pk_value value = get_first(r, part, len, &holder);
    for (;;) {
        bool last = part + len == end;
        if (value.kind == PK_VALUE_MISSING ||
            (value.kind == PK_VALUE_ABSENT && !(section && last))) {
            tell(r, value.kind == PK_VALUE_MISSING ? PK_FAULT_UNKNOWN : PK_FAULT_ABSENT, node, part,
                 len, holder);
            return (pk_value){.kind = PK_VALUE_MISSING};
        }
        if (last) {
            return value;
        }
        outer = value;
        holder = &outer;
        part += len + 1;
        len = part_length(part, end);
        value = get(holder, part, len);
    }
}

static const char *html_entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void pk_escape_html(pk_buf *out, const char *text, size_t len)
{
    size_t from = 0;
    for (size_t i = 0; i < len; i++) {
        const char *entity = html_entity(text[i]);
        if (entity) {
            pk_buf_add(out, text + from, i - from);
            pk_buf_str(out, entity);
            from = i + 1;
        }
    }
    pk_buf_add(out, text + from, len - from);
}

static void print(const renderer *r, const pk_mustache_node *node)
{
    pk_value value = look_up(r, node);
    if (value.kind == PK_VALUE_MISSING || value.kind == PK_VALUE_ABSENT) {
        return; /* told already */
    }
    if (!value.text) {
        tell(r, PK_FAULT_NO_TEXT, node, node->text, node->len, &value);
    } else if (node->kind == PK_MUSTACHE_VARIABLE && r->options->escape) {
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

static void render(renderer *r, size_t from, size_t to);

static void render_inside(renderer *r, size_t section, const pk_value *value)
{
    r->steps++; /* an empty section in a list counts too */
    r->stack[r->depth++] = *value;
    render(r, section + 1, r->mustache->nodes[section].end);
    r->depth--;
}

static void render_section(renderer *r, size_t section)
{
    const pk_mustache_node *node = &r->mustache->nodes[section];
    pk_value value = look_up(r, node);
    if (node->kind == PK_MUSTACHE_INVERTED) {
        if (!is_true(&value)) {
            render(r, section + 1, node->end);
        }
        return;
    }
    if (value.kind != PK_VALUE_LIST) {
        if (is_true(&value)) {
            render_inside(r, section, &value);
        }
        return;
    }
    size_t count = value.ops->count(&value);
    for (size_t i = 0; i < count && !r->stopped; i++) {
        pk_value item = value.ops->at(&value, i);
        render_inside(r, section, &item);
    }
}

/* Recursion is bounded: no template nests deeper than PK_MUSTACHE_MAX_DEPTH. */
static void render(renderer *r, size_t from, size_t to)
{
    size_t i = from;
    while (i < to && !r->stopped) {
        const pk_mustache_node *node = &r->mustache->nodes[i];
        if (++r->steps > PK_MUSTACHE_MAX_STEPS) {
            tell(r, PK_FAULT_TOO_MUCH, node, node->text, node->len, &r->stack[0]);
            r->stopped = true;
            return;
        }
        switch (node->kind) {
        case PK_MUSTACHE_TEXT:
            pk_buf_add(r->out, node->text, node->len);
            break;
        case PK_MUSTACHE_VARIABLE:
        case PK_MUSTACHE_RAW:
            print(r, node);
            break;
        default:
            render_section(r, i);
            break;
        }
        i = node->end ? node->end : i + 1;
    }
    r->stopped = r->stopped || !pk_buf_ok(r->out);
}

void pk_mustache_render(const pk_mustache *mustache, const pk_value *root,
                        const pk_mustache_options *options, pk_buf *out)
{
    renderer r;
    r.mustache = mustache;
    r.options = options;
    r.out = out;
    r.steps = 0;
    r.stopped = false;
    r.depth = 1;
    r.stack[0] = *root;
    render(&r, 0, mustache->count);
}
