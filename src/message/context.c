#include "message/context.h"

#include "base/text.h"
#include "message/context_ops.h"
#include "message/first_name.h"

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

/* Whether some victim has a variable of that name: then it may be absent without being a typo. */
static bool is_known(const prankcurl_campaign *campaign, const char *name, size_t len)
{
    size_t low = 0;
    size_t high = campaign->var_name_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = pk_compare_name(name, len, campaign->var_names[middle]);
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

static const char *var_at(const pk_value *self, size_t i)
{
    const prankcurl_person *person = self->data;
    return i < person->var_count ? person->vars[i].name : NULL;
}

static pk_value get_name(const pk_value *self)
{
    return pk_value_text(((const prankcurl_person *)self->data)->name);
}

static pk_value get_address(const pk_value *self)
{
    return pk_value_text(((const prankcurl_person *)self->data)->address.shown);
}

/* The person's own variable of that name, unless it is blank, or what the name tells. */
static pk_value get_first_name(const pk_value *self)
{
    pk_value value = get_var(self, "first_name", strlen("first_name"));
    if (value.kind == PK_VALUE_SCALAR && value.text[strspn(value.text, " \t\r\n")]) {
        return value;
    }
    value = (pk_value){.kind = PK_VALUE_SCALAR};
    const prankcurl_person *person = self->data;
    if (!pk_first_name(person->name, &value.text, &value.len)) {
        value.kind = PK_VALUE_ABSENT;
    }
    return value;
}

static pk_value get_vars(const pk_value *self)
{
    return object(&pk_vars_ops, self->data, self->world);
}

/* What everybody has beside their own variables. */
static const struct {
    const char *name;
    pk_value (*get)(const pk_value *self);
} person_fields[] = {
    {"name", get_name},
    {"first_name", get_first_name},
    {"address", get_address},
    {"vars", get_vars},
};

enum { PERSON_FIELDS = sizeof person_fields / sizeof person_fields[0] };

static pk_value get_person(const pk_value *self, const char *name, size_t len)
{
    for (size_t i = 0; i < PERSON_FIELDS; i++) {
        if (is(name, len, person_fields[i].name)) {
            return person_fields[i].get(self);
        }
    }
    return get_var(self, name, len);
}

/* The fields, but for vars the person's own variables come first. */
static const char *person_name_at(const pk_value *self, size_t i)
{
    const prankcurl_person *person = self->data;
    if (i < PERSON_FIELDS - 1) {
        return person_fields[i].name;
    }
    i -= PERSON_FIELDS - 1;
    size_t own = 0;
    for (size_t j = 0; j < person->var_count; j++) {
        if (strcmp(person->vars[j].name, "first_name") != 0 && own++ == i) {
            return person->vars[j].name;
        }
    }
    return i == own ? "vars" : NULL;
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

static pk_value get_campaign(const pk_context *context)
{
    return named(&pk_campaign_ops, context->campaign->name, context);
}

static pk_value get_group(const pk_context *context)
{
    return named(&pk_group_ops, context->prank->group, context);
}

static pk_value get_organiser(const pk_context *context)
{
    return object(&pk_person_ops, context->campaign->organiser, context);
}

static pk_value get_author(const pk_context *context)
{
    return object(&pk_person_ops, context->prank->author, context);
}

static pk_value get_recipients(const pk_context *context)
{
    return (pk_value){
        .kind = PK_VALUE_LIST, .ops = &pk_recipients_ops, .data = context, .world = context};
}

static const struct {
    const char *name;
    pk_value (*get)(const pk_context *context);
} root_fields[] = {
    {"campaign", get_campaign}, {"organiser", get_organiser},   {"group", get_group},
    {"author", get_author},     {"recipients", get_recipients},
};

enum { ROOT_FIELDS = sizeof root_fields / sizeof root_fields[0] };

static pk_value get_root(const pk_value *self, const char *name, size_t len)
{
    for (size_t i = 0; i < ROOT_FIELDS; i++) {
        if (is(name, len, root_fields[i].name)) {
            return root_fields[i].get(self->data);
        }
    }
    return missing;
}

static const char *root_name_at(const pk_value *self, size_t i)
{
    (void)self;
    return i < ROOT_FIELDS ? root_fields[i].name : NULL;
}

static const char *named_name_at(const pk_value *self, size_t i)
{
    (void)self;
    return i == 0 ? "name" : NULL;
}

const pk_value_ops pk_root_ops = {.get = get_root, .name_at = root_name_at};
const pk_value_ops pk_campaign_ops = {.get = get_named, .name_at = named_name_at};
const pk_value_ops pk_group_ops = {.get = get_named, .name_at = named_name_at};
const pk_value_ops pk_person_ops = {.get = get_person, .name_at = person_name_at};
const pk_value_ops pk_vars_ops = {.get = get_var, .name_at = var_at};
const pk_value_ops pk_recipients_ops = {.count = count_recipients, .at = recipient_at};

pk_value pk_context_root(const pk_context *context)
{
    return object(&pk_root_ops, context, context);
}
