/* What a message is written into: its own bytes, and between them stretches that it shares with
 * others, as an attachment that is encoded once a campaign. Nothing shared is copied. */
#ifndef PK_MESSAGE_PIECES_H
#define PK_MESSAGE_PIECES_H

#include <prankcurl/message.h>

#include "base/buf.h"

#include <stdint.h>

/* A shared stretch, and where in the own bytes it stands. */
typedef struct pk_shared {
    const char *bytes; /* lent */
    size_t len;
    uint64_t fingerprint;
    size_t at;
} pk_shared;

typedef struct pk_pieces {
    pk_buf own;
    pk_shared *shared; /* owned, like the list */
    size_t shared_count;
    size_t shared_capacity;
    prankcurl_piece *list; /* as pk_pieces_finish() made it */
    size_t count;
    size_t capacity;
    size_t size; /* bytes of all pieces together */
} pk_pieces;

/* max bounds the own bytes and the whole. */
void pk_pieces_init(pk_pieces *pieces, size_t max);
void pk_pieces_free(pk_pieces *pieces);
/* Empties it; keeps the memory. */
void pk_pieces_reset(pk_pieces *pieces);

/* Lets len bytes, which must outlive the pieces, stand behind what was added so far. What fails is
 * remembered by `own`. */
void pk_pieces_share(pk_pieces *pieces, const char *bytes, size_t len, uint64_t fingerprint);

/* Makes the list: nothing may be added behind it. False: `own` has failed, or the whole is too
 * large, or there is no memory. */
bool pk_pieces_finish(pk_pieces *pieces);

/* Of the own bytes, which hold no NUL, and of what is shared and where. */
uint64_t pk_pieces_fingerprint(const pk_pieces *pieces);

#endif
