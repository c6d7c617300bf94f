/* What prankcurl prints beyond base/output.h. */
#ifndef PK_CLI_OUTPUT_H
#define PK_CLI_OUTPUT_H

#include "base/output.h"

#include <prankcurl/prankcurl.h>

/* Who says it, in front of messages. */
#define PK_PROGRAM "prankcurl"

/* The end of a command: tells of the error unless all is OK, and makes sure that stdout arrived. */
prankcurl_status pk_end_command(prankcurl_status status, const prankcurl_error *error);

/* Text on out, blanks behind it up to width terminal cells. */
void pk_print_padded(FILE *out, const char *text, size_t width);

#endif
