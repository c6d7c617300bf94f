/* The strict look at a file's bytes that cJSON does not take: RFC 8259 to the letter, UTF-8, no
 * NUL, no lone surrogates, bounded depth. It also notes where every value stands. */
#ifndef PK_BASE_JSON_SCAN_H
#define PK_BASE_JSON_SCAN_H

#include "base/buf.h"
#include "base/error.h"

#include <cjson/cJSON.h>
#include <stddef.h>

enum { PK_SCAN_MAX_DEPTH = 32 };

/* A value of the document. Nodes stand in document order: a container before what is in it. */
typedef struct pk_node {
    const cJSON *json; /* lent; NULL until cJSON has parsed the same bytes */
    size_t parent;     /* index; of itself for the root */
    size_t end;        /* index of the first node behind its subtree */
    size_t offset;     /* of its first byte */
    size_t len;        /* bytes */
    size_t key_offset; /* of the key's opening quote; unused in arrays */
    size_t key_len;    /* with its quotes; 0: an element of an array, or the root */
    size_t position;   /* in its array or object, from 0 */
    unsigned line, column;
    unsigned key_line, key_column;
    bool is_bad; /* was complained about: its content says nothing */
} pk_node;

typedef struct pk_scan {
    const char *json; /* lent */
    size_t len;
    const char *file; /* lent; for errors */
    const char *what; /* lent; for errors: what the file holds, as "campaign" */
    pk_node *nodes;   /* owned */
    size_t count;
    size_t capacity;
    prankcurl_errors *errors; /* lent */
} pk_scan;

/* Scans len bytes of json. True: the grammar holds, and nodes are complete, though errors may have
 * been added (each with its node marked). False: no more can be said; errors tell why. */
bool pk_scan_run(pk_scan *scan, const char *json, size_t len, const char *file, const char *what,
                 prankcurl_errors *errors);
void pk_scan_free(pk_scan *scan);

/* Appends a node's path from the root, as `victims[3].address`. */
void pk_scan_pointer(const pk_scan *scan, size_t node, pk_buf *out);

#endif
