/* The files that a message carries: its attachments, and the pictures that its html shows. */
#include "campaign/reader.h"

#include "base/text.h"

#include <string.h>

enum { MAX_FILE_NAME = 255, MAX_ID = 64 };

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool check_file_name(pk_reader *reader, const pk_node *node, const char *name)
{
    if (!*name || pk_find_control(name, "") || strpbrk(name, "/\\")) {
        pk_complain(reader, node,
                    "is no name for a file; one without slashes and control characters is "
                    "expected, as agenda.pdf");
        return false;
    }
    if (strlen(name) > MAX_FILE_NAME) {
        pk_complain(reader, node, "is longer than 255 bytes; a shorter file name is expected");
        return false;
    }
    return true;
}

static void read_file(pk_reader *reader, const pk_node *node, void *target)
{
    pk_attachment *attachment = target;
    attachment->content = pk_reader_content(reader, node);
    attachment->place = pk_node_place(reader, node);
    if (attachment->content && !attachment->name) {
        const char *name = last_part(node->json->valuestring);
        if (check_file_name(reader, node, name)) {
            attachment->name = pk_reader_keep(reader, name);
        }
    }
}

static void read_name(pk_reader *reader, const pk_node *node, void *target)
{
    if (check_file_name(reader, node, node->json->valuestring)) {
        ((pk_attachment *)target)->name = pk_node_text(reader, node);
    }
}

/* The name comes first: without one the file's own is taken. */
static const pk_field attachment_fields[] = {
    {"name", PK_STRING, false, read_name},
    {"file", PK_STRING, true, read_file},
};

void pk_read_attachments(pk_reader *reader, const pk_node *node, void *target)
{
    pk_template *message = target;
    const pk_document *document = &reader->document;
    pk_attachment *attachments = pk_reader_alloc(reader, pk_node_count(node), sizeof *attachments);
    message->attachments = attachments;
    for (const pk_node *n = pk_node_first(document, node); attachments && n;
         n = pk_node_next(document, n)) {
        pk_attachment *attachment = &attachments[message->attachment_count++];
        if (!pk_check_type(reader, n, PK_STRING | PK_OBJECT)) {
            continue;
        }
        if (cJSON_IsString(n->json)) {
            read_file(reader, n, attachment);
        } else {
            pk_read_object(reader, n, attachment_fields, 2, attachment);
        }
    }
}

static void read_picture(pk_reader *reader, const pk_node *node, pk_attachment *picture)
{
    const char *id = node->json->string;
    if (!pk_is_dotted_name(id, MAX_ID)) { /* stands in cid:… and Content-ID as it is (RFC 2392) */
        pk_complain(reader, node,
                    "no html can name this as cid:…; 1 to 64 of letters, digits, - and _ are "
                    "expected, with single dots between them");
        return;
    }
    if (!pk_check_type(reader, node, PK_STRING)) {
        return;
    }
    read_file(reader, node, picture);
    picture->id = pk_reader_keep(reader, id);
    if (picture->content && strncmp(picture->content->type, "image/", 6) != 0) {
        pk_complain(reader, node,
                    "\"%s\" is no picture but %s; only pictures stand inside a message, put it "
                    "into \"attachments\"",
                    node->json->valuestring, picture->content->type);
    }
}

void pk_read_pictures(pk_reader *reader, const pk_node *node, void *target)
{
    pk_template *message = target;
    const pk_document *document = &reader->document;
    pk_attachment *pictures = pk_reader_alloc(reader, pk_node_count(node), sizeof *pictures);
    message->pictures = pictures;
    for (const pk_node *n = pk_node_first(document, node); pictures && n;
         n = pk_node_next(document, n)) {
        read_picture(reader, n, &pictures[message->picture_count++]);
    }
}
