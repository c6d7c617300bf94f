#include "cli/context.h"

#include "base/buf.h"
#include "base/text.h"
#include "cli/output.h"

#include <string.h>

enum { MAX_DEPTH = 8, MAX_NAME = 64 * 1024 };

/* What is being shown, plain: `recipients[0].vars`. */
typedef struct plain {
    pk_buf name;
    size_t lengths[MAX_DEPTH]; /* of the name, before each that is open */
    size_t next[MAX_DEPTH];    /* element of each list that is open */
    size_t depth;
    size_t width; /* of the longest name */
    bool measures;
} plain;

/* Goes on from `recipients` to `recipients[0]` or from `author` to `author.name`. */
static void add_part(plain *p, const char *name)
{
    if (name) {
        pk_buf_fmt(&p->name, "%s%s", p->depth > 0 ? "." : "", name);
    } else {
        pk_buf_fmt(&p->name, "[%zu]", p->next[p->depth - 1]++);
    }
}

static void show_line(plain *p, const char *value)
{
    const char *whole = pk_buf_text(&p->name);
    size_t width = pk_display_width(whole);
    if (p->measures) {
        p->width = width > p->width ? width : p->width;
    } else {
        pk_print_line(stdout, "%s%*s = %s", whole, (int)(p->width - width), "", value);
    }
}

static bool show_value(void *user, const char *name, const char *value)
{
    plain *p = user;
    size_t before = p->name.len;
    add_part(p, name);
    show_line(p, value);
    pk_buf_cut(&p->name, before);
    return pk_buf_ok(&p->name);
}

static bool show_begin(void *user, const char *name, const char *value, bool is_list)
{
    plain *p = user;
    if (p->depth == MAX_DEPTH) {
        return false;
    }
    p->lengths[p->depth] = p->name.len;
    add_part(p, name);
    p->next[p->depth++] = 0;
    (void)is_list; /* its elements have no names */
    if (value) {
        show_line(p, value);
    }
    return pk_buf_ok(&p->name);
}

static void show_end(void *user)
{
    plain *p = user;
    pk_buf_cut(&p->name, p->lengths[--p->depth]);
}

/* Twice over all names: the first time for the width of the longest. */
static prankcurl_status show(const pk_job *job, const prankcurl_prank *prank)
{
    plain p = {.measures = true};
    prankcurl_context_visitor visitor = {show_value, show_begin, show_end, &p};
    pk_buf_init(&p.name, MAX_NAME);
    pk_print_line(stdout, "group \"%s\", message \"%s\"", prankcurl_prank_group(prank),
                  prankcurl_prank_message(prank));
    prankcurl_status status = prankcurl_context_visit(job->composer, prank, &visitor);
    p.measures = false;
    if (status == PRANKCURL_OK) {
        status = prankcurl_context_visit(job->composer, prank, &visitor);
    }
    pk_buf_free(&p.name);
    return status;
}

/* The same as JSON: what is open, outermost first. */
typedef struct tree {
    cJSON *open[MAX_DEPTH + 1];
    size_t depth;
} tree;

static bool add_item(tree *t, const char *name, cJSON *item)
{
    cJSON *holder = t->open[t->depth];
    bool added = item && (name ? cJSON_AddItemToObject(holder, name, item)
                               : cJSON_AddItemToArray(holder, item));
    if (!added) {
        cJSON_Delete(item);
    }
    return added;
}

static bool add_value(void *user, const char *name, const char *value)
{
    tree *t = user;
    return name ? pk_json_add_text(t->open[t->depth], name, value)
                : add_item(t, NULL, cJSON_CreateString(value));
}

static bool add_begin(void *user, const char *name, const char *value, bool is_list)
{
    tree *t = user;
    (void)value; /* it is within as a name, too */
    cJSON *item = is_list ? cJSON_CreateArray() : cJSON_CreateObject();
    if (t->depth == MAX_DEPTH || !add_item(t, name, item)) {
        return false;
    }
    t->open[++t->depth] = item;
    return true;
}

static void add_end(void *user)
{
    ((tree *)user)->depth--;
}

static prankcurl_status print_json(const pk_job *job, const prankcurl_prank *prank)
{
    cJSON *object = cJSON_CreateObject();
    tree t = {{NULL}, 0};
    prankcurl_context_visitor visitor = {add_value, add_begin, add_end, &t};
    bool is_whole = object && pk_json_add_text(object, "group", prankcurl_prank_group(prank)) &&
                    pk_json_add_text(object, "message", prankcurl_prank_message(prank));
    t.open[0] = is_whole ? cJSON_AddObjectToObject(object, "context") : NULL;
    is_whole = t.open[0] && prankcurl_context_visit(job->composer, prank, &visitor) == PRANKCURL_OK;
    if (!is_whole) {
        cJSON_Delete(object);
        object = NULL;
    }
    return pk_json_print(PK_PROGRAM, object, "\n");
}

prankcurl_status pk_print_context(const pk_job *job)
{
    bool is_first_only = job->options->group_count == 0 && job->count > 1;
    size_t count = is_first_only ? 1 : job->count;
    prankcurl_status status = PRANKCURL_OK;
    for (size_t i = 0; i < count && status == PRANKCURL_OK; i++) {
        if (job->options->json) {
            status = print_json(job, job->pranks[i]);
            continue;
        }
        if (i > 0) {
            (void)putchar('\n');
        }
        status = show(job, job->pranks[i]);
    }
    if (is_first_only && status == PRANKCURL_OK && !job->options->quiet) {
        pk_print_line(stderr,
                      PK_PROGRAM ": this is the first of %zu groups; --group NAME shows another",
                      job->count);
    }
    return status;
}
