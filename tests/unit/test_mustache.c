/* The template engine: places of errors, strictness, bounds. */
#include "mustache/mustache.h"

#include "json_values.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct log_entry {
    unsigned line;
    unsigned column;
    char message[512];
} log_entry;

static log_entry entries[200];
static size_t entry_count;

static void note(void *user, unsigned line, unsigned column, const char *message)
{
    (void)user;
    assert_true(entry_count < 200);
    log_entry *entry = &entries[entry_count++];
    entry->line = line;
    entry->column = column;
    (void)snprintf(entry->message, sizeof entry->message, "%s", message);
}

static void note_fault(void *user, const pk_mustache_fault *fault)
{
    char text[128];
    (void)snprintf(text, sizeof text, "%d:%.*s%s", (int)fault->kind, (int)fault->part_len,
                   fault->part, fault->is_first ? " first" : "");
    note(user, fault->node->line, fault->node->column, text);
}

static char *render_to_text(const char *text, const pk_value *root, bool strict)
{
    pk_arena arena = PK_ARENA_INIT;
    pk_mustache *mustache = NULL;
    pk_buf out;
    entry_count = 0;
    pk_buf_init(&out, 1 << 20);
    assert_int_equal(pk_mustache_parse(text, strlen(text), &arena, note, NULL, &mustache),
                     PK_MUSTACHE_OK);
    pk_mustache_options options = {.escape = pk_escape_html, .fault = strict ? note_fault : NULL};
    pk_mustache_render(mustache, root, &options, &out);
    pk_arena_free(&arena);
    assert_true(pk_buf_ok(&out));
    return pk_buf_take(&out);
}

static void expect(const char *text, const char *json, const char *expected)
{
    cJSON *data = cJSON_Parse(json);
    assert_non_null(data);
    pk_value root = json_value(data);
    char *got = render_to_text(text, &root, false);
    assert_string_equal(got, expected);
    free(got);
    cJSON_Delete(data);
    json_values_forget();
}

static void test_renders(void **state)
{
    (void)state;
    expect("", "{}", "");
    expect("{ {a} } }}", "{\"a\":1}", "{ {a} } }}");
    expect("{{a}}}", "{\"a\":1}", "1}");
    expect("Grüße, {{ name }}!", "{\"name\":\"Zoé\"}", "Grüße, Zoé!");
    expect("{{a}}", "{\"a\":\"<'\\\"&>\"}", "&lt;&#39;&quot;&amp;&gt;");
    expect("{{#a}}\n{{/a}}", "{\"a\":[1,2]}", "");
    expect("{{\n a\n}}", "{\"a\":1}", "1");
    expect("{{#a}}{{^b}}{{#c}}x{{/c}}{{/b}}{{/a}}", "{\"a\":{\"c\":[1,2,3]}}", "xxx");
    expect("{{^l}}none{{/l}}{{#l}}{{n}};{{/l}}", "{\"l\":[{\"n\":1},{\"n\":2}]}", "1;2;");
}

static void expect_error(const char *text, size_t i, unsigned line, unsigned column,
                         const char *message)
{
    pk_arena arena = PK_ARENA_INIT;
    pk_mustache *mustache = NULL;
    entry_count = 0;
    assert_int_equal(pk_mustache_parse(text, strlen(text), &arena, note, NULL, &mustache),
                     PK_MUSTACHE_BAD);
    assert_null(mustache);
    assert_true(i < entry_count);
    if (!strstr(entries[i].message, message)) {
        fail_msg("\"%s\" is not in \"%s\"", message, entries[i].message);
    }
    assert_int_equal(entries[i].line, line);
    assert_int_equal(entries[i].column, column);
    pk_arena_free(&arena);
}

