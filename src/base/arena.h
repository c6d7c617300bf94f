/* Memory with one owner: everything taken from an arena lives until pk_arena_free(). */
#ifndef PK_BASE_ARENA_H
#define PK_BASE_ARENA_H

#include <stddef.h>

typedef struct pk_arena_block pk_arena_block;

typedef struct pk_arena {
    pk_arena_block *blocks; /* newest first; owned */
} pk_arena;

#define PK_ARENA_INIT                                                                              \
    {                                                                                              \
        NULL                                                                                       \
    }

void pk_arena_free(pk_arena *arena);
/* Zeroed, aligned for any type of that size. NULL: out of memory. */
void *pk_arena_alloc(pk_arena *arena, size_t count, size_t size);
/* A NUL-terminated copy. NULL: out of memory. */
char *pk_arena_strndup(pk_arena *arena, const char *text, size_t len);
char *pk_arena_strdup(pk_arena *arena, const char *text);

#endif
