/* Template faults in plain words: whose name is missing, and what is there. */
#include "message/context.h"

#include "base/nearest.h"
#include "message/context_ops.h"

#include <string.h>

enum { MAX_LISTED = 15 }; /* names that a message lists */

#define ROOT_NAMES "campaign, organiser, group, author and recipients"

static void add_quoted(pk_buf *out, const char *text, size_t len)
{
    pk_buf_char(out, '"');
    pk_buf_add(out, text, len);
    pk_buf_char(out, '"');
}

static const char *role(const pk_context *context, const void *person)
{
    if (person == context->prank->author) {
        return "author";
    }
    return person == context->campaign->organiser ? "organiser" : "recipient";
}

/* `author "Zoé"`, `group "Blue"`, `"author.name"` … */
static void add_holder(const pk_context *context, const pk_mustache_fault *fault, pk_buf *out)
{
    const pk_value *holder = fault->holder;
    if (holder->ops == &pk_person_ops || holder->ops == &pk_vars_ops) {
        const prankcurl_person *person = holder->data;
        pk_buf_str(out, role(context, person));
        pk_buf_char(out, ' ');
        add_quoted(out, person->name, strlen(person->name));
    } else if (holder->ops == &pk_group_ops || holder->ops == &pk_campaign_ops) {
        pk_buf_str(out, holder->ops == &pk_group_ops ? "group " : "campaign ");
        add_quoted(out, holder->text, holder->len);
    } else {
        const char *name = fault->node->text;
        size_t len = fault->part > name ? (size_t)(fault->part - name) - 1 : 0;
        add_quoted(out, name, len);
    }
}

/* One more of `total` names, joined as people write lists. */
static void add_listed(pk_buf *out, size_t i, size_t total, const char *name)
{
    if (i > 0) {
        pk_buf_str(out, i + 1 == total ? " and " : ", ");
    }
    pk_buf_str(out, name);
}

/* The names that have a value; vars, which only holds others, is none to list. */
static size_t list_names(const pk_value *holder, const char **names, size_t max)
{
    size_t count = 0;
    const char *name = NULL;
    for (size_t i = 0; count < max && (name = holder->ops->name_at(holder, i)) != NULL; i++) {
        pk_value value = holder->ops->get(holder, name, strlen(name));
        if (value.kind == PK_VALUE_SCALAR) {
            names[count++] = name;
        }
    }
    return count;
}

static void add_person_names(const pk_value *holder, pk_buf *out)
{
    const char *names[MAX_LISTED + 1];
    size_t total = list_names(holder, names, MAX_LISTED + 1);
    if (total > MAX_LISTED) {
        names[MAX_LISTED] = "more";
    }
    for (size_t i = 0; i < total; i++) {
        add_listed(out, i, total, names[i]);
    }
    pk_buf_str(out, total == 0 ? "no variable is there" : total == 1 ? " is there" : " are there");
}

static void add_what_is_there(const pk_mustache_fault *fault, pk_buf *out)
{
    const pk_value *holder = fault->holder;
    if (holder->ops == &pk_person_ops || holder->ops == &pk_vars_ops) {
        add_person_names(holder, out);
    } else if (holder->ops == &pk_group_ops || holder->ops == &pk_campaign_ops) {
        pk_buf_str(out, "name is there");
    }
    if (fault->is_first) {
        pk_buf_str(out, ", and outside " ROOT_NAMES);
    }
}

static bool is_first_name(const pk_mustache_fault *fault)
{
    return fault->holder->ops == &pk_person_ops && fault->part_len == strlen("first_name") &&
           memcmp(fault->part, "first_name", fault->part_len) == 0;
}

static void try_names(pk_nearest *near, const pk_value *holder)
{
    const char *name = NULL;
    for (size_t i = 0; (name = holder->ops->name_at(holder, i)) != NULL; i++) {
        pk_nearest_try(near, name);
    }
}

/* What was probably meant, of all that could stand there. */
static void add_did_you_mean(const pk_context *context, const pk_mustache_fault *fault, pk_buf *out)
{
    const prankcurl_campaign *campaign = context->campaign;
    const pk_value *holder = fault->holder;
    pk_nearest near = {.word = fault->part, .len = fault->part_len};
    if (holder->kind == PK_VALUE_OBJECT) {
        try_names(&near, holder);
    }
    for (size_t i = 0; holder->ops == &pk_person_ops && i < campaign->var_name_count; i++) {
        pk_nearest_try(&near, campaign->var_names[i]);
    }
    if (fault->is_first) {
        pk_value root = pk_context_root(context);
        try_names(&near, &root);
    }
    if (near.found) {
        pk_buf_fmt(out, "did you mean \"%s\"? ", near.found);
    }
}

