/* cJSON as data for templates. Included once by a test program. */
#ifndef PK_TESTS_JSON_VALUES_H
#define PK_TESTS_JSON_VALUES_H

#include "unit.h"

#include "mustache/mustache.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

/* Numbers print as cJSON prints them, kept in a list until the test ends. */
static char *printed[256];
static size_t printed_count;

static pk_value json_value(const cJSON *json);

static pk_value json_get(const pk_value *self, const char *name, size_t len)
{
    char key[128];
    assert_true(len < sizeof key);
    memcpy(key, name, len);
    key[len] = '\0';
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(self->data, key);
    return item ? json_value(item) : (pk_value){.kind = PK_VALUE_MISSING};
}

static size_t json_count(const pk_value *self)
{
    return (size_t)cJSON_GetArraySize(self->data);
}

static pk_value json_at(const pk_value *self, size_t i)
{
    return json_value(cJSON_GetArrayItem(self->data, (int)i));
}

static const pk_value_ops json_ops = {.get = json_get, .count = json_count, .at = json_at};

static pk_value json_value(const cJSON *json)
{
    if (cJSON_IsString(json)) {
        return pk_value_text(json->valuestring);
    }
    if (cJSON_IsObject(json) || cJSON_IsArray(json)) {
        return (pk_value){.kind = cJSON_IsArray(json) ? PK_VALUE_LIST : PK_VALUE_OBJECT,
                          .ops = &json_ops,
                          .data = json};
    }
    if (cJSON_IsNull(json)) {
        return pk_value_text("");
    }
    assert_true(printed_count < 256);
    printed[printed_count] = cJSON_PrintUnformatted(json);
    pk_value value = pk_value_text(printed[printed_count++]);
    value.is_false = cJSON_IsFalse(json);
    return value;
}

static void json_values_forget(void)
{
    while (printed_count > 0) {
        free(printed[--printed_count]);
    }
}

#endif
