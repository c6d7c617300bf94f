/* The path behind MAIL and RCPT (RFC 5321 §4.1.2). */
#ifndef PM_PATH_H
#define PM_PATH_H

#include <stdbool.h>
#include <stddef.h>

enum { PM_MAX_PATH = 256 }; /* RFC 5321 §4.5.3.1.3, with its brackets */

typedef struct pm_path_text {
    char address[PM_MAX_PATH + 1]; /* as it came, without brackets and source route */
    bool international;            /* holds what is not ASCII: needs SMTPUTF8 (RFC 6531) */
    const char *parameters;        /* lent: what stands behind the path, blanks trimmed */
} pm_path_text;

/* text: what stands behind "FROM:" or "TO:". Lenient takes a blank before the path, and an address
 * without brackets. May be empty: `<>` is a good sender.
 * NULL, or the reply that refuses. */
const char *pm_path_parse(const char *text, bool lenient, pm_path_text *out);

#endif
