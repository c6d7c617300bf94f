/* The renderer's inside: lookup.c finds values, layout.c indents, render.c walks. */
#ifndef PK_MUSTACHE_RENDERER_H
#define PK_MUSTACHE_RENDERER_H

#include "mustache/mustache.h"

/* What is open, innermost first. */
typedef struct pk_scope {
    const struct pk_scope *outer; /* NULL: this is the root */
    pk_value value;
} pk_scope;

/* What lines begin with: the indentations of all that is around, outermost first. */
typedef struct pk_layout {
    const struct pk_layout *outer; /* NULL: there is nothing before its own */
    const char *indent;
    size_t indent_len; /* 0 only where outer is NULL: links without blanks are left out */
    size_t strip;      /* blanks that the template's own lines lose */
} pk_layout;

/* Parents around what is rendered, innermost first: their blocks are arguments. */
typedef struct pk_frame {
    const struct pk_frame *outer;
    const pk_mustache *mustache;
    size_t parent; /* its node */
} pk_frame;

/* Where a part of a template is rendered. */
typedef struct pk_here {
    const pk_mustache *mustache;
    const pk_layout *layout;
    const pk_frame *frames;
    const pk_scope *scope;
} pk_here;

typedef struct pk_renderer {
    const pk_mustache_options *options;
    pk_buf *out;
    size_t steps;
    unsigned depth; /* of what is open */
    bool stopped;
} pk_renderer;

void pk_tell_fault(const pk_renderer *r, const pk_here *here, pk_mustache_fault_kind kind,
                   const pk_mustache_node *node, const char *part, size_t part_len,
                   const pk_value *holder);
/* What a tag's name means. In a section a last part without value is false, not a fault. MISSING:
 * nothing, and told. */
pk_value pk_look_up(pk_renderer *r, const pk_here *here, const pk_mustache_node *node);

/* Within layout, further in. */
pk_layout pk_layout_indented(const pk_layout *layout, const char *indent, size_t len, size_t strip);
/* What the line begins with. */
void pk_add_indent(pk_buf *out, const pk_layout *layout);
/* The text of a node, each of its lines where the layout has it. */
void pk_add_text(pk_buf *out, const pk_layout *layout, const pk_mustache_node *node);

#endif
