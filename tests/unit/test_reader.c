#include "unit.h"

#include "base/json_reader.h"

#include <string.h>

/* A file of another program, read as that program would: nothing of a campaign is needed. */
typedef struct rule {
    const char *name;
    uint64_t times;
    bool once;
} rule;

static void read_name(pk_reader *reader, const pk_node *node, void *target)
{
    ((rule *)target)->name = pk_node_line(reader, node, "a name");
}

static void read_times(pk_reader *reader, const pk_node *node, void *target)
{
    pk_node_integer(reader, node, 1, 9, &((rule *)target)->times);
}

static void read_once(pk_reader *reader, const pk_node *node, void *target)
{
    (void)reader;
    ((rule *)target)->once = cJSON_IsTrue(node->json);
}

static const pk_field rule_fields[] = {
    {"name", PK_STRING, true, read_name},
    {"times", PK_NUMBER, false, read_times},
    {"once", PK_BOOL, false, read_once},
};

enum { MAX_RULES = 4 };

/* Reads the rules and gives all errors, a line each. */
static const char *read_rules(const char *json, rule *rules)
{
    static char told[4096];
    prankcurl_errors errors = PRANKCURL_ERRORS_INIT;
    pk_arena arena = PK_ARENA_INIT;
    pk_reader reader = {.file = "f", .what = "list of rules", .arena = &arena, .errors = &errors};
    if (pk_reader_parse(&reader, json, strlen(json)) &&
        pk_check_type(&reader, pk_document_root(&reader.document), PK_ARRAY)) {
        const pk_node *n = pk_node_first(&reader.document, pk_document_root(&reader.document));
        for (size_t i = 0; n && i < MAX_RULES; i++) {
            if (pk_check_type(&reader, n, PK_OBJECT)) {
                pk_read_object(&reader, n, rule_fields, 3, &rules[i]);
            }
            n = pk_node_next(&reader.document, n);
        }
    }
    assert_false(reader.no_memory);
    told[0] = '\0';
    for (size_t i = 0; i < errors.count; i++) {
        char line[1024];
        (void)prankcurl_error_format(&errors.items[i], line, sizeof line);
        strcat(told, line);
        strcat(told, "\n");
    }
    pk_document_free(&reader.document);
    prankcurl_errors_free(&errors);
    pk_arena_free(&arena);
    return told;
}

static void fields_go_where_their_table_says(void **state)
{
    (void)state;
    rule rules[MAX_RULES] = {0};
    const char *json = "[{\"name\": \"a\", \"times\": 3}, {\"once\": true, \"name\": \"b\"}]";
    assert_string_equal(read_rules(json, rules), "");
    assert_int_equal(rules[0].times, 3);
    assert_false(rules[0].once);
    assert_true(rules[1].once);
}

static void complaints_name_the_value(void **state)
{
    (void)state;
    rule rules[MAX_RULES] = {0};
    assert_string_equal(
        read_rules("[{\"name\": \"\", \"times\": 10, \"onec\": 1}, {\"once\": 1}, 5]", rules),
        "f:1:28: [0].onec: this key is not known here; did you mean \"once\"? known are name, "
        "times, once\n"
        "f:1:11: [0].name: is empty; a name is expected\n"
        "f:1:24: [0].times: is 10; a whole number from 1 to 9 is expected\n"
        "f:1:40: [1]: has no \"name\", which is required\n"
        "f:1:49: [1].once: is a number; true or false is expected\n"
        "f:1:53: [2]: is a number; an object is expected\n");
}

static void the_whole_is_called_what_it_is(void **state)
{
    (void)state;
    rule rules[MAX_RULES] = {0};
    assert_string_equal(read_rules("{}", rules),
                        "f:1:1: the list of rules is an object; a list is expected\n");
    assert_string_equal(read_rules("", rules),
                        "f:1:1: the file is empty; a list of rules is expected\n");
    assert_string_equal(read_rules("[] 1", rules),
                        "f:1:4: the list of rules has ended, but '1' follows\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_go_where_their_table_says),
        cmocka_unit_test(complaints_name_the_value),
        cmocka_unit_test(the_whole_is_called_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
