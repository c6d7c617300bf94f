#include "campaign/reader.h"

#include "base/file.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pk_loading_free(pk_loading *loading)
{
    pk_index_free(&loading->consent_domains);
    pk_index_free(&loading->opted_out);
    pk_index_free(&loading->victim_index);
    pk_index_free(&loading->var_index);
    free(loading->var_names);
}

bool pk_check_body_text(pk_reader *reader, const pk_node *node, const char *text)
{
    char why[256];
    if (pk_body_fault(text, why, sizeof why)) {
        pk_complain(reader, node, "%s", why);
        return false;
    }
    return true;
}

static prankcurl_status resolve(pk_reader *reader, const pk_node *node, pk_buf *path,
                                prankcurl_error *error)
{
    pk_place place = pk_node_place(reader, node);
    const char *name = node->json->valuestring;
    if (!name[0]) {
        return pk_error_set(error, PRANKCURL_CAMPAIGN, &place, "is empty; a file is expected");
    }
    const pk_loading *loading = pk_loading_of(reader);
    return pk_file_resolve(loading->folder, name, loading->options->allow_outside, &place, path,
                           error);
}

const char *pk_reader_path(pk_reader *reader, const pk_node *node)
{
    prankcurl_error error;
    pk_buf path;
    pk_buf_init(&path, 16384);
    const char *kept = NULL;
    if (resolve(reader, node, &path, &error) == PRANKCURL_OK) {
        kept = pk_reader_keep(reader, path.data);
    } else {
        pk_errors_add(reader->errors, &error);
    }
    pk_buf_free(&path);
    return kept;
}

/* Line and column of a byte of a file's text. */
static void locate(const char *text, size_t offset, pk_place *place)
{
    size_t start = 0;
    place->line = 1;
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            place->line++;
            start = i + 1;
        }
    }
    place->column = (unsigned)pk_utf8_count(text + start, offset - start) + 1;
}

/* Tells of a byte of a file's text. */
static void complain_file(pk_reader *reader, const char *path, const char *what, const char *text,
                          size_t offset, const char *complaint)
{
    pk_place place = {.file = path};
    locate(text, offset, &place);
    pk_errors_addf(reader->errors, PRANKCURL_CAMPAIGN, &place, "%s%s%s", what ? what : "",
                   what ? ": " : "", complaint);
}

static bool check_encoding(pk_reader *reader, const char *path, const char *what,
                           const pk_buf *text)
{
    const char *data = pk_buf_text(text);
    size_t valid = pk_utf8_valid_len(data, text->len);
    size_t nul = strlen(data);
    if (valid == text->len && nul == text->len) {
        return true;
    }
    size_t bad = valid < nul ? valid : nul;
    char complaint[512];
    (void)snprintf(complaint, sizeof complaint,
                   data[bad] ? "byte 0x%02x is not UTF-8; the file looks like Latin-1 or "
                               "Windows-1252. Save it as UTF-8, or convert it: iconv -f "
                               "WINDOWS-1252 -t UTF-8 %.300s"
                             : "byte 0x%02x is not UTF-8 text; save the file as UTF-8",
                   (unsigned char)data[bad], path);
    complain_file(reader, path, what, data, bad, complaint);
    return false;
}

bool pk_check_file_text(pk_reader *reader, const char *path, const char *what, const char *text)
{
    char complaint[256] = "it ";
    const char *at = pk_body_fault(text, complaint + 3, sizeof complaint - 3);
    if (at) {
        complain_file(reader, path, what, text, (size_t)(at - text), complaint);
    }
    return !at;
}

const char *pk_reader_load(pk_reader *reader, const char *path, const pk_place *place,
                           const char *what, size_t max, prankcurl_error *error)
{
    pk_buf text;
    pk_buf_init(&text, max);
    const char *kept = NULL;
    error->status = PRANKCURL_OK;
    if (pk_file_read_regular(path, place, &text, error) == PRANKCURL_OK &&
        check_encoding(reader, path, what, &text)) {
        bool has_mark = strncmp(pk_buf_text(&text), "\xef\xbb\xbf", 3) == 0;
        kept = pk_reader_keep(reader, pk_buf_text(&text) + (has_mark ? 3 : 0));
    }
    pk_buf_free(&text);
    return kept;
}

const char *pk_reader_file(pk_reader *reader, const pk_node *node, size_t max, const char **path)
{
    prankcurl_error error;
    const char *resolved = pk_reader_path(reader, node);
    if (!resolved) {
        return NULL;
    }
    pk_place place = pk_node_place(reader, node);
    const char *text = pk_reader_load(reader, resolved, &place, NULL, max, &error);
    if (!text && error.status != PRANKCURL_OK) {
        pk_errors_add(reader->errors, &error);
    }
    *path = resolved;
    return text;
}
