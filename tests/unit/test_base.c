#include "unit.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <uninorm.h>

static void a_buffer_grows_to_its_maximum_and_no_further(void **state)
{
    (void)state;
    pk_buf buf;
    pk_buf_init(&buf, 1000);
    for (int i = 0; i < 100; i++) {
        pk_buf_str(&buf, "0123456789");
    }
    assert_true(pk_buf_ok(&buf));
    assert_int_equal(buf.len, 1000);
    pk_buf_char(&buf, 'x');
    assert_false(pk_buf_ok(&buf));
    assert_int_equal(buf.len, 1000);
    pk_buf_str(&buf, "");
    assert_false(pk_buf_ok(&buf)); /* a failure stays */
    assert_null(pk_buf_take(&buf));
    pk_buf_reset(&buf);
    pk_buf_fmt(&buf, "%s-%d", "a", 7);
    char *taken = pk_buf_take(&buf);
    assert_string_equal(taken, "a-7");
    assert_string_equal(pk_buf_text(&buf), "");
    free(taken);
    pk_buf_free(&buf);
}

static void an_arena_keeps_everything_apart(void **state)
{
    (void)state;
    pk_arena arena = PK_ARENA_INIT;
    char *texts[2000];
    for (int i = 0; i < 2000; i++) {
        /* A type of 24 bytes can want an alignment of 8, one of 16 of 16. */
        texts[i] = i % 2 ? pk_arena_alloc(&arena, (size_t)i + 1, 24)
                         : pk_arena_alloc(&arena, (size_t)i + 1, 16);
        assert_non_null(texts[i]);
        assert_int_equal((uintptr_t)texts[i] % (i % 2 ? 8 : 16), 0);
        assert_int_equal(texts[i][i], 0);
        memset(texts[i], i % 251, (size_t)i + 1);
    }
    for (int i = 0; i < 2000; i++) {
        assert_int_equal((unsigned char)texts[i][i], i % 251);
    }
    assert_null(pk_arena_alloc(&arena, SIZE_MAX / 2, 16));
    assert_null(pk_arena_alloc(&arena, SIZE_MAX, 1));
    pk_arena_free(&arena);
}

/* The first numbers of the authors' own xoshiro256starstar.c, seeded by their splitmix64.c with 0.
 */
static void the_generator_is_the_published_one(void **state)
{
    (void)state;
    pk_random random;
    pk_random_seed(&random, 0);
    assert_true(random.state[0] == UINT64_C(0xe220a8397b1dcdaf));
    assert_true(random.state[1] == UINT64_C(0x6e789e6aa1b965f4));
    assert_true(random.state[2] == UINT64_C(0x06c45d188009454f));
    assert_true(random.state[3] == UINT64_C(0xf88bb8a8724c81ec));
    assert_true(pk_random_next(&random) == UINT64_C(0x99ec5f36cb75f2b4));
    assert_true(pk_random_next(&random) == UINT64_C(0xbf6e1f784956452a));
    assert_true(pk_random_next(&random) == UINT64_C(0x1a5f849d4933e6e0));
}

/* 6 numbers, 60,000 draws: chi-square with 5 degrees of freedom stays below 20.5 but once in 1,000.
 */
static void bounded_draws_are_even(void **state)
{
    (void)state;
    pk_random random;
    double counts[6] = {0};
    double chi_square = 0;
    pk_random_seed(&random, 42);
    for (int i = 0; i < 60000; i++) {
        counts[pk_random_below(&random, 6)]++;
    }
    for (int i = 0; i < 6; i++) {
        chi_square += (counts[i] - 10000) * (counts[i] - 10000) / 10000;
    }
    assert_true(chi_square < 20.5);
    assert_int_equal(pk_random_below(&random, 1), 0);
}

/* All 24 orders of 4 items come about equally often (chi-square, 23 degrees: 49.7 once in 1,000).
 */
static void shuffles_are_even(void **state)
{
    (void)state;
    pk_random random;
    double counts[256] = {0};
    double chi_square = 0;
    int orders = 0;
    pk_random_seed(&random, 7);
    for (int i = 0; i < 48000; i++) {
        size_t items[] = {0, 1, 2, 3};
        pk_random_shuffle(&random, items, 4);
        counts[items[0] * 64 + items[1] * 16 + items[2] * 4 + items[3]]++;
    }
    for (int i = 0; i < 256; i++) {
        orders += counts[i] > 0 ? 1 : 0;
        chi_square += counts[i] > 0 ? (counts[i] - 2000) * (counts[i] - 2000) / 2000 : 0;
    }
    assert_int_equal(orders, 24);
    assert_true(chi_square < 49.7);
}

static void dates_are_those_of_rfc_5322(void **state)
{
    (void)state;
    pk_buf buf;
    pk_buf_init(&buf, 100);
    pk_add_date(&buf, 0);
    assert_string_equal(buf.data, "Thu, 01 Jan 1970 00:00:00 +0000");
    pk_buf_reset(&buf);
    pk_add_date(&buf, 1774998000);
    assert_string_equal(buf.data, "Tue, 31 Mar 2026 23:00:00 +0000");
    pk_buf_reset(&buf);
    pk_add_mbox_date(&buf, 1775001600);
    assert_string_equal(buf.data, "Wed Apr  1 00:00:00 2026");
    pk_buf_free(&buf);
}

