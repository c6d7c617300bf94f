/* MIME parameters: file names in every script come out 7-bit, folded, and as they were meant. */
#include "rfc2047.h"
#include "unit.h"

#include "message/parameter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 65536 };

static const char FIELD[] = "Content-Disposition: attachment";

static const char *const names[] = {"plain.txt",
                                    "",
                                    "with blanks  two.txt",
                                    " at the ends ",
                                    "it's 100%; a*b=c, (d) <e>@[f]:g/h?",
                                    "\"quoted\".txt",
                                    "back\\slash\\",
                                    "=?UTF-8?Q?x?=.txt",
                                    "Überraschung für Zoé.pdf",
                                    "e\u0301\u0323 combining.txt",
                                    "日本語のファイル名.png",
                                    "сюрприз на первое апреля.docx",
                                    "مفاجأة شهر أبريل.pdf",
                                    "הפתעה.txt",
                                    "अप्रैल का मज़ाक.txt",
                                    "ไฟล์ทดสอบ.txt",
                                    "놀람.hwp",
                                    "👩‍👩‍👧‍👦🇩🇪👍🏽.gif",
                                    "\u202bRTL\u202c.txt",
                                    "%41%zz.txt",
                                    "utf-8''x.txt"};

static const char *parameter(pk_buf *out, const char *name, const char *value,
                             pk_parameter_form form)
{
    pk_buf_reset(out);
    pk_buf_str(out, FIELD);
    assert_int_equal(pk_mime_parameter(out, name, value, form), PK_HEADER_OK);
    assert_true(pk_buf_ok(out));
    return out->data + strlen(FIELD);
}

/* One piece's value behind "=": percent triplets decoded, up to the semicolon. */
static const char *read_piece(const char *p, char *out, size_t *n)
{
    size_t from = *n;
    while (*p && *p != ';') {
        if (*p == '%') {
            out[(*n)++] = (char)(hex_digit(p[1]) * 16 + hex_digit(p[2]));
            p += 3;
        } else {
            assert_null(strchr(" \"'()<>@,:\\/[]?=*", *p));
            out[(*n)++] = *p++;
        }
    }
    assert_int_equal(pk_utf8_valid_len(out + from, *n - from), *n - from);
    return p;
}

/* RFC 2231 §3 and §4, strictly. text: unfolded, from the first semicolon on. */
static void read_extended(const char *text, const char *name, char *out)
{
    size_t n = 0;
    char start[64];
    (void)snprintf(start, sizeof start, "; %s*=UTF-8''", name);
    if (strncmp(text, start, strlen(start)) == 0) {
        text = read_piece(text + strlen(start), out, &n);
    } else {
        for (unsigned i = 0; *text; i++) {
            (void)snprintf(start, sizeof start, "; %s*%u*=%s", name, i, i ? "" : "UTF-8''");
            assert_memory_equal(text, start, strlen(start));
            text = read_piece(text + strlen(start), out, &n);
        }
    }
    assert_int_equal(*text, '\0');
    out[n] = '\0';
}

/* name="value" as it stands, or in words. */
static void read_quoted(const char *text, const char *name, char *out)
{
    char start[64];
    (void)snprintf(start, sizeof start, "; %s=\"", name);
    assert_memory_equal(text, start, strlen(start));
    text += strlen(start);
    size_t n = 0;
    while (*text != '"') {
        assert_true(*text && *text != '\\');
        if (strncmp(text, "=?", 2) != 0) {
            out[n++] = *text++;
            continue;
        }
        n += decode_word(text, &text, out + n);
        size_t blanks = strspn(text, " ");
        text += strncmp(text + blanks, "=?", 2) == 0 ? blanks : 0;
    }
    assert_string_equal(text, "\"");
    out[n] = '\0';
}

static void survives(pk_buf *out, const char *value)
{
    static char unfolded[ROOM];
    static char decoded[ROOM];
    static const struct {
        const char *name;
        pk_parameter_form form;
    } forms[] = {{"filename", PK_PARAMETER_EXTENDED}, {"name", PK_PARAMETER_WORDS}};
    for (size_t i = 0; i < 2; i++) {
        const char *name = forms[i].name;
        (void)parameter(out, name, value, forms[i].form);
        pk_buf_str(out, ";\r\n"); /* there is room for another parameter */
        check_lines(out->data, out->len, 76);
        (void)unfold(out->data, out->len - 3, unfolded, sizeof unfolded);
        const char *text = strchr(unfolded, ';');
        bool is_extended = !strchr(text, '"'); /* which can't stand in it as it is */
        if (is_extended) {
            read_extended(text, name, decoded);
        } else {
            read_quoted(text, name, decoded);
        }
        /* Nothing in words may be taken for the end of the quotes, or for words, once decoded. */
        assert_true(is_extended || (!strpbrk(value, "\"\\") && !strstr(value, "=?")));
        assert_string_equal(decoded, value);
    }
}

