/* What prankcurl prints beyond base/output.h. */
#ifndef PK_CLI_OUTPUT_H
#define PK_CLI_OUTPUT_H

#include "base/output.h"

#include <prankcurl/prankcurl.h>

/* Who says it, in front of messages. */
#define PK_PROGRAM "prankcurl"

/* Text on out, blanks behind it up to width terminal cells. */
void pk_print_padded(FILE *out, const char *text, size_t width);

#endif
