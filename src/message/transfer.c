#include "message/transfer.h"

#include "base/base64.h"
#include "base/word.h"

#include <string.h>

enum {
    LINE = 76,       /* RFC 2045 §6.7 (5), §6.8 */
    BASE64_RAW = 57, /* bytes that fill a line of base64 */
    WORD = sizeof(uint64_t),
};

const char *pk_transfer_name(pk_transfer transfer)
{
    switch (transfer) {
    case PK_TRANSFER_7BIT:
        return "7bit";
    case PK_TRANSFER_QUOTED_PRINTABLE:
        return "quoted-printable";
    default:
        return "base64";
    }
}

/* Bytes that end a run of ordinary text: 1 for line ends, 2 for what no body may hold. */
static const unsigned char special[256] = {
    [0] = 2,  [1] = 2,    [2] = 2,  [3] = 2,  [4] = 2,    [5] = 2,  [6] = 2,  [7] = 2,
    [8] = 2,  ['\n'] = 1, [11] = 2, [12] = 2, ['\r'] = 1, [14] = 2, [15] = 2, [16] = 2,
    [17] = 2, [18] = 2,   [19] = 2, [20] = 2, [21] = 2,   [22] = 2, [23] = 2, [24] = 2,
    [25] = 2, [26] = 2,   [27] = 2, [28] = 2, [29] = 2,   [30] = 2, [31] = 2,
};

/* The next byte from i on that ends a run; len: none does. */
static size_t find_special(const char *text, size_t i, size_t len)
{
    uint64_t controls = 0;
    for (;;) {
        while (len - i >= WORD && !(controls = pk_word_below(pk_word(text + i), ' '))) {
            i += WORD;
        }
        i += controls ? pk_word_first(controls) : 0;
        if (i == len || special[(unsigned char)text[i]]) {
            return i;
        }
        i++; /* a tab, or one of the last bytes */
        controls = 0;
    }
}

/* Adds the lines of a text, each with this end. */
static bool add_lines(pk_buf *out, const char *text, size_t len, const char *line_end)
{
    size_t from = 0;
    size_t end = 0;
    while ((end = find_special(text, from, len)) < len) {
        if (special[(unsigned char)text[end]] == 2) {
            return false;
        }
        pk_buf_add(out, text + from, end - from);
        pk_buf_str(out, line_end);
        from = end + (text[end] == '\r' && end + 1 < len && text[end + 1] == '\n' ? 2 : 1);
    }
    if (from < len) {
        pk_buf_add(out, text + from, len - from);
        pk_buf_str(out, line_end);
    }
    return true;
}

bool pk_add_canonical(pk_buf *out, const char *text, size_t len)
{
    return add_lines(out, text, len, "\r\n");
}

static void add_base64_lines(pk_buf *out, const char *data, size_t len)
{
    for (size_t i = 0; i < len && pk_buf_ok(out); i += BASE64_RAW) {
        pk_add_base64(out, data + i, len - i < BASE64_RAW ? len - i : BASE64_RAW);
        pk_buf_add(out, "\r\n", 2);
    }
}

/* Quoted-printable, RFC 2045 §6.7, of lines that end with LF alone: what stands for itself, but for
 * blanks, dots and "From " in places where a relay could change them. */
static bool is_literal(unsigned char c)
{
    return (c >= ' ' && c < 0x7f && c != '=') || c == '\t';
}

static bool at_line_end(const char *text, size_t i, size_t len)
{
    return i == len || text[i] == '\n';
}

/* "From " at the start of a line gets a ">" in mailboxes (RFC 4155); a lone dot ends a message for
 * those who don't stuff dots. */
static bool is_risky_start(const char *text, size_t i, size_t len)
{
    return (text[i] == '.' && at_line_end(text, i + 1, len)) ||
           (text[i] == 'F' && len - i >= 5 && memcmp(text + i, "From ", 5) == 0);
}

