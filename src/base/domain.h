/* The part of an address behind the @. A domain alone is read by pk_domain_parse(), see address.h.
 */
#ifndef PK_BASE_DOMAIN_H
#define PK_BASE_DOMAIN_H

#include "base/address.h"

/* What keeps a text, not empty, from being a domain in lower-case letters, digits and hyphens (RFC
 * 5321 §2.3.5), A-labels included; NULL: nothing. */
const char *pk_domain_fault(const char *domain);

/* [192.0.2.1] or [IPv6:2001:db8::1] (RFC 5321 §4.1.3); answers as pk_address_parse(). */
pk_address_status pk_literal_parse(pk_arena *arena, const char *text, const char **out,
                                   const char **why);

#endif
