#include "message/context.h"

#include "message/context_ops.h"

#include <string.h>

static const pk_value missing = {.kind = PK_VALUE_MISSING};

static bool is(const char *name, size_t len, const char *what)
{
    return strlen(what) == len && memcmp(name, what, len) == 0;
}

static pk_value object(const pk_value_ops *ops, const void *data, const void *world)
{
    return (pk_value){.kind = PK_VALUE_OBJECT, .ops = ops, .data = data, .world = world};
}

/* strcmp() of a name that need not end with NUL. */
static int compare(const char *name, size_t len, const char *with)
{
    int order = strncmp(name, with, len);
    return order ? order : with[len] ? -1 : 0;
}

/* Whether some victim has a variable of that name: then it may be absent without being a typo. */
static bool is_known(const prankcurl_campaign *campaign, const char *name, size_t len)
{
    size_t low = 0;
    size_t high = campaign->var_name_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(name, len, campaign->var_names[middle]);
        if (order == 0) {
            return true;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return false;
}

static pk_value get_var(const pk_value *self, const char *name, size_t len)
{
    const prankcurl_person *person = self->data;
    const pk_context *context = self->world;
    for (size_t i = 0; i < person->var_count; i++) {
        if (is(name, len, person->vars[i].name)) {
            pk_value value = pk_value_text(person->vars[i].value);
            value.is_false = !person->vars[i].is_true;
            return value;
        }
    }
    return (pk_value){.kind = is_known(context->campaign, name, len) ? PK_VALUE_ABSENT
                                                                     : PK_VALUE_MISSING};
}

static pk_value get_person(const pk_value *self, const char *name, size_t len)
{
    const prankcurl_person *person = self->data;
    if (is(name, len, "name")) {
        return pk_value_text(person->name);
    }
    if (is(name, len, "address")) {
        return pk_value_text(person->address.text);
    }
    if (is(name, len, "vars")) {
        return object(&pk_vars_ops, person, self->world);
    }
    return get_var(self, name, len);
}

/* A campaign or a group prints as its name, and has it as .name. */
static pk_value get_named(const pk_value *self, const char *name, size_t len)
{
    return is(name, len, "name") ? pk_value_text(self->text) : missing;
}

static pk_value named(const pk_value_ops *ops, const char *name, const pk_context *context)
{
    pk_value value = object(ops, context, context);
    value.text = name;
    value.len = strlen(name);
    return value;
}

static size_t count_recipients(const pk_value *self)
{
    const pk_context *context = self->data;
    return context->prank->recipient_count;
}

static pk_value recipient_at(const pk_value *self, size_t i)
{
    const pk_context *context = self->data;
    return object(&pk_person_ops, context->prank->recipients[i], context);
}

static pk_value get_root(const pk_value *self, const char *name, size_t len)
{
    const pk_context *context = self->data;
    if (is(name, len, "author")) {
        return object(&pk_person_ops, context->prank->author, context);
    }
    if (is(name, len, "recipients")) {
        return (pk_value){
            .kind = PK_VALUE_LIST, .ops = &pk_recipients_ops, .data = context, .world = context};
    }
    if (is(name, len, "group")) {
        return named(&pk_group_ops, context->prank->group, context);
    }
    if (is(name, len, "organiser")) {
        return object(&pk_person_ops, context->campaign->organiser, context);
    }
    if (is(name, len, "campaign")) {
        return named(&pk_campaign_ops, context->campaign->name, context);
    }
    return missing;
}

const pk_value_ops pk_root_ops = {get_root, NULL, NULL};
const pk_value_ops pk_campaign_ops = {get_named, NULL, NULL};
const pk_value_ops pk_group_ops = {get_named, NULL, NULL};
const pk_value_ops pk_person_ops = {get_person, NULL, NULL};
const pk_value_ops pk_vars_ops = {get_var, NULL, NULL};
const pk_value_ops pk_recipients_ops = {NULL, count_recipients, recipient_at};

pk_value pk_context_root(const pk_context *context)
{
    return object(&pk_root_ops, context, context);
}
