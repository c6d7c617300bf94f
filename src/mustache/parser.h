/* The parser's inside: scan.c finds tags, parse.c makes nodes of them. */
#ifndef PK_MUSTACHE_PARSER_H
#define PK_MUSTACHE_PARSER_H

#include "mustache/mustache.h"

typedef struct pk_open_section {
    const char *name;
    size_t len;
    size_t node; /* SIZE_MAX: a block or parent, which has none yet */
    char sigil;
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
    size_t errors;
    bool stopped; /* what follows an error can't be understood */
    bool no_memory;
    pk_mustache_node *nodes; /* owned; they go into the arena when all are there */
    size_t count;
    size_t capacity;
    pk_mustache_complain *complain;
    void *user;
    pk_open_section open[PK_MUSTACHE_MAX_DEPTH];
    size_t depth;
} pk_mustache_parser;

typedef struct pk_mustache_tag {
    char sigil; /* 0 for a plain variable */
    const char *name;
    size_t len;
    size_t end; /* behind its }} */
} pk_mustache_tag;

/* Tells of an error at p's line and column. */
void pk_mustache_error(pk_mustache_parser *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* How many bytes of a name an error shows: whole characters. */
int pk_mustache_shown(const char *text, size_t len);
/* The next tag that is right; what is wrong on the way is told. p->start, line and column are its.
 * False: there is none, or p->stopped. */
bool pk_mustache_next_tag(pk_mustache_parser *p, pk_mustache_tag *out);

#endif
