/* Shows what templates see, by the same functions that they look it up with. */
#include "message/composer.h"
#include "message/context.h"

#include <string.h>

enum { VALUE_MAX = 64 << 20 };

typedef struct walk {
    const prankcurl_context_visitor *visitor;
    pk_buf text; /* a value, which need not end with NUL where it lies */
} walk;

static bool visit(walk *w, const char *name, const pk_value *value);

static bool visit_text(walk *w, const char *name, const pk_value *value)
{
    pk_buf_reset(&w->text);
    pk_buf_add(&w->text, value->text, value->len);
    return pk_buf_ok(&w->text) && w->visitor->value(w->visitor->user, name, pk_buf_text(&w->text));
}

static bool visit_list(walk *w, const char *name, const pk_value *list)
{
    if (!w->visitor->begin(w->visitor->user, name, NULL, true)) {
        return false;
    }
    size_t count = list->ops->count(list);
    bool is_whole = true;
    for (size_t i = 0; is_whole && i < count; i++) {
        pk_value item = list->ops->at(list, i);
        is_whole = visit(w, NULL, &item);
    }
    w->visitor->end(w->visitor->user);
    return is_whole;
}

static bool visit_object(walk *w, const char *name, const pk_value *object)
{
    /* Such a text is the campaign's or group's name, which ends with NUL. */
    if (!w->visitor->begin(w->visitor->user, name, object->text, false)) {
        return false;
    }
    bool is_whole = true;
    const char *part = NULL;
    for (size_t i = 0; is_whole && (part = object->ops->name_at(object, i)) != NULL; i++) {
        pk_value value = object->ops->get(object, part, strlen(part));
        is_whole = visit(w, part, &value);
    }
    w->visitor->end(w->visitor->user);
    return is_whole;
}

/* As deep as the context is: people and their variables. */
static bool visit(walk *w, const char *name, const pk_value *value)
{
    switch (value->kind) {
    case PK_VALUE_SCALAR:
        return visit_text(w, name, value);
    case PK_VALUE_LIST:
        return visit_list(w, name, value);
    case PK_VALUE_OBJECT:
        return visit_object(w, name, value);
    default:
        return true; /* it has no value here */
    }
}

prankcurl_status prankcurl_context_visit(const prankcurl_composer *composer,
                                         const prankcurl_prank *prank,
                                         const prankcurl_context_visitor *visitor)
{
    pk_context context = {composer->campaign, prank};
    pk_value root = pk_context_root(&context);
    walk w = {.visitor = visitor};
    pk_buf_init(&w.text, VALUE_MAX);
    bool is_whole = true;
    const char *name = NULL;
    for (size_t i = 0; is_whole && (name = root.ops->name_at(&root, i)) != NULL; i++) {
        pk_value value = root.ops->get(&root, name, strlen(name));
        is_whole = visit(&w, name, &value);
    }
    pk_buf_free(&w.text);
    return is_whole ? PRANKCURL_OK : PRANKCURL_NO_MEMORY;
}
