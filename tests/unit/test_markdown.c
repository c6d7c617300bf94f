#include "unit.h"

#include "base/random.h"
#include "message/markdown.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char begin[] = "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n";
static const char end[] = "</body></html>\n";

/* What stands in the body: the caller frees it. */
static char *body_of(const char *markdown, size_t len)
{
    pk_buf out;
    pk_buf_init(&out, 1000000);
    assert_true(pk_markdown_to_html(&out, markdown, len));
    assert_memory_equal(out.data, begin, sizeof begin - 1);
    assert_string_equal(out.data + out.len - (sizeof end - 1), end);
    pk_buf_cut(&out, out.len - (sizeof end - 1));
    memmove(out.data, out.data + sizeof begin - 1, out.len - (sizeof begin - 1) + 1);
    return pk_buf_take(&out);
}

static void check_body(const char *markdown, const char *expected)
{
    char *body = body_of(markdown, strlen(markdown));
    assert_string_equal(body, expected);
    free(body);
}

static void markdown_becomes_html(void **state)
{
    (void)state;
    check_body("", "");
    check_body("# Hi\n\n*a* **b** ~~c~~\n",
               "<h1>Hi</h1>\n<p><em>a</em> <strong>b</strong> <del>c</del></p>\n");
    check_body("| a | b |\n|---|---|\n| 1 | 2 |\n",
               "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n"
               "<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n");
    check_body("see https://x.test/a and z@x.test\n",
               "<p>see <a href=\"https://x.test/a\">https://x.test/a</a> and "
               "<a href=\"mailto:z@x.test\">z@x.test</a></p>\n");
    check_body("<div align=\"right\">a</div>\n", "<div align=\"right\">a</div>\n");
    check_body("a\xff"
               "b\xc3",
               "<p>a\xef\xbf\xbd"
               "b\xef\xbf\xbd</p>\n");
}

static void add_html(pk_buf *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            pk_buf_str(out, "&amp;");
            break;
        case '<':
            pk_buf_str(out, "&lt;");
            break;
        case '>':
            pk_buf_str(out, "&gt;");
            break;
        case '"':
            pk_buf_str(out, "&quot;");
            break;
        case '\r':
            pk_buf_str(out, text[1] == '\n' ? "" : "\n");
            break;
        default:
            pk_buf_char(out, *text);
        }
    }
}

/* The markdown around a value that is escaped, and the html that must be around it. */
static void check_value(const char *value, const char *const around[2], const char *const html[2])
{
    pk_buf markdown;
    pk_buf expected;
    pk_buf_init(&markdown, 100000);
    pk_buf_init(&expected, 100000);
    pk_buf_str(&markdown, around[0]);
    pk_add_markdown_escaped(&markdown, value, strlen(value));
    pk_buf_str(&markdown, around[1]);
    pk_buf_str(&expected, html[0]);
    add_html(&expected, value);
    pk_buf_str(&expected, html[1]);
    char *body = body_of(markdown.data, markdown.len);
    assert_string_equal(body, expected.data);
    free(body);
    pk_buf_free(&markdown);
    pk_buf_free(&expected);
}

static void check_everywhere(const char *value)
{
    check_value(value, (const char *const[]){"", ""}, (const char *const[]){"<p>", "</p>\n"});
    check_value(value, (const char *const[]){"a ", " b"},
                (const char *const[]){"<p>a ", " b</p>\n"});
    check_value(value, (const char *const[]){"# ", "\nb"},
                (const char *const[]){"<h1>", "</h1>\n<p>b</p>\n"});
    check_value(value, (const char *const[]){"- ", "\n"},
                (const char *const[]){"<ul>\n<li>", "</li>\n</ul>\n"});
    check_value(value, (const char *const[]){"|a|\n|-|\n|", "|\n"},
                (const char *const[]){"<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>"
                                      "\n<tr>\n<td>",
                                      "</td>\n</tr>\n</tbody>\n</table>\n"});
    check_value(value, (const char *const[]){"[", "](https://x.test)"},
                (const char *const[]){"<p><a href=\"https://x.test\">", "</a></p>\n"});
}

