/* A partial that brings itself in, directly or through others, would never end. */
#include "campaign/template.h"

#include <stdlib.h>
#include <string.h>

/* A partial on the way, and which of its refs comes next. */
typedef struct step {
    pk_loaded_partial *loaded;
    size_t next;
} step;

typedef struct walk {
    step *steps; /* as many as there are partials */
    size_t depth;
} walk;

static pk_loaded_partial *find(const pk_loading *loading, const pk_mustache *mustache)
{
    pk_loaded_partial *loaded = loading->partials;
    while (loaded && loaded->reading.mustache != mustache) {
        loaded = loaded->next;
    }
    return loaded;
}

static void push(walk *path, pk_loaded_partial *loaded)
{
    loaded->state = PK_ON_PATH;
    path->steps[path->depth++] = (step){loaded, 0};
}

/* The names from the partial to the end of the path, and again its own. */
static void add_chain(const walk *path, const pk_loaded_partial *loaded, pk_buf *out)
{
    size_t i = path->depth;
    while (path->steps[i - 1].loaded != loaded) {
        i--;
    }
    for (i--; i < path->depth; i++) {
        pk_buf_fmt(out, "%s > ", path->steps[i].loaded->partial.name);
    }
    pk_buf_str(out, loaded->partial.name);
}

static void tell(const walk *path, const pk_loaded_partial *loaded, const pk_mustache_ref *ref)
{
    pk_buf chain;
    pk_buf_init(&chain, 64 * 1024);
    add_chain(path, loaded, &chain);
    pk_tell_template(
        &path->steps[path->depth - 1].loaded->reading, PRANKCURL_CAMPAIGN, ref->line, ref->column,
        "{{%c%.*s}} brings \"%s\" into itself, without end: %s; take one of these "
        "tags out",
        ref->sigil, (int)ref->len, ref->name, loaded->partial.name, pk_buf_text(&chain));
    pk_buf_free(&chain);
}

/* Goes one step on: deeper, or back. */
static void walk_on(const pk_loading *loading, walk *path)
{
    step *top = &path->steps[path->depth - 1];
    const pk_mustache *mustache = top->loaded->reading.mustache;
    if (!mustache || top->next == mustache->ref_count) {
        top->loaded->state = PK_SEEN;
        path->depth--;
        return;
    }
    const pk_mustache_ref *ref = &mustache->refs[top->next++];
    pk_loaded_partial *loaded = ref->target ? find(loading, ref->target) : NULL;
    if (loaded && loaded->state == PK_ON_PATH) {
        tell(path, loaded, ref);
    } else if (loaded && loaded->state == PK_UNSEEN) {
        push(path, loaded);
    }
}

void pk_check_cycles(pk_reader *reader)
{
    const pk_loading *loading = pk_loading_of(reader);
    walk path = {calloc(loading->partial_count + 1, sizeof *path.steps), 0};
    if (!path.steps) {
        reader->no_memory = true;
        return;
    }
    for (pk_loaded_partial *loaded = loading->partials; loaded; loaded = loaded->next) {
        if (loaded->state == PK_UNSEEN) {
            push(&path, loaded);
        }
        while (path.depth > 0) {
            walk_on(loading, &path);
        }
    }
    free(path.steps);
}
