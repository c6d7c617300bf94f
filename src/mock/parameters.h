/* The parameters behind a path (RFC 5321 §4.1.2, RFC 1870, 3461, 4954, 6152, 6531). */
#ifndef PM_PARAMETERS_H
#define PM_PARAMETERS_H

#include "base/buf.h"

#include <stdbool.h>

typedef enum pm_for {
    PM_FOR_MAIL = 1,
    PM_FOR_RCPT = 2,
} pm_for;

/* What the parameters mean for us. */
typedef struct pm_parameters {
    bool smtputf8;
    unsigned long long size; /* what SIZE= announces; 0: nothing */
} pm_parameters;

/* NULL, or the reply that refuses. reply: where a reply that names the parameter is put together;
 * lent to what is returned. */
const char *pm_parameters_parse(const char *text, pm_for whose, pk_buf *reply, pm_parameters *out);

#endif
