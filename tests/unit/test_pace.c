#include "unit.h"

#include "delivery/pace.h"

/* Messages that go in the given time, for a caller that waits as long as it is told. */
static int count_until(pk_pace *pace, int64_t from_ms, int64_t until_ms)
{
    int count = 0;
    int64_t now_ms = from_ms;
    while (now_ms < until_ms) {
        int64_t wait_ms = pk_pace_take(pace, now_ms);
        count += wait_ms == 0 ? 1 : 0;
        now_ms += wait_ms;
    }
    return count;
}

static void the_rate_is_kept(void **state)
{
    (void)state;
    pk_pace pace;
    pk_pace_init(&pace, 10);
    assert_in_range(count_until(&pace, 1000, 21000), 200, 201);
    pk_pace_init(&pace, 1000.0 / 3600);
    assert_in_range(count_until(&pace, 0, 3600 * 1000), 999, 1001);
}

static void no_second_sees_more_than_the_rate_and_one(void **state)
{
    (void)state;
    pk_pace pace;
    pk_pace_init(&pace, 10);
    for (int64_t second = 1; second < 20; second++) {
        assert_in_range(count_until(&pace, second * 1000, second * 1000 + 1000), 9, 11);
    }
}

static void a_pause_is_not_caught_up(void **state)
{
    (void)state;
    pk_pace pace;
    pk_pace_init(&pace, 10);
    assert_int_equal(pk_pace_take(&pace, 5000), 0);
    assert_int_equal(pk_pace_take(&pace, 60000), 0);
    assert_int_not_equal(pk_pace_take(&pace, 60000), 0);
}

static void no_rate_is_no_limit(void **state)
{
    (void)state;
    pk_pace pace;
    pk_pace_init(&pace, 0);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(pk_pace_take(&pace, 7), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rate_is_kept),
        cmocka_unit_test(no_second_sees_more_than_the_rate_and_one),
        cmocka_unit_test(a_pause_is_not_caught_up),
        cmocka_unit_test(no_rate_is_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
