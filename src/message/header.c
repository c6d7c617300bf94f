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

/* What a value holds, so that it is looked through once: what none of its bytes has is sure. */
enum {
    NOT_ASCII = 1,
    CONTROL = 2, /* in ASCII */
    BLANK = 4,
    NO_ATOM = 8,  /* printable, and neither blank nor atext (RFC 5322 §3.2.3) */
    ESCAPED = 16, /* in a quoted string */
    EQUALS = 32,
};

static const unsigned char marks[256] = {
    0, 2, 2,  2, 2, 2, 2, 2, 2, 2, 2, 2, 2,  2,  2, 2, /* 0x00: NUL ends it */
    2, 2, 2,  2, 2, 2, 2, 2, 2, 2, 2, 2, 2,  2,  2, 2, /* 0x10 */
    4, 0, 24, 0, 0, 0, 0, 0, 8, 8, 0, 0, 8,  0,  8, 0, /* 0x20: !"#$%&'()*+,-./ */
    0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 8, 8, 8,  32, 8, 0, /* 0x30: 0123456789:;<=>? */
    8, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0,  0, 0, /* 0x40: @A.. */
    0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0, 8, 24, 8,  0, 0, /* 0x50: ..Z[\]^_ */
    0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0,  0, 0, /* 0x60: `a.. */
    0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0,  0, 2, /* 0x70: ..z{|}~ DEL */
    1, 1, 1,  1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  1,  1, 1, /* 0x80 */
    1, 1, 1,  1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  1,  1, 1, /* 0x90 */
    1, 1, 1,  1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  1,  1, 1, /* 0xa0 */
    1, 1, 1,  1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  1,  1, 1, /* 0xb0 */
    1, 1, 1,  1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  1,  1, 1, /* 0xc0 */
    1, 1, 1,  1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  1,  1, 1, /* 0xd0 */
    1, 1, 1,  1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  1,  1, 1, /* 0xe0 */
    1, 1, 1,  1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  1,  1, 1, /* 0xf0 */
};

typedef struct value {
    const char *text;
    size_t len;
    unsigned marks;
} value;

static value look(const char *text)
{
    value found = {text, 0, 0};
    for (; text[found.len]; found.len++) {
        found.marks |= marks[(unsigned char)text[found.len]];
    }
    return found;
}

static pk_header_status check(const value *v)
{
    if (!(v->marks & NOT_ASCII)) {
        return v->marks & CONTROL ? PK_HEADER_CONTROL : PK_HEADER_OK;
    }
    if (pk_utf8_valid_len(v->text, v->len) != v->len) {
        return PK_HEADER_BAD;
    }
    return pk_find_control(v->text, "") ? PK_HEADER_CONTROL : PK_HEADER_OK;
}

static pk_header_status check_token(const value *token, pk_header_form form)
{
    pk_header_status status = check(token);
    bool is_wrong = form == PK_HEADER_7BIT && (token->marks & NOT_ASCII);
    if (status == PK_HEADER_OK &&
        (is_wrong || token->len > MAX_TOKEN || token->text[0] == ' ' || !token->len)) {
        return PK_HEADER_BAD;
    }
    return status;
}

/* Whether some blank would not survive folding and reading. */
static bool has_weak_blank(const char *text)
{
    bool after_blank = true;
    for (; *text; text++) {
        if (*text == ' ' && after_blank) {
            return true;
        }
        after_blank = *text == ' ';
    }
    return after_blank;
}

/* Printable ASCII whose blanks all survive folding and reading, and that nobody takes for encoded
 * words. */
static bool is_plain(const value *v)
{
    return !(v->marks & NOT_ASCII) && !((v->marks & EQUALS) && strstr(v->text, "=?")) &&
           !((v->marks & BLANK) && has_weak_blank(v->text));
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
    value v = look(text);
    pk_header_status status = check(&v);
    if (status != PK_HEADER_OK) {
        return status;
    }
    size_t column = strlen(field) + 2;
    begin(out, field);
    pk_buf_char(out, ' ');
    if (is_plain(&v) && column + v.len <= LINE) {
        pk_buf_add(out, text, v.len);
    } else if (is_plain(&v) && can_fold(text, column)) {
        add_folded(out, text, column);
    } else {
        (void)pk_add_encoded_words(out, text, v.len, PK_WORD_IN_TEXT, column);
    }
    end(out);
    return PK_HEADER_OK;
}

