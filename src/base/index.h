/* Texts with a number each, found by hashing: for names and addresses, many of them. */
#ifndef PK_BASE_INDEX_H
#define PK_BASE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pk_index_slot pk_index_slot;

/* Begins as PK_INDEX_INIT, ends with pk_index_free(). */
typedef struct pk_index {
    pk_index_slot *slots; /* owned */
    size_t capacity;      /* a power of two, or 0 */
    size_t count;
} pk_index;

#define PK_INDEX_INIT                                                                              \
    {                                                                                              \
        NULL, 0, 0                                                                                 \
    }

/* Numbers are below it. */
#define PK_INDEX_NONE UINT32_MAX

typedef enum pk_index_status {
    PK_INDEX_ADDED,
    PK_INDEX_KNOWN, /* it was there, and keeps its number */
    PK_INDEX_NO_MEMORY,
} pk_index_status;

/* Makes room for so many texts at once. False: out of memory. */
bool pk_index_reserve(pk_index *index, size_t count);
/* The text is lent, for as long as the index lives. *first gets the text's number: this one, or the
 * one it was added with before. */
pk_index_status pk_index_add(pk_index *index, const char *text, uint32_t number, uint32_t *first);
/* A hint that the text is added soon: with very many, waiting for memory would be most of the work.
 */
void pk_index_expect(const pk_index *index, const char *text);
/* The text's number; PK_INDEX_NONE: it is not there. */
uint32_t pk_index_find(const pk_index *index, const char *text);
void pk_index_free(pk_index *index);

#endif
