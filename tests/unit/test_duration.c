#include "unit.h"

#include "base/duration.h"

static void durations_are_milliseconds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        {"1ms", 1},
        {"500ms", 500},
        {"30s", 30000},
        {"1m", 60000},
        {"2h", 7200000},
        {"90m", 5400000},
        {"99999999h", INT64_C(359999996400000)},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t ms = 0;
        assert_true(pk_duration_parse(good[i].text, &ms));
        assert_true(ms == good[i].ms);
    }
}

static void what_is_no_duration_changes_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",    "s",   "30",  "0s", "030s", "-1s",   "+1s",        "1.5s",
        "1 s", " 1s", "1s ", "1S", "1d",   "1h30m", "100000000s", "99999999999999999999s",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t ms = 7;
        print_message("\"%s\"\n", bad[i]);
        assert_false(pk_duration_parse(bad[i], &ms));
        assert_int_equal(ms, 7);
    }
}

static void units_can_be_ones_own(void **state)
{
    (void)state;
    static const pk_unit units[] = {{"/s", 1}, {"/h", 3600}};
    int64_t number = 0;
    int64_t unit = 0;
    assert_true(pk_number_with_unit("500/h", units, 2, &number, &unit));
    assert_int_equal(number, 500);
    assert_int_equal(unit, 3600);
    assert_false(pk_number_with_unit("500h", units, 2, &number, &unit));
    assert_false(pk_number_with_unit("500/h", units, 1, &number, &unit));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_milliseconds),
        cmocka_unit_test(what_is_no_duration_changes_nothing),
        cmocka_unit_test(units_can_be_ones_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
