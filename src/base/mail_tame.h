/* A message that is made to break its reader. */
#ifndef PK_BASE_MAIL_TAME_H
#define PK_BASE_MAIL_TAME_H

#include <stddef.h>

/* Changes a copy of a message so that GMime can read it in bounded time and stack. It touches only
 * what no honest message has: groups in groups in an address field, thousands of parts, hundreds of
 * multiparts. Returns the length to be read: what is behind it is left out. */
size_t pk_mail_tame(char *bytes, size_t len);
/* Where the header field that begins at text ends, with its line end: lines that begin with a blank
 * belong to it (RFC 5322 §2.2.3). */
const char *pk_mail_field_end(const char *text, const char *end);

#endif