static void test_parse_errors(void **state)
{
    (void)state;
    expect_error("{{a", 0, 1, 1, "not closed; }} is expected");
    expect_error("ab\ncé {{{a}}", 0, 2, 4, "not closed; }}} is expected");
    expect_error("😀e\u0301{{a {{b}} {{", 0, 1, 4, "not closed");
    expect_error("😀e\u0301{{a {{b}} {{", 1, 1, 14, "not closed");
    expect_error("{{}}", 0, 1, 1, "the tag is empty");
    expect_error("{{#  }}", 0, 1, 1, "the tag is empty");
    expect_error("{{first name}}", 0, 1, 1, "has a blank inside");
    expect_error("{{a..b}}{{.a}}{{b.}}", 2, 1, 15, "a dot too many");
    expect_error("x{{#a}}\n{{#b}}", 0, 1, 2, "{{#a}} is never closed; write {{/a}}");
    expect_error("x{{#a}}\n{{^b}}", 1, 2, 1, "{{^b}} is never closed; write {{/b}}");
    expect_error("{{/a}}", 0, 1, 1, "closes a section that was never opened");
    expect_error("{{#a}}{{/b}}{{/a}}", 0, 1, 7,
                 "{{/b}} stands where {{/a}} is expected, which closes the section of line 1, "
                 "column 1");
    expect_error("{{#a}}{{#b}}{{/a}}", 0, 1, 13, "{{/a}} stands where {{/b}}");
    expect_error("{{=<%=}}", 0, 1, 1, "\"<%\" are no delimiters; two words of at most 16 bytes");
    expect_error("{{=<% =%>=}}", 0, 1, 1, "are no delimiters");
    expect_error("{{=<%%>=}}", 0, 1, 1, "are no delimiters");
    expect_error("{{= a b c =}}", 0, 1, 1, "\"a b c\" are no delimiters");
    expect_error("{{=}}", 0, 1, 1, "this tag is not closed; =}} is expected");
    expect_error("{{=12345678901234567 x=}}", 0, 1, 1, "are no delimiters");
    expect_error("{{=<% %>=}}\n<%a", 0, 2, 1, "not closed; %> is expected");
    expect_error("{{=<% %>=}}<%{a%>", 0, 1, 12, "not closed; }%> is expected");
    expect_error("{{=<% %>=}}<%%>", 0, 1, 12, "a name is expected between <% and %>");
    expect_error("{{$b}}x", 0, 1, 1, "{{$b}} is never closed; write {{/b}} where the block ends");
    expect_error("{{<p}}{{$b}}x{{/b}}", 0, 1, 1,
                 "{{<p}} is never closed; write {{/p}} where the parent ends");
    expect_error("{{<*p}}", 0, 1, 1, "{{<*p}} is never closed; write {{/*p}}");
    expect_error("{{<*p}}{{/p}}", 0, 1, 8,
                 "{{/p}} stands where {{/*p}} is expected, which closes "
                 "the parent of line 1, column 1");
    expect_error("{{> }}", 0, 1, 1, "the tag is empty");
    expect_error("{{>*}}", 0, 1, 1, "the tag is empty");
    expect_error("{{>a b}}", 0, 1, 1, "has a blank inside");
    expect_error("{{>*a..b}}", 0, 1, 1, "a dot too many");
    assert_int_equal(entry_count, 1);
}

static void nest(char *out, size_t size, int depth)
{
    size_t n = 0;
    for (int i = 0; i < depth; i++) {
        n += (size_t)snprintf(out + n, size - n, "{{#a}}");
    }
    for (int i = 0; i < depth; i++) {
        n += (size_t)snprintf(out + n, size - n, "{{/a}}");
    }
}

static void test_nesting_is_bounded(void **state)
{
    (void)state;
    char text[1024];
    nest(text, sizeof text, PK_MUSTACHE_MAX_DEPTH);
    expect(text, "{\"a\":true}", "");
    nest(text, sizeof text, PK_MUSTACHE_MAX_DEPTH + 1);
    expect_error(text, 0, 1, 6 * PK_MUSTACHE_MAX_DEPTH + 1, "nested deeper than 32");
}

