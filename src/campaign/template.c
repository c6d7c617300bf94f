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

static const char *source_name(const pk_template *message, const pk_source *source)
{
    const char *name = NULL;
    size_t i = 0;
    const pk_source *found = pk_template_source(message, i, &name);
    while (found && found != source) {
        found = pk_template_source(message, ++i, &name);
    }
    return name;
}

void pk_add_source_name(pk_buf *out, const prankcurl_campaign *campaign, const pk_template *message,
                        const pk_source *source)
{
    if (message == campaign->reveal) {
        pk_buf_str(out, "the reveal");
    } else if (message->name) {
        pk_buf_fmt(out, "message \"%s\"", message->name);
    } else {
        pk_buf_str(out, "a message without name"); /* while it is read, and was told */
    }
    if (source) {
        pk_buf_fmt(out, ", %s", source_name(message, source));
    }
}
