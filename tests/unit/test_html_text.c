#include "unit.h"

#include "base/text.h"
#include "message/html_text.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct sample {
    const char *html;
    const char *text;
} sample;

static void check(const sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        pk_buf out;
        pk_buf_init(&out, 100000);
        assert_true(
            pk_html_to_text(&out, samples[i].html, strlen(samples[i].html), PK_TEXT_TO_READ));
        assert_string_equal(pk_buf_text(&out), samples[i].text);
        pk_buf_free(&out);
    }
}

static void paragraphs_have_a_blank_line_between(void **state)
{
    (void)state;
    static const sample samples[] = {
        {"", ""},
        {"<p></p>", ""},
        {"hello", "hello\n"},
        {"<p>One</p><p>Two</p>", "One\n\nTwo\n"},
        {"<h1>Head</h1><p>Two\n  words &amp; more&nbsp;&nbsp;blanks</p>",
         "Head\n\nTwo words & more blanks\n"},
        {"a<br>b<br><br>c<br><br><br><br>d<br>", "a\nb\n\nc\n\nd\n"},
        {"<p>a<br></p><p>b</p>", "a\n\nb\n"},
        {"<div>a</div><div>b <b>c</b>d</div>", "a\nb cd\n"},
        {"one<hr>two", "one\n\n----------------------------------------\n\ntwo\n"},
        {"<p>Zo\xc3\xab &eacute;&#8364; soft&shy;hyphen</p>",
         "Zo\xc3\xab \xc3\xa9\xe2\x82\xac softhyphen\n"},
        {"<section><header>a</header><p>b</p></section>", "a\n\nb\n"},
        {"a &lt;b&gt; c", "a <b> c\n"},
    };
    check(samples, sizeof samples / sizeof samples[0]);
}

static void what_flows_has_no_lines_and_no_pictures(void **state)
{
    (void)state;
    static const char html[] =
        "<p><img src='cid:a' alt='a cup'> One two three four five six seven eight nine ten eleven "
        "twelve thirteen fourteen.</p><p>End</p>";
    pk_buf out;
    pk_buf_init(&out, 1000);
    assert_true(pk_html_to_text(&out, html, strlen(html), PK_TEXT_TO_FLOW));
    assert_string_equal(out.data, "One two three four five six seven eight nine ten eleven twelve "
                                  "thirteen fourteen.\n\nEnd\n");
    pk_buf_free(&out);
}

static void lists_have_marks(void **state)
{
    (void)state;
    static const sample samples[] = {
        {"<p>x</p><ul><li>a</li><li>b</li></ul><p>y</p>", "x\n\n- a\n- b\n\ny\n"},
        {"<ol><li>a<li>b<li>c</ol>", "1. a\n2. b\n3. c\n"},
        {"<ul><li>a<ul><li>b<br>c</li></ul></li><li>d</li></ul>", "- a\n  - b\n    c\n- d\n"},
        {"<ol><li><p>a</p><p>b</p></li><li><p>c</p></li></ol>", "1. a\n\n   b\n\n2. c\n"},
        {"<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n", "- a\n- b\n"},
        {"<dl><dt>term<dd>what it is</dl>", "term\n    what it is\n"},
    };
    check(samples, sizeof samples / sizeof samples[0]);
}

static void links_show_where_they_lead(void **state)
{
    (void)state;
    static const sample samples[] = {
        {"<a href='https://x.test/a'>here</a>.", "here <https://x.test/a>.\n"},
        {"<a href='https://x.test/'>https://x.test</a>", "https://x.test\n"},
        {"see <a href=\"https://x.test/a?b=1&amp;c=2\"> this\n one </a> now",
         "see this one <https://x.test/a?b=1&c=2> now\n"},
        {"<a href='mailto:zoe@x.test?subject=hi'>Zoe</a>", "Zoe <zoe@x.test>\n"},
        {"<a href='MAILTO:zoe@x.test'>zoe@x.test</a>", "zoe@x.test\n"},
        {"<a href='#top'>up</a> <a href='cid:logo'>logo</a> <a name=x>named</a>",
         "up logo named\n"},
        {"<a href='javascript:alert(1)'>js</a>", "js\n"},
        {"<a href='https://x.test'><img src=a.png></a>", "<https://x.test>\n"},
        {"<a href='https://x.test'><img src=a.png alt='The  logo'></a>",
         "[The logo] <https://x.test>\n"},
        {"<a href=' https://x.test/a b>\n'>x</a>", "x <https://x.test/a%20b%3E>\n"},
        {"<a href='https://x.test/\xc2\x85\n\xc3\xa9'>x</a>",
         "x <https://x.test/%C2%85\xc3\xa9>\n"},
        {"a<img src=x alt=''>b <img src=y> <img src=z alt='[z]'>", "ab [[z]]\n"},
    };
    check(samples, sizeof samples / sizeof samples[0]);
}

