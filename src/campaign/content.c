#include "campaign/file_type.h"
#include "campaign/reader.h"

#include "base/base64.h"
#include "base/file.h"
#include "base/random.h"

#include <string.h>

static const pk_content *find(const prankcurl_campaign *campaign, const char *path)
{
    const pk_content *content = campaign->contents;
    while (content && strcmp(content->path, path) != 0) {
        content = content->next;
    }
    return content;
}

const pk_content *pk_reader_keep_content(pk_reader *reader, const char *path, const char *type,
                                         const char *bytes, size_t len)
{
    prankcurl_campaign *campaign = pk_loading_of(reader)->campaign;
    pk_content *content = pk_reader_alloc(reader, 1, sizeof *content);
    size_t encoded_len = pk_base64_lines_len(len);
    char *encoded = pk_reader_alloc(reader, encoded_len + 1, 1);
    if (!content || !encoded) {
        return NULL;
    }
    pk_base64_lines(encoded, bytes, len);
    *content = (pk_content){
        .next = campaign->contents,
        .path = path,
        .type = type,
        .encoded = encoded,
        .encoded_len = encoded_len,
        .size = len,
        .fingerprint = pk_hash(0, encoded),
    };
    campaign->contents = content;
    return content;
}

const pk_content *pk_reader_content(pk_reader *reader, const pk_node *node)
{
    prankcurl_error error;
    const char *path = pk_reader_path(reader, node);
    const pk_content *content = path ? find(pk_loading_of(reader)->campaign, path) : NULL;
    if (!path || content) {
        return content;
    }
    pk_buf bytes;
    pk_buf_init(&bytes, PK_MAX_FILE);
    pk_place place = pk_node_place(reader, node);
    if (pk_file_read_regular(path, &place, &bytes, &error) != PRANKCURL_OK) {
        pk_errors_add(reader->errors, &error);
    } else {
        const char *data = pk_buf_text(&bytes);
        content = pk_reader_keep_content(reader, path, pk_file_type(path, data, bytes.len), data,
                                         bytes.len);
    }
    pk_buf_free(&bytes);
    return content;
}
