/* libFuzzer: any bytes as a header field's text, as mailboxes, and as a parameter's value. The
 * first byte chooses; names and addresses are parted by NULs. cmake --preset fuzz && cmake --build
 * build/fuzz build/fuzz/tests/fuzz_header -max_total_time=600 build/corpus tests/fuzz/corpus/header
 */
#include "base/text.h"
#include "message/header.h"
#include "message/parameter.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { LINE = 76, LONGEST = 998, MAILBOXES = 16, MAX = 1 << 20 };

static void check(bool is_true)
{
    if (!is_true) {
        __builtin_trap();
    }
}

/* One field and no more: CRLFs only, each but the last before a blank; lines within their limit; no
 * control character; 7-bit, unless UTF-8 may be in it. */
static void check_field(const pk_buf *out, size_t limit, bool is_utf8)
{
    size_t line = 0;
    check(pk_buf_ok(out) && out->len > 2);
    check(pk_utf8_valid_len(out->data, out->len) == out->len);
    check(!pk_find_control(out->data, "\r\n"));
    for (size_t i = 0; i < out->len; i++) {
        unsigned char c = (unsigned char)out->data[i];
        check(c && (c < 0x80 || is_utf8));
        check(c != '\n' || (i > 0 && out->data[i - 1] == '\r'));
        if (c == '\r') {
            bool is_last = i + 2 == out->len;
            check(out->data[i + 1] == '\n' && (is_last || out->data[i + 2] == ' '));
            check(i - line <= limit);
            check(i > line && strspn(out->data + line, " ") < i - line); /* RFC 5322 §3.2.2 */
            line = i + 2;
        }
    }
    check(line == out->len);
}

static bool is_fit(const char *text)
{
    return pk_utf8_valid_len(text, strlen(text)) == strlen(text) && !pk_find_control(text, "");
}

static void try_text(const char *text)
{
    pk_buf out;
    pk_buf_init(&out, MAX);
    bool is_taken = pk_header_text(&out, "Subject", text) == PK_HEADER_OK;
    check(is_taken == is_fit(text) && (is_taken || out.len == 0));
    if (is_taken && text[0]) {
        check_field(&out, LINE, false);
    }
    pk_buf_free(&out);
}

/* Between the strings: each two are a mailbox. */
static void try_mailboxes(const char *text, size_t len, pk_header_form form)
{
    pk_mailbox mailboxes[MAILBOXES];
    size_t count = 0;
    size_t longest = 0;
    bool is_good = true;
    const char *end = text + len;
    while (count < MAILBOXES && text < end) {
        const char *address = text + strlen(text) + 1;
        address = address < end ? address : end;
        mailboxes[count++] = (pk_mailbox){text, address};
        is_good = is_good && is_fit(text) && is_fit(address) && address[0] && address[0] != ' ' &&
                  strlen(address) <= 900 && (form == PK_HEADER_UTF8 || pk_is_ascii(address));
        longest = strlen(address) > longest ? strlen(address) : longest;
        text = address + strlen(address) + 1;
    }
    pk_buf out;
    pk_buf_init(&out, MAX);
    bool is_taken = pk_header_mailboxes(&out, "To", mailboxes, count, form) == PK_HEADER_OK;
    check(is_taken == is_good && (is_taken || out.len == 0));
    if (is_taken && count > 0) {
        check_field(&out, longest + 10 < LINE ? LINE : LONGEST, form == PK_HEADER_UTF8);
    }
    pk_buf_free(&out);
}

static void try_parameter(const char *text, pk_parameter_form form)
{
    static const char field[] = "Content-Type: x/y";
    pk_buf out;
    pk_buf_init(&out, MAX);
    pk_buf_str(&out, field);
    bool is_taken = pk_mime_parameter(&out, "name", text, form) == PK_HEADER_OK;
    check(is_taken == is_fit(text) && (is_taken || strcmp(out.data, field) == 0));
    pk_buf_str(&out, ";\r\n"); /* there is room for one more */
    check_field(&out, LINE, false);
    /* Quotes come in twos, and hold no more quotes: nothing of the value gets out of them. */
    size_t quotes = 0;
    for (const char *p = out.data; *p; p++) {
        quotes += *p == '"' ? 1 : 0;
        check(*p != '\\');
    }
    check(quotes == 0 || quotes == 2);
    pk_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 1 || len > 65536) {
        return 0;
    }
    char *text = malloc(len);
    if (!text) {
        return 0;
    }
    memcpy(text, data + 1, len - 1);
    text[len - 1] = '\0';
    switch (data[0] % 5) {
    case 0:
        try_text(text);
        break;
    case 1:
        try_mailboxes(text, len - 1, PK_HEADER_7BIT);
        break;
    case 2:
        try_mailboxes(text, len - 1, PK_HEADER_UTF8);
        break;
    case 3:
        try_parameter(text, PK_PARAMETER_EXTENDED);
        break;
    default:
        try_parameter(text, PK_PARAMETER_WORDS);
        break;
    }
    free(text);
    return 0;
}
