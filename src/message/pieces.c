#include "message/pieces.h"

#include "base/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void pk_pieces_init(pk_pieces *pieces, size_t max)
{
    *pieces = (pk_pieces){.count = 0};
    pk_buf_init(&pieces->own, max);
}

void pk_pieces_free(pk_pieces *pieces)
{
    pk_buf_free(&pieces->own);
    free(pieces->shared);
    free(pieces->list);
    *pieces = (pk_pieces){.count = 0};
}

void pk_pieces_reset(pk_pieces *pieces)
{
    pk_buf_reset(&pieces->own);
    pieces->shared_count = 0;
    pieces->count = 0;
    pieces->size = 0;
}

void pk_pieces_share(pk_pieces *pieces, const char *bytes, size_t len, uint64_t fingerprint)
{
    if (pieces->shared_count == pieces->shared_capacity) {
        size_t capacity = pieces->shared_capacity ? pieces->shared_capacity * 2 : 4;
        pk_shared *shared = realloc(pieces->shared, capacity * sizeof *shared);
        if (!shared) {
            pieces->own.failed = true;
            return;
        }
        pieces->shared = shared;
        pieces->shared_capacity = capacity;
    }
    pieces->shared[pieces->shared_count++] = (pk_shared){bytes, len, fingerprint, pieces->own.len};
}

static bool make_room(pk_pieces *pieces)
{
    size_t most = 2 * pieces->shared_count + 1;
    if (most <= pieces->capacity) {
        return true;
    }
    prankcurl_piece *list = realloc(pieces->list, most * sizeof *list);
    if (list) {
        pieces->list = list;
        pieces->capacity = most;
    }
    return list != NULL;
}

static void add(pk_pieces *pieces, const char *bytes, size_t len)
{
    if (len > 0) {
        pieces->list[pieces->count++] = (prankcurl_piece){bytes, len};
        pieces->size += len;
    }
}

bool pk_pieces_finish(pk_pieces *pieces)
{
    const pk_buf *own = &pieces->own;
    size_t from = 0;
    pieces->count = 0;
    pieces->size = 0;
    if (!pk_buf_ok(own) || !make_room(pieces)) {
        return false;
    }
    for (size_t i = 0; i < pieces->shared_count; i++) {
        const pk_shared *shared = &pieces->shared[i];
        add(pieces, own->data + from, shared->at - from);
        add(pieces, shared->bytes, shared->len);
        from = shared->at;
    }
    add(pieces, pk_buf_text(own) + from, own->len - from);
    return pieces->size <= own->max;
}

uint64_t pk_pieces_fingerprint(const pk_pieces *pieces)
{
    uint64_t hash = pk_hash(0, pk_buf_text(&pieces->own));
    for (size_t i = 0; i < pieces->shared_count; i++) {
        char text[64];
        const pk_shared *shared = &pieces->shared[i];
        (void)snprintf(text, sizeof text, "%zu %016" PRIx64, shared->at, shared->fingerprint);
        hash = pk_hash(hash, text);
    }
    return hash;
}
