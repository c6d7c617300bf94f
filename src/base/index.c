#include "base/index.h"

#include <stdlib.h>
#include <string.h>

enum { MIN_CAPACITY = 16 };

struct pk_index_slot {
    const char *text; /* NULL: free */
    uint32_t hash;
    uint32_t number;
};

/* Eight bytes at a time: it stays in memory, so that machines may differ. */
static uint32_t hash_of(const char *text)
{
    size_t len = strlen(text);
    uint64_t hash = len;
    while (len > 0) {
        uint64_t word = 0;
        size_t step = len < sizeof word ? len : sizeof word;
        memcpy(&word, text, step);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
        text += step;
        len -= step;
    }
    return (uint32_t)((hash * UINT64_C(0xbf58476d1ce4e5b9)) >> 32);
}

/* The text's slot, or the free one where it belongs. There is always a free one. */
static pk_index_slot *look(const pk_index *index, const char *text, uint32_t hash)
{
    size_t mask = index->capacity - 1;
    size_t i = hash & mask;
    while (index->slots[i].text &&
           (index->slots[i].hash != hash || strcmp(index->slots[i].text, text) != 0)) {
        i = (i + 1) & mask;
    }
    return &index->slots[i];
}

static bool resize(pk_index *index, size_t capacity)
{
    pk_index bigger = {calloc(capacity, sizeof *bigger.slots), capacity, index->count};
    if (!bigger.slots) {
        return false;
    }
    for (size_t i = 0; i < index->capacity; i++) {
        const pk_index_slot *slot = &index->slots[i];
        if (slot->text) {
            *look(&bigger, slot->text, slot->hash) = *slot;
        }
    }
    free(index->slots);
    *index = bigger;
    return true;
}

bool pk_index_reserve(pk_index *index, size_t count)
{
    size_t capacity = index->capacity ? index->capacity : MIN_CAPACITY;
    while (capacity / 4 * 3 < count) { /* at most three quarters are full */
        if (capacity > SIZE_MAX / 2 / sizeof *index->slots) {
            return false;
        }
        capacity *= 2;
    }
    return capacity == index->capacity || resize(index, capacity);
}

pk_index_status pk_index_add(pk_index *index, const char *text, uint32_t number, uint32_t *first)
{
    uint32_t hash = hash_of(text);
    if (!pk_index_reserve(index, index->count + 1)) {
        return PK_INDEX_NO_MEMORY;
    }
    pk_index_slot *slot = look(index, text, hash);
    if (slot->text) {
        *first = slot->number;
        return PK_INDEX_KNOWN;
    }
    *slot = (pk_index_slot){text, hash, number};
    index->count++;
    *first = number;
    return PK_INDEX_ADDED;
}

void pk_index_expect(const pk_index *index, const char *text)
{
    if (index->capacity) {
        __builtin_prefetch(&index->slots[hash_of(text) & (index->capacity - 1)]);
    }
}

uint32_t pk_index_find(const pk_index *index, const char *text)
{
    if (!index->count) {
        return PK_INDEX_NONE;
    }
    const pk_index_slot *slot = look(index, text, hash_of(text));
    return slot->text ? slot->number : PK_INDEX_NONE;
}

void pk_index_free(pk_index *index)
{
    free(index->slots);
    *index = (pk_index)PK_INDEX_INIT;
}
