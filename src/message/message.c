#include "message/composer.h"

#include <stddef.h>
#include <stdlib.h>

/* All its buffers but those of the pieces. */
static const size_t buffers[] = {
    offsetof(prankcurl_message, subject),     offsetof(prankcurl_message, line),
    offsetof(prankcurl_message, date),        offsetof(prankcurl_message, text),
    offsetof(prankcurl_message, markdown),    offsetof(prankcurl_message, html),
    offsetof(prankcurl_message, calendar),    offsetof(prankcurl_message, uid),
    offsetof(prankcurl_message, description), offsetof(prankcurl_message, scratch),
    offsetof(prankcurl_message, encoded[0]),  offsetof(prankcurl_message, encoded[1]),
    offsetof(prankcurl_message, encoded[2]),
};

enum { BUFFERS = sizeof buffers / sizeof buffers[0] };

static pk_buf *buffer(prankcurl_message *message, size_t i)
{
    return (pk_buf *)((char *)message + buffers[i]);
}

prankcurl_message *prankcurl_message_new(void)
{
    prankcurl_message *message = calloc(1, sizeof *message);
    if (message) {
        for (size_t i = 0; i < BUFFERS; i++) {
            pk_buf_init(buffer(message, i), PK_MESSAGE_MAX);
        }
        pk_pieces_init(&message->out, PK_MESSAGE_MAX);
    }
    return message;
}

void prankcurl_message_free(prankcurl_message *message)
{
    if (!message) {
        return;
    }
    for (size_t i = 0; i < BUFFERS; i++) {
        pk_buf_free(buffer(message, i));
    }
    pk_tree_free(&message->tree);
    pk_pieces_free(&message->out);
    free(message->mailboxes);
    free(message);
}

bool pk_message_make_room(prankcurl_message *message, size_t count)
{
    if (count <= message->mailbox_capacity) {
        return true;
    }
    size_t capacity = count * 2;
    pk_mailbox *mailboxes = realloc(message->mailboxes, capacity * sizeof *mailboxes);
    if (!mailboxes) {
        return false;
    }
    message->mailboxes = mailboxes;
    message->mailbox_capacity = capacity;
    return true;
}

const prankcurl_piece *prankcurl_message_pieces(const prankcurl_message *message, size_t *count)
{
    *count = message->out.count;
    return message->out.list;
}

size_t prankcurl_message_size(const prankcurl_message *message)
{
    return message->out.size;
}

uint64_t prankcurl_message_fingerprint(const prankcurl_message *message)
{
    return pk_pieces_fingerprint(&message->out);
}

const char *prankcurl_message_subject(const prankcurl_message *message)
{
    return pk_buf_text(&message->subject);
}

const char *prankcurl_message_text(const prankcurl_message *message)
{
    return pk_buf_text(&message->text);
}

const char *prankcurl_message_html(const prankcurl_message *message)
{
    return pk_buf_text(&message->html);
}

const char *prankcurl_message_calendar(const prankcurl_message *message)
{
    return pk_buf_text(&message->calendar);
}

size_t prankcurl_message_file_count(const prankcurl_message *message)
{
    const pk_template *source = message->source;
    return source ? source->picture_count + source->attachment_count : 0;
}

prankcurl_file prankcurl_message_file(const prankcurl_message *message, size_t i)
{
    const pk_template *source = message->source;
    const pk_attachment *file = i < source->picture_count
                                    ? &source->pictures[i]
                                    : &source->attachments[i - source->picture_count];
    const pk_content *content = file->content;
    return (prankcurl_file){.name = file->name,
                            .type = content->type,
                            .content_id = file->id,
                            .size = content->size,
                            .base64 = content->encoded,
                            .base64_len = content->encoded_len};
}