static void what_would_harm_a_terminal_is_replaced(void **state)
{
    (void)state;
    static const char nasty[] = "a\x1b[31mb\r\n\xff\xc3\x28\xc2\x9b"
                                "c\xe2\x80\xa8";
    pk_buf buf;
    pk_buf_init(&buf, 100);
    pk_add_printable(&buf, nasty, sizeof nasty - 1);
    assert_string_equal(buf.data, "a�[31mb����(�c�");
    pk_buf_free(&buf);
}

static void width_is_that_of_the_terminal(void **state)
{
    (void)state;
    assert_int_equal(pk_display_width("Bob"), 3);
    assert_int_equal(pk_display_width("Zoé"), 3);
    assert_int_equal(pk_display_width("Zoe\xcc\x81"), 3);
    assert_int_equal(pk_display_width("小林"), 4);
    assert_int_equal(pk_display_width(""), 0);
}

static void errors_are_cut_between_characters_and_sorted(void **state)
{
    (void)state;
    char small[6];
    pk_text_copy(small, sizeof small, "abcdé");
    assert_string_equal(small, "abcd");
    prankcurl_errors errors = PRANKCURL_ERRORS_INIT;
    pk_place later = {"f", "b", 2, 1};
    pk_place sooner = {"f", "a", 1, 9};
    pk_errors_addf(&errors, PRANKCURL_CONFIG, &later, "two");
    assert_int_equal(pk_errors_status(&errors), PRANKCURL_CONFIG);
    pk_errors_addf(&errors, PRANKCURL_CAMPAIGN, &sooner, "one");
    assert_int_equal(pk_errors_status(&errors), PRANKCURL_CAMPAIGN);
    pk_errors_sort(&errors);
    char line[64];
    assert_int_equal(prankcurl_error_format(&errors.items[0], line, sizeof line), 13);
    assert_string_equal(line, "f:1:9: a: one");
    for (int i = 0; i < 2000; i++) {
        pk_errors_addf(&errors, PRANKCURL_CAMPAIGN, &sooner, "more");
    }
    assert_int_equal(errors.count, 1000);
    assert_int_equal(errors.left_out, 1002);
    prankcurl_errors_free(&errors);
    prankcurl_errors_free(NULL);
}

/* All that pk_is_settled() names in one text, up and down, with an accent's place left free. */
static void what_nfc_leaves_alone_is_left_alone(void **state)
{
    (void)state;
    enum { LAST = 0x10ffff };
    uint32_t *text = calloc(2 * LAST, sizeof *text);
    assert_non_null(text);
    size_t count = 0;
    for (uint32_t c = 1; c < LAST; c++) {
        assert_true(!pk_is_settled(c) || uc_combining_class(c) == 0);
        text[count] = c;
        count += pk_is_settled(c) ? 1 : 0;
    }
    assert_true(count > 30000 && !pk_is_settled(0x301) && !pk_is_settled(0x340));
    for (size_t i = 0; i < count; i++) {
        text[count + i] = text[count - 1 - i];
    }
    size_t len = 0;
    uint32_t *composed = u32_normalize(UNINORM_NFC, text, 2 * count, NULL, &len);
    assert_non_null(composed);
    assert_int_equal(len, 2 * count);
    assert_memory_equal(composed, text, len * sizeof *text);
    free(composed);
    free(text);
}

static void accents_are_composed(void **state)
{
    (void)state;
    pk_buf text;
    pk_buf_init(&text, 100);
    pk_buf_str(&text, "Zoe\xcc\x81, \xd0\xb8\xcc\x86 \xe4\xbd\x90 \xe2\x84\xab");
    assert_true(pk_text_compose(&text));
    assert_string_equal(text.data, "Zoé, й 佐 Å");
    pk_buf_free(&text);
}

static void every_status_has_its_words(void **state)
{
    (void)state;
    assert_string_equal(prankcurl_status_name(PRANKCURL_DENIED), "DENIED");
    assert_int_equal(prankcurl_status_exit_code(PRANKCURL_OK), 0);
    assert_int_equal(prankcurl_status_exit_code(PRANKCURL_DENIED), 77);
    assert_int_equal(prankcurl_status_exit_code((prankcurl_status)999), 70);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_grows_to_its_maximum_and_no_further),
        cmocka_unit_test(an_arena_keeps_everything_apart),
        cmocka_unit_test(the_generator_is_the_published_one),
        cmocka_unit_test(bounded_draws_are_even),
        cmocka_unit_test(shuffles_are_even),
        cmocka_unit_test(dates_are_those_of_rfc_5322),
        cmocka_unit_test(what_would_harm_a_terminal_is_replaced),
        cmocka_unit_test(width_is_that_of_the_terminal),
        cmocka_unit_test(errors_are_cut_between_characters_and_sorted),
        cmocka_unit_test(what_nfc_leaves_alone_is_left_alone),
        cmocka_unit_test(accents_are_composed),
        cmocka_unit_test(every_status_has_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