static bool must_encode(const char *text, size_t i, size_t len, size_t column)
{
    unsigned char c = (unsigned char)text[i];
    if (!is_literal(c)) {
        return true;
    }
    if ((c == ' ' || c == '\t') && at_line_end(text, i + 1, len)) {
        return true; /* §6.7 (3) */
    }
    return column == 0 && (c == '.' || c == 'F') && is_risky_start(text, i, len);
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Bytes of the UTF-8 character at i; its bytes stay on one line. */
static size_t character_len(const char *text, size_t i, size_t len)
{
    unsigned char c = (unsigned char)text[i];
    size_t want = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    size_t n = 1;
    while (n < want && i + n < len && is_continuation(text[i + n])) {
        n++;
    }
    return n;
}

/* A line as it grows behind what out holds, which has room for it. */
typedef struct qp_line {
    char *bytes; /* NULL: out has failed */
    size_t len;
} qp_line;

enum { QP_ROOM = LINE + WORD }; /* for what is copied in words, too */

static void begin_qp_line(qp_line *line, pk_buf *out)
{
    line->len = 0;
    line->bytes = pk_buf_reserve(out, QP_ROOM) ? out->data + out->len : NULL;
}

static void end_qp_line(qp_line *line, bool soft, pk_buf *out)
{
    if (soft) {
        line->bytes[line->len++] = '=';
    }
    line->bytes[line->len++] = '\r';
    line->bytes[line->len++] = '\n';
    out->len += line->len;
    out->data[out->len] = '\0';
    begin_qp_line(line, out);
}

static void put_encoded(qp_line *line, const char *text, size_t count)
{
    static const char hex[] = "0123456789ABCDEF";
    char *to = line->bytes + line->len;
    for (size_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char)text[i];
        *to++ = '=';
        *to++ = hex[c >> 4];
        *to++ = hex[c & 15];
    }
    line->len += 3 * count;
}

/* Marks what does not stand for itself; tabs too, which are left to must_encode(). */
static uint64_t find_encoded(uint64_t word)
{
    uint64_t below_blank = word - PK_EACH_BYTE * ' ';
    uint64_t del = word + PK_EACH_BYTE;
    uint64_t equals = (word ^ PK_EACH_BYTE * '=') - PK_EACH_BYTE;
    return pk_word_not_ascii(word | below_blank | del | equals);
}

/* Copies what stands for itself and leaves the line's last column free. Returns the position
 * behind; a blank that ends the line and the text's last bytes are left to must_encode(). */
static size_t copy_literals(qp_line *line, const char *text, size_t i, size_t len)
{
    char *to = line->bytes + line->len;
    size_t from = i;
    size_t end = i + LINE - 1 - line->len;
    uint64_t encoded = 0;
    while (i < end && len - i > WORD && !(encoded = find_encoded(pk_word(text + i)))) {
        memcpy(to + (i - from), text + i, WORD);
        i += WORD;
    }
    if (encoded) {
        memcpy(to + (i - from), text + i, WORD);
        i += pk_word_first(encoded);
    }
    i = i < end ? i : end;
    if (i > from && text[i] == '\n' && text[i - 1] == ' ') {
        i--;
    }
    line->len += i - from;
    return i;
}

/* The same for what is encoded wherever it stands. */
static size_t copy_encoded(qp_line *line, const char *text, size_t i, size_t len)
{
    size_t room = (LINE - 1 - line->len) / 3;
    size_t most = len - i < room ? len - i : room;
    size_t count = 0;
    while (count < most && (text[i + count] == '=' || (unsigned char)text[i + count] >= 0x7f)) {
        count++;
    }
    while (count > 0 && i + count < len && is_continuation(text[i + count])) {
        count--; /* a character's bytes stay on one line */
    }
    put_encoded(line, text + i, count);
    return i + count;
}

/* One character at i, or a soft break where it does not fit. Returns the position behind. */
static size_t put_character(qp_line *line, const char *text, size_t i, size_t len, pk_buf *out)
{
    bool encode = must_encode(text, i, len, line->len);
    size_t count = encode ? character_len(text, i, len) : 1;
    size_t width = encode ? 3 * count : 1;
    /* A soft break needs the last column, unless the line ends right here anyway. */
    size_t room = at_line_end(text, i + count, len) ? LINE : LINE - 1;
    if (line->len + width > room) {
        end_qp_line(line, true, out);
        return i; /* at column 0 other rules hold */
    }
    if (encode) {
        put_encoded(line, text + i, count);
    } else {
        line->bytes[line->len++] = text[i];
    }
    return i + count;
}

