/* What stands behind MAIL and RCPT: a path (RFC 5321 §4.1.2) and its parameters (§4.1.2,
 * RFC 1870, 3461, 4954, 6152, 6531). Both readers return NULL, or the reply that refuses. */
#ifndef PM_PATH_H
#define PM_PATH_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum { PM_MAX_PATH = 256 }; /* RFC 5321 §4.5.3.1.3, with its brackets */

typedef struct pm_path_text {
    char address[PM_MAX_PATH + 1]; /* as it came, without brackets and source route */
    bool international;            /* holds what is not ASCII: needs SMTPUTF8 (RFC 6531) */
    const char *parameters;        /* lent: what stands behind the path, blanks trimmed */
} pm_path_text;

/* text: what stands behind "FROM:" or "TO:". Lenient takes a blank before the path, and an address
 * without brackets. May be empty: `<>` is a good sender. */
const char *pm_path_parse(const char *text, bool lenient, pm_path_text *out);

typedef enum pm_for {
    PM_FOR_MAIL = 1,
    PM_FOR_RCPT = 2,
} pm_for;

/* What the parameters mean for us. */
typedef struct pm_parameters {
    bool smtputf8;
    unsigned long long size; /* what SIZE= announces; 0: nothing */
} pm_parameters;

/* reply: where a reply that names the parameter is put together; lent to what is returned. */
const char *pm_parameters_parse(const char *text, pm_for whose, pk_buf *reply, pm_parameters *out);

#endif
