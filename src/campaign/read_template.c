/* Templates are parsed while the campaign loads, so that what is wrong in them is told together
 * with everything else. */
#include "campaign/reader.h"

#include <string.h>

/* A template while it is parsed. */
typedef struct pk_parsing {
    pk_reader *reader;
    const char *what; /* it is: `message "coffee", text` */
    const pk_source *source;
} pk_parsing;

/* A text of its own file has its place there; one inside the campaign has the place of its value,
 * and the message tells the rest: escapes make columns of the two differ. */
static void tell(void *user, unsigned line, unsigned column, const char *message)
{
    const pk_parsing *parsing = user;
    prankcurl_errors *errors = parsing->reader->errors;
    pk_place place = parsing->source->place;
    if (parsing->source->is_inline) {
        pk_errors_addf(errors, PRANKCURL_CAMPAIGN, &place, "%s, line %u, column %u: %s",
                       parsing->what, line, column, message);
        return;
    }
    place.line = line;
    place.column = column;
    pk_errors_addf(errors, PRANKCURL_CAMPAIGN, &place, "%s: %s", parsing->what, message);
}

void pk_read_template(pk_reader *reader, const char *what, pk_source *source)
{
    if (!source->text) {
        return;
    }
    size_t len = strlen(source->text);
    if (len > PK_MUSTACHE_MAX_SIZE) {
        pk_errors_addf(reader->errors, PRANKCURL_CAMPAIGN, &source->place,
                       "%s: it is larger than %d MiB; make it shorter", what,
                       PK_MUSTACHE_MAX_SIZE >> 20);
        return;
    }
    pk_parsing parsing = {reader, what, source};
    if (pk_mustache_parse(source->text, len, reader->arena, tell, &parsing, &source->parsed) ==
        PK_MUSTACHE_NO_MEMORY) {
        reader->no_memory = true;
    }
}
