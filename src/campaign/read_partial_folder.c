/* What a dynamic name, {{>*name}}, means is known only when it is rendered: so all partials of its
 * folder are read. */
#include "campaign/template.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Whether a file's name is one that a dynamic name can mean. */
static bool is_partial(const char *file)
{
    size_t len = strlen(file);
    size_t suffix = strlen(PK_PARTIAL_SUFFIX);
    return file[0] != '.' && len > suffix && strcmp(file + len - suffix, PK_PARTIAL_SUFFIX) == 0;
}

/* The names of a folder's partials, sorted; names holds PK_MAX_PARTIALS. */
static size_t list_folder(const pk_naming *naming, const char *path, const char **names)
{
    size_t count = 0;
    DIR *folder = opendir(path);
    if (!folder) {
        pk_complain_partial(naming, PRANKCURL_IO, strerror(errno));
        return 0;
    }
    const struct dirent *entry = NULL;
    while ((entry = readdir(folder)) != NULL && count <= PK_MAX_PARTIALS) { // NOLINT
        if (is_partial(entry->d_name) && count < PK_MAX_PARTIALS) {
            names[count] = pk_reader_keep_part(naming->reading->reader, entry->d_name,
                                               strlen(entry->d_name) - strlen(PK_PARTIAL_SUFFIX));
        }
        count += is_partial(entry->d_name) ? 1 : 0;
    }
    (void)closedir(folder);
    if (count > PK_MAX_PARTIALS) {
        pk_complain_partial(
            naming, PRANKCURL_CAMPAIGN,
            "its folder holds more than 1,000 *.mustache files, any of which it could mean; "
            "put those that it means into a folder of their own");
        return 0;
    }
    return naming->reading->reader->no_memory ? 0 : count;
}

static void load_folder(pk_naming *naming, const char *path, pk_mustache_names *out)
{
    pk_reader *reader = naming->reading->reader;
    const char **names = calloc(PK_MAX_PARTIALS, sizeof *names);
    pk_mustache_named *items = NULL;
    size_t count = names ? list_folder(naming, path, names) : 0;
    items = names ? pk_reader_alloc(reader, count, sizeof *items) : NULL;
    reader->no_memory = reader->no_memory || !items;
    for (size_t i = 0; i < count && items; i++) {
        items[i].name = names[i];
    }
    if (items && count > 0) {
        qsort(items, count, sizeof *items, pk_mustache_compare_names);
        *out = (pk_mustache_names){items, count};
    }
    for (size_t i = 0; i < count && items; i++) {
        naming->name = items[i].name;
        naming->len = strlen(items[i].name);
        items[i].mustache = pk_read_partial(naming);
    }
    free((void *)names);
}

const pk_mustache_names *pk_read_partial_folder(pk_reading *reading)
{
    pk_reader *reader = reading->reader;
    pk_loading *loading = pk_loading_of(reader);
    for (pk_partial_folder *f = loading->partial_folders; f; f = f->next) {
        if (strcmp(f->folder, reading->folder) == 0) {
            return &f->names;
        }
    }
    pk_partial_folder *folder = pk_reader_alloc(reader, 1, sizeof *folder);
    if (!folder) {
        return NULL;
    }
    *folder = (pk_partial_folder){loading->partial_folders, reading->folder, {NULL, 0}};
    loading->partial_folders = folder;
    const pk_mustache_node *node = reading->mustache->dynamic;
    pk_naming naming = {reading, node->text, node->len,   node->sigil,
                        true,    node->line, node->column};
    pk_buf path;
    pk_buf_init(&path, PK_MAX_PATH);
    if (reading->folder[0] != '/') {
        pk_buf_fmt(&path, "%s/", loading->folder);
    }
    pk_buf_str(&path, reading->folder);
    load_folder(&naming, pk_buf_text(&path), &folder->names);
    pk_buf_free(&path);
    return &folder->names;
}
