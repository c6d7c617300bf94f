/* E-mail addresses: RFC 5321 §4.1.2 (Mailbox), with international forms (RFC 6531 §3.3) and domains
 * (IDNA2008 through libidn2). No source routes, no comments, no folding: an address as people write
 * it, and nothing that could leave its place in an SMTP command or a header field. */
#ifndef PK_BASE_ADDRESS_H
#define PK_BASE_ADDRESS_H

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct pk_address {
    const char
        *text;          /* local-part@domain: the domain in A-labels and lower case, the local part
                           quoted only where it must be. Goes to SMTP and to header fields as it is. */
    const char *domain; /* its part behind the @: the end of text */
    const char *shown;  /* for people: as text, but with a domain that was given in letters outside
                           ASCII in these (U-labels); else text itself */
    const char *key; /* equal for two addresses that reach the same mailbox as people see it; may be
                        text itself */
    bool international; /* the local part is not ASCII: needs SMTPUTF8 (RFC 6531) */
} pk_address;

typedef enum pk_address_status {
    PK_ADDRESS_OK,
    PK_ADDRESS_BAD,
    PK_ADDRESS_NO_MEMORY,
} pk_address_status;

/* Everything in *out lives in the arena. On BAD, *why tells what is wrong (static or in the arena),
 * to be put behind the quoted text: `"bob@" has no domain`. */
pk_address_status pk_address_parse(pk_arena *arena, const char *text, pk_address *out,
                                   const char **why);

/* Whether two addresses are one mailbox for sure: their texts, whatever the case of ASCII letters.
 * The keys are equal for more, as for straße@ and strasse@: good enough to leave somebody out, not
 * to let one stand for the other. */
bool pk_address_is_same(const pk_address *a, const pk_address *b);

/* Says what is wrong with an address that is BAD: the text in quotes, why, and where that gives no
 * advice of its own, what is expected. */
void pk_address_complaint(char *out, size_t size, const char *text, const char *why,
                          const char *expected);

/* The domain as people read it; of an address that was parsed. */
const char *pk_address_shown_domain(const pk_address *address);

/* A domain name alone, to lower-case A-labels; same answers. */
pk_address_status pk_domain_parse(pk_arena *arena, const char *text, const char **out,
                                  const char **why);

/* Appends the address as people read it: A-labels of its domain in Unicode (RFC 5890 §2.3.2.1).
 * What can't be decoded stays as it is. */
void pk_address_add_unicode(pk_buf *out, const char *address);

#endif
