/* MIME entities (RFC 2045, RFC 2046): a tree of parts, written as header fields and a body. Leaves
 * come encoded; any multipart can stand in any other. */
#ifndef PK_MESSAGE_MIME_H
#define PK_MESSAGE_MIME_H

#include "message/pieces.h"
#include "message/transfer.h"

typedef struct pk_part {
    const char *type;       /* Content-Type's value; for a multipart, without its boundary */
    const char *file_name;  /* of an attachment or a picture; NULL: it is none */
    const char *content_id; /* of a picture, without its brackets; NULL: it is none */
    /* A leaf: its encoded body, lent. */
    const char *body;
    size_t len;
    pk_transfer transfer;
    bool is_shared;       /* the body outlives the message, which need not copy it */
    uint64_t fingerprint; /* of a shared body */
    /* A multipart: its parts, lent. */
    const struct pk_part *parts;
    size_t part_count;
    unsigned boundary; /* its number, from pk_mime_boundary() */
} pk_part;

/* Chooses a boundary `=_<id>_<n>` that stands nowhere in the parts: the first n from `from` on. The
 * parts' own boundaries are chosen before. */
void pk_mime_boundary(pk_part *multipart, const char *id, unsigned from);

/* Content-Type, Content-Transfer-Encoding, and for files Content-Disposition and Content-ID. */
void pk_mime_fields(pk_buf *out, const pk_part *part, const char *id);

/* What comes behind the empty line. The recursion is as deep as the tree, which is ours. */
void pk_mime_body(pk_pieces *out, const pk_part *part, const char *id);

#endif
