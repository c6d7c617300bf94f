/* Templates that bring others in: lines and indentation beyond the specification's own tests, and
 * the bounds that hold whatever they do. */
#include "mustache/mustache.h"

#include "json_values.h"
#include "unit.h"

#include <stdio.h>

enum { MAX_PARTIALS = 8 };

static pk_arena arena;
static pk_mustache_named named[MAX_PARTIALS];
static pk_mustache *parsed[MAX_PARTIALS];
static pk_mustache_names names = {named, 0};
static pk_buf faults;

static void complain(void *user, unsigned line, unsigned column, const char *message)
{
    (void)user;
    fail_msg("line %u, column %u: %s", line, column, message);
}

static pk_mustache *parse(const char *text)
{
    pk_mustache *mustache = NULL;
    assert_int_equal(pk_mustache_parse(text, strlen(text), &arena, complain, NULL, &mustache),
                     PK_MUSTACHE_OK);
    return mustache;
}

/* In the order of their names. */
static void partial(const char *name, const char *text)
{
    assert_true(names.count < MAX_PARTIALS);
    parsed[names.count] = parse(text);
    named[names.count] = (pk_mustache_named){name, parsed[names.count]};
    names.count++;
}

static int set_up(void **state)
{
    (void)state;
    names.count = 0;
    pk_buf_init(&faults, 1 << 16);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pk_arena_free(&arena);
    pk_buf_free(&faults);
    json_values_forget();
    return 0;
}

static void note(void *user, const pk_mustache_fault *fault)
{
    (void)user;
    pk_buf_fmt(&faults, "%d:%u:%u:%.*s ", (int)fault->kind, fault->node->line, fault->node->column,
               (int)fault->part_len, fault->part);
}

static void render(const char *text, const char *json, const pk_mustache_options *options,
                   const char *expected)
{
    pk_buf out;
    cJSON *data = cJSON_Parse(json);
    assert_non_null(data);
    pk_value root = json_value(data);
    pk_mustache *mustache = parse(text);
    for (size_t i = 0; i < names.count; i++) {
        pk_mustache_link(parsed[i], &names);
    }
    pk_mustache_link(mustache, &names);
    pk_buf_init(&out, 1 << 24);
    pk_buf_reset(&faults);
    pk_mustache_render(mustache, &root, options, &out);
    if (expected) {
        assert_string_equal(pk_buf_text(&out), expected);
    }
    pk_buf_free(&out);
    cJSON_Delete(data);
}

static void expect(const char *text, const char *json, const char *expected)
{
    static const pk_mustache_options options = {.escape = pk_escape_html};
    render(text, json, &options, expected);
}

static void expect_faults(const char *text, const char *json, const char *expected)
{
    static const pk_mustache_options options = {.escape = pk_escape_html, .fault = note};
    render(text, json, &options, NULL);
    assert_string_equal(pk_buf_text(&faults), expected);
}

static void test_partials_are_indented(void **state)
{
    (void)state;
    partial("list", "{{#l}}\n- {{.}}\n{{/l}}\n\nend\n");
    partial("outer", "a\n\t{{>list}}\nb");
    partial("tags", "{{! c }}x\n{{v}}\n{{#t}}y\n{{/t}}z\n");
    partial("windows", "a\r\n\r\nb\r\n");
    expect("  {{>list}}\n.", "{\"l\":[1,2]}", "  - 1\n  - 2\n\n  end\n.");
    expect(" {{>outer}}\n", "{\"l\":[1]}", " a\n \t- 1\n\n \tend\n b");
    expect("  {{>tags}}", "{\"v\":\"1\\n2\",\"t\":true}", "  x\n  1\n2\n  y\n  z\n");
    expect("  {{>windows}}\r\n.", "{}", "  a\r\n\r\n  b\r\n.");
    expect("  {{>list}} x\n", "{\"l\":[1]}", "  - 1\n\nend\n x\n");
    expect("{{=<% %>=}}\n  <%>list%>\n", "{\"l\":[1]}", "  - 1\n\n  end\n");
}

static void test_one_line(void **state)
{
    static const pk_mustache_options options = {.is_one_line = true};
    (void)state;
    partial("crlf", "b\r\n");
    partial("name", "{{a}}\n");
    render("Re: {{>name}} & {{>crlf}}!", "{\"a\":\"<x>\"}", &options, "Re: <x> & b!");
    render("{{>name}}\n", "{\"a\":\"\"}", &options, "");
}

static void test_blocks_keep_their_lines(void **state)
{
    (void)state;
    partial("layout", "<ul>\n  {{$items}}\n  <li>none</li>\n\n  {{/items}}\n</ul>\n");
    partial("line", "Dear {{$who}}friend{{/who}},\n");
    partial("own", "a\n  {{$b}}one\n  two{{/b}}\nc\n");
    expect("{{>layout}}", "{}", "<ul>\n  <li>none</li>\n\n</ul>\n");
    expect("  {{>layout}}", "{}", "  <ul>\n    <li>none</li>\n\n  </ul>\n");
    expect("{{<layout}}\n{{$items}}\n{{#l}}\n    <li>{{.}}</li>\n{{/l}}\n{{/items}}\n{{/layout}}\n",
           "{\"l\":[1,2]}", "<ul>\n  <li>1</li>\n  <li>2</li>\n</ul>\n");
    expect("  {{<line}}\n  {{$who}}{{n}}{{/who}}\n  {{/line}}\nx", "{\"n\":\"<Bo>\"}",
           "  Dear &lt;Bo&gt;,\nx");
    expect("{{<line}}{{$who}}{{/who}}{{/line}}", "{}", "Dear ,\n");
    expect("{{>own}}", "{}", "a\n  one\n  two\nc\n");
    expect(" {{>own}}", "{}", " a\n   one\n   two\n c\n");
    expect(" {{<own}}{{$b}}x\ny{{/b}}{{/own}}", "{}", " a\n   x\n   y\n c\n");
    expect("x {{<line}}{{/line}} y", "{}", "x Dear friend,\n y");
    expect("{{<nobody}}{{$b}}x{{/b}}{{/nobody}}.", "{}", ".");
}