static void tables_are_rows(void **state)
{
    (void)state;
    static const sample samples[] = {
        {"<table><thead><tr><th>Day</th><th>Room</th></tr></thead><tbody>\n<tr>\n<td>Mon</td>\n"
         "<td>4.12</td>\n</tr><tr><td>Tue</td><td>5 b</td></tr></tbody></table>after",
         "Day | Room\nMon | 4.12\nTue | 5 b\n\nafter\n"},
        {"<table><tr><td></td><td>a</td><td><img src=spacer></td><td>b</td></tr></table>",
         "a | b\n"},
        {"<table><tr><td><table><tr><td><p>a</p><p>b</p></td></tr></table></td></tr></table>",
         "a\n\nb\n"},
    };
    check(samples, sizeof samples / sizeof samples[0]);
}

static void quotations_and_pre_are_kept(void **state)
{
    (void)state;
    static const sample samples[] = {
        {"<p>x</p><blockquote><p>a</p><p>b</p><blockquote>c</blockquote></blockquote><p>y</p>",
         "x\n\n> a\n>\n> b\n>\n> > c\n\ny\n"},
        {"<blockquote>a</blockquote><blockquote>b</blockquote>", "> a\n\n> b\n"},
        {"<pre>\nint  x;\n\n\n\tif (x) {\n</pre>z", "int  x;\n\n\n\tif (x) {\n\nz\n"},
        {"<ul><li><blockquote>a<br>b</blockquote></li></ul>", "- > a\n  > b\n"},
    };
    check(samples, sizeof samples / sizeof samples[0]);
}

static void what_is_not_shown_is_dropped(void **state)
{
    (void)state;
    static const sample samples[] = {
        {"<html><head><title>T</title><style>p{}</style></head><body><p>a</p></body></html>",
         "a\n"},
        {"<style>p { color: red }</style><script>if (a < b) { '</p>' }</script>a", "a\n"},
        {"<div style='color:red; DISPLAY : None;'>pre<p>header</p></div><p>a</p>", "a\n"},
        {"<div style='disdisplay:none'>x</div>a", "a\n"},
        {"<span hidden>x</span>a<!-- c --><?php x ?>", "a\n"},
        {"<!--[if mso]><p>office</p><![endif]-->a", "a\n"},
        {"<!DOCTYPE html SYSTEM 'http://127.0.0.1:1/x.dtd' [<!ENTITY e SYSTEM "
         "'file:///etc/passwd'>]><p>a</p>",
         "a\n"},
        {"a\xe2\x80\x8b\xcd\x8f\xef\xbb\xbf"
         "b&#7;&#x1b;",
         "ab\n"},
    };
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        print_message("%s\n", samples[i].html);
        if (!strstr(samples[i].html, "ENTITY")) {
            check(&samples[i], 1);
        }
    }
    pk_buf out;
    pk_buf_init(&out, 100000);
    const char *evil = samples[6].html;
    assert_true(pk_html_to_text(&out, evil, strlen(evil), PK_TEXT_TO_READ));
    assert_null(strstr(pk_buf_text(&out), "root:"));
    pk_buf_free(&out);
}

static void lines_have_72_columns_and_words_stay_whole(void **state)
{
    (void)state;
    static const char word[] = "m\xc3\xbc"
                               "de ";
    pk_buf html;
    pk_buf out;
    pk_buf_init(&html, 100000);
    pk_buf_init(&out, 100000);
    pk_buf_str(&html, "<ul><li>");
    for (size_t i = 0; i < 100; i++) {
        pk_buf_str(&html, i % 10 == 5 ? "\xe6\x97\xa5\xe6\x9c\xac " : word);
    }
    pk_buf_str(&html, "<a href='https://x.test/");
    for (size_t i = 0; i < 100; i++) {
        pk_buf_char(&html, 'u');
    }
    pk_buf_str(&html, "'>link</a></ul>");
    assert_true(pk_html_to_text(&out, html.data, html.len, PK_TEXT_TO_READ));
    size_t lines = 0;
    for (char *line = out.data; *line; lines++) {
        char *end = strchr(line, '\n');
        assert_non_null(end);
        *end = '\0';
        assert_memory_equal(line, lines == 0 ? "- " : "  ", 2);
        assert_true(pk_display_width(line) <= 72 || strncmp(line, "  <https://", 11) == 0);
        assert_true(pk_display_width(line) > 60 || strstr(line, "link"));
        line = end + 1;
    }
    assert_in_range(lines, 8, 9);
    pk_buf_free(&html);
    pk_buf_free(&out);
}

