/* The parser's inside: scan.c finds tags, lines.c knows lines and their blanks, parse.c makes
 * nodes of them, close.c sees to closing tags. */
#ifndef PK_MUSTACHE_PARSER_H
#define PK_MUSTACHE_PARSER_H

#include "mustache/mustache.h"

typedef struct pk_delimiter {
    const char *text;
    size_t len;
} pk_delimiter;

typedef struct pk_mustache_tag {
    char sigil; /* 0 for a plain variable */
    bool is_dynamic;
    const char *name;
    size_t len;
    size_t end; /* behind its }} */
} pk_mustache_tag;

typedef struct pk_open_section {
    pk_mustache_tag tag;
    size_t node;
    bool is_argument; /* a block right inside a parent */
    bool is_told;     /* that it is not closed as it should be */
    unsigned line;
    unsigned column;
} pk_open_section;

typedef struct pk_mustache_parser {
    const char *text;
    size_t len;
    size_t pos;   /* behind the last tag: where literal text begins */
    size_t start; /* of the tag at hand */
    size_t seen;  /* line and column are those of this position */
    unsigned line;
    unsigned column;
    pk_delimiter opening; /* {{ and }}, or what the template made of them */
    pk_delimiter closing;
    bool line_begun; /* the line at hand began with a tag that has no node */
    size_t errors;
    bool stopped; /* what follows an error can't be understood */
    bool no_memory;
    pk_mustache_node *nodes; /* owned; they go into the arena when all are there */
    size_t count;
    size_t capacity;
    pk_mustache_ref refs[PK_MUSTACHE_MAX_REFS];
    size_t ref_count;
    pk_mustache_complain *complain;
    void *user;
    pk_open_section open[PK_MUSTACHE_MAX_DEPTH];
    size_t depth;
} pk_mustache_parser;

/* Tells of an error at p's line and column. */
void pk_mustache_error(pk_mustache_parser *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* How many bytes of a name an error shows: whole characters. */
int pk_mustache_shown(const char *text, size_t len);
/* The next tag that is right; what is wrong on the way is told. p->start, line and column are its.
 * False: there is none, or p->stopped. */
bool pk_mustache_next_tag(pk_mustache_parser *p, pk_mustache_tag *out);

/* Takes on the delimiters of {{=<% %>=}}, or tells what is wrong with them. */
void pk_mustache_set_delimiters(pk_mustache_parser *p, const pk_mustache_tag *tag);

/* The line around a tag. */
typedef struct pk_around {
    bool is_free_before; /* nothing but blanks */
    bool is_free_behind;
    size_t begin; /* of the line, where it is free before */
    size_t next;  /* line's begin, where it is free behind */
} pk_around;

/* Adds a node at the tag's place. NULL: out of memory (remembered). */
pk_mustache_node *pk_add_node(pk_mustache_parser *p, pk_mustache_kind kind, const char *text,
                              size_t len);
/* Adds the text from p->pos to end. */
void pk_add_text_before(pk_mustache_parser *p, size_t end);
/* Whether what comes at pos is the first of its line that has a node; it is to have one now. */
bool pk_begins_line(pk_mustache_parser *p, size_t pos);
/* Tags that print nothing themselves take a line that they have for themselves with them: blanks
 * and line end. Adds the text before the tag, goes behind it, and answers whether that was so. */
bool pk_pass(pk_mustache_parser *p, const pk_mustache_tag *tag, const pk_around *line);
/* What is open; NULL: nothing. */
const pk_open_section *pk_innermost(const pk_mustache_parser *p);
void pk_act_close(pk_mustache_parser *p, const pk_mustache_tag *tag, const pk_around *line);
/* Tells of all that is still open at the end. */
void pk_complain_unclosed(pk_mustache_parser *p);

/* Whether there is nothing but blanks between a line's begin and pos, resp. between pos and the
 * line's end; then *out is where the line begins, resp. where the next one does. */
bool pk_line_is_free_before(const pk_mustache_parser *p, size_t pos, size_t *out);
bool pk_line_is_free_behind(const pk_mustache_parser *p, size_t pos, size_t *out);
/* How many blanks all lines within these nodes begin with; SIZE_MAX: there is no line but empty
 * ones. *out: those of such a line. */
size_t pk_common_blanks(const pk_mustache_node *nodes, size_t from, size_t to, const char **out);

#endif
