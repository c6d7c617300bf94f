#include "message/header.h"

#include "base/text.h"
#include "message/encoded_word.h"

#include <stdbool.h>
#include <string.h>

enum {
    LINE = 76,           /* short of RFC 5322's 78, as RFC 2047 §2 asks for encoded words */
    MAX_PLAIN_NAME = 64, /* a longer display name is folded, as encoded words can be */
    MAX_TOKEN = 900,     /* RFC 5322 §2.1.1: no line reaches 998 */
};

static bool is_atext(char c) /* RFC 5322 §3.2.3 */
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static pk_header_status check(const char *text)
{
    size_t len = strlen(text);
    if (pk_utf8_valid_len(text, len) != len) {
        return PK_HEADER_BAD;
    }
    return pk_find_control(text, "") ? PK_HEADER_CONTROL : PK_HEADER_OK;
}

static pk_header_status check_token(const char *token, pk_header_form form)
{
    pk_header_status status = check(token);
    bool is_wrong = form == PK_HEADER_7BIT && !pk_is_ascii(token);
    if (status == PK_HEADER_OK && (is_wrong || !token[0] || strlen(token) > MAX_TOKEN)) {
        return PK_HEADER_BAD;
    }
    return status;
}

/* Printable ASCII whose blanks all survive folding and reading, and that nobody takes for encoded
 * words. */
static bool is_plain(const char *text)
{
    size_t len = strlen(text);
    return pk_is_ascii(text) && !strstr(text, "=?") && !strstr(text, "  ") && text[0] != ' ' &&
           !(len > 0 && text[len - 1] == ' ');
}

static void begin(pk_buf *out, const char *field)
{
    pk_buf_str(out, field);
    pk_buf_char(out, ':');
}

static void end(pk_buf *out)
{
    pk_buf_add(out, "\r\n", 2);
}

static bool can_fold(const char *text, size_t column)
{
    size_t room = LINE - column;
    while (*text) {
        size_t word = strcspn(text, " ");
        if (word > room) {
            return false;
        }
        text += word;
        text += *text ? 1 : 0;
        room = LINE - 1; /* on a line of its own, behind the blank */
    }
    return true;
}

/* Each blank may become a line end and a blank (RFC 5322 §2.2.3). */
static void add_folded(pk_buf *out, const char *text, size_t column)
{
    size_t from = 0;
    for (;;) {
        size_t len = strcspn(text + from, " ");
        if (from > 0 && column + 1 + len > LINE) {
            pk_buf_add(out, "\r\n ", 3);
            column = 1;
        } else if (from > 0) {
            pk_buf_char(out, ' ');
            column++;
        }
        pk_buf_add(out, text + from, len);
        column += len;
        if (!text[from + len]) {
            return;
        }
        from += len + 1;
    }
}

pk_header_status pk_header_text(pk_buf *out, const char *field, const char *text)
{
    pk_header_status status = check(text);
    if (status != PK_HEADER_OK) {
        return status;
    }
    size_t column = strlen(field) + 2;
    begin(out, field);
    pk_buf_char(out, ' ');
    if (is_plain(text) && can_fold(text, column)) {
        add_folded(out, text, column);
    } else {
        (void)pk_add_encoded_words(out, text, strlen(text), PK_WORD_IN_TEXT, column);
    }
    end(out);
    return PK_HEADER_OK;
}

pk_header_status pk_header_token(pk_buf *out, const char *field, const char *value)
{
    pk_header_status status = check_token(value, PK_HEADER_7BIT);
    if (status != PK_HEADER_OK) {
        return status;
    }
    begin(out, field);
    if (strlen(field) + 2 + strlen(value) > LINE) {
        pk_buf_add(out, "\r\n", 2);
    }
    pk_buf_char(out, ' ');
    pk_buf_str(out, value);
    end(out);
    return PK_HEADER_OK;
}

