/* Base64 (RFC 4648 §4). */
#ifndef PK_BASE_BASE64_H
#define PK_BASE_BASE64_H

#include "base/buf.h"

/* Without line breaks. */
void pk_add_base64(pk_buf *out, const char *data, size_t len);

/* Lines of 76 characters with CRLF, as MIME has them (RFC 2045 §6.8): how many bytes they are, and
 * the lines themselves, into that many bytes. */
size_t pk_base64_lines_len(size_t len);
void pk_base64_lines(char *to, const char *data, size_t len);

/* Appends what the text stands for. Strict: only the alphabet, padded to a multiple of 4, no bit
 * set behind the last byte (RFC 4648 §3.5). False: it is no such text, and out may hold the part
 * before the fault. */
bool pk_add_base64_decoded(pk_buf *out, const char *text, size_t len);

#endif
