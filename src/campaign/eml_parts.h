/* The pieces of reading an .eml. */
#ifndef PK_CAMPAIGN_EML_PARTS_H
#define PK_CAMPAIGN_EML_PARTS_H

#include "base/buf.h"

#include <gmime/gmime.h>
#include <stdbool.h>

/* The part's content without its transfer encoding; of a mail in the mail, the mail. The caller
 * unrefs it with g_byte_array_unref(). */
GByteArray *pk_eml_content(GMimeObject *part);

/* Appends a text part's text as pk_eml promises it. False: its charset is unknown, so what is not
 * ASCII is guessed. */
bool pk_eml_add_text(pk_buf *out, GMimeObject *part);

/* Appends text as pk_eml promises it; what is not UTF-8 becomes U+FFFD. */
void pk_eml_add_clean(pk_buf *out, const char *text, size_t len);

#endif
