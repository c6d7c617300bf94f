#include "mustache/renderer.h"

#include <string.h>

pk_value pk_value_text(const char *text)
{
    return (pk_value){
        .kind = PK_VALUE_SCALAR, .text = text, .len = strlen(text), .is_false = !*text};
}

void pk_tell_fault(const pk_renderer *r, const pk_here *here, pk_mustache_fault_kind kind,
                   const pk_mustache_node *node, const char *part, size_t part_len,
                   const pk_value *holder)
{
    if (r->options->fault) {
        pk_mustache_fault fault = {kind,     here->mustache,     node,  part,
                                   part_len, part == node->text, holder};
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
static pk_value get_first(pk_renderer *r, const pk_scope *scope, const char *name, size_t len,
                          const pk_value **holder)
{
    const pk_scope *open = scope;
    *holder = NULL;
    for (;;) {
        pk_value value = get(&open->value, name, len);
        r->steps++;
        if (value.kind != PK_VALUE_MISSING) {
            *holder = &open->value;
            return value;
        }
        if (!*holder && (open->value.kind == PK_VALUE_OBJECT || !open->outer)) {
            *holder = &open->value;
        }
        if (!open->outer) {
            return value;
        }
        open = open->outer;
    }
}

static size_t part_length(const char *part, const char *end)
{
    const char *dot = memchr(part, '.', (size_t)(end - part));
    return (size_t)((dot ? dot : end) - part);
}

pk_value pk_look_up(pk_renderer *r, const pk_here *here, const pk_mustache_node *node)
{
    const char *part = node->text;
    const char *end = node->text + node->len;
    if (node->len == 1 && *part == '.') {
        return here->scope->value;
    }
    bool section = node->kind == PK_MUSTACHE_SECTION || node->kind == PK_MUSTACHE_INVERTED;
    const pk_value *holder = NULL;
    size_t len = part_length(part, end);
    pk_value outer;
    pk_value value = get_first(r, here->scope, part, len, &holder);
    for (;;) {
        bool last = part + len == end;
        if (value.kind == PK_VALUE_MISSING ||
            (value.kind == PK_VALUE_ABSENT && !(section && last))) {
            pk_tell_fault(r, here,
                          value.kind == PK_VALUE_MISSING ? PK_FAULT_UNKNOWN : PK_FAULT_ABSENT, node,
                          part, len, holder);
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