static void test_many_errors_end(void **state)
{
    (void)state;
    size_t count = 20000;
    char *text = calloc(count, 5);
    assert_non_null(text);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < 4; j++) {
            text[4 * i + j] = "{{{a"[j];
        }
    }
    pk_arena arena = PK_ARENA_INIT;
    pk_mustache *mustache = NULL;
    entry_count = 0;
    assert_int_equal(pk_mustache_parse(text, 4 * count, &arena, note, NULL, &mustache),
                     PK_MUSTACHE_BAD);
    assert_int_equal(entry_count, 100);
    pk_arena_free(&arena);
    free(text);
}

static size_t endless_count(const pk_value *self)
{
    (void)self;
    return 1000;
}

static pk_value endless_at(const pk_value *self, size_t i)
{
    (void)i;
    return *self;
}

static pk_value endless_get(const pk_value *self, const char *name, size_t len)
{
    (void)name;
    (void)len;
    pk_value list = *self;
    list.kind = PK_VALUE_LIST;
    return list;
}

static void test_work_is_bounded(void **state)
{
    (void)state;
    static const pk_value_ops ops = {.get = endless_get, .count = endless_count, .at = endless_at};
    pk_value root = {.kind = PK_VALUE_OBJECT, .ops = &ops};
    char *got = render_to_text("{{#a}}{{#a}}{{#.}}{{#.}}{{/.}}{{/.}}{{/a}}{{/a}}", &root, true);
    assert_int_equal(entry_count, 1);
    assert_int_equal(entries[0].message[0], '0' + PK_FAULT_TOO_MUCH);
    free(got);
}

static pk_value strict_get(const pk_value *self, const char *name, size_t len)
{
    if (len == 4 && memcmp(name, "desk", 4) == 0) {
        return self->data ? pk_value_text(self->data) : (pk_value){.kind = PK_VALUE_ABSENT};
    }
    if (len == 3 && memcmp(name, "bob", 3) == 0) {
        pk_value bob = *self;
        bob.data = NULL;
        return bob;
    }
    return (pk_value){.kind = PK_VALUE_MISSING};
}

static void expect_strict(const char *text, const char *expected, const char *fault)
{
    static const pk_value_ops ops = {.get = strict_get};
    pk_value root = {.kind = PK_VALUE_OBJECT, .ops = &ops, .data = "4.12"};
    char *got = render_to_text(text, &root, true);
    assert_string_equal(got, expected);
    assert_int_equal(entry_count, fault ? 1 : 0);
    if (fault) {
        assert_string_equal(entries[0].message, fault);
    }
    free(got);
}

static void test_strict_mode(void **state)
{
    (void)state;
    expect_strict("{{desk}}", "4.12", NULL);
    expect_strict("[{{dsk}}]", "[]", "0:dsk first");
    expect_strict("[{{bob.desk}}]", "[]", "1:desk");
    expect_strict("[{{bob.desk.x}}]", "[]", "1:desk");
    expect_strict("[{{desk.x}}]", "[]", "0:x");
    expect_strict("[{{bob}}]", "[]", "2:bob first");
    expect_strict("[{{.}}]", "[]", "2:. first");
    expect_strict("{{#bob.desk}}a{{/bob.desk}}{{^bob.desk}}b{{/bob.desk}}", "b", NULL);
    expect_strict("{{#bob.dsk}}a{{/bob.dsk}}", "", "0:dsk");
    expect_strict("{{^bob.desk.x}}a{{/bob.desk.x}}", "a", "1:desk");
    /* Bob has no desk: he must not get the one outside. */
    expect_strict("{{#bob}}[{{desk}}]{{/bob}}", "[]", "1:desk first");
    expect_strict("{{#bob}}{{#desk}}a{{/desk}}{{/bob}}", "", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_renders),
        cmocka_unit_test(test_parse_errors),
        cmocka_unit_test(test_nesting_is_bounded),
        cmocka_unit_test(test_many_errors_end),
        cmocka_unit_test(test_work_is_bounded),
        cmocka_unit_test(test_strict_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
