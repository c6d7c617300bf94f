/* A message that was saved from a mail program becomes one of the campaign's: its subject and texts
 * are templates like any. */
#include "campaign/eml.h"
#include "campaign/field_names.h"
#include "campaign/reader.h"

#include "base/file.h"

/* What stands in the campaign itself comes first. */
static void take_texts(pk_reader *reader, const pk_node *node, const pk_eml *eml,
                       pk_template *message)
{
    const pk_place place = pk_node_place(reader, node);
    if (!message->subject.text && *eml->subject) {
        message->subject = (pk_source){eml->subject, place, true, NULL};
    } else if (!message->subject.text) {
        pk_complain(reader, node, "has no subject; give the message one, as \"subject\": \"…\"");
    }
    if (eml->text) {
        message->text = (pk_source){eml->text, place, true, NULL};
    }
    if (eml->html) {
        message->html = (pk_source){eml->html, place, true, NULL};
    }
}

static bool has_field(const pk_template *message, const char *name)
{
    size_t i = 0;
    while (i < message->field_count && !pk_is_field(message->fields[i].name, name)) {
        i++;
    }
    return i < message->field_count;
}

static void take_fields(pk_reader *reader, const pk_node *node, const pk_eml *eml,
                        pk_template *message)
{
    size_t own = message->field_count;
    pk_field_template *fields =
        pk_reader_alloc(reader, own + eml->field_count, sizeof *message->fields);
    if (!fields) {
        return;
    }
    for (size_t i = 0; i < own; i++) {
        fields[i] = message->fields[i];
    }
    message->fields = fields;
    for (size_t i = 0; i < eml->field_count; i++) {
        const pk_eml_field *field = &eml->fields[i];
        if (!has_field(message, field->name)) {
            fields[message->field_count++] = (pk_field_template){
                field->name, {field->value, pk_node_place(reader, node), true, NULL}};
        }
    }
}

static const pk_attachment *take_files(pk_reader *reader, const pk_node *node,
                                       const pk_eml_part *parts, size_t count)
{
    pk_attachment *files = pk_reader_alloc(reader, count, sizeof *files);
    for (size_t i = 0; files && i < count; i++) {
        const pk_eml_part *part = &parts[i];
        files[i] = (pk_attachment){
            .content = pk_reader_keep_content(reader, "", part->type, part->bytes, part->len),
            .name = part->name,
            .id = *part->content_id ? part->content_id : NULL,
            .place = pk_node_place(reader, node),
        };
    }
    return files;
}

static void take(pk_reader *reader, const pk_node *node, const pk_eml *eml, pk_template *message)
{
    take_texts(reader, node, eml, message);
    take_fields(reader, node, eml, message);
    message->pictures = take_files(reader, node, eml->inlines, eml->inline_count);
    message->picture_count = message->pictures ? eml->inline_count : 0;
    message->attachments = take_files(reader, node, eml->attachments, eml->attachment_count);
    message->attachment_count = message->attachments ? eml->attachment_count : 0;
    message->notes = eml->notes;
    message->note_count = eml->note_count;
    message->notes_place = pk_node_place(reader, node);
}

void pk_read_eml(pk_reader *reader, const pk_node *node, void *target)
{
    prankcurl_error error;
    const char *path = pk_reader_path(reader, node);
    const char *why = NULL;
    pk_place place = pk_node_place(reader, node);
    pk_eml eml;
    pk_buf bytes;
    if (!path) {
        return;
    }
    pk_buf_init(&bytes, PK_MAX_FILE);
    if (pk_file_read_regular(path, &place, &bytes, &error) != PRANKCURL_OK) {
        pk_errors_add(reader->errors, &error);
    } else if (!pk_eml_read(reader->arena, pk_buf_text(&bytes), bytes.len, &eml, &why)) {
        pk_complain(reader, node, "\"%s\" can't be used as a message: %s", node->json->valuestring,
                    why);
    } else {
        take(reader, node, &eml, target);
    }
    pk_buf_free(&bytes);
}
