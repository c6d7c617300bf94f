#include "unit.h"

#include "delivery/pace.h"

static const int64_t SECOND = 1000000;

/* Messages that go in the given time, for a caller that waits as long as it is told. */
static int count_until(pk_pace *pace, int64_t from_us, int64_t until_us)
{
    int count = 0;
    int64_t now_us = from_us;
    while (now_us < until_us) {
        int64_t wait_us = pk_pace_take(pace, now_us);
        count += wait_us == 0 ? 1 : 0;
        now_us += wait_us;
    }
    return count;
}

static void the_rate_is_kept(void **state)
{
    (void)state;
    pk_pace pace;
    pk_pace_init(&pace, 10);
    assert_in_range(count_until(&pace, SECOND, 21 * SECOND), 197, 200);
    pk_pace_init(&pace, 1000.0 / 3600);
    assert_in_range(count_until(&pace, 0, 3600 * SECOND), 999, 1001);
}

static void no_second_sees_more_than_the_rate(void **state)
{
    (void)state;
    pk_pace pace;
    pk_pace_init(&pace, 10);
    for (int64_t second = 1; second < 20; second++) {
        assert_in_range(count_until(&pace, second * SECOND, (second + 1) * SECOND), 9, 10);
    }
}

/* Threads wake up late, now more, now less. */
static void lateness_does_not_add_up_nor_crowd_a_second(void **state)
{
    (void)state;
    pk_pace pace;
    int64_t went_us[400];
    int count = 0;
    pk_pace_init(&pace, 10);
    for (int64_t now_us = 50 * SECOND; now_us < 70 * SECOND;) {
        int64_t wait_us = pk_pace_take(&pace, now_us);
        if (wait_us == 0) {
            went_us[count++] = now_us;
        }
        now_us += wait_us ? wait_us + 1000 * ((int64_t)count * 7 % 30) : 0;
    }
    assert_in_range(count, 190, 200);
    for (int i = 10; i < count; i++) {
        assert_true(went_us[i] - went_us[i - 10] > SECOND);
    }
}

static void of_a_pause_one_message_is_caught_up(void **state)
{
    (void)state;
    pk_pace pace;
    pk_pace_init(&pace, 10);
    assert_int_equal(pk_pace_take(&pace, 5 * SECOND), 0);
    assert_int_equal(pk_pace_take(&pace, 60 * SECOND), 0);
    assert_int_equal(pk_pace_take(&pace, 60 * SECOND), 0);
    assert_int_not_equal(pk_pace_take(&pace, 60 * SECOND), 0);
}

/* Threads wake up late; what they are late must not add up where messages come fast. */
static void a_fast_rate_catches_up_what_it_was_late(void **state)
{
    (void)state;
    pk_pace pace;
    pk_pace_init(&pace, 5000);
    int count = 0;
    for (int64_t now_us = 10 * SECOND; now_us < 11 * SECOND;) {
        int64_t wait_us = pk_pace_take(&pace, now_us);
        count += wait_us == 0 ? 1 : 0;
        now_us += wait_us ? wait_us + 90 : 0;
    }
    assert_in_range(count, 4990, 5060);
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
        cmocka_unit_test(no_second_sees_more_than_the_rate),
        cmocka_unit_test(lateness_does_not_add_up_nor_crowd_a_second),
        cmocka_unit_test(of_a_pause_one_message_is_caught_up),
        cmocka_unit_test(a_fast_rate_catches_up_what_it_was_late),
        cmocka_unit_test(no_rate_is_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
