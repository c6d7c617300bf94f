#include "unit.h"

#include "base/json_document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Scans text and gives the first error as `line:column: pointer: message`, "" for none. */
static const char *first_error(const char *text, size_t len)
{
    static char line[2048];
    prankcurl_errors errors = PRANKCURL_ERRORS_INIT;
    pk_document document;
    bool ok = pk_document_parse(&document, text, len, "f", "campaign", &errors);
    assert_true(ok || errors.count);
    line[0] = '\0';
    if (errors.count) {
        (void)prankcurl_error_format(&errors.items[0], line, sizeof line);
    }
    prankcurl_errors_free(&errors);
    pk_document_free(&document);
    return line;
}

typedef struct fault {
    const char *text;
    const char *error; /* how its line begins */
} fault;

static const fault faults[] = {
    {"", "f:1:1: the file is empty"},
    {" \n ", "f:2:2: the file is empty"},
    {"\xef\xbb\xbf{}", "f:1:1: the file begins with a byte order mark"},
    {"\xff\xfe{", "f:1:1: the file is UTF-16"},
    {"{\"a\":1,}", "f:1:7: a comma stands before the closing '}'"},
    {"[1,2,]", "f:1:5: a comma stands before the closing ']'"},
    {"{\"a\" 1}", "f:1:6: a ':' after the key is expected, found '1'"},
    {"{a:1}", "f:1:2: a key in double quotes is expected, found 'a'"},
    {"{'a':1}", "f:1:2: a key in double quotes is expected, found ''' (strings stand in"},
    {"{\"a\":1 \"b\":2}", "f:1:8: ',' or '}' is expected, found '\"'"},
    {"[1 2]", "f:1:4: ',' or ']' is expected, found '2'"},
    {"[1", "f:1:3: ',' or ']' is expected, found the end of the file"},
    {"{\"a\": // no\n1}", "f:1:7: a: a value is expected, found '/' (JSON has no comments)"},
    {"{} {}", "f:1:4: the campaign has ended, but '{' follows"},
    {"[True]", "f:1:2: [0]: a word without quotes is no JSON value"},
    {"[nan]", "f:1:2: [0]: a word without quotes"},
    {"[01]", "f:1:2: [0]: this number begins with a 0"},
    {"[1.]", "f:1:2: [0]: this number has no digit behind its point"},
    {"[.5]", "f:1:2: [0]: this number has no digit before its point"},
    {"[+1]", "f:1:2: [0]: this number has no digit before its point"},
    {"[-]", "f:1:2: [0]: this number has no digit"},
    {"[1e]", "f:1:2: [0]: this number has no digit in its exponent"},
    {"[1e400]", "f:1:2: [0]: this number is too large"},
    {"[1-2]", "f:1:2: [0]: this number is not a number as JSON writes them"},
    {"{\"é\":\"x\ty\"}", "f:1:8: [\"é\"]: a raw tab stands in a string; write \\t"},
    {"{\"a\":[0,\"x\n\"]}", "f:1:11: a[1]: a raw line feed stands in a string"},
    {"[\"\\u0000\"]", "f:1:3: [0]: \\u0000 (NUL)"},
    {"[\"\\ud83d\"]", "f:1:3: [0]: \\ud83d is half a character"},
    {"[\"\\udc00\"]", "f:1:3: [0]: \\udc00 is half a character"},
    {"[\"\\x\"]", "f:1:3: [0]: a backslash here needs one of"},
    {"[\"\\u12g4\"]", "f:1:3: [0]: \\u is not followed by four hexadecimal digits"},
    {"[\"abc", "f:1:2: [0]: this string is not closed"},
    {"[\"ab\xff\"]", "f:1:5: [0]: byte 0xff is not UTF-8"},
    {"[\"\xc0\x80\"]", "f:1:3: [0]: byte 0xc0 is not UTF-8"},
    {"[\"\xed\xa0\x80\"]", "f:1:3: [0]: byte 0xed is not UTF-8"},
    {"{\"a\":1,\n \"a\":2}", "f:2:2: a: this key was already given at line 1, column 2"},
    {"{\"a\":1,\"\\u0061\":2}", "f:1:8: [\"\\u0061\"]: this key was already given"},
    {"{\"v\":[{\"b\":1,\"b\":2}]}", "f:1:14: v[0].b: this key was already given"},
};

static void faults_are_told_with_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        const char *error = first_error(faults[i].text, strlen(faults[i].text));
        print_message("%s\n", error);
        assert_memory_equal(error, faults[i].error, strlen(faults[i].error));
    }
}

static void good_json_is_good(void **state)
{
    (void)state;
    static const char *const goods[] = {
        "{}",
        "[]",
        "0",
        "-0.5e+10",
        "\"\\ud83d\\ude00\\/\"",
        " [ true , false , null ] ",
        "{\"a\":{\"b\":[1,{\"c\":\"d\"}]},\"e\":\"\xf0\x9f\x98\x80\"}",
        "{\"\":1}",
    };
    for (size_t i = 0; i < sizeof goods / sizeof goods[0]; i++) {
        assert_string_equal(first_error(goods[i], strlen(goods[i])), "");
    }
    assert_true(strstr(first_error("[\0]", 3), "found a raw NUL") != NULL);
}

static void depth_is_bounded(void **state)
{
    (void)state;
    char text[256];
    memset(text, '[', 100);
    memset(text + 100, ']', 100);
    assert_true(strstr(first_error(text, 200), "f:1:33: ") == first_error(text, 200));
    memset(text, '[', 32);
    memset(text + 32, ']', 32);
    text[64] = '\0';
    assert_string_equal(first_error(text, 64), "");
}

static void every_value_has_its_place(void **state)
{
    (void)state;
    static const char text[] = "{\n  \"é\": [1,\n 2],\r\n\t\"k\": {\"x\": true}}";
    static const unsigned places[][2] = {{1, 1}, {2, 8}, {2, 9}, {3, 2}, {4, 7}, {4, 13}};
    prankcurl_errors errors = PRANKCURL_ERRORS_INIT;
    pk_document document;
    assert_true(pk_document_parse(&document, text, sizeof text - 1, "f", "campaign", &errors));
    assert_int_equal(document.scan.count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(document.scan.nodes[i].line, places[i][0]);
        assert_int_equal(document.scan.nodes[i].column, places[i][1]);
    }
    const pk_node *k = pk_node_member(&document, pk_document_root(&document), "k");
    assert_true(cJSON_IsTrue(pk_node_member(&document, k, "x")->json));
    assert_int_equal(k->key_column, 2);
    assert_null(pk_node_member(&document, k, "y"));
    pk_document_free(&document);
}

/* Many errors: all are told, in their order. */
static void all_faults_of_a_file_are_told(void **state)
{
    (void)state;
    static const char text[] = "[01, \"\\q\", \"\x01\", \"\\u0000\"]";
    prankcurl_errors errors = PRANKCURL_ERRORS_INIT;
    pk_document document;
    (void)pk_document_parse(&document, text, sizeof text - 1, "f", "campaign", &errors);
    assert_int_equal(errors.count, 4);
    prankcurl_errors_free(&errors);
    pk_document_free(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_told_with_their_place),
        cmocka_unit_test(good_json_is_good),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(every_value_has_its_place),
        cmocka_unit_test(all_faults_of_a_file_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
