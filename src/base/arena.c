#include "base/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Small at first, as many arenas hold little; each block is twice the one before. */
enum { FIRST_BLOCK = 1024, MAX_BLOCK = 1024 * 1024 };

struct pk_arena_block {
    pk_arena_block *next;
    size_t used;
    size_t size;
    alignas(max_align_t) unsigned char data[];
};

void pk_arena_free(pk_arena *arena)
{
    while (arena->blocks) {
        pk_arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}

static pk_arena_block *block_new(pk_arena *arena, size_t size)
{
    size_t room = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;
    room = room < MAX_BLOCK ? room : MAX_BLOCK;
    room = room > size ? room : size;
    pk_arena_block *block = calloc(1, sizeof *block + room);
    if (block) {
        block->size = room;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    return block;
}

static void *take(pk_arena *arena, size_t bytes, size_t align)
{
    if (bytes > SIZE_MAX / 4) {
        return NULL;
    }
    pk_arena_block *block = arena->blocks;
    size_t start = block ? (block->used + align - 1) / align * align : 0;
    if (!block || start > block->size || bytes > block->size - start) {
        block = block_new(arena, bytes);
        start = 0;
    }
    if (!block) {
        return NULL;
    }
    block->used = start + bytes;
    return block->data + start;
}

void *pk_arena_alloc(pk_arena *arena, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) {
        return NULL;
    }
    /* A type's alignment divides its size: the largest power of two that does is enough. */
    size_t align = size & (~size + 1);
    bool is_known = align && align < alignof(max_align_t);
    return take(arena, count * size, is_known ? align : alignof(max_align_t));
}

char *pk_arena_strndup(pk_arena *arena, const char *text, size_t len)
{
    char *copy = take(arena, len + 1, 1);
    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

char *pk_arena_strdup(pk_arena *arena, const char *text)
{
    return pk_arena_strndup(arena, text, strlen(text));
}