pk_header_status pk_header_token(pk_buf *out, const char *field, const char *text)
{
    value v = look(text);
    pk_header_status status = check_token(&v, PK_HEADER_7BIT);
    if (status != PK_HEADER_OK) {
        return status;
    }
    begin(out, field);
    if (strlen(field) + 2 + v.len > LINE) {
        pk_buf_add(out, "\r\n", 2);
    }
    pk_buf_char(out, ' ');
    pk_buf_add(out, text, v.len);
    end(out);
    return PK_HEADER_OK;
}

static size_t quoted_len(const value *name)
{
    size_t len = 2 + name->len;
    for (const char *p = name->marks & ESCAPED ? name->text : ""; *p; p++) {
        len += *p == '"' || *p == '\\' ? 1 : 0;
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
static size_t add_name(pk_buf *out, const value *name, size_t column)
{
    size_t len = quoted_len(name);
    if (!is_plain(name) || len > MAX_PLAIN_NAME || column + len > LINE) {
        return pk_add_encoded_words(out, name->text, name->len, PK_WORD_IN_PHRASE, column);
    }
    if (!(name->marks & NO_ATOM)) { /* words of atoms: no quotes needed (RFC 5322 §3.2.5) */
        pk_buf_add(out, name->text, name->len);
        return column + name->len;
    }
    add_quoted(out, name->text);
    return column + len;
}

/* One mailbox, and the comma behind it where there is one. Returns the column behind it. */
static size_t add_mailbox(pk_buf *out, const pk_mailbox *mailbox, bool comma, size_t column)
{
    value name = look(mailbox->name);
    size_t len = strlen(mailbox->address);
    if (name.len == 0) {
        pk_buf_add(out, mailbox->address, len);
        pk_buf_add(out, ",", comma ? 1 : 0);
        return column + len + (comma ? 1 : 0);
    }
    column = add_name(out, &name, column);
    size_t width = len + (comma ? 3 : 2);
    bool fold = column + 1 + width > LINE;
    pk_buf_str(out, fold ? "\r\n <" : " <");
    pk_buf_add(out, mailbox->address, len);
    pk_buf_add(out, ">,", comma ? 2 : 1);
    return (fold ? 0 : column) + 1 + width;
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
        column = add_mailbox(out, &mailboxes[i], i + 1 < count, column);
        if (!one_a_line && column > LINE) {
            return; /* it will be written again */
        }
    }
}

/* *width: as many columns as all of them take at least. */
static pk_header_status check_mailboxes(const pk_mailbox *mailboxes, size_t count,
                                        pk_header_form form, size_t *width)
{
    *width = 0;
    for (size_t i = 0; i < count; i++) {
        value name = look(mailboxes[i].name);
        value address = look(mailboxes[i].address);
        pk_header_status of_name = check(&name);
        pk_header_status of_address = check_token(&address, form);
        if (of_name != PK_HEADER_OK || of_address != PK_HEADER_OK) {
            return of_name != PK_HEADER_OK ? of_name : of_address;
        }
        *width += name.len + address.len;
    }
    return PK_HEADER_OK;
}

pk_header_status pk_header_mailboxes(pk_buf *out, const char *field, const pk_mailbox *mailboxes,
                                     size_t count, pk_header_form form)
{
    size_t width = 0;
    pk_header_status status = check_mailboxes(mailboxes, count, form, &width);
    if (status != PK_HEADER_OK || count == 0) {
        return status; /* an empty list is no list (RFC 5322 §3.4) */
    }
    begin(out, field);
    size_t start = out->len;
    size_t column = strlen(field) + 1;
    bool one_a_line = count > 1 && width > LINE - column;
    add_mailboxes(out, mailboxes, count, column, one_a_line);
    bool folded = pk_buf_ok(out) && memchr(out->data + start, '\r', out->len - start);
    if (!one_a_line && count > 1 && (folded || out->len - start > LINE - column)) {
        out->len = start;
        add_mailboxes(out, mailboxes, count, column, true);
    }
    end(out);
    return PK_HEADER_OK;
}
