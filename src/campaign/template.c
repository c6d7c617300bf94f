#include "campaign/model.h"

#include <stddef.h>

static const struct {
    const char *name;
    size_t offset;
} sources[] = {
    {"subject", offsetof(pk_template, subject)},
    {"text", offsetof(pk_template, text)},
    {"html", offsetof(pk_template, html)},
    {"markdown", offsetof(pk_template, markdown)},
};

enum { SOURCE_COUNT = sizeof sources / sizeof sources[0] };

pk_source *pk_template_source(const pk_template *message, size_t i, const char **name)
{
    if (i < SOURCE_COUNT) {
        *name = sources[i].name;
        return (pk_source *)((char *)message + sources[i].offset);
    }
    i -= SOURCE_COUNT;
    if (i < message->field_count) {
        *name = message->fields[i].name;
        return &message->fields[i].value;
    }
    if (i == message->field_count && message->meeting) {
        *name = "location";
        return &message->meeting->location;
    }
    return NULL;
}
