#include "unit.h"

#include "delivery/backoff.h"

static const int64_t MINUTE_MS = 60 * 1000;

static void it_doubles_up_to_a_quarter_of_an_hour(void **state)
{
    (void)state;
    static const int64_t minutes[] = {1, 2, 4, 8, 15, 15, 15};
    pk_random random;
    pk_random_seed(&random, 1);
    for (unsigned failures = 1; failures <= 7; failures++) {
        for (int i = 0; i < 100; i++) {
            int64_t least = minutes[failures - 1] * MINUTE_MS;
            assert_in_range(pk_backoff_ms(MINUTE_MS, failures, &random), least, least * 5 / 4);
        }
    }
    assert_in_range(pk_backoff_ms(MINUTE_MS, 4000000000U, &random), 15 * MINUTE_MS, 19 * MINUTE_MS);
}

static void a_long_first_wait_is_kept(void **state)
{
    (void)state;
    pk_random random;
    pk_random_seed(&random, 1);
    assert_in_range(pk_backoff_ms(60 * MINUTE_MS, 3, &random), 60 * MINUTE_MS, 75 * MINUTE_MS);
    assert_int_equal(pk_backoff_ms(0, 3, &random), 0);
}

static void chance_parts_them(void **state)
{
    (void)state;
    pk_random random;
    pk_random_seed(&random, 1);
    int64_t first = pk_backoff_ms(MINUTE_MS, 1, &random);
    bool differs = false;
    for (int i = 0; i < 10; i++) {
        differs = differs || pk_backoff_ms(MINUTE_MS, 1, &random) != first;
    }
    assert_true(differs);
}

static void replies_ask_for_a_wait(void **state)
{
    (void)state;
    static const struct {
        const char *reply;
        int64_t wait_ms;
    } cases[] = {
        {"450 4.2.0 Greylisted, try again in 300 seconds", 300 * 1000},
        {"451 4.7.1 Greylisting in action, please come back in 00:04:58", 0},
        {"450 retry after 5 minutes", 5 * MINUTE_MS},
        {"450 Greylisted for 90s", 90 * 1000},
        {"450 try again in 2min", 2 * MINUTE_MS},
        {"450 try again in 1 hour", 15 * MINUTE_MS},
        {"450 try again in 99999999999999999999 seconds", 15 * MINUTE_MS},
        {"450 try again in 5", 0},
        {"450 try again later", 0},
        {"450 queued for 2 hosts", 0},
        {"450 in 3 Minutes.", 3 * MINUTE_MS},
        {"", 0},
        {"450 in ", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(pk_wait_asked_ms(cases[i].reply), cases[i].wait_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_doubles_up_to_a_quarter_of_an_hour),
        cmocka_unit_test(a_long_first_wait_is_kept),
        cmocka_unit_test(chance_parts_them),
        cmocka_unit_test(replies_ask_for_a_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
