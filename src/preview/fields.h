/* The header of a message, as its reader sees it: taken from the very bytes that are sent. */
#ifndef PK_PREVIEW_FIELDS_H
#define PK_PREVIEW_FIELDS_H

#include "base/buf.h"

#include <stdbool.h>

/* A field of a header. */
typedef struct pk_field_shown {
    const char *name; /* lent from the header, name_len bytes */
    size_t name_len;
    pk_buf value; /* unfolded, its encoded words (RFC 2047) read; harmless for a page's text */
} pk_field_shown;

/* Reads the field at *at, within a header that ends with an empty line, and moves *at behind it.
 * False: there are no more. The value's buffer is used again from field to field. */
bool pk_next_field(const char **at, const char *end, pk_field_shown *field);

#endif
