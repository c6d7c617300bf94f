/* Reading a document into a model: every object has a table of its fields, and all complaints carry
 * the place of the value they are about. */
#ifndef PK_BASE_JSON_READER_H
#define PK_BASE_JSON_READER_H

#include "base/arena.h"
#include "base/json_document.h"

#include <stdint.h>

/* Fill in all but document and no_memory, begin with pk_reader_parse(), and end with
 * pk_document_free(). */
typedef struct pk_reader {
    pk_document document;
    const char *file;         /* as the user named it */
    const char *what;         /* that it holds, one word or more without an article: "campaign" */
    pk_arena *arena;          /* lent; texts and places that are kept live there */
    prankcurl_errors *errors; /* lent */
    void *owner;              /* of the one who reads: not looked at here */
    bool no_memory;           /* some memory was missing: what was read is not whole */
} pk_reader;

typedef enum pk_type {
    PK_STRING = 1,
    PK_NUMBER = 2,
    PK_BOOL = 4,
    PK_OBJECT = 8,
    PK_ARRAY = 16,
} pk_type;

/* A member of an object. Fields are read in the table's order, whatever the file's. */
typedef struct pk_field {
    const char *key;
    unsigned types; /* of pk_type */
    bool is_required;
    void (*read)(pk_reader *reader, const pk_node *node, void *target);
} pk_field;

/* As pk_document_parse(), into the reader's document. */
bool pk_reader_parse(pk_reader *reader, const char *json, size_t len);

/* Reads node, known to be an object, by its table: tells unknown and missing keys and wrong types,
 * and calls read for each value of the right type. */
void pk_read_object(pk_reader *reader, const pk_node *node, const pk_field *fields, size_t count,
                    void *target);
/* False, and told: the value is of no type in `types`, or was told already. */
bool pk_check_type(pk_reader *reader, const pk_node *node, unsigned types);
/* A field that a later version will know. */
void pk_read_not_yet(pk_reader *reader, const pk_node *node, void *target);
/* A field that is only for others (`$schema`). */
void pk_read_ignored(pk_reader *reader, const pk_node *node, void *target);

/* Complaints; the message tells what is wrong and what would be right. */
void pk_complain(pk_reader *reader, const pk_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void pk_complain_as(pk_reader *reader, prankcurl_status status, const pk_node *node,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The place of a value; its pointer lives in the arena. */
pk_place pk_node_place(pk_reader *reader, const pk_node *node);

/* The string's text, in the arena; NULL: out of memory (remembered). */
const char *pk_node_text(pk_reader *reader, const pk_node *node);
/* A text for one line, not blank and without control characters; NULL, and told: it is not. */
const char *pk_node_line(pk_reader *reader, const pk_node *node, const char *what);
/* A whole number from min to max; false, and told: it isn't. */
bool pk_node_integer(pk_reader *reader, const pk_node *node, uint64_t min, uint64_t max,
                     uint64_t *out);

/* Memory from the arena; NULL is remembered as out of memory. */
void *pk_reader_alloc(pk_reader *reader, size_t count, size_t size);
const char *pk_reader_keep(pk_reader *reader, const char *text);
const char *pk_reader_keep_part(pk_reader *reader, const char *text, size_t len);

#endif
