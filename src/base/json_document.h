/* The document: what the strict scan saw and what cJSON parsed, side by side, so that every value
 * has its place. */
#ifndef PK_BASE_JSON_DOCUMENT_H
#define PK_BASE_JSON_DOCUMENT_H

#include "base/json_scan.h"

typedef struct pk_document {
    pk_scan scan;
    cJSON *root; /* owned */
} pk_document;

/* Parses len bytes; json[len] must be NUL, and json must outlive the document. Errors name the file
 * and what it holds, as "campaign". True: there is a document to read, though errors may have been
 * added. Free it in any case. */
bool pk_document_parse(pk_document *document, const char *json, size_t len, const char *file,
                       const char *what, prankcurl_errors *errors);
void pk_document_free(pk_document *document);

const pk_node *pk_document_root(const pk_document *document);
/* The first value in an object or array; NULL: there is none. */
const pk_node *pk_node_first(const pk_document *document, const pk_node *node);
/* The value after this one in the same container; NULL: it was the last. */
const pk_node *pk_node_next(const pk_document *document, const pk_node *node);
size_t pk_node_count(const pk_node *node);
/* A member by its key; NULL: none. */
const pk_node *pk_node_member(const pk_document *document, const pk_node *node, const char *key);

#endif