static void test_forms(void **state)
{
    (void)state;
    pk_buf out;
    pk_buf_init(&out, ROOM);
    assert_string_equal(parameter(&out, "filename", "a b.txt", PK_PARAMETER_EXTENDED),
                        "; filename=\"a b.txt\"");
    assert_string_equal(parameter(&out, "filename", "a.txt", PK_PARAMETER_WORDS),
                        "; filename=\"a.txt\"");
    assert_string_equal(parameter(&out, "filename", "Zoé's.txt", PK_PARAMETER_EXTENDED),
                        "; filename*=UTF-8''Zo%C3%A9%27s.txt");
    assert_string_equal(parameter(&out, "name", "日本.txt", PK_PARAMETER_WORDS),
                        ";\r\n name=\"=?UTF-8?B?5pel5pysLnR4dA==?=\"");
    assert_string_equal(parameter(&out, "filename", "a\"b\\.txt", PK_PARAMETER_EXTENDED),
                        "; filename*=UTF-8''a%22b%5C.txt");
    assert_string_equal(parameter(&out, "name", "a\"é.txt", PK_PARAMETER_WORDS),
                        "; name*=UTF-8''a%22%C3%A9.txt");
    assert_string_equal(parameter(&out, "name", "=?x?= é", PK_PARAMETER_WORDS),
                        "; name*=UTF-8''%3D%3Fx%3F%3D%20%C3%A9");
    assert_string_equal(
        parameter(&out, "filename", "日本語日本語日本語日本語", PK_PARAMETER_EXTENDED),
        ";\r\n filename*0*=UTF-8''%E6%97%A5%E6%9C%AC%E8%AA%9E%E6%97%A5%E6%9C%AC%E8%AA%9E"
        ";\r\n filename*1*=%E6%97%A5%E6%9C%AC%E8%AA%9E%E6%97%A5%E6%9C%AC%E8%AA%9E");
    pk_buf_free(&out);
}

static void test_every_script_survives(void **state)
{
    (void)state;
    pk_buf out;
    pk_buf_init(&out, ROOM);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        survives(&out, names[i]);
    }
    pk_buf_free(&out);
}

static void test_every_length_survives(void **state)
{
    (void)state;
    pk_buf out;
    pk_buf_init(&out, ROOM);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        pk_buf value;
        pk_buf_init(&value, ROOM);
        for (int n = 0; n < 40; n++) {
            pk_buf_str(&value, names[i]);
            pk_buf_str(&value, n % 2 ? "x" : "é");
            survives(&out, value.data);
        }
        pk_buf_free(&value);
    }
    pk_buf_free(&out);
}

static void test_what_breaks_out_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        pk_header_status status;
    } bad[] = {{"a\r\nBcc: x", PK_HEADER_CONTROL},
               {"a\nb", PK_HEADER_CONTROL},
               {"a\tb", PK_HEADER_CONTROL},
               {"\x7f", PK_HEADER_CONTROL},
               {"\xc2\x85", PK_HEADER_CONTROL},
               {"\u2028", PK_HEADER_CONTROL},
               {"\xff", PK_HEADER_BAD},
               {"a\xc3", PK_HEADER_BAD}};
    pk_buf out;
    pk_buf_init(&out, ROOM);
    pk_buf_str(&out, FIELD);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(pk_mime_parameter(&out, "name", bad[i].value, PK_PARAMETER_EXTENDED),
                         bad[i].status);
        assert_int_equal(pk_mime_parameter(&out, "name", bad[i].value, PK_PARAMETER_WORDS),
                         bad[i].status);
    }
    assert_string_equal(out.data, FIELD);
    pk_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_every_script_survives),
        cmocka_unit_test(test_every_length_survives),
        cmocka_unit_test(test_what_breaks_out_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
