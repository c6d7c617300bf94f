/* Bodies: line ends, and Content-Transfer-Encoding (RFC 2045 §6). */
#ifndef PK_MESSAGE_TRANSFER_H
#define PK_MESSAGE_TRANSFER_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum pk_transfer {
    PK_TRANSFER_7BIT,
    PK_TRANSFER_QUOTED_PRINTABLE,
    PK_TRANSFER_BASE64,
} pk_transfer;

/* As the field's value has it. */
const char *pk_transfer_name(pk_transfer transfer);

/* Appends text in canonical form (RFC 2045 §6.6): every CRLF, CR and LF becomes CRLF, and what is
 * not empty ends with one. False: there is a control character other than tab and line ends. */
bool pk_add_canonical(pk_buf *out, const char *text, size_t len);

/* Appends a text's canonical form in the encoding that suits it: 7bit where nothing can happen to
 * it, else the shorter of quoted-printable and base64. Lines have at most 76 characters. False: as
 * above. scratch is overwritten; its failure, and that of out, is the caller's to ask for. */
bool pk_add_encoded(pk_buf *out, const char *text, size_t len, pk_buf *scratch,
                    pk_transfer *transfer);

#endif
