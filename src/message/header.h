/* Header fields: RFC 5322 §2.2 (fields, folding), §3.4 (mailboxes), RFC 2047 (encoded words).
 * Whatever goes in, what comes out is 7-bit, but for international addresses where they are
 * allowed, without control characters but for its own CRLFs, in lines of at most 76 bytes (RFC 2047
 * §2); one address that is longer has its own line. */
#ifndef PK_MESSAGE_HEADER_H
#define PK_MESSAGE_HEADER_H

#include "base/buf.h"

#include <stddef.h>

typedef enum pk_header_status {
    PK_HEADER_OK,      /* though out may have failed: ask pk_buf_ok() */
    PK_HEADER_CONTROL, /* a control character: it could end the field and begin another */
    PK_HEADER_BAD,     /* not UTF-8; an address or an id that is not ASCII, empty or endless */
} pk_header_status;

/* What addresses a field may hold. Names are encoded words in both: every reader knows those. */
typedef enum pk_header_form {
    PK_HEADER_7BIT,
    PK_HEADER_UTF8, /* RFC 6532: as they are, for a message that goes with SMTPUTF8 */
} pk_header_form;

/* On anything but OK, out is as it was. Field names are constants of the caller. */

/* Unstructured text, as Subject: as it is where that is safe, else in encoded words. */
pk_header_status pk_header_text(pk_buf *out, const char *field, const char *text);

/* A structured value that is ready: a date, a message id. Not folded inside. */
pk_header_status pk_header_token(pk_buf *out, const char *field, const char *value);

typedef struct pk_mailbox {
    const char *name;    /* display name, UTF-8; "" for none */
    const char *address; /* addr-spec; ASCII, unless the form is UTF8 */
} pk_mailbox;

/* From, Sender, To, Cc: on one line, or else each mailbox on its own. No mailbox: no field. */
pk_header_status pk_header_mailboxes(pk_buf *out, const char *field, const pk_mailbox *mailboxes,
                                     size_t count, pk_header_form form);

#endif
