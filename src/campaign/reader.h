/* Reading the document into the model: every object has a table of its fields, and all complaints
 * carry the place of the value they are about. */
#ifndef PK_CAMPAIGN_READER_H
#define PK_CAMPAIGN_READER_H

#include "campaign/document.h"
#include "campaign/model.h"

/* Addresses of the campaign by key, to find one among many. */
typedef struct pk_index_entry {
    const char *key;
    size_t number;
} pk_index_entry;

typedef struct pk_reader {
    prankcurl_campaign *campaign; /* being filled */
    pk_document document;
    const char *file;   /* as the user named it */
    const char *folder; /* that paths are relative to */
    const prankcurl_campaign_options *options;
    prankcurl_errors *errors;
    bool no_memory;
    /* What the checks across objects need: */
    const pk_node *victims;
    const pk_node *consent;
    const pk_node *groups;
    const pk_node *delivery;
    const char **consent_domains;
    size_t consent_domain_count;
    pk_index_entry *victim_index; /* owned; sorted by key */
    size_t victim_index_count;    /* victims whose address is good */
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
/* The place of a value; its pointer lives in the campaign's arena. */
pk_place pk_node_place(pk_reader *reader, const pk_node *node);

/* The string's text, in the campaign's arena; NULL: out of memory (remembered). */
const char *pk_node_text(pk_reader *reader, const pk_node *node);
/* A text for one line, not blank and without control characters; NULL, and told: it is not. */
const char *pk_node_line(pk_reader *reader, const pk_node *node, const char *what);
/* A whole number from min to max; false, and told: it isn't. */
bool pk_node_integer(pk_reader *reader, const pk_node *node, uint64_t min, uint64_t max,
                     uint64_t *out);
/* Text for bodies and variables: false, and told, if it holds control characters other than tab and
 * line ends. */
bool pk_check_body_text(pk_reader *reader, const pk_node *node, const char *text);

/* Memory from the campaign's arena; NULL is remembered as out of memory. */
void *pk_reader_alloc(pk_reader *reader, size_t count, size_t size);
const char *pk_reader_keep(pk_reader *reader, const char *text);

/* Reads the file that the string at node names; its resolved path goes to *path when not NULL.
 * Returns its text (in the arena), or NULL, and told. */
const char *pk_reader_file(pk_reader *reader, const pk_node *node, size_t max, const char **path);
/* Only the path, which must exist and be allowed. */
const char *pk_reader_path(pk_reader *reader, const pk_node *node);

/* The parts, one file each. Those with a node are fields of the campaign; the others come after all
 * fields, in this order, since they depend on several. */
void pk_read_person(pk_reader *reader, const pk_node *node, void *person);
void pk_read_victims(pk_reader *reader, const pk_node *node, void *campaign);
void pk_read_witnesses(pk_reader *reader, const pk_node *node, void *campaign);
void pk_read_messages(pk_reader *reader, const pk_node *node, void *campaign);
void pk_read_reveal(pk_reader *reader, const pk_node *node, void *campaign);
void pk_read_server(pk_reader *reader, const pk_node *node, void *campaign);
void pk_read_delivery(pk_reader *reader);
void pk_index_people(pk_reader *reader);
void pk_read_consent(pk_reader *reader);
void pk_read_groups(pk_reader *reader);

/* The victim's number; PK_ANY: nobody has this key. */
size_t pk_find_victim(const pk_reader *reader, const char *key);

#endif
