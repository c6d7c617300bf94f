/* Plain text for people: words that are wrapped into lines, paragraphs, and what stands before each
 * line (the blanks of a list, the "> " of a quotation). */
#ifndef PK_MESSAGE_TEXT_FLOW_H
#define PK_MESSAGE_TEXT_FLOW_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct pk_text_flow {
    pk_buf *out;        /* lent */
    size_t start;       /* where in out the text begins */
    pk_buf first;       /* what the next line begins with, */
    pk_buf rest;        /* and all after it: as long as `first` */
    pk_buf word;        /* not written yet */
    size_t width;       /* of a line, in cells */
    size_t line_cells;  /* cells filled in the line that is open */
    size_t line_ends;   /* owed before the next word */
    size_t gap_prefix;  /* how much of `rest` stands on blank lines between */
    bool is_line_open;  /* something is written in this line */
    bool has_separator; /* owed before the next word, if that is in the same line */
} pk_text_flow;

/* Lines get no wider than width cells, unless a word alone is. */
void pk_text_flow_init(pk_text_flow *flow, pk_buf *out, size_t width);
/* Writes what is owed, and one line end behind a text that is not empty. False: out of memory, or
 * out is full. Frees everything but out. */
bool pk_text_flow_end(pk_text_flow *flow);

/* len bytes of a word; words are ended by pk_text_flow_blank() or a break, and never broken. */
void pk_text_flow_add(pk_text_flow *flow, const char *text, size_t len);
void pk_text_flow_blank(pk_text_flow *flow);
/* At least so many line ends before the next word: 1 ends a line, 2 a paragraph. */
void pk_text_flow_break(pk_text_flow *flow, size_t line_ends);
/* One more line end than are owed, up to max. */
void pk_text_flow_line_end(pk_text_flow *flow, size_t max);
/* " | " before the next word, unless a line ends between. */
void pk_text_flow_separator(pk_text_flow *flow);

/* Begins every line from the next on with more: `first` once, then `rest`, which is as long. */
void pk_text_flow_indent(pk_text_flow *flow, const char *first, const char *rest);
/* Takes back indents: keeps the len bytes that were there before (flow->rest.len). */
void pk_text_flow_outdent(pk_text_flow *flow, size_t len);

#endif
