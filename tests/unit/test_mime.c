/* Bodies: canonical lines, transfer encodings, boundaries. */
#include "unit.h"

#include "message/mime.h"
#include "message/transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 4 << 20 };

static void expect_canonical(const char *text, const char *expected)
{
    pk_buf out;
    pk_buf_init(&out, ROOM);
    assert_true(pk_add_canonical(&out, text, strlen(text)));
    assert_string_equal(pk_buf_text(&out), expected);
    pk_buf_free(&out);
}

static void test_canonical(void **state)
{
    (void)state;
    expect_canonical("", "");
    expect_canonical("a", "a\r\n");
    expect_canonical("a\n", "a\r\n");
    expect_canonical("a\r\nb\rc\nd", "a\r\nb\r\nc\r\nd\r\n");
    expect_canonical("\n\r\n\r\r", "\r\n\r\n\r\n\r\n");
    expect_canonical("\n\n", "\r\n\r\n");
    expect_canonical("é\t😀", "é\t😀\r\n");
}

static void test_controls_are_refused(void **state)
{
    (void)state;
    pk_buf out;
    pk_buf scratch;
    pk_buf_init(&out, ROOM);
    pk_buf_init(&scratch, ROOM);
    for (int c = 0; c < 0x20; c++) {
        char text[3] = {'a', (char)c, 'b'};
        bool allowed = c == '\t' || c == '\n' || c == '\r';
        assert_int_equal(pk_add_canonical(&out, text, 3), allowed);
        pk_transfer transfer = PK_TRANSFER_7BIT;
        assert_int_equal(pk_add_encoded(&out, text, 3, &scratch, &transfer), allowed);
    }
    pk_buf_free(&scratch);
    pk_buf_free(&out);
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Reads quoted-printable, and asserts its rules (RFC 2045 §6.7). */
static size_t read_qp(const char *text, size_t len, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] != '=') {
            out[n++] = text[i];
        } else if (text[i + 1] == '\r') {
            i += 2;
        } else {
            assert_true(hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0);
            out[n++] = (char)(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        }
    }
    return n;
}

static size_t read_base64(const char *text, size_t len, char *out)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    unsigned have = 0;
    size_t n = 0;
    for (size_t i = 0; i < len && text[i] != '='; i++) {
        const char *hit = strchr(alphabet, text[i]);
        if (!hit) {
            assert_true(text[i] == '\r' || text[i] == '\n');
            continue;
        }
        bits = bits << 6 | (uint32_t)(hit - alphabet);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[n++] = (char)(bits >> have & 0xff);
        }
    }
    return n;
}