static void add_quoted_printable(pk_buf *out, const char *text, size_t len)
{
    qp_line line;
    begin_qp_line(&line, out);
    size_t i = 0;
    while (i < len && line.bytes) {
        size_t from = i;
        if (text[i] == '\n') {
            end_qp_line(&line, false, out);
            i++;
            continue;
        }
        if (line.len > 0 || (text[i] != '.' && text[i] != 'F')) {
            i = copy_literals(&line, text, i, len);
            i = copy_encoded(&line, text, i, len);
        }
        if (i == from) {
            i = put_character(&line, text, i, len, out);
        }
    }
    if (line.bytes && line.len > 0) {
        end_qp_line(&line, false, out);
    }
}

/* What is to be known of a text before it is encoded. */
typedef struct survey {
    size_t equals;
    size_t others; /* DEL, and what is not ASCII */
    size_t line_ends;
    size_t controls; /* all but tabs and line ends: CR, too */
} survey;

enum { BLOCK = 128 }; /* is counted in bytes, so that many are counted at a time */

static inline void look_at(survey *found, const unsigned char *bytes, size_t count)
{
    unsigned char equals = 0;
    unsigned char others = 0;
    unsigned char line_ends = 0;
    unsigned char controls = 0;
    for (size_t i = 0; i < count; i++) {
        equals = (unsigned char)(equals + (bytes[i] == '='));
        others = (unsigned char)(others + (bytes[i] >= 0x7f));
        line_ends = (unsigned char)(line_ends + (bytes[i] == '\n'));
        controls =
            (unsigned char)(controls + (bytes[i] < ' ') - (bytes[i] == '\t') - (bytes[i] == '\n'));
    }
    found->equals += equals;
    found->others += others;
    found->line_ends += line_ends;
    found->controls += controls;
}

static survey look(const char *text, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    survey found = {0, 0, 0, 0};
    for (; len >= BLOCK; len -= BLOCK) {
        look_at(&found, bytes, BLOCK);
        bytes += BLOCK;
    }
    look_at(&found, bytes, len);
    return found;
}

static bool is_plain_line(const char *line, size_t len)
{
    return len <= LINE && !(len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t')) &&
           !(len >= 5 && memcmp(line, "From ", 5) == 0);
}

/* Of a text in ASCII: fit for 7bit. */
static bool has_plain_lines(const char *text, size_t len)
{
    size_t line = 0;
    while (line < len) {
        const char *end = memchr(text + line, '\n', len - line);
        size_t stop = end ? (size_t)(end - text) : len;
        if (!is_plain_line(text + line, stop - line)) {
            return false;
        }
        line = stop + 1;
    }
    return true;
}

/* As 7bit or quoted-printable. BASE64: that is shorter, and nothing is added. */
static pk_transfer add_readable(pk_buf *out, const char *text, size_t len, const survey *found)
{
    if (found->others == 0 && has_plain_lines(text, len)) {
        (void)pk_add_canonical(out, text, len);
        return PK_TRANSFER_7BIT;
    }
    size_t canonical = len + found->line_ends + (text[len - 1] == '\n' ? 0 : 2);
    size_t base64 = pk_base64_lines_len(canonical);
    size_t start = out->len;
    if (canonical + 2 * (found->equals + found->others) > base64) {
        return PK_TRANSFER_BASE64; /* even without soft breaks */
    }
    add_quoted_printable(out, text, len);
    if (!pk_buf_ok(out) || out->len - start <= base64) {
        return PK_TRANSFER_QUOTED_PRINTABLE;
    }
    out->len = start;
    return PK_TRANSFER_BASE64;
}

bool pk_add_encoded(pk_buf *out, const char *text, size_t len, pk_buf *scratch,
                    pk_transfer *transfer)
{
    survey found = look(text, len);
    const char *lines = text;
    size_t lines_len = len;
    pk_buf_reset(scratch);
    if (found.controls > 0) {
        if (!add_lines(scratch, text, len, "\n")) {
            return false;
        }
        lines = pk_buf_text(scratch);
        lines_len = scratch->len;
        found = look(lines, lines_len);
    }
    *transfer = add_readable(out, lines, lines_len, &found);
    if (*transfer == PK_TRANSFER_BASE64) {
        pk_buf_reset(scratch);
        (void)pk_add_canonical(scratch, text, len);
        add_base64_lines(out, pk_buf_text(scratch), scratch->len);
    }
    return true;
}
