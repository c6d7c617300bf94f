/* A mail that was saved from a mail program (.eml: RFC 5322, MIME), as a template. */
#ifndef PK_CAMPAIGN_EML_H
#define PK_CAMPAIGN_EML_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct pk_eml_field {
    const char *name;
    const char *value; /* UTF-8, on one line */
} pk_eml_field;

typedef struct pk_eml_part {
    const char *name;       /* a file's, without folders; never empty */
    const char *type;       /* "image/png", in lower case, without parameters: fit for a header
                             * field and for base64, else "application/octet-stream" */
    const char *content_id; /* visible ASCII without brackets; "" for none */
    const char *bytes;      /* decoded */
    size_t len;
} pk_eml_part;

/* Everything lives in the arena, every text is UTF-8 without control characters but for tab and LF,
 * which ends lines. */
typedef struct pk_eml {
    const char *subject;        /* "" for none */
    const char *text;           /* NULL: none; format=flowed (RFC 3676) is undone */
    const char *html;           /* NULL: none */
    const pk_eml_field *fields; /* those that pk_eml_keeps_field() */
    size_t field_count;
    const pk_eml_part *inlines; /* those that the html shows: `cid:` */
    size_t inline_count;
    const pk_eml_part *attachments; /* a calendar, too, and a mail in the mail */
    size_t attachment_count;
    const char *const *notes; /* what is not kept, or is guessed: a sentence each */
    size_t note_count;
} pk_eml;

/* False: it can't be read, and *why says why, as "it is encrypted; …" (static). May run in any
 * thread. Without memory GLib ends the program. */
bool pk_eml_read(pk_arena *arena, const char *bytes, size_t len, pk_eml *out, const char **why);

#endif