static void check_line(const char *line, size_t len, pk_transfer transfer)
{
    assert_true(len <= 76);
    for (size_t i = 0; i < len; i++) {
        assert_true(line[i] == '\t' || (line[i] >= ' ' && line[i] < 0x7f));
    }
    assert_false(len >= 5 && memcmp(line, "From ", 5) == 0);
    assert_false(len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t'));
    if (transfer == PK_TRANSFER_QUOTED_PRINTABLE) {
        assert_false(len == 1 && line[0] == '.');
    }
}

static void check_lines(const char *text, size_t len, pk_transfer transfer)
{
    size_t from = 0;
    while (from < len) {
        const char *end = memchr(text + from, '\r', len - from);
        assert_non_null(end);
        size_t stop = (size_t)(end - text);
        assert_int_equal(text[stop + 1], '\n');
        check_line(text + from, stop - from, transfer);
        from = stop + 2;
    }
}

/* Encodes, checks, decodes; tells the encoding, and the encoded text if wanted. */
static pk_transfer round_trip(const char *text, pk_buf *kept)
{
    pk_buf canonical;
    pk_buf scratch;
    pk_buf out;
    pk_transfer transfer = PK_TRANSFER_7BIT;
    pk_buf_init(&canonical, ROOM);
    pk_buf_init(&scratch, ROOM);
    pk_buf_init(&out, ROOM);
    assert_true(pk_add_canonical(&canonical, text, strlen(text)));
    assert_true(pk_add_encoded(&out, text, strlen(text), &scratch, &transfer));
    assert_true(pk_buf_ok(&out) && pk_buf_ok(&scratch));
    check_lines(pk_buf_text(&out), out.len, transfer);
    char *back = calloc(1, out.len + 1);
    assert_non_null(back);
    size_t n = out.len;
    if (transfer == PK_TRANSFER_QUOTED_PRINTABLE) {
        n = read_qp(out.data, out.len, back);
    } else if (transfer == PK_TRANSFER_BASE64) {
        n = read_base64(out.data, out.len, back);
    } else {
        memcpy(back, pk_buf_text(&out), n);
    }
    assert_int_equal(n, canonical.len);
    assert_memory_equal(back, pk_buf_text(&canonical), n);
    if (kept) {
        pk_buf_reset(kept);
        pk_buf_str(kept, pk_buf_text(&out));
    }
    free(back);
    pk_buf_free(&out);
    pk_buf_free(&scratch);
    pk_buf_free(&canonical);
    return transfer;
}

static void expect_encoded(const char *text, pk_transfer transfer, const char *expected)
{
    pk_buf got;
    pk_buf_init(&got, ROOM);
    assert_int_equal(round_trip(text, &got), transfer);
    assert_string_equal(pk_buf_text(&got), expected);
    pk_buf_free(&got);
}

static void test_choice(void **state)
{
    (void)state;
    expect_encoded("", PK_TRANSFER_7BIT, "");
    expect_encoded("\n", PK_TRANSFER_7BIT, "\r\n");
    expect_encoded("a = b\n.\n..x", PK_TRANSFER_7BIT, "a = b\r\n.\r\n..x\r\n");
    expect_encoded("This is a text with an é in it.", PK_TRANSFER_QUOTED_PRINTABLE,
                   "This is a text with an =C3=A9 in it.\r\n");
    expect_encoded("日本語", PK_TRANSFER_BASE64, "5pel5pys6KqeDQo=\r\n");
    expect_encoded("a \nb\t\n", PK_TRANSFER_QUOTED_PRINTABLE, "a=20\r\nb=09\r\n");
    expect_encoded("From here\nX From \n>From", PK_TRANSFER_QUOTED_PRINTABLE,
                   "=46rom here\r\nX From=20\r\n>From\r\n");
    expect_encoded("Fro\n.\n.a\n \nthe rest is long enough", PK_TRANSFER_QUOTED_PRINTABLE,
                   "Fro\r\n=2E\r\n.a\r\n=20\r\nthe rest is long enough\r\n");
    expect_encoded("a\r\nb\rc é and \r more words\r\n\r", PK_TRANSFER_QUOTED_PRINTABLE,
                   "a\r\nb\r\nc =C3=A9 and=20\r\n more words\r\n\r\n");
    expect_encoded("日本語\r日本語\r\n", PK_TRANSFER_BASE64,
                   "5pel5pys6KqeDQrml6XmnKzoqp4NCg==\r\n");
    expect_encoded("some words \x7f\n", PK_TRANSFER_QUOTED_PRINTABLE, "some words =7F\r\n");
}

static void test_line_lengths(void **state)
{
    (void)state;
    char text[400];
    for (size_t n = 1; n < 300; n++) {
        memset(text, 'x', n);
        text[n] = '\0';
        assert_int_equal(round_trip(text, NULL),
                         n <= 76 ? PK_TRANSFER_7BIT : PK_TRANSFER_QUOTED_PRINTABLE);
        for (size_t i = n; i < n + 9; i += 3) { /* things at every distance from the line's end */
            memcpy(text + i, i % 2 ? "é." : " =.", 4);
            (void)round_trip(text, NULL);
        }
        memcpy(text + n, "From .\n.\n😀", 14);
        (void)round_trip(text, NULL);
    }
}

/* The bytes of a character stay on one line. */
static void test_soft_breaks_keep_characters(void **state)
{
    (void)state;
    char text[500];
    pk_buf got;
    pk_buf_init(&got, ROOM);
    for (size_t n = 60; n < 80; n++) {
        memset(text, 'x', 200);
        memcpy(text + n, "😀", 4);
        text[200] = '\0';
        assert_int_equal(round_trip(text, &got), PK_TRANSFER_QUOTED_PRINTABLE);
        assert_non_null(strstr(got.data, "=F0=9F=98=80"));
    }
    pk_buf_free(&got);
}

static void test_long_texts(void **state)
{
    (void)state;
    static const char *const units[] = {".",      " ",     "\t",     "=",       "é",
                                        "😀",      ".\n",   "From ",  "\nFrom ", " \n",
                                        "x y z ", "שלום ", "a\u0301"};
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
        pk_buf text;
        pk_buf_init(&text, ROOM);
        while (text.len < 5000) {
            pk_buf_str(&text, units[u]);
            if (text.len % 7 == 0 || text.len > 4900) {
                (void)round_trip(text.data, NULL);
            }
        }
        pk_buf_free(&text);
    }
}

static void test_shorter_wins(void **state)
{
    (void)state;
    pk_buf text;
    pk_buf_init(&text, ROOM);
    pk_buf_str(&text, "xxxxxxxxxx");
    pk_transfer last = PK_TRANSFER_7BIT;
    for (int i = 0; i < 20; i++) {
        pk_buf_str(&text, "é");
        pk_transfer now = round_trip(text.data, NULL);
        assert_true(now >= last); /* from quoted-printable to base64, once */
        last = now;
    }
    assert_int_equal(last, PK_TRANSFER_BASE64);
    pk_buf_free(&text);
}

