#include "message/tree.h"

#include <stdlib.h>

enum { FORM_COUNT = 3 };

static bool make_room(pk_tree *tree, size_t count)
{
    if (count <= tree->capacity) {
        return true;
    }
    pk_part *parts = realloc(tree->parts, count * sizeof *parts);
    if (parts) {
        tree->parts = parts;
        tree->capacity = count;
    }
    return parts != NULL;
}

static pk_part contain(const char *type, const pk_part *parts, size_t count, const char *id)
{
    if (count == 1) {
        return parts[0];
    }
    pk_part multipart = {.type = type, .parts = parts, .part_count = count};
    pk_mime_boundary(&multipart, id, 1);
    return multipart;
}

static size_t add_files(pk_part *parts, size_t count, const pk_attachment *files, size_t file_count)
{
    for (size_t i = 0; i < file_count; i++) {
        const pk_content *content = files[i].content;
        parts[count++] = (pk_part){.type = content->type,
                                   .file_name = files[i].name,
                                   .content_id = files[i].id,
                                   .body = content->encoded,
                                   .len = content->encoded_len,
                                   .transfer = PK_TRANSFER_BASE64,
                                   .is_shared = true,
                                   .fingerprint = content->fingerprint};
    }
    return count;
}

bool pk_tree_make(pk_tree *tree, const pk_forms *forms, const pk_template *source, const char *id,
                  pk_part *root)
{
    size_t related_count = 1 + source->picture_count;
    size_t mixed_count = 1 + source->attachment_count;
    if (!make_room(tree, related_count + FORM_COUNT + mixed_count)) {
        return false;
    }
    pk_part *related = tree->parts;
    pk_part *alternative = related + related_count;
    pk_part *mixed = alternative + FORM_COUNT;
    size_t count = 0;
    if (forms->text) {
        alternative[count++] = *forms->text;
    }
    if (forms->html) {
        related[0] = *forms->html;
        (void)add_files(related, 1, source->pictures, source->picture_count);
        alternative[count++] =
            contain("multipart/related;\r\n type=\"text/html\"", related, related_count, id);
    }
    if (forms->calendar) {
        alternative[count++] = *forms->calendar;
    }
    mixed[0] = contain("multipart/alternative", alternative, count, id);
    (void)add_files(mixed, 1, source->attachments, source->attachment_count);
    *root = contain("multipart/mixed", mixed, mixed_count, id);
    return true;
}

void pk_tree_free(pk_tree *tree)
{
    free(tree->parts);
    *tree = (pk_tree){NULL, 0};
}
