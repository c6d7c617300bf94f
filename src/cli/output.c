#include "cli/output.h"

#include "base/text.h"

prankcurl_status pk_end_command(prankcurl_status status, const prankcurl_error *error)
{
    if (status != PRANKCURL_OK) {
        pk_print_error(PK_PROGRAM, error);
    }
    prankcurl_status flushed = pk_flush_output(PK_PROGRAM);
    return status == PRANKCURL_OK ? flushed : status;
}

void pk_print_padded(FILE *out, const char *text, size_t width)
{
    size_t used = pk_display_width(text);
    int blanks = used < width ? (int)(width - used) : 0;
    (void)fprintf(out, "%s%*s", text, blanks, "");
}
