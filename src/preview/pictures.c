#include "preview/pictures.h"

#include <stdlib.h>
#include <string.h>

void pk_pictures_free(pk_pictures *pictures)
{
    free(pictures->seen);
    *pictures = (pk_pictures){0};
}

bool pk_is_picture(const prankcurl_file *file)
{
    static const char *const types[] = {"image/png",  "image/jpeg", "image/gif",    "image/webp",
                                        "image/avif", "image/bmp",  "image/svg+xml"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(file->type, types[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool was_seen(const pk_pictures *pictures, const char *base64)
{
    for (size_t i = 0; i < pictures->count; i++) {
        if (pictures->seen[i] == base64) {
            return true;
        }
    }
    return false;
}

static bool remember(pk_pictures *pictures, const char *base64)
{
    if (pictures->count == pictures->capacity) {
        size_t capacity = pictures->capacity ? pictures->capacity * 2 : 16;
        const char **seen = realloc(pictures->seen, capacity * sizeof *seen);
        if (!seen) {
            return false;
        }
        pictures->seen = seen;
        pictures->capacity = capacity;
    }
    pictures->seen[pictures->count++] = base64;
    return true;
}

static bool has_room(size_t used, size_t more, size_t max)
{
    return more <= max && used <= max - more;
}

bool pk_pictures_take(pk_pictures *pictures, const prankcurl_file *file)
{
    size_t len = file->base64_len;
    bool again = was_seen(pictures, file->base64);
    bool fits = has_room(pictures->total, len, PK_PICTURES_MAX) &&
                (!again || has_room(pictures->repeated, len, PK_PICTURES_REPEATED_MAX));
    if (!fits || (!again && !remember(pictures, file->base64))) {
        pictures->left_out++;
        return false;
    }
    pictures->total += len;
    pictures->repeated += again ? len : 0;
    return true;
}

void pk_put_picture(FILE *out, const prankcurl_file *file)
{
    const char *line = file->base64;
    const char *end = line + file->base64_len;
    (void)fprintf(out, "data:%s;base64,", file->type);
    while (line < end) {
        const char *cr = memchr(line, '\r', (size_t)(end - line));
        (void)fwrite(line, 1, (size_t)((cr ? cr : end) - line), out);
        line = cr ? cr + 2 : end;
    }
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr(".-_", c));
}

void pk_put_placeholder(FILE *out, const char *what)
{
    /* <svg …><rect …/><text …> with all that could end a value percent-encoded. */
    (void)fputs("data:image/svg+xml,%3Csvg%20xmlns=%22http://www.w3.org/2000/svg%22%20width="
                "%22360%22%20height=%2264%22%20viewBox=%220%200%20360%2064%22%3E%3Crect%20x=%221%22"
                "%20y=%221%22%20width=%22358%22%20height=%2262%22%20rx=%226%22%20fill=%22%23f3f1ec"
                "%22%20stroke=%22%23b9b4a8%22%20stroke-dasharray=%224%204%22/%3E%3Ctext%20x=%22180"
                "%22%20y=%2236%22%20text-anchor=%22middle%22%20font-family=%22sans-serif%22%20"
                "font-size=%2213%22%20fill=%22%235c5850%22%3E",
                out);
    for (; *what; what++) {
        (void)fputs(*what == ' ' ? "%20" : "", out);
        if (is_plain(*what)) {
            (void)fputc(*what, out);
        }
    }
    (void)fputs("%3C/text%3E%3C/svg%3E", out);
}
