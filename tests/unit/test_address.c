#include "unit.h"

#include "base/address.h"

#include <stdio.h>
#include <string.h>

typedef struct good {
    const char *text;
    const char *becomes;
    const char *shown; /* NULL: the same */
} good;

static const good goods[] = {
    {"bob@example.test", "bob@example.test", NULL},
    {"Bob.Stone+tag@Example.TEST", "Bob.Stone+tag@example.test", NULL},
    {"!#$%&'*+-/=?^_`{|}~@example.test", "!#$%&'*+-/=?^_`{|}~@example.test", NULL},
    {"\"bob\"@example.test", "bob@example.test", NULL},
    {"\"b ob\"@example.test", "\"b ob\"@example.test", NULL},
    {"\"a@b\"@example.test", "\"a@b\"@example.test", NULL},
    {"\"a\\\"b\"@example.test", "\"a\\\"b\"@example.test", NULL},
    {"\"a\\b\"@example.test", "ab@example.test", NULL},
    {"\"..\"@example.test", "\"..\"@example.test", NULL},
    {"bob@localhost", "bob@localhost", NULL},
    {"bob@bücher.example", "bob@xn--bcher-kva.example", "bob@bücher.example"},
    {"bob@BÜCHER.example", "bob@xn--bcher-kva.example", "bob@bücher.example"},
    {"bob@日本語.example", "bob@xn--wgv71a119e.example", "bob@日本語.example"},
    {"bob@xn--bcher-kva.example", "bob@xn--bcher-kva.example", NULL},
    {"bob@[192.0.2.1]", "bob@[192.0.2.1]", NULL},
    {"bob@[IPv6:2001:db8::1]", "bob@[IPv6:2001:db8::1]", NULL},
    {"zoë@example.test", "zoë@example.test", NULL},
    {"zoe\u0308@example.test", "zo\u00eb@example.test", NULL},
    {"\"zo e\u0308\"@example.test", "\"zo \u00eb\"@example.test", NULL},
    {"1234567890123456789012345678901234567890123456789012345678901234@x.test",
     "1234567890123456789012345678901234567890123456789012345678901234@x.test", NULL},
};

static void good_addresses_get_their_normal_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof goods / sizeof goods[0]; i++) {
        pk_arena arena = PK_ARENA_INIT;
        pk_address address;
        const char *why = "";
        print_message("%s\n", goods[i].text);
        assert_int_equal(pk_address_parse(&arena, goods[i].text, &address, &why), PK_ADDRESS_OK);
        assert_string_equal(address.text, goods[i].becomes);
        assert_string_equal(address.shown, goods[i].shown ? goods[i].shown : address.text);
        assert_string_equal(address.domain, strrchr(goods[i].becomes, '@') + 1);
        pk_arena_free(&arena);
    }
}

static const char *const bads[] = {
    "",
    "bob",
    "@",
    "bob@",
    "@example.test",
    ".bob@example.test",
    "bob.@example.test",
    "b..ob@example.test",
    "b ob@example.test",
    "b(o)b@example.test",
    "bob@exa mple.test",
    "bob@example..test",
    "bob@.example.test",
    "bob@example.test.",
    "bob@-example.test",
    "bob@example-.test",
    "bob@exam_ple.test",
    "bob@[192.0.2]",
    "bob@[192.0.2.1",
    "bob@[IPv6:zz]",
    "Bob <bob@example.test>",
    "<bob@example.test>",
    "\"bob@example.test",
    "\"bob\"x@example.test",
    "\"bob\\",
    "\"\"@example.test",
    "bob@a@b",
    "bob,al@example.test",
    "bob\r\n@example.test",
    "bob@example.test\n",
    "bob\x7f@example.test",
    "bob@\xc2\xad.test",
    "bob@exa\xe2\x80\xa8mple.test",
    "12345678901234567890123456789012345678901234567890123456789012345@x.test",
    "bob@1234567890123456789012345678901234567890123456789012345678901234.test",
};

static void bad_addresses_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bads / sizeof bads[0]; i++) {
        pk_arena arena = PK_ARENA_INIT;
        pk_address address;
        const char *why = NULL;
        assert_int_equal(pk_address_parse(&arena, bads[i], &address, &why), PK_ADDRESS_BAD);
        print_message("\"%s\" %s\n", i > 27 ? "…" : bads[i], why);
        assert_non_null(why);
        pk_arena_free(&arena);
    }
}

static void over_254_bytes_is_too_long(void **state)
{
    (void)state;
    char text[300];
    const char *why = NULL;
    pk_address address;
    pk_arena arena = PK_ARENA_INIT;
    /* 50 + 1 + 203 = 254 */
    (void)snprintf(text, sizeof text, "%050d@%050d.%050d.%050d.%049dx", 1, 1, 1, 1, 1);
    assert_int_equal(strlen(text), 254);
    assert_int_equal(pk_address_parse(&arena, text, &address, &why), PK_ADDRESS_OK);
    (void)snprintf(text, sizeof text, "%051d@%050d.%050d.%050d.%049dx", 1, 1, 1, 1, 1);
    assert_int_equal(pk_address_parse(&arena, text, &address, &why), PK_ADDRESS_BAD);
    pk_arena_free(&arena);
}

static void assert_same_mailbox(const char *a, const char *b, bool same)
{
    pk_arena arena = PK_ARENA_INIT;
    pk_address first;
    pk_address second;
    const char *why = NULL;
    assert_int_equal(pk_address_parse(&arena, a, &first, &why), PK_ADDRESS_OK);
    assert_int_equal(pk_address_parse(&arena, b, &second, &why), PK_ADDRESS_OK);
    assert_int_equal(strcmp(first.key, second.key) == 0, same);
    pk_arena_free(&arena);
}

static void keys_see_what_people_see(void **state)
{
    (void)state;
    assert_same_mailbox("Bob@example.test", "bob@EXAMPLE.test", true);
    assert_same_mailbox("\"bob\"@example.test", "bob@example.test", true);
    assert_same_mailbox("zo\xc3\xab@x.test", "zoe\xcc\x88@x.test", true);
    assert_same_mailbox("bob@bücher.example", "bob@xn--bcher-kva.example", true);
    assert_same_mailbox("bob@example.test", "bob@example.org", false);
    assert_same_mailbox("b.ob@example.test", "bob@example.test", false);
}

static void a_domain_is_shown_in_unicode(void **state)
{
    static const char *const cases[][2] = {
        {"eleni@xn--mnchen-3ya.test", "eleni@m\xc3\xbcnchen.test"},
        {"eleni@example.test", "eleni@example.test"},
        {"eleni@xn--zzzzzzzz99999.test", "eleni@xn--zzzzzzzz99999.test"},
        {"eleni@[192.0.2.1]", "eleni@[192.0.2.1]"},
        {"", ""},
        {"eleni@", "eleni@"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pk_buf out;
        pk_buf_init(&out, 1000);
        pk_address_add_unicode(&out, cases[i][0]);
        assert_string_equal(pk_buf_text(&out), cases[i][1]);
        pk_buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_addresses_get_their_normal_form),
        cmocka_unit_test(bad_addresses_are_told),
        cmocka_unit_test(over_254_bytes_is_too_long),
        cmocka_unit_test(a_domain_is_shown_in_unicode),
        cmocka_unit_test(keys_see_what_people_see),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