static bool convert_repeated(const char *open, const char *close, size_t count)
{
    pk_buf html;
    pk_buf out;
    pk_buf_init(&html, (size_t)64 << 20);
    pk_buf_init(&out, (size_t)64 << 20);
    for (size_t i = 0; i < count; i++) {
        pk_buf_str(&html, open);
    }
    pk_buf_str(&html, "x");
    for (size_t i = 0; i < count; i++) {
        pk_buf_str(&html, close);
    }
    assert_true(pk_buf_ok(&html));
    bool is_whole = pk_html_to_text(&out, html.data, html.len, PK_TEXT_TO_READ);
    pk_buf_free(&html);
    pk_buf_free(&out);
    return is_whole;
}

static void what_is_endless_is_refused(void **state)
{
    (void)state;
    assert_true(convert_repeated("<div>", "</div>", 900));
    assert_true(convert_repeated("<ul><li><blockquote>", "</blockquote></li></ul>", 300));
    assert_true(convert_repeated("<table><tr><td>", "</td></tr></table>", 300));
    assert_false(convert_repeated("<div>", "</div>", 200000));
    assert_false(convert_repeated("<b>", "</i>", 200000));
    assert_false(convert_repeated("xxxxxxxx", "", (1 << 20) + 1));
    assert_true(convert_repeated("<br>", "</p>", 20000));
    pk_buf out;
    pk_buf_init(&out, 4);
    assert_false(pk_html_to_text(&out, "too long", 8, PK_TEXT_TO_READ));
    pk_buf_free(&out);
}

static void broken_html_gives_some_text(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "<",
        "<p",
        "<p>a<b>b</p>c</b>",
        "</li></ul></a>x",
        "<a href='x",
        "&",
        "&#;",
        "&#x110000;",
        "<li>x",
        "<td>x",
        "<a href=x><a href=y>z",
        "\xff\xfe x",
        "<![CDATA[x]]>",
        "<table>x</pre>",
        "<html><body>a<html><body>b</body></html>c",
        "<p>\xc3",
        "\xe0\x88\x90",
        "<pre></ul></pre></ol></pre>",
        "<meta charset=utf-16><p>x",
        "<frameset><frame></frameset>x",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        print_message("%s\n", broken[i]);
        pk_buf out;
        pk_buf_init(&out, 100000);
        assert_true(pk_html_to_text(&out, broken[i], strlen(broken[i]), PK_TEXT_TO_READ));
        const char *text = pk_buf_text(&out);
        assert_int_equal(pk_utf8_valid_len(text, strlen(text)), strlen(text));
        pk_buf_free(&out);
    }
}

static void *convert_often(void *html)
{
    for (size_t i = 0; i < 200; i++) {
        pk_buf out;
        pk_buf_init(&out, 100000);
        bool fits = pk_html_to_text(&out, html, strlen(html), PK_TEXT_TO_READ) &&
                    strcmp(pk_buf_text(&out), "a\n\n- b <https://x.test>\n") == 0;
        pk_buf_free(&out);
        if (!fits) {
            return html;
        }
    }
    return NULL;
}

static void threads_do_not_meet(void **state)
{
    (void)state;
    static char html[] = "<p>a</p><ul><li><a href='https://x.test'>b</a></ul>";
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, convert_often, html), 0);
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
        cmocka_unit_test(paragraphs_have_a_blank_line_between),
        cmocka_unit_test(what_flows_has_no_lines_and_no_pictures),
        cmocka_unit_test(lists_have_marks),
        cmocka_unit_test(links_show_where_they_lead),
        cmocka_unit_test(tables_are_rows),
        cmocka_unit_test(quotations_and_pre_are_kept),
        cmocka_unit_test(what_is_not_shown_is_dropped),
        cmocka_unit_test(lines_have_72_columns_and_words_stay_whole),
        cmocka_unit_test(what_is_endless_is_refused),
        cmocka_unit_test(broken_html_gives_some_text),
        cmocka_unit_test(threads_do_not_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
