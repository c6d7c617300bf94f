/* Partials: files beside the template that names them, NAME.mustache. Each is read and parsed once
 * a campaign, whoever names it. */
#include "campaign/template.h"

#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_PARTIAL = 1 << 20,        /* bytes of one */
    MAX_PARTIALS_SIZE = 64 << 20, /* of all */
};

void pk_complain_partial(const pk_naming *naming, prankcurl_status status, const char *what)
{
    if (naming->is_dynamic) {
        pk_tell_template(naming->reading, status, naming->line, naming->column, "%s", what);
    } else {
        pk_tell_template(naming->reading, status, naming->line, naming->column, "{{%c%.*s}}: %s",
                         naming->sigil, (int)naming->len, naming->name, what);
    }
}

static pk_loaded_partial *find_partial(const pk_loading *loading, const char *key)
{
    pk_loaded_partial *loaded = loading->partials;
    while (loaded && strcmp(loaded->key, key) != 0) {
        loaded = loaded->next;
    }
    return loaded;
}

static void append(pk_loading *loading, pk_loaded_partial *loaded)
{
    pk_loaded_partial **last = &loading->partials;
    while (*last) {
        last = &(*last)->next;
    }
    *last = loaded;
    loading->partial_count++;
}

/* The file's name from the campaign's folder. Appended to out. */
static void add_relative(const pk_naming *naming, pk_buf *out)
{
    if (naming->name[0] != '/') {
        pk_buf_str(out, naming->reading->folder);
    }
    pk_buf_add(out, naming->name, naming->len);
    pk_buf_str(out, PK_PARTIAL_SUFFIX);
}

static const char *read_text(const pk_naming *naming, const char *path, const char *what)
{
    pk_reader *reader = naming->reading->reader;
    pk_loading *loading = pk_loading_of(reader);
    prankcurl_error error;
    const char *text = pk_reader_load(reader, path, NULL, what, MAX_PARTIAL, &error);
    if (!text && error.status != PRANKCURL_OK) {
        pk_complain_partial(naming, error.status, error.message);
    }
    loading->partial_size += text ? strlen(text) : 0;
    if (loading->partial_size > MAX_PARTIALS_SIZE) {
        pk_complain_partial(naming, PRANKCURL_CAMPAIGN,
                            "all partials together are larger than 64 MiB");
        return NULL;
    }
    return text && pk_check_file_text(reader, path, what, text) ? text : NULL;
}

/* `message "coffee", text, {{>signature}}` */
static const char *name_partial(const pk_naming *naming, const char *name)
{
    pk_buf what;
    pk_buf_init(&what, PK_MAX_PATH);
    pk_buf_fmt(&what, "%s, {{%c%s}}", naming->reading->root, naming->sigil, name);
    const char *kept = pk_reader_keep(naming->reading->reader, pk_buf_text(&what));
    pk_buf_free(&what);
    return kept;
}

/* Reads and parses a file that was not named before. */
static pk_loaded_partial *load(const pk_naming *naming, const char *relative, const char *path,
                               const char *key)
{
    pk_reader *reader = naming->reading->reader;
    pk_loaded_partial *loaded = pk_reader_alloc(reader, 1, sizeof *loaded);
    const char *slash = strrchr(relative, '/');
    const char *folder =
        pk_reader_keep_part(reader, relative, slash ? (size_t)(slash - relative) + 1 : 0);
    const char *name = pk_reader_keep_part(reader, naming->name, naming->len);
    const char *kept_path = pk_reader_keep(reader, path);
    const char *kept_key = pk_reader_keep(reader, key);
    const char *what = name ? name_partial(naming, name) : NULL;
    if (!loaded || !folder || !kept_path || !kept_key || !what) {
        return NULL;
    }
    loaded->partial.name = name;
    loaded->partial.source.place =
        (pk_place){.file = kept_path, .pointer = "", .line = 1, .column = 1};
    loaded->key = kept_key;
    loaded->reading = (pk_reading){.reader = reader,
                                   .root = naming->reading->root,
                                   .what = what,
                                   .source = &loaded->partial.source,
                                   .folder = folder};
    append(pk_loading_of(reader), loaded);
    loaded->partial.source.text = read_text(naming, kept_path, what);
    if (loaded->partial.source.text) {
        pk_parse_template(&loaded->reading);
    }
    if (loaded->reading.mustache) {
        loaded->reading.mustache->owner = &loaded->partial;
    }
    return loaded;
}

static const pk_mustache *find_or_load(const pk_naming *naming, const char *relative,
                                       const char *path)
{
    pk_reader *reader = naming->reading->reader;
    pk_loading *loading = pk_loading_of(reader);
    char *key = realpath(path, NULL);
    pk_loaded_partial *loaded = key ? find_partial(loading, key) : NULL;
    if (!key) {
        pk_complain_partial(naming, PRANKCURL_NO_INPUT, strerror(errno));
    } else if (!loaded && loading->partial_count == PK_MAX_PARTIALS) {
        pk_complain_partial(naming, PRANKCURL_CAMPAIGN,
                            "this is one more than the 1,000 partials that a campaign can have");
    } else if (!loaded) {
        loaded = load(naming, relative, path, key);
    }
    free(key);
    return loaded ? loaded->reading.mustache : NULL;
}

const pk_mustache *pk_read_partial(const pk_naming *naming)
{
    const pk_loading *loading = pk_loading_of(naming->reading->reader);
    const pk_mustache *found = NULL;
    prankcurl_error error;
    pk_buf relative;
    pk_buf path;
    pk_buf_init(&relative, PK_MAX_PATH);
    pk_buf_init(&path, PK_MAX_PATH);
    add_relative(naming, &relative);
    prankcurl_status status =
        pk_buf_ok(&relative)
            ? pk_file_resolve(loading->folder, pk_buf_text(&relative),
                              loading->options->allow_outside, NULL, &path, &error)
            : pk_error_set(&error, PRANKCURL_CAMPAIGN, NULL, "this name is too long for a file");
    if (status != PRANKCURL_OK) {
        pk_complain_partial(naming, status, error.message);
    } else {
        found = find_or_load(naming, pk_buf_text(&relative), pk_buf_text(&path));
    }
    pk_buf_free(&relative);
    pk_buf_free(&path);
    return found;
}

/* Links what the template names, reading what was not read yet. */
static void link_named(pk_reading *reading)
{
    pk_mustache *mustache = reading->mustache;
    for (size_t i = 0; mustache && i < mustache->ref_count; i++) {
        pk_mustache_ref *ref = &mustache->refs[i];
        pk_naming naming = {reading, ref->name, ref->len,   ref->sigil,
                            false,   ref->line, ref->column};
        ref->target = pk_read_partial(&naming);
    }
    if (mustache && mustache->dynamic) {
        mustache->names = pk_read_partial_folder(reading);
    }
}

void pk_read_partials(pk_reading *reading)
{
    link_named(reading);
    /* What comes in is appended behind what is there: no recursion, however deep they go. */
    pk_loading *loading = pk_loading_of(reading->reader);
    pk_loaded_partial **unlinked = loading->linked ? &loading->linked->next : &loading->partials;
    bool any = *unlinked != NULL;
    while (*unlinked) {
        link_named(&(*unlinked)->reading);
        loading->linked = *unlinked;
        unlinked = &(*unlinked)->next;
    }
    if (any) {
        pk_check_cycles(reading->reader);
    }
}
