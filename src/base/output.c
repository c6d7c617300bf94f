#include "base/output.h"

#include "base/text.h"

#include <errno.h>
#include <string.h>

void pk_print_error(const char *program, const prankcurl_error *error)
{
    char line[2048];
    (void)prankcurl_error_format(error, line, sizeof line);
    /* A place begins the line, so that editors find it. */
    bool has_file = error->file[0] != '\0';
    (void)fprintf(stderr, "%s%s%s\n", has_file ? "" : program, has_file ? "" : ": ", line);
}

void pk_print_errors(const char *program, const prankcurl_errors *errors)
{
    for (size_t i = 0; i < errors->count; i++) {
        pk_print_error(program, &errors->items[i]);
    }
    if (errors->left_out) {
        (void)fprintf(stderr, "%s: and %zu more errors\n", program, errors->left_out);
    }
}

void pk_print_line(FILE *out, const char *format, ...)
{
    pk_buf text;
    pk_buf printable;
    va_list args;
    pk_buf_init(&text, 64 * 1024);
    pk_buf_init(&printable, 256 * 1024);
    va_start(args, format);
    pk_buf_vfmt(&text, format, args);
    va_end(args);
    pk_add_printable(&printable, pk_buf_text(&text), text.len);
    (void)fprintf(out, "%s\n", pk_buf_text(&printable));
    pk_buf_free(&printable);
    pk_buf_free(&text);
}

prankcurl_status pk_flush_output(const char *program)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return PRANKCURL_OK;
    }
    prankcurl_error error;
    prankcurl_status status =
        pk_error_set(&error, PRANKCURL_IO, NULL, "cannot write to stdout: %s", strerror(errno));
    pk_print_error(program, &error);
    return status;
}

bool pk_json_add_text(cJSON *object, const char *key, const char *text)
{
    pk_buf printable;
    size_t len = strlen(text);
    pk_buf_init(&printable, 3 * len); /* every byte may become a U+FFFD */
    pk_add_printable(&printable, text, len);
    bool added = pk_buf_ok(&printable) &&
                 cJSON_AddStringToObject(object, key, pk_buf_text(&printable)) != NULL;
    pk_buf_free(&printable);
    return added;
}

void pk_json_add_string(pk_buf *out, const char *text)
{
    pk_buf_char(out, '"');
    while (*text) {
        size_t len = strcspn(text, "\"\\");
        pk_add_printable(out, text, len); /* leaves no control character to be escaped */
        text += len;
        if (*text) {
            pk_buf_char(out, '\\');
            pk_buf_char(out, *text++);
        }
    }
    pk_buf_char(out, '"');
}

prankcurl_status pk_json_print(const char *program, cJSON *object, const char *end)
{
    char *text = object ? cJSON_PrintUnformatted(object) : NULL;
    cJSON_Delete(object);
    if (!text) {
        prankcurl_error error;
        prankcurl_status status = pk_error_set(&error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
        pk_print_error(program, &error);
        return status;
    }
    (void)fputs(text, stdout);
    (void)fputs(end, stdout);
    cJSON_free(text);
    return PRANKCURL_OK;
}
