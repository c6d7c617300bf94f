#include "message/composer.h"

#include <stdlib.h>

prankcurl_message *prankcurl_message_new(void)
{
    prankcurl_message *message = calloc(1, sizeof *message);
    if (message) {
        pk_buf_init(&message->subject, PK_MESSAGE_MAX);
        pk_buf_init(&message->line, PK_MESSAGE_MAX);
        pk_buf_init(&message->date, PK_MESSAGE_MAX);
        pk_buf_init(&message->text, PK_MESSAGE_MAX);
        pk_buf_init(&message->markdown, PK_MESSAGE_MAX);
        pk_buf_init(&message->html, PK_MESSAGE_MAX);
        pk_buf_init(&message->calendar, PK_MESSAGE_MAX);
        pk_buf_init(&message->uid, PK_MESSAGE_MAX);
        pk_buf_init(&message->description, PK_MESSAGE_MAX);
        pk_buf_init(&message->scratch, PK_MESSAGE_MAX);
        pk_buf_init(&message->encoded[0], PK_MESSAGE_MAX);
        pk_buf_init(&message->encoded[1], PK_MESSAGE_MAX);
        pk_buf_init(&message->encoded[2], PK_MESSAGE_MAX);
        pk_pieces_init(&message->out, PK_MESSAGE_MAX);
    }
    return message;
}

void prankcurl_message_free(prankcurl_message *message)
{
    if (!message) {
        return;
    }
    pk_buf_free(&message->subject);
    pk_buf_free(&message->line);
    pk_buf_free(&message->date);
    pk_buf_free(&message->text);
    pk_buf_free(&message->markdown);
    pk_buf_free(&message->html);
    pk_buf_free(&message->calendar);
    pk_buf_free(&message->uid);
    pk_buf_free(&message->description);
    pk_buf_free(&message->scratch);
    pk_buf_free(&message->encoded[0]);
    pk_buf_free(&message->encoded[1]);
    pk_buf_free(&message->encoded[2]);
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
