#include "base/json_document.h"

#include <stdlib.h>
#include <string.h>

static bool same_type(const cJSON *json, char first)
{
    switch (first) {
    case '{':
        return cJSON_IsObject(json);
    case '[':
        return cJSON_IsArray(json);
    case '"':
        return cJSON_IsString(json);
    case 't':
    case 'f':
        return cJSON_IsBool(json);
    case 'n':
        return cJSON_IsNull(json);
    default:
        return cJSON_IsNumber(json);
    }
}

/* Both saw the same bytes, and cJSON keeps the document's order: walk them in step. */
static bool join(pk_document *document, size_t index, const cJSON *json)
{
    pk_node *node = &document->scan.nodes[index];
    if (!json || !same_type(json, document->scan.json[node->offset])) {
        return false;
    }
    node->json = json;
    const cJSON *child = json->child;
    for (size_t i = index + 1; i < node->end; i = document->scan.nodes[i].end) {
        if (!join(document, i, child)) {
            return false;
        }
        child = child->next;
    }
    return !child || !cJSON_IsObject(json) || node->end > index + 1;
}

static int by_key_then_order(const void *a, const void *b)
{
    const pk_node *first = *(const pk_node *const *)a;
    const pk_node *second = *(const pk_node *const *)b;
    int order = strcmp(first->json->string, second->json->string);
    return order ? order
                 : (first->position > second->position) - (first->position < second->position);
}

static void complain_repeated(pk_document *document, const pk_node *again, const pk_node *first)
{
    pk_buf pointer;
    pk_buf_init(&pointer, 4096);
    pk_scan_pointer(&document->scan, (size_t)(again - document->scan.nodes), &pointer);
    pk_place place = {document->scan.file, pk_buf_text(&pointer), again->key_line,
                      again->key_column};
    pk_errors_addf(document->scan.errors, PRANKCURL_CAMPAIGN, &place,
                   "this key was already given at line %u, column %u; keep one of them",
                   first->key_line, first->key_column);
    pk_buf_free(&pointer);
}

static bool find_repeated_keys(pk_document *document, const pk_node *object)
{
    size_t count = pk_node_count(object);
    if (count < 2) {
        return true;
    }
    const pk_node **members = calloc(count, sizeof *members);
    if (!members) {
        return false;
    }
    size_t i = 0;
    for (const pk_node *n = pk_node_first(document, object); n; n = pk_node_next(document, n)) {
        members[i++] = n;
    }
    qsort(members, count, sizeof *members, by_key_then_order);
    size_t first = 0;
    for (i = 1; i < count; i++) {
        if (strcmp(members[first]->json->string, members[i]->json->string) == 0) {
            complain_repeated(document, members[i], members[first]);
        } else {
            first = i;
        }
    }
    free(members);
    return true;
}

static bool out_of_memory(pk_document *document)
{
    pk_errors_addf(document->scan.errors, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    return false;
}

bool pk_document_parse(pk_document *document, const char *json, size_t len, const char *file,
                       const char *what, prankcurl_errors *errors)
{
    *document = (pk_document){0};
    if (!pk_scan_run(&document->scan, json, len, file, what, errors)) {
        return false;
    }
    const char *end = NULL;
    document->root = cJSON_ParseWithLengthOpts(json, len + 1, &end, 1);
    if (!document->root && pk_errors_any(errors)) {
        return false; /* what cJSON refuses was told by the scan */
    }
    if (!document->root) {
        return out_of_memory(document);
    }
    if (!join(document, 0, document->root)) {
        pk_place place = {.file = file};
        pk_errors_addf(errors, PRANKCURL_INTERNAL, &place, "scan and parser disagree");
        return false;
    }
    for (size_t i = 0; i < document->scan.count; i++) {
        const pk_node *node = &document->scan.nodes[i];
        if (cJSON_IsObject(node->json) && !find_repeated_keys(document, node)) {
            return out_of_memory(document);
        }
    }
    return true;
}

void pk_document_free(pk_document *document)
{
    cJSON_Delete(document->root);
    document->root = NULL;
    pk_scan_free(&document->scan);
}

const pk_node *pk_document_root(const pk_document *document)
{
    return document->scan.nodes;
}

const pk_node *pk_node_first(const pk_document *document, const pk_node *node)
{
    size_t index = (size_t)(node - document->scan.nodes);
    return node->end > index + 1 ? node + 1 : NULL;
}

const pk_node *pk_node_next(const pk_document *document, const pk_node *node)
{
    const pk_node *parent = &document->scan.nodes[node->parent];
    return node->end < parent->end ? &document->scan.nodes[node->end] : NULL;
}

size_t pk_node_count(const pk_node *node)
{
    int count = cJSON_GetArraySize(node->json);
    return count > 0 ? (size_t)count : 0;
}

const pk_node *pk_node_member(const pk_document *document, const pk_node *node, const char *key)
{
    for (const pk_node *n = pk_node_first(document, node); n; n = pk_node_next(document, n)) {
        if (strcmp(n->json->string, key) == 0) {
            return n;
        }
    }
    return NULL;
}
