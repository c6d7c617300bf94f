#include "cli/output.h"

#include "base/text.h"

void pk_print_padded(FILE *out, const char *text, size_t width)
{
    size_t used = pk_display_width(text);
    int blanks = used < width ? (int)(width - used) : 0;
    (void)fprintf(out, "%s%*s", text, blanks, "");
}
