#include "base/json_reader.h"

#include "base/nearest.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

bool pk_reader_parse(pk_reader *reader, const char *json, size_t len)
{
    return pk_document_parse(&reader->document, json, len, reader->file, reader->what,
                             reader->errors);
}

pk_place pk_node_place(pk_reader *reader, const pk_node *node)
{
    pk_buf pointer;
    pk_buf_init(&pointer, 4096);
    pk_scan_pointer(&reader->document.scan, (size_t)(node - pk_document_root(&reader->document)),
                    &pointer);
    const char *kept = pk_reader_keep(reader, pk_buf_text(&pointer));
    pk_buf_free(&pointer);
    return (pk_place){reader->file, kept, node->line, node->column};
}

void pk_complain(pk_reader *reader, const pk_node *node, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    pk_complain_as(reader, PRANKCURL_CAMPAIGN, node, "%s", text);
}

void pk_complain_as(pk_reader *reader, prankcurl_status status, const pk_node *node,
                    const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    pk_place place = pk_node_place(reader, node);
    if (place.pointer && !place.pointer[0]) {
        /* The root has no pointer that could say what the sentence is about. */
        pk_errors_addf(reader->errors, status, &place, "the %s %s", reader->what, text);
    } else {
        pk_errors_addf(reader->errors, status, &place, "%s", text);
    }
}

void *pk_reader_alloc(pk_reader *reader, size_t count, size_t size)
{
    void *memory = pk_arena_alloc(reader->arena, count, size);
    reader->no_memory = reader->no_memory || !memory;
    return memory;
}

const char *pk_reader_keep(pk_reader *reader, const char *text)
{
    const char *copy = pk_arena_strdup(reader->arena, text);
    reader->no_memory = reader->no_memory || !copy;
    return copy;
}

const char *pk_reader_keep_part(pk_reader *reader, const char *text, size_t len)
{
    const char *copy = pk_arena_strndup(reader->arena, text, len);
    reader->no_memory = reader->no_memory || !copy;
    return copy;
}

static unsigned type_of(const cJSON *json)
{
    return cJSON_IsString(json)   ? PK_STRING
           : cJSON_IsNumber(json) ? PK_NUMBER
           : cJSON_IsBool(json)   ? PK_BOOL
           : cJSON_IsObject(json) ? PK_OBJECT
           : cJSON_IsArray(json)  ? PK_ARRAY
                                  : 0;
}

static const struct {
    unsigned type;
    const char *name;
} type_names[] = {
    {PK_STRING, "a string"},  {PK_NUMBER, "a number"}, {PK_BOOL, "true or false"},
    {PK_OBJECT, "an object"}, {PK_ARRAY, "a list"},
};

enum { TYPE_COUNT = sizeof type_names / sizeof type_names[0] };

static void add_type_names(pk_buf *out, unsigned types)
{
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (types & type_names[i].type) {
            pk_buf_fmt(out, "%s%s", out->len ? " or " : "", type_names[i].name);
        }
    }
}

bool pk_check_type(pk_reader *reader, const pk_node *node, unsigned types)
{
    unsigned type = type_of(node->json);
    bool is_scalar = !(type & (PK_OBJECT | PK_ARRAY));
    if (node->is_bad && is_scalar) {
        return false;
    }
    if (type & types) {
        return true;
    }
    pk_buf found;
    pk_buf wanted;
    pk_buf_init(&found, 64);
    pk_buf_init(&wanted, 256);
    add_type_names(&found, type);
    add_type_names(&wanted, types);
    pk_complain(reader, node, "is %s; %s is expected", type ? pk_buf_text(&found) : "null",
                pk_buf_text(&wanted));
    pk_buf_free(&found);
    pk_buf_free(&wanted);
    return false;
}

static const pk_field *find_field(const pk_field *fields, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(fields[i].key, key) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

static void complain_unknown(pk_reader *reader, const pk_node *node, const pk_field *fields,
                             size_t count)
{
    pk_nearest near = {.word = node->json->string, .len = strlen(node->json->string)};
    pk_buf known;
    pk_buf_init(&known, 1024);
    for (size_t i = 0; i < count; i++) {
        pk_nearest_try(&near, fields[i].key);
        if (fields[i].read != pk_read_not_yet) {
            pk_buf_fmt(&known, "%s%s", known.len ? ", " : "", fields[i].key);
        }
    }
    pk_place place = pk_node_place(reader, node);
    place.line = node->key_line;
    place.column = node->key_column;
    pk_errors_addf(reader->errors, PRANKCURL_CAMPAIGN, &place,
                   "this key is not known here; %s%s%sknown are %s",
                   near.found ? "did you mean \"" : "", near.found ? near.found : "",
                   near.found ? "\"? " : "", pk_buf_text(&known));
    pk_buf_free(&known);
}

void pk_read_object(pk_reader *reader, const pk_node *node, const pk_field *fields, size_t count,
                    void *target)
{
    const pk_document *document = &reader->document;
    for (const pk_node *n = pk_node_first(document, node); n; n = pk_node_next(document, n)) {
        if (!find_field(fields, count, n->json->string)) {
            complain_unknown(reader, n, fields, count);
        }
    }
    for (size_t i = 0; i < count; i++) {
        const pk_node *value = pk_node_member(document, node, fields[i].key);
        if (!value && fields[i].is_required) {
            pk_complain(reader, node, "has no \"%s\", which is required", fields[i].key);
        } else if (value && pk_check_type(reader, value, fields[i].types)) {
            fields[i].read(reader, value, target);
        }
    }
}

void pk_read_not_yet(pk_reader *reader, const pk_node *node, void *target)
{
    (void)target;
    pk_complain(reader, node, "is not supported by this version of prankcurl; take it out");
}

void pk_read_ignored(pk_reader *reader, const pk_node *node, void *target)
{
    (void)reader;
    (void)node;
    (void)target;
}

const char *pk_node_text(pk_reader *reader, const pk_node *node)
{
    return pk_reader_keep(reader, node->json->valuestring);
}

const char *pk_node_line(pk_reader *reader, const pk_node *node, const char *what)
{
    const char *text = node->json->valuestring;
    char why[256];
    if (pk_line_fault(text, what, why, sizeof why)) {
        pk_complain(reader, node, "%s", why);
        return NULL;
    }
    return pk_node_text(reader, node);
}

bool pk_node_integer(pk_reader *reader, const pk_node *node, uint64_t min, uint64_t max,
                     uint64_t *out)
{
    double value = node->json->valuedouble;
    bool in_range = value >= (double)min && value <= (double)max;
    if (in_range && value == (double)(uint64_t)value) {
        *out = (uint64_t)value;
        return true;
    }
    pk_complain(reader, node, "is %.*s; a whole number from %llu to %llu is expected",
                (int)(node->len < 40 ? node->len : 40), reader->document.scan.json + node->offset,
                (unsigned long long)min, (unsigned long long)max);
    return false;
}
