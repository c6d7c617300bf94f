/* Mustache templates (github.com/mustache/spec): parsed once into an array of nodes, rendered many
 * times. It knows nothing of campaigns: data come through pk_value.
 *
 * Here: variables, {{{raw}}}, {{&raw}}, dotted names, {{.}}, sections, inverted sections, comments,
 * and the rule of lines that hold one tag only. Partials, other delimiters and inheritance are told
 * as not supported yet. */
#ifndef PK_MUSTACHE_MUSTACHE_H
#define PK_MUSTACHE_MUSTACHE_H

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    PK_MUSTACHE_MAX_DEPTH = 32,      /* sections inside sections */
    PK_MUSTACHE_MAX_STEPS = 2000000, /* nodes rendered: lists inside lists multiply */
    PK_MUSTACHE_MAX_SIZE = 64 << 20, /* bytes of a template */
};

typedef enum pk_value_kind {
    PK_VALUE_MISSING, /* there is no such name at all */
    PK_VALUE_ABSENT,  /* a known name that has no value here: false, but nothing to print */
    PK_VALUE_SCALAR,  /* prints as its text */
    PK_VALUE_LIST,
    PK_VALUE_OBJECT,
} pk_value_kind;

typedef struct pk_value pk_value;

/* How to look into a list or an object. No lookup allocates: values are lent by the data. */
typedef struct pk_value_ops {
    pk_value (*get)(const pk_value *object, const char *name, size_t len);
    size_t (*count)(const pk_value *list);
    pk_value (*at)(const pk_value *list, size_t i);
} pk_value_ops;

struct pk_value {
    pk_value_kind kind;
    bool is_false;    /* a scalar that a section takes for false: false, 0, "" */
    const char *text; /* what it prints as; NULL: it can't be printed */
    size_t len;
    const pk_value_ops *ops; /* lists and objects only */
    const void *data;        /* for the ops */
    const void *world;       /* for the ops: what the data belong to */
};

pk_value pk_value_text(const char *text);

typedef enum pk_mustache_kind {
    PK_MUSTACHE_TEXT,
    PK_MUSTACHE_VARIABLE,
    PK_MUSTACHE_RAW,
    PK_MUSTACHE_SECTION,
    PK_MUSTACHE_INVERTED,
} pk_mustache_kind;

typedef struct pk_mustache_node {
    pk_mustache_kind kind;
    unsigned line; /* of its tag in the template, 1-based */
    unsigned column;
    const char *text; /* literal text, or the tag's name; lent by the template's text */
    size_t len;
    size_t end; /* sections: the first node behind their last */
} pk_mustache_node;

/* A parsed template. Immutable: threads may share it. */
typedef struct pk_mustache {
    const pk_mustache_node *nodes;
    size_t count;
} pk_mustache;

/* Told of each parse error. */
typedef void pk_mustache_complain(void *user, unsigned line, unsigned column, const char *message);

typedef enum pk_mustache_status {
    PK_MUSTACHE_OK,
    PK_MUSTACHE_BAD, /* complain was called at least once */
    PK_MUSTACHE_NO_MEMORY,
} pk_mustache_status;

/* Parses len bytes of valid UTF-8, which must outlive *out. *out lives in the arena; NULL after an
 * error. */
pk_mustache_status pk_mustache_parse(const char *text, size_t len, pk_arena *arena,
                                     pk_mustache_complain *complain, void *user,
                                     const pk_mustache **out);

typedef enum pk_mustache_fault_kind {
    PK_FAULT_UNKNOWN,  /* no such name */
    PK_FAULT_ABSENT,   /* the name is known, but `holder` has no value for it */
    PK_FAULT_NO_TEXT,  /* `holder` is what the tag means; it can't be printed */
    PK_FAULT_TOO_MUCH, /* PK_MUSTACHE_MAX_STEPS */
} pk_mustache_fault_kind;

typedef struct pk_mustache_fault {
    pk_mustache_fault_kind kind;
    const pk_mustache_node *node; /* the tag */
    const char *part;             /* the part of its dotted name that failed */
    size_t part_len;
    bool is_first;          /* it is the name's first part, looked up in all that is open */
    const pk_value *holder; /* in which the part was looked up; for a first part, the innermost */
} pk_mustache_fault;

/* Appends a value so that it shows as the text it is. */
typedef void pk_escape(pk_buf *out, const char *text, size_t len);

pk_escape pk_escape_html;

typedef struct pk_mustache_options {
    pk_escape *escape; /* of {{name}}, NULL: none; the raw forms are never escaped */
    /* Strict mode: told of each fault; the tag then prints nothing and rendering goes on, so that
     * all faults are found in one run. NULL: what is missing prints as nothing, as the spec has it.
     */
    void (*fault)(void *user, const pk_mustache_fault *fault);
    void *user;
} pk_mustache_options;

/* Appends to out, whose pk_buf_ok() tells whether all of it fitted. Only PK_FAULT_TOO_MUCH stops
 * it; without a fault function the output is then cut. */
void pk_mustache_render(const pk_mustache *mustache, const pk_value *root,
                        const pk_mustache_options *options, pk_buf *out);

#endif
