#include "unit.h"

#include "base/base64.h"

#include <string.h>

typedef struct pair {
    const char *plain;
    const char *encoded;
} pair;

/* RFC 4648 §10, and both characters that other alphabets have not. */
static const pair pairs[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xfe", "+//+"},
};

static void the_examples_of_rfc_4648_hold(void **state)
{
    (void)state;
    pk_buf out;
    pk_buf_init(&out, 100);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        pk_buf_reset(&out);
        pk_add_base64(&out, pairs[i].plain, strlen(pairs[i].plain));
        assert_string_equal(pk_buf_text(&out), pairs[i].encoded);
        pk_buf_reset(&out);
        assert_true(pk_add_base64_decoded(&out, pairs[i].encoded, strlen(pairs[i].encoded)));
        assert_string_equal(pk_buf_text(&out), pairs[i].plain);
    }
    pk_buf_free(&out);
}

static void any_bytes_of_any_length_come_back(void **state)
{
    (void)state;
    pk_buf text;
    pk_buf back;
    char data[256 + 120];
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (char)(i * 37 + 128);
    }
    pk_buf_init(&text, 1000);
    pk_buf_init(&back, 1000);
    for (size_t n = 0; n <= sizeof data; n++) {
        pk_buf_reset(&text);
        pk_buf_reset(&back);
        pk_add_base64(&text, data, n);
        assert_int_equal(text.len, (n + 2) / 3 * 4);
        assert_true(pk_add_base64_decoded(&back, pk_buf_text(&text), text.len));
        assert_int_equal(back.len, n);
        assert_memory_equal(pk_buf_text(&back), data, n);
    }
    pk_buf_free(&text);
    pk_buf_free(&back);
}

static void what_no_encoder_writes_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "Z",    "Zg",   "Zg=",  "Zm9vY",    "====",       "=",    "Z===",
        "Zg=a", "=g==", "Z=g=", "Zg==Zg==", "Zh==",       "Zm9=", "Zm9\n",
        "Zm9-", "Zm9_", " Zm9", "Zm9v\r\n", "Zm\xc3\xa9",
    };
    pk_buf out;
    pk_buf_init(&out, 100);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        print_message("%s\n", bad[i]);
        assert_false(pk_add_base64_decoded(&out, bad[i], strlen(bad[i])));
    }
    assert_false(pk_add_base64_decoded(&out, "Zm9\0", 4));
    pk_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_rfc_4648_hold),
        cmocka_unit_test(any_bytes_of_any_length_come_back),
        cmocka_unit_test(what_no_encoder_writes_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
