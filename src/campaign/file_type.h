/* What an attachment is. */
#ifndef PK_CAMPAIGN_FILE_TYPE_H
#define PK_CAMPAIGN_FILE_TYPE_H

#include <stddef.h>

/* The MIME type by content, and by name where content does not tell: a PNG is image/png whatever
 * its name, a zip may be a document by its name, a text is what its name says if it is UTF-8
 * without control characters. Unknown things and programs are application/octet-stream. file_name
 * may have folders before it. Without parameters (no charset); static, never NULL. */
const char *pk_file_type(const char *file_name, const void *data, size_t len);

#endif