/* Whether people have what the part names, so that it makes sense for each of them. */
static bool is_of_people(const pk_context *context, const pk_mustache_fault *fault)
{
    pk_value author = {.kind = PK_VALUE_OBJECT,
                       .ops = &pk_person_ops,
                       .data = context->prank->author,
                       .world = context};
    return author.ops->get(&author, fault->part, fault->part_len).kind != PK_VALUE_MISSING;
}

static void explain_list(const pk_context *context, const pk_mustache_fault *fault, pk_buf *out)
{
    bool is_known = is_of_people(context, fault);
    pk_buf_fmt(out, "recipients are a list; write {{#recipients}}{{%.*s}} {{/recipients}}",
               is_known ? (int)fault->part_len : 4, is_known ? fault->part : "name");
}

static void explain_root(const pk_context *context, const pk_mustache_fault *fault, pk_buf *out)
{
    static const char index[] = "recipients[";
    if (fault->part_len > sizeof index && memcmp(fault->part, index, sizeof index - 1) == 0) {
        explain_list(context, fault, out);
        return;
    }
    pk_buf_str(out, "there is no ");
    add_quoted(out, fault->part, fault->part_len);
    if (is_of_people(context, fault)) {
        int len = (int)fault->part_len;
        pk_buf_fmt(out, " here; write {{author.%.*s}}, or {{#recipients}}{{%.*s}} {{/recipients}}",
                   len, fault->part, len, fault->part);
        return;
    }
    pk_buf_str(out, "; ");
    add_did_you_mean(context, fault, out);
    pk_buf_str(out, ROOT_NAMES " are there");
}

static void explain_unknown(const pk_context *context, const pk_mustache_fault *fault, pk_buf *out)
{
    const pk_value *holder = fault->holder;
    if (holder->ops == &pk_root_ops) {
        explain_root(context, fault, out);
        return;
    }
    if (holder->ops == &pk_recipients_ops) {
        explain_list(context, fault, out);
        return;
    }
    add_holder(context, fault, out);
    if (holder->kind == PK_VALUE_SCALAR) {
        pk_buf_str(out, " is a text, which has no ");
        add_quoted(out, fault->part, fault->part_len);
        return;
    }
    pk_buf_str(out, " has no ");
    add_quoted(out, fault->part, fault->part_len);
    if (is_first_name(fault)) {
        pk_buf_str(out, " that can be told from the name; give a \"first_name\" among the "
                        "person's vars");
        return;
    }
    pk_buf_str(out, "; ");
    add_did_you_mean(context, fault, out);
    add_what_is_there(fault, out);
}

static void explain_no_text(const pk_mustache_fault *fault, pk_buf *out)
{
    const pk_value *what = fault->holder;
    const pk_mustache_node *node = fault->node;
    bool dot = node->len == 1 && node->text[0] == '.';
    if (what->ops == &pk_recipients_ops) {
        pk_buf_str(out, "recipients are a list; write "
                        "{{#recipients}}{{name}} {{/recipients}}");
        return;
    }
    if (what->ops == &pk_root_ops) {
        pk_buf_str(out, "this is everything there is; write the name of a part: " ROOT_NAMES);
        return;
    }
    pk_buf_str(out, what->ops == &pk_vars_ops ? "these are all the variables of a person; write {{"
                                              : "this is a person; write {{");
    if (!dot) {
        pk_buf_add(out, node->text, node->len);
        pk_buf_char(out, '.');
    }
    pk_buf_str(out, what->ops == &pk_vars_ops ? "NAME}}" : "name}}");
}

static void explain_no_partial(const pk_mustache_fault *fault, pk_buf *out)
{
    const pk_value *name = fault->holder;
    pk_buf_str(out, "it means ");
    add_quoted(out, name->text, name->len);
    pk_buf_str(out, ", but there is no file ");
    pk_buf_char(out, '"');
    pk_buf_add(out, name->text, name->len);
    pk_buf_str(out, ".mustache\" in the template's folder");
}

void pk_context_explain(const pk_context *context, const pk_mustache_fault *fault, pk_buf *out)
{
    switch (fault->kind) {
    case PK_FAULT_UNKNOWN:
    case PK_FAULT_ABSENT:
        explain_unknown(context, fault, out);
        break;
    case PK_FAULT_NO_TEXT:
        explain_no_text(fault, out);
        break;
    case PK_FAULT_NO_PARTIAL:
        explain_no_partial(fault, out);
        break;
    case PK_FAULT_TOO_DEEP:
        pk_buf_fmt(out,
                   "templates and sections are nested deeper than %d here; one of them seems to "
                   "bring itself in again",
                   PK_MUSTACHE_MAX_NESTING);
        break;
    case PK_FAULT_TOO_MUCH:
        pk_buf_str(out, "lists inside lists make this endless; take one of them out");
        break;
    }
}
