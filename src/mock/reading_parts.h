/* The parts and header fields of a message that is being read. */
#ifndef PM_READING_PARTS_H
#define PM_READING_PARTS_H

#include "mock/reading.h"

#include <gmime/gmime.h>

struct pm_reading {
    const pm_mail *mail;   /* lent */
    GMimeMessage *message; /* owned; NULL: it has no message in it */
    GPtrArray *parts;      /* owned; of GMimeObject, lent by the message: all but multiparts */
    GMimeObject *text;     /* lent; what is shown as its text; NULL: none */
    GMimeObject *html;
};

/* A text part's text, in UTF-8 as far as it can be; a NUL, which would end it, becomes U+FFFD. The
 * caller frees it with g_free(). */
char *pm_reading_text_of(GMimeObject *part);
bool pm_reading_is_attachment(const pm_reading *reading, GMimeObject *part);
/* Lists of Part and of header fields (docs/prankmock.openapi.yaml). NULL: out of memory. */
cJSON *pm_reading_parts(const pm_reading *reading);
cJSON *pm_reading_headers(const pm_mail *mail);
/* Those of the message's `parts`, which must be there, that are attachments: no part is decoded
 * again. NULL: out of memory. */
cJSON *pm_reading_attachments(const pm_reading *reading, const cJSON *message);

#endif
