#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 16 * 1024 };

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
    size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
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
    return take(arena, count * size, alignof(max_align_t));
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
