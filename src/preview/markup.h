/* Text as HTML. What a campaign holds goes through here, and can't become markup. */
#ifndef PK_PREVIEW_MARKUP_H
#define PK_PREVIEW_MARKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Text between tags, or an attribute's value between quotes of either kind. */
void pk_put_text(FILE *out, const char *text);
void pk_put_bytes(FILE *out, const char *text, size_t len);
/* Text from people, whose direction, and characters that change it, stay within it. */
void pk_put_own(FILE *out, const char *text);
/* "12 bytes", "3.4 kB", "5.6 MB". */
void pk_put_size(FILE *out, size_t bytes);
/* "1 prank", "2 pranks". */
void pk_put_count(FILE *out, size_t count, const char *one, const char *many);
/* The byte that two hexadecimal digits stand for, into *byte; false: there are no such two. */
bool pk_hex_byte(const char *digits, char *byte);

#endif
