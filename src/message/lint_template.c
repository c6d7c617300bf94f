/* What can be told of the campaign as it is written. */
#include "message/lint.h"

#include <stdlib.h>
#include <string.h>

enum { MEGABYTE = 1000 * 1000, MAX_FILE_MB = 10, MAX_LISTED = 8 };

static void lint_text(pk_linter *linter, const pk_template *message)
{
    /* Markdown is read well as it is made: who writes it wants that. */
    if (message->html.text && !message->text.text) {
        pk_lint_place where = {.message = message, .source = &message->html};
        pk_warn(linter, &where,
                "there is no \"text\" beside it, so one is made from the html; write \"text\" to "
                "choose the words");
    }
}

static void lint_files(pk_linter *linter, const pk_template *message, const pk_attachment *files,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t size = files[i].content->size;
        if (size > (size_t)MAX_FILE_MB * MEGABYTE) {
            pk_lint_place where = {.message = message, .place = &files[i].place};
            pk_warn(linter, &where,
                    "\"%s\" has %zu MB, a third more as it is sent, and many servers refuse large "
                    "messages; make it smaller than %d MB, or write a link to it",
                    files[i].name, size / MEGABYTE, MAX_FILE_MB);
        }
    }
}

/* What a saved mail had that its message has not. */
static void lint_notes(pk_linter *linter, const pk_template *message)
{
    for (size_t i = 0; i < message->note_count; i++) {
        const pk_lint_place where = {.message = message, .place = &message->notes_place};
        pk_warn(linter, &where, "%s", message->notes[i]);
    }
}

void pk_lint_template(pk_linter *linter, const pk_template *message)
{
    lint_text(linter, message);
    lint_notes(linter, message);
    lint_files(linter, message, message->attachments, message->attachment_count);
    lint_files(linter, message, message->pictures, message->picture_count);
}

/* All templates, each once: partials are named by many. */
typedef struct template_list {
    const pk_mustache **items; /* owned */
    size_t count;
    size_t capacity;
    bool no_memory;
} template_list;

static void add_template(template_list *list, const pk_mustache *template)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == template) {
            return;
        }
    }
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 16;
        const pk_mustache **items = realloc((void *)list->items, capacity * sizeof *items);
        if (!items) {
            list->no_memory = true;
            return;
        }
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = template;
}

/* What it brings in: for a dynamic name all that it could mean. */
static void add_named(template_list *list, const pk_mustache *template)
{
    for (size_t i = 0; i < template->ref_count; i++) {
        if (template->refs[i].target) {
            add_template(list, template->refs[i].target);
        }
    }
    for (size_t i = 0; template->dynamic && template->names && i < template->names->count; i++) {
        add_template(list, template->names->items[i].mustache);
    }
}

static void add_message(template_list *list, const pk_template *message)
{
    const char *name = NULL;
    const pk_source *source = NULL;
    for (size_t i = 0; (source = pk_template_source(message, i, &name)) != NULL; i++) {
        if (source->parsed) {
            add_template(list, source->parsed);
        }
    }
}

static void add_all(template_list *list, const prankcurl_campaign *campaign)
{
    for (size_t i = 0; i < campaign->message_count; i++) {
        add_message(list, &campaign->messages[i]);
    }
    if (campaign->reveal) {
        add_message(list, campaign->reveal);
    }
    for (size_t i = 0; i < list->count; i++) { /* it grows meanwhile */
        add_named(list, list->items[i]);
    }
}

static int compare_names(const void *key, const void *name)
{
    return strcmp(key, *(const char *const *)name);
}

/* The parts of a dotted name: any of them may be a variable. */
static void mark_name(const prankcurl_campaign *campaign, const char *name, size_t len, bool *used)
{
    char part[256];
    while (len > 0) {
        const char *dot = memchr(name, '.', len);
        size_t part_len = dot ? (size_t)(dot - name) : len;
        if (part_len < sizeof part) {
            memcpy(part, name, part_len);
            part[part_len] = '\0';
            const char *const *found = bsearch(part, campaign->var_names, campaign->var_name_count,
                                               sizeof *campaign->var_names, compare_names);
            if (found) {
                used[found - (const char *const *)campaign->var_names] = true;
            }
        }
        size_t step = dot ? part_len + 1 : len;
        name += step;
        len -= step;
    }
}

static bool names_value(const pk_mustache_node *node)
{
    return node->is_dynamic || node->kind == PK_MUSTACHE_VARIABLE ||
           node->kind == PK_MUSTACHE_RAW || node->kind == PK_MUSTACHE_SECTION ||
           node->kind == PK_MUSTACHE_INVERTED;
}

static void mark_used(const prankcurl_campaign *campaign, const template_list *list, bool *used)
{
    for (size_t i = 0; i < list->count; i++) {
        const pk_mustache *template = list->items[i];
        for (size_t j = 0; j < template->count; j++) {
            const pk_mustache_node *node = &template->nodes[j];
            if (names_value(node)) {
                mark_name(campaign, node->text, node->len, used);
            }
        }
    }
}

/* All in one warning: the columns of a CSV file are often more than are needed. */
static void tell_unused(pk_linter *linter, const bool *used)
{
    const prankcurl_campaign *campaign = linter->composer->campaign;
    size_t count = 0;
    pk_buf names;
    pk_buf_init(&names, 16 * 1024);
    for (size_t i = 0; i < campaign->var_name_count; i++) {
        if (!used[i] && count++ < MAX_LISTED) {
            pk_buf_fmt(&names, "%s\"%.60s\"", names.len ? ", " : "", campaign->var_names[i]);
        }
    }
    if (count > MAX_LISTED) {
        pk_buf_fmt(&names, " and %zu more", count - MAX_LISTED);
    }
    if (count > 0) {
        pk_place place = {campaign->messages[0].subject.place.file, "victims", 0, 0};
        pk_errors_addf(linter->warnings, PRANKCURL_CAMPAIGN, &place,
                       "no template uses the variable%s %s; write {{author.NAME}} where one "
                       "belongs, or leave it out",
                       count == 1 ? "" : "s", pk_buf_text(&names));
    }
    pk_buf_free(&names);
}

void pk_lint_variables(pk_linter *linter)
{
    const prankcurl_campaign *campaign = linter->composer->campaign;
    if (campaign->var_name_count == 0) {
        return;
    }
    template_list list = {.count = 0};
    bool *used = calloc(campaign->var_name_count, sizeof *used);
    add_all(&list, campaign);
    if (used && !list.no_memory) {
        mark_used(campaign, &list, used);
        tell_unused(linter, used);
    } else {
        linter->no_memory = true;
    }
    free(used);
    free((void *)list.items);
}
