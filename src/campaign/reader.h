/* Reading a campaign: what its parts share beyond base/json_reader.h. */
#ifndef PK_CAMPAIGN_READER_H
#define PK_CAMPAIGN_READER_H

#include "base/index.h"
#include "base/json_reader.h"
#include "campaign/model.h"

/* Of a file that a message carries: with base64's third more it stays below what a message may be.
 */
enum { PK_MAX_FILE = 40 << 20 };

/* A campaign while it is read: the reader's owner. */
typedef struct pk_loading {
    prankcurl_campaign *campaign; /* being filled */
    const char *folder;           /* that paths are relative to */
    const prankcurl_campaign_options *options;
    /* What the checks across objects need: */
    const pk_node *victims;
    const pk_node *consent;
    const pk_node *groups;
    const pk_node *delivery;
    pk_index consent_domains; /* owned, as all indexes */
    pk_index opted_out;       /* by key: everybody who opted out, of the campaign or not */
    pk_index victim_index;    /* by key: victims whose address is good */
    bool victims_whole;       /* all of them were seen, good or bad */
    const char *csv_file;     /* that the victims come from; NULL: from the campaign */
    const char *csv_address;  /* the name of its column of addresses */
    pk_index var_index;
    const char **var_names; /* owned; in the order in which they were met */
    size_t var_name_count;
    size_t var_name_capacity;
    /* What templates bring in, see campaign/template.h: */
    struct pk_loaded_partial *partials;
    struct pk_loaded_partial *linked; /* the last one whose own partials were brought in */
    size_t partial_count;
    size_t partial_size;
    struct pk_partial_folder *partial_folders;
} pk_loading;

static inline pk_loading *pk_loading_of(const pk_reader *reader)
{
    return reader->owner;
}

/* Text for bodies and variables: false, and told, if it holds control characters other than tab and
 * line ends. */
bool pk_check_body_text(pk_reader *reader, const pk_node *node, const char *text);

/* Reads the file that the string at node names; its resolved path goes to *path when not NULL.
 * Returns its text (in the arena), or NULL, and told. */
const char *pk_reader_file(pk_reader *reader, const pk_node *node, size_t max, const char **path);
/* The same for a file of any bytes, as messages carry it: read and encoded once a campaign. NULL,
 * and told: it can't be read. */
const pk_content *pk_reader_content(pk_reader *reader, const pk_node *node);
/* Bytes that came from somewhere else. path: "" when nothing else is to find them. */
const pk_content *pk_reader_keep_content(pk_reader *reader, const char *path, const char *type,
                                         const char *bytes, size_t len);
/* The text of a file, in the arena. what: what it is, said before what is wrong within it; may be
 * NULL. Returns NULL when it can't be read, as error says; without an error in it, what is wrong
 * was told already. */
const char *pk_reader_load(pk_reader *reader, const char *path, const pk_place *place,
                           const char *what, size_t max, prankcurl_error *error);
/* As pk_check_body_text(), for the text of a file: told at its place there. */
bool pk_check_file_text(pk_reader *reader, const char *path, const char *what, const char *text);
/* Only the path, which must exist and be allowed. */
const char *pk_reader_path(pk_reader *reader, const pk_node *node);

/* Parses a template that was read: source->text, if there is one, into source->parsed, and reads
 * the partials that it names. Whatever is wrong in it is told at its place, beginning with what it
 * is, as `message "coffee", text`. For any field that is a template. */
void pk_read_template(pk_reader *reader, const char *what, pk_source *source);

/* The parts, one file each. Those with a node are fields of the campaign; the others come after all
 * fields, in this order, since they depend on several. */
void pk_read_person(pk_reader *reader, const pk_node *node, void *person);
void pk_read_victims_csv(pk_reader *reader, const pk_node *node, void *campaign);
void pk_read_victims(pk_reader *reader, const pk_node *node, void *campaign);
void pk_read_witnesses(pk_reader *reader, const pk_node *node, void *campaign);
void pk_read_messages(pk_reader *reader, const pk_node *node, void *campaign);
void pk_read_reveal(pk_reader *reader, const pk_node *node, void *campaign);
void pk_read_attachments(pk_reader *reader, const pk_node *node, void *message);
void pk_read_eml(pk_reader *reader, const pk_node *node, void *message);
void pk_read_headers(pk_reader *reader, const pk_node *node, void *message);
void pk_read_invitation(pk_reader *reader, const pk_node *node, void *message);
void pk_read_pictures(pk_reader *reader, const pk_node *node, void *message);
void pk_read_server(pk_reader *reader, const pk_node *node, void *campaign);
void pk_read_delivery(pk_reader *reader);
void pk_index_people(pk_reader *reader);
void pk_read_consent(pk_reader *reader);
void pk_check_replies(pk_reader *reader);
void pk_read_groups(pk_reader *reader);

/* Frees what only reading needs. */
void pk_loading_free(pk_loading *loading);

/* Takes the server's URL apart. node: where it stands; NULL: on the command line. */
void pk_read_server_url(pk_reader *reader, const pk_node *node, const char *url, pk_server *server);

/* The victim's number; PK_ANY: nobody has this key. */
size_t pk_find_victim(const pk_reader *reader, const char *key);

#endif
