#include "campaign/read_csv.h"

#include "base/file.h"

#include <string.h>
#include <unistd.h>

/* A file that is being read. */
typedef struct opened {
    pk_reader *reader;
    const char *path;
    pk_place place; /* of its name in the campaign */
    int fd;
} opened;

static long read_file(void *user, char *block, size_t size)
{
    const opened *file = user;
    prankcurl_error error;
    long got = pk_file_read_block(file->fd, file->path, &file->place, block, size, &error);
    if (got < 0) {
        pk_errors_add(file->reader->errors, &error);
    }
    return got;
}

/* '\0': none is given, or a wrong one, and told. */
static char read_delimiter(pk_reader *reader)
{
    const pk_node *node =
        pk_node_member(&reader->document, pk_loading_of(reader)->victims, "delimiter");
    const char *text = node && cJSON_IsString(node->json) ? node->json->valuestring : NULL;
    if (text && text[0] && !text[1] && strchr(",;\t|", text[0])) {
        return text[0];
    }
    if (text && !node->is_bad) {
        pk_complain(
            reader, node,
            "is no delimiter; \",\", \";\", \"\\t\" (tab) or \"|\" is expected, or nothing: "
            "the header row shows it, too");
    }
    return '\0';
}

void pk_read_victims_csv(pk_reader *reader, const pk_node *node, void *campaign)
{
    prankcurl_error error;
    char delimiter = read_delimiter(reader);
    opened file = {reader, pk_reader_path(reader, node), pk_node_place(reader, node), -1};
    (void)campaign;
    if (!file.path) {
        return;
    }
    if (pk_file_open(file.path, &file.place, &file.fd, &error) != PRANKCURL_OK) {
        pk_errors_add(reader->errors, &error);
        return;
    }
    pk_read_csv(reader, node, file.path, delimiter, read_file, &file);
    (void)close(file.fd);
}