static void a_value_is_the_text_it_is(void **state)
{
    (void)state;
    static const char *const values[] = {
        "plain",
        "Zo\xc3\xab",
        "<b>x</b>",
        "<script>alert(1)</script>",
        "&lt;",
        "&amp;#60;",
        "*a*",
        "**a**",
        "__a__",
        "~~a~~",
        "`a`",
        "``` \na\n```",
        "# a",
        "- a",
        "+ a",
        "* a",
        "1. a",
        "1) a",
        "123456789. a",
        "> a",
        "    code",
        "\tcode",
        "  ",
        " a ",
        "a  ",
        "a  \nb",
        "a\\\nb",
        "a\n\nb",
        "a\r\nb\rc",
        "a\n===",
        "a\n---",
        "---",
        "***",
        "===",
        "| a |",
        "a|b",
        "|-|",
        "a\n|-|",
        "[a](b)",
        "![a](b)",
        "[a]: b",
        "[a][b]",
        "<https://x.test>",
        "https://x.test/a?b=c",
        "http://x",
        "www.x.test",
        "a www.x.test",
        "WWW.X.TEST",
        "ftp://x.test",
        "z@x.test",
        "a z@x.test b",
        "mailto:z@x.test",
        "xmpp:z@x.test/a",
        "<!-- a -->",
        "<?php",
        "<![CDATA[",
        "<!DOCTYPE",
        "{{x}}",
        "\\",
        "\\*",
        "\\\\",
        "\"",
        "'",
        "a\"onclick=\"x",
        "%20",
        ":tada:",
        "[^1]",
        "[ ] a",
        "[x] a",
        "$a$",
        "~a~",
        "= a",
        "\xe2\x80\xa8",
        "\xf0\x9f\x98\x80",
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        print_message("%s\n", values[i]);
        check_everywhere(values[i]);
    }
}

static void any_value_is_the_text_it_is(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "a",        "w",    "www", "1",      " ",  "  ",       "\n",
        "\r",       "\t",   "*",   "_",      "~~", "`",        "#",
        "-",        "+",    ".",   ")",      "(",  "[",        "]",
        "!",        "<",    ">",   "&",      ";",  "|",        ":",
        "//",       "http", "@",   "x.test", "\\", "\"",       "'",
        "=",        "{",    "}",   "?",      "/",  "\xc3\xa9", "\xf0\x9f\x98\x80",
        "\xc2\xa0", "^",    "$",
    };
    pk_random random;
    pk_random_seed(&random, 5);
    for (size_t i = 0; i < 3000; i++) {
        pk_buf value;
        pk_buf_init(&value, 1000);
        size_t count = 1 + pk_random_below(&random, 12);
        for (size_t j = 0; j < count; j++) {
            pk_buf_str(&value, pieces[pk_random_below(&random, sizeof pieces / sizeof pieces[0])]);
        }
        check_everywhere(value.data);
        pk_buf_free(&value);
    }
}

static void a_value_in_code_makes_no_tag(void **state)
{
    (void)state;
    pk_buf markdown;
    pk_buf_init(&markdown, 1000);
    pk_buf_str(&markdown, "`");
    pk_add_markdown_escaped(&markdown, "a` <b> `", 8);
    pk_buf_str(&markdown, "` <i title=\"");
    pk_add_markdown_escaped(&markdown, "\"><b>", 5);
    pk_buf_str(&markdown, "\">x</i> [u](https://x.test/");
    pk_add_markdown_escaped(&markdown, "a.b:c", 5);
    pk_buf_str(&markdown, ")");
    char *body = body_of(markdown.data, markdown.len);
    assert_null(strstr(body, "<b>"));
    assert_non_null(strstr(body, "<i title=\"&#34;&#62;&#60;b&#62;\">"));
    assert_non_null(strstr(body, "<a href=\"https://x.test/a.b:c\">"));
    free(body);
    pk_buf_free(&markdown);
}

static void what_is_endless_is_bounded(void **state)
{
    (void)state;
    static const char *const pieces[] = {">", "- ", "[", "*a", "![[", "<a ", "`x``", "|a\n", "\t"};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        pk_buf markdown;
        pk_buf out;
        pk_buf_init(&markdown, 3000000);
        pk_buf_init(&out, 30000000);
        while (markdown.len < 10000) {
            pk_buf_str(&markdown, pieces[i]);
        }
        assert_true(pk_markdown_to_html(&out, markdown.data, markdown.len));
        while (markdown.len <= 1 << 20) {
            pk_buf_str(&markdown, pieces[i]);
        }
        assert_false(pk_markdown_to_html(&out, markdown.data, markdown.len));
        pk_buf_free(&markdown);
        pk_buf_free(&out);
    }
}

static void *convert_often(void *markdown)
{
    for (size_t i = 0; i < 300; i++) {
        pk_buf out;
        pk_buf_init(&out, 100000);
        bool fits = pk_markdown_to_html(&out, markdown, strlen(markdown)) &&
                    strstr(pk_buf_text(&out), "<del>a</del> <a href=\"http://www.x.test\">");
        pk_buf_free(&out);
        if (!fits) {
            return markdown;
        }
    }
    return NULL;
}

static void threads_do_not_meet(void **state)
{
    (void)state;
    static char markdown[] = "~~a~~ www.x.test\n\n|a|\n|-|\n|~~b~~|\n";
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, convert_often, markdown), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        void *wrong = NULL;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markdown_becomes_html),
        cmocka_unit_test(a_value_is_the_text_it_is),
        cmocka_unit_test(any_value_is_the_text_it_is),
        cmocka_unit_test(a_value_in_code_makes_no_tag),
        cmocka_unit_test(what_is_endless_is_bounded),
        cmocka_unit_test(threads_do_not_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
