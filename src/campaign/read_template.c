/* Templates are parsed while the campaign loads, so that what is wrong in them is told together
 * with everything else. */
#include "campaign/template.h"

#include <stdio.h>
#include <string.h>

/* A text of its own file has its place there; one inside the campaign has the place of its value,
 * and the message tells the rest: escapes make columns of the two differ. */
void pk_tell_template(const pk_reading *reading, prankcurl_status status, unsigned line,
                      unsigned column, const char *format, ...)
{
    char message[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    prankcurl_errors *errors = reading->reader->errors;
    pk_place place = reading->source->place;
    if (reading->source->is_inline) {
        pk_errors_addf(errors, status, &place, "%s, line %u, column %u: %s", reading->what, line,
                       column, message);
        return;
    }
    place.line = line;
    place.column = column;
    pk_errors_addf(errors, status, &place, "%s: %s", reading->what, message);
}

static void tell(void *user, unsigned line, unsigned column, const char *message)
{
    pk_tell_template(user, PRANKCURL_CAMPAIGN, line, column, "%s", message);
}

void pk_parse_template(pk_reading *reading)
{
    pk_reader *reader = reading->reader;
    const pk_source *source = reading->source;
    size_t len = strlen(source->text);
    if (len > PK_MUSTACHE_MAX_SIZE) {
        pk_errors_addf(reader->errors, PRANKCURL_CAMPAIGN, &source->place,
                       "%s: it is larger than %d MiB; make it shorter", reading->what,
                       PK_MUSTACHE_MAX_SIZE >> 20);
        return;
    }
    if (pk_mustache_parse(source->text, len, reader->arena, tell, reading, &reading->mustache) ==
        PK_MUSTACHE_NO_MEMORY) {
        reader->no_memory = true;
    }
}

/* The folder of the template's file, from the campaign's: "texts/", or "". */
static const char *folder_of(pk_reader *reader, const pk_source *source)
{
    const char *base = pk_loading_of(reader)->folder;
    const char *path = source->place.file;
    size_t base_len = strlen(base);
    if (source->is_inline) {
        return "";
    }
    if (strncmp(path, base, base_len) == 0 && path[base_len] == '/') {
        path += base_len + 1;
    }
    const char *slash = strrchr(path, '/');
    return pk_reader_keep_part(reader, path, slash ? (size_t)(slash - path) + 1 : 0);
}

void pk_read_template(pk_reader *reader, const char *what, pk_source *source)
{
    const char *kept = source->text ? pk_reader_keep(reader, what) : NULL;
    const char *folder = kept ? folder_of(reader, source) : NULL;
    if (!folder) {
        return;
    }
    pk_reading reading = {
        .reader = reader, .root = kept, .what = kept, .source = source, .folder = folder};
    pk_parse_template(&reading);
    if (reading.mustache) {
        pk_read_partials(&reading);
        source->parsed = reading.mustache;
    }
}
