/* Reading templates: read_template.c parses, read_partials.c brings in what they name. */
#ifndef PK_CAMPAIGN_TEMPLATE_H
#define PK_CAMPAIGN_TEMPLATE_H

#include "campaign/reader.h"

enum {
    PK_MAX_PARTIALS = 1000, /* of a campaign, and files of a folder with dynamic names */
    PK_MAX_PATH = 16384,
};

#define PK_PARTIAL_SUFFIX ".mustache"

/* A template while it is read. */
typedef struct pk_reading {
    pk_reader *reader;
    const char *root; /* the message's part for which it is read: `message "coffee", text` */
    const char *what; /* it is: the same, or with `, {{>signature}}` behind */
    const pk_source *source;
    const char *folder;    /* of its file, from the campaign's folder: "" or "texts/" */
    pk_mustache *mustache; /* NULL: it is wrong */
} pk_reading;

/* A partial that was read for some template. */
typedef struct pk_loaded_partial {
    struct pk_loaded_partial *next; /* in the order they were named */
    pk_partial partial;
    const char *key; /* its file, without links: who names it twice gets the same */
    pk_reading reading;
    enum { PK_UNSEEN, PK_ON_PATH, PK_SEEN } state; /* while cycles are looked for */
} pk_loaded_partial;

/* All *.mustache files of a folder, for dynamic names. */
typedef struct pk_partial_folder {
    struct pk_partial_folder *next;
    const char *folder;
    pk_mustache_names names;
} pk_partial_folder;

/* Where a template names a partial. */
typedef struct pk_naming {
    pk_reading *reading;
    const char *name;
    size_t len;
    char sigil;
    bool is_dynamic; /* the file is one of those that the name could mean */
    unsigned line;
    unsigned column;
} pk_naming;

/* Tells of something at a place in the template. */
void pk_tell_template(const pk_reading *reading, prankcurl_status status, unsigned line,
                      unsigned column, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Parses reading's source; what is wrong is told. */
void pk_parse_template(pk_reading *reading);
/* Reads all that a template names, and what these name, each file once a campaign. */
void pk_read_partials(pk_reading *reading);
/* The template that is named, read when it was not before. NULL: there is none, or it is wrong;
 * told.
 */
const pk_mustache *pk_read_partial(const pk_naming *naming);
/* All that a dynamic name of the template can mean. NULL: out of memory. */
const pk_mustache_names *pk_read_partial_folder(pk_reading *reading);
void pk_complain_partial(const pk_naming *naming, prankcurl_status status, const char *what);
/* Tells of partials that bring themselves in, each once. */
void pk_check_cycles(pk_reader *reader);

#endif
