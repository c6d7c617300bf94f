#include "preview/markup.h"

#include "base/html.h"
#include "base/text.h"

#include <string.h>

void pk_put_bytes(FILE *out, const char *text, size_t len)
{
    size_t begin = 0;
    for (size_t i = 0; i < len; i++) {
        const char *instead = pk_html_entity(text[i]);
        if (instead) {
            (void)fwrite(text + begin, 1, i - begin, out);
            (void)fputs(instead, out);
            begin = i + 1;
        }
    }
    (void)fwrite(text + begin, 1, len - begin, out);
}

void pk_put_text(FILE *out, const char *text)
{
    pk_put_bytes(out, text, strlen(text));
}

void pk_put_own(FILE *out, const char *text)
{
    (void)fputs("<bdi>", out);
    pk_put_text(out, text);
    (void)fputs("</bdi>", out);
}

void pk_put_size(FILE *out, size_t bytes)
{
    if (bytes < 1000) {
        (void)fprintf(out, "%zu bytes", bytes);
    } else if (bytes < 1000000) {
        (void)fprintf(out, "%.1f kB", (double)bytes / 1e3);
    } else {
        (void)fprintf(out, "%.1f MB", (double)bytes / 1e6);
    }
}

void pk_put_count(FILE *out, size_t count, const char *one, const char *many)
{
    (void)fprintf(out, "%zu %s", count, count == 1 ? one : many);
}

static unsigned hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, pk_ascii_lower(c)) : NULL;
    return at ? (unsigned)(at - digits) : 16;
}

bool pk_hex_byte(const char *digits, char *byte)
{
    unsigned high = hex_digit(digits[0]);
    unsigned low = high < 16 ? hex_digit(digits[1]) : 16;
    if (low > 15) {
        return false;
    }
    unsigned char value = (unsigned char)(high * 16 + low);
    memcpy(byte, &value, 1);
    return true;
}