static pk_part leaf(const char *body)
{
    return (pk_part){.type = "text/plain; charset=utf-8", .body = body, .len = strlen(body)};
}

static void test_boundary_is_in_no_part(void **state)
{
    (void)state;
    pk_part parts[] = {leaf("a =_id_1 and =_id_ =_id_3\r\n"), leaf("--=_id_2x\r\n=_id_1")};
    pk_part root = {.type = "multipart/alternative", .parts = parts, .part_count = 2};
    pk_mime_boundary(&root, "id", 1);
    assert_int_equal(root.boundary, 4);
    parts[0].transfer = PK_TRANSFER_BASE64; /* nothing of it can be in there */
    pk_mime_boundary(&root, "id", 1);
    assert_int_equal(root.boundary, 3);
    pk_part outer = {.type = "multipart/mixed", .parts = &root, .part_count = 1};
    root.boundary = 10; /* begins with 1 */
    parts[1] = leaf("x");
    pk_mime_boundary(&outer, "id", 1);
    assert_int_equal(outer.boundary, 2);
}

static void test_multipart(void **state)
{
    (void)state;
    pk_pieces out;
    pk_pieces_init(&out, ROOM);
    pk_part parts[] = {leaf("hello\r\n"), leaf("")};
    pk_part root = {.type = "multipart/alternative", .parts = parts, .part_count = 2};
    pk_mime_boundary(&root, "0123456789abcdef", 1);
    pk_mime_fields(&out.own, &root, "0123456789abcdef");
    pk_buf_str(&out.own, "\r\n");
    pk_mime_body(&out, &root, "0123456789abcdef");
    assert_string_equal(out.own.data, "Content-Type: multipart/alternative;\r\n"
                                      " boundary=\"=_0123456789abcdef_1\"\r\n"
                                      "Content-Transfer-Encoding: 7bit\r\n"
                                      "\r\n"
                                      "--=_0123456789abcdef_1\r\n"
                                      "Content-Type: text/plain; charset=utf-8\r\n"
                                      "Content-Transfer-Encoding: 7bit\r\n"
                                      "\r\n"
                                      "hello\r\n"
                                      "\r\n"
                                      "--=_0123456789abcdef_1\r\n"
                                      "Content-Type: text/plain; charset=utf-8\r\n"
                                      "Content-Transfer-Encoding: 7bit\r\n"
                                      "\r\n"
                                      "\r\n"
                                      "--=_0123456789abcdef_1--\r\n");
    pk_pieces_free(&out);
}

static void test_shared_bodies_are_not_copied(void **state)
{
    (void)state;
    static const char picture[] = "iVBORw0KGgo=\r\n";
    pk_pieces out;
    pk_pieces_init(&out, ROOM);
    pk_part parts[] = {leaf("see\r\n"), leaf(picture)};
    parts[1].is_shared = true;
    parts[1].fingerprint = 7;
    pk_part root = {.type = "multipart/mixed", .parts = parts, .part_count = 2};
    pk_mime_boundary(&root, "id", 1);
    pk_mime_body(&out, &root, "id");
    assert_true(pk_pieces_finish(&out));
    assert_int_equal(out.count, 3);
    assert_ptr_equal(out.list[1].bytes, picture);
    assert_int_equal(out.size, out.own.len + strlen(picture));
    assert_memory_equal(out.list[2].bytes, "\r\n--=_id_1--\r\n", out.list[2].len);
    uint64_t before = pk_pieces_fingerprint(&out);
    out.shared[0].fingerprint = 8;
    assert_true(pk_pieces_fingerprint(&out) != before);
    out.own.max = out.own.len;
    assert_false(pk_pieces_finish(&out)); /* the whole counts */
    pk_pieces_free(&out);
}

static void test_full_buffer(void **state)
{
    (void)state;
    pk_buf out;
    pk_buf_init(&out, 100);
    pk_buf text;
    pk_buf_init(&text, ROOM);
    for (int i = 0; i < 1000; i++) {
        pk_buf_str(&text, "é and more\r\n");
    }
    pk_buf scratch;
    pk_transfer transfer = PK_TRANSFER_7BIT;
    pk_buf_init(&scratch, ROOM);
    (void)pk_add_encoded(&out, text.data, text.len, &scratch, &transfer);
    assert_false(pk_buf_ok(&out));
    pk_buf_free(&out);
    pk_buf_free(&scratch);
    pk_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canonical),
        cmocka_unit_test(test_controls_are_refused),
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_line_lengths),
        cmocka_unit_test(test_soft_breaks_keep_characters),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_shorter_wins),
        cmocka_unit_test(test_boundary_is_in_no_part),
        cmocka_unit_test(test_multipart),
        cmocka_unit_test(test_shared_bodies_are_not_copied),
        cmocka_unit_test(test_full_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
