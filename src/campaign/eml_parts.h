/* The pieces of reading an .eml. */
#ifndef PK_CAMPAIGN_EML_PARTS_H
#define PK_CAMPAIGN_EML_PARTS_H

#include "base/buf.h"
#include "campaign/eml.h"

#include <gmime/gmime.h>
#include <stdbool.h>

typedef struct pk_eml_reading {
    pk_arena *arena;  /* lent */
    pk_eml *eml;      /* lent */
    GPtrArray *files; /* of GMimeObject, lent by the message: what is no body */
    pk_buf text;
    pk_buf html;
    bool has_text;
    bool has_html;
    size_t parts; /* seen so far */
    const char **notes;
    const char *why; /* NULL: all is well */
} pk_eml_reading;

extern const char pk_eml_no_memory[];

/* Copies into the arena; without memory it says so in r->why and gives "". */
const char *pk_eml_keep(pk_eml_reading *r, const char *text, size_t len);
/* The same for what shall be text on one line; it is cut where it is longer than a line may be. */
const char *pk_eml_keep_line(pk_eml_reading *r, const char *text);

bool pk_eml_is_type(GMimeObject *part, const char *type, const char *subtype);
/* "" for none. */
const char *pk_eml_filename(GMimeObject *part);

/* r->files become inlines and attachments. */
void pk_eml_keep_files(pk_eml_reading *r);

/* The part's content without its transfer encoding; of a mail in the mail, the mail. The caller
 * unrefs it with g_byte_array_unref(). */
GByteArray *pk_eml_content(GMimeObject *part);

/* Appends a text part's text as pk_eml promises it. False: its charset is unknown, so what is not
 * ASCII is guessed. */
bool pk_eml_add_text(pk_buf *out, GMimeObject *part);

/* Appends text as pk_eml promises it; what is not UTF-8 becomes U+FFFD. */
void pk_eml_add_clean(pk_buf *out, const char *text, size_t len);

#endif
