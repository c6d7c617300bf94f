#include "message/mime.h"

#include "message/parameter.h"

#include <stdbool.h>
#include <string.h>

enum {
    BOUNDARY_MAX = 70, /* RFC 2046 §5.1.1 */
    ID_MAX = 40,       /* of it; an id is 16 long */
};

/* "=_<id>_<n>"; not snprintf(), as each message asks for it several times. */
static void name_boundary(char out[BOUNDARY_MAX + 1], const char *id, unsigned n)
{
    char digits[10];
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    size_t id_len = strnlen(id, ID_MAX);
    size_t count = sizeof digits - first;
    memcpy(out, "=_", 2);
    memcpy(out + 2, id, id_len);
    out[2 + id_len] = '_';
    memcpy(out + 3 + id_len, digits + first, count);
    out[3 + id_len + count] = '\0';
}

static bool contains(const char *text, size_t len, const char *what)
{
    size_t what_len = strlen(what);
    while (len >= what_len) {
        const char *hit = memchr(text, what[0], len - what_len + 1);
        if (!hit) {
            return false;
        }
        if (memcmp(hit, what, what_len) == 0) {
            return true;
        }
        len -= (size_t)(hit - text) + 1;
        text = hit + 1;
    }
    return false;
}

/* "=_" is in no base64 and no quoted-printable text (RFC 2045 §6.7): only 7bit is to be searched.
 */
static bool occurs(const pk_part *part, const char *boundary, const char *id)
{
    if (part->part_count == 0) {
        return part->transfer == PK_TRANSFER_7BIT && contains(part->body, part->len, boundary);
    }
    char own[BOUNDARY_MAX + 1];
    name_boundary(own, id, part->boundary);
    if (strncmp(own, boundary, strlen(boundary)) == 0) {
        return true; /* a line that begins with the outer boundary would end the inner part */
    }
    for (size_t i = 0; i < part->part_count; i++) {
        if (occurs(&part->parts[i], boundary, id)) {
            return true;
        }
    }
    return false;
}

void pk_mime_boundary(pk_part *multipart, const char *id, unsigned from)
{
    char boundary[BOUNDARY_MAX + 1];
    bool taken = true;
    for (unsigned n = from; taken; n++) {
        taken = false;
        name_boundary(boundary, id, n);
        for (size_t i = 0; i < multipart->part_count && !taken; i++) {
            taken = occurs(&multipart->parts[i], boundary, id);
        }
        multipart->boundary = n;
    }
}

/* RFC 2183, RFC 2392. Both kinds of names stand there, since readers differ in which they show. The
 * names were checked when they were read. */
static void add_disposition(pk_buf *out, const pk_part *part)
{
    pk_buf_str(out, part->content_id ? "Content-Disposition: inline"
                                     : "Content-Disposition: attachment");
    (void)pk_mime_parameter(out, "filename", part->file_name, PK_PARAMETER_EXTENDED);
    pk_buf_str(out, "\r\n");
    if (part->content_id) {
        pk_buf_str(out, "Content-ID: <");
        pk_buf_str(out, part->content_id);
        pk_buf_str(out, ">\r\n");
    }
}

void pk_mime_fields(pk_buf *out, const pk_part *part, const char *id)
{
    pk_buf_str(out, "Content-Type: ");
    pk_buf_str(out, part->type);
    if (part->file_name) {
        (void)pk_mime_parameter(out, "name", part->file_name, PK_PARAMETER_WORDS);
    }
    if (part->part_count > 0) {
        char boundary[BOUNDARY_MAX + 1];
        name_boundary(boundary, id, part->boundary);
        pk_buf_str(out, ";\r\n boundary=\""); /* "=" must be quoted (RFC 2045 §5.1) */
        pk_buf_str(out, boundary);
        pk_buf_char(out, '"');
    }
    pk_buf_str(out, "\r\nContent-Transfer-Encoding: ");
    pk_buf_str(out, pk_transfer_name(part->part_count > 0 ? PK_TRANSFER_7BIT : part->transfer));
    pk_buf_str(out, "\r\n");
    if (part->file_name) {
        add_disposition(out, part);
    }
}

void pk_mime_body(pk_pieces *pieces, const pk_part *part, const char *id)
{
    pk_buf *out = &pieces->own;
    if (part->part_count == 0 && part->is_shared) {
        pk_pieces_share(pieces, part->body, part->len, part->fingerprint);
        return;
    }
    if (part->part_count == 0) {
        pk_buf_add(out, part->body, part->len);
        return;
    }
    char boundary[BOUNDARY_MAX + 1];
    name_boundary(boundary, id, part->boundary);
    for (size_t i = 0; i < part->part_count; i++) {
        pk_buf_str(out, "--");
        pk_buf_str(out, boundary);
        pk_buf_str(out, "\r\n");
        pk_mime_fields(out, &part->parts[i], id);
        pk_buf_str(out, "\r\n");
        pk_mime_body(pieces, &part->parts[i], id);
        pk_buf_str(out,
                   "\r\n"); /* belongs to the boundary (RFC 2046 §5.1.1): the text keeps its own */
    }
    pk_buf_str(out, "--");
    pk_buf_str(out, boundary);
    pk_buf_str(out, "--\r\n");
}