static void test_recursion_ends_with_the_data(void **state)
{
    (void)state;
    partial("node", "{{n}}{{#k}}({{>node}}){{/k}}");
    expect("{{>node}}", "{\"n\":1,\"k\":[{\"n\":2,\"k\":[{\"n\":3,\"k\":[]}]},{\"n\":4,\"k\":[]}]}",
           "1(2(3))(4)");
}

static void test_endless_recursion_is_told(void **state)
{
    (void)state;
    char deep[64];
    partial("a", "x\n {{>b}}");
    partial("b", "{{>a}}");
    partial("c", "{{<c}}{{/c}}{{<c}}{{/c}}");
    partial("d", "{{$d}}{{/d}}");
    (void)snprintf(deep, sizeof deep, "%d:1:1:a ", PK_FAULT_TOO_DEEP);
    expect_faults("{{>a}}", "{}", deep);
    (void)snprintf(deep, sizeof deep, "%d:1:1:c ", PK_FAULT_TOO_DEEP);
    expect_faults("{{>c}}", "{}", deep);
    (void)snprintf(deep, sizeof deep, "%d:1:13:d ", PK_FAULT_TOO_DEEP);
    expect_faults("{{<d}}{{$d}}{{$d}}{{/d}}{{/d}}{{/d}}", "{}", deep);
    expect("{{>a}}", "{}", NULL);
}

static void test_work_is_bounded(void **state)
{
    static const pk_mustache_options options = {.fault = note};
    (void)state;
    partial("a", "{{>b}}{{>b}}{{>b}}{{>b}}{{>b}}{{>b}}{{>b}}{{>b}}{{>b}}{{>b}}");
    partial("b", "{{>c}}{{>c}}{{>c}}{{>c}}{{>c}}{{>c}}{{>c}}{{>c}}{{>c}}{{>c}}");
    partial("c", "{{>d}}{{>d}}{{>d}}{{>d}}{{>d}}{{>d}}{{>d}}{{>d}}{{>d}}{{>d}}");
    partial("d", "{{>e}}{{>e}}{{>e}}{{>e}}{{>e}}{{>e}}{{>e}}{{>e}}{{>e}}{{>e}}");
    partial("e", "{{>f}}{{>f}}{{>f}}{{>f}}{{>f}}{{>f}}{{>f}}{{>f}}{{>f}}{{>f}}");
    partial("f", "{{x}}{{x}}{{x}}{{x}}{{x}}{{x}}{{x}}{{x}}{{x}}{{x}}");
    render("{{>a}}{{>a}}", "{\"x\":\"\"}", &options, NULL);
    assert_int_equal(pk_buf_text(&faults)[0], '0' + PK_FAULT_TOO_MUCH);
    assert_ptr_equal(strchr(pk_buf_text(&faults), ' '), faults.data + faults.len - 1);
}

static void test_dynamic_names(void **state)
{
    (void)state;
    partial("tea", "<{{w}}>");
    expect("{{>*d}}{{#l}}{{>*d}}{{/l}}", "{\"d\":\"tea\",\"w\":1,\"l\":{\"w\":2}}", "<1><2>");
    expect("{{<*d}}{{/*d}}{{< * d }}{{/ * d }}", "{\"d\":\"tea\",\"w\":1}", "<1><1>");
    expect_faults("\n {{>*d}}", "{\"d\":\"te\"}", "3:2:2:d ");
    expect_faults("{{>*d}}", "{\"d\":\"teas\"}", "3:1:1:d ");
    expect_faults("{{>*d.x}}", "{\"d\":{}}", "0:1:1:x ");
    expect_faults("{{<*d}}{{/*d}}", "{\"d\":{}}", "2:1:1:d ");
}

static void test_render_allocates_only_for_its_output(void **state)
{
    (void)state;
    partial("p", "a\n {{#l}}b{{/l}}\n");
    pk_value root = pk_value_text("");
    static const pk_mustache_options options = {.escape = NULL};
    pk_mustache *mustache = parse("  {{>p}}\n  {{<p}}{{/p}}");
    pk_mustache_link(mustache, &names);
    pk_buf out;
    pk_buf_init(&out, 1 << 16);
    pk_mustache_render(mustache, &root, &options, &out);
    const char *place = out.data;
    pk_buf_reset(&out);
    pk_mustache_render(mustache, &root, &options, &out);
    assert_ptr_equal(out.data, place);
    pk_buf_free(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_partials_are_indented),
        TEST(test_one_line),
        TEST(test_blocks_keep_their_lines),
        TEST(test_recursion_ends_with_the_data),
        TEST(test_endless_recursion_is_told),
        TEST(test_work_is_bounded),
        TEST(test_dynamic_names),
        TEST(test_render_allocates_only_for_its_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