/* Words of atoms with single blanks between: no quotes needed (RFC 5322 §3.2.5). */
static bool is_phrase(const char *name)
{
    for (const char *p = name; *p; p++) {
        if (*p != ' ' && !is_atext(*p)) {
            return false;
        }
    }
    return true;
}

static size_t quoted_len(const char *name)
{
    size_t len = 2;
    for (const char *p = name; *p; p++) {
        len += *p == '"' || *p == '\\' ? 2 : 1;
    }
    return len;
}

static void add_quoted(pk_buf *out, const char *name) /* RFC 5322 §3.2.4 */
{
    pk_buf_char(out, '"');
    for (const char *p = name; *p; p++) {
        if (*p == '"' || *p == '\\') {
            pk_buf_char(out, '\\');
        }
        pk_buf_char(out, *p);
    }
    pk_buf_char(out, '"');
}

/* Returns the column behind it. */
static size_t add_name(pk_buf *out, const char *name, size_t column)
{
    size_t len = quoted_len(name);
    if (!is_plain(name) || len > MAX_PLAIN_NAME || column + len > LINE) {
        return pk_add_encoded_words(out, name, strlen(name), PK_WORD_IN_PHRASE, column);
    }
    if (is_phrase(name)) {
        pk_buf_str(out, name);
        return column + strlen(name);
    }
    add_quoted(out, name);
    return column + len;
}

/* One mailbox, and the comma behind it where there is one. Returns the column behind it. */
static size_t add_mailbox(pk_buf *out, const pk_mailbox *mailbox, const char *comma, size_t column)
{
    size_t len = strlen(mailbox->address);
    if (!*mailbox->name) {
        pk_buf_str(out, mailbox->address);
        pk_buf_str(out, comma);
        return column + len + strlen(comma);
    }
    column = add_name(out, mailbox->name, column);
    len += 2 + strlen(comma);
    bool fold = column + 1 + len > LINE;
    pk_buf_str(out, fold ? "\r\n <" : " <");
    pk_buf_str(out, mailbox->address);
    pk_buf_char(out, '>');
    pk_buf_str(out, comma);
    return (fold ? 0 : column) + 1 + len;
}

/* A bare address that does not fit behind the field's name. */
static bool is_too_wide(const pk_mailbox *mailbox, bool comma, size_t column)
{
    return !*mailbox->name && column + strlen(mailbox->address) + (comma ? 1 : 0) > LINE;
}

static void add_mailboxes(pk_buf *out, const pk_mailbox *mailboxes, size_t count, size_t column,
                          bool one_a_line)
{
    for (size_t i = 0; i < count; i++) {
        bool fold = i > 0 ? one_a_line : is_too_wide(&mailboxes[i], count > 1, column + 1);
        pk_buf_str(out, fold ? "\r\n " : " ");
        column = fold ? 1 : column + 1;
        column = add_mailbox(out, &mailboxes[i], i + 1 < count ? "," : "", column);
        if (!one_a_line && column > LINE) {
            return; /* it will be written again */
        }
    }
}

pk_header_status pk_header_mailboxes(pk_buf *out, const char *field, const pk_mailbox *mailboxes,
                                     size_t count, pk_header_form form)
{
    for (size_t i = 0; i < count; i++) {
        pk_header_status name = check(mailboxes[i].name);
        pk_header_status address = check_token(mailboxes[i].address, form);
        if (name != PK_HEADER_OK || address != PK_HEADER_OK) {
            return name != PK_HEADER_OK ? name : address;
        }
    }
    if (count == 0) {
        return PK_HEADER_OK; /* an empty list is no list (RFC 5322 §3.4) */
    }
    begin(out, field);
    size_t start = out->len;
    size_t column = strlen(field) + 1;
    add_mailboxes(out, mailboxes, count, column, false);
    bool folded = pk_buf_ok(out) && memchr(out->data + start, '\r', out->len - start);
    if (count > 1 && (folded || out->len - start > LINE - column)) {
        out->len = start;
        add_mailboxes(out, mailboxes, count, column, true);
    }
    end(out);
    return PK_HEADER_OK;
}
