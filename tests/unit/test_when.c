#include "unit.h"

#include "base/clock.h"
#include "base/when.h"

#include <stdio.h>

static void moments_are_seconds_since_1970(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t time_s;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00Z", 0},
        {"1970-01-01T02:00+02:00", 0},
        {"1970-01-01T00:00:01-00:00", 1},
        {"2027-04-01T10:00:00+02:00", 1806566400},
        {"2027-04-01T10:00+02:00", 1806566400},
        {"2027-04-01T08:00:00Z", 1806566400},
        {"2027-04-01T03:30-04:30", 1806566400},
        {"2000-02-29T23:59:59Z", 951868799},
        {"9999-12-31T23:59:59Z", INT64_C(253402300799)},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t time_s = -1;
        const char *why = "none";
        print_message("%s\n", good[i].text);
        assert_true(pk_when_parse(good[i].text, &time_s, &why));
        assert_true(time_s == good[i].time_s);
        assert_null(why);
    }
}

static void every_day_is_the_c_library_s(void **state)
{
    (void)state;
    for (int64_t time_s = 0; time_s < INT64_C(253402300799); time_s += 86400 * 13 + 3601) {
        pk_buf text;
        pk_buf_init(&text, 100);
        pk_add_utc_iso(&text, time_s * 1000);
        pk_buf_cut(&text, 19);
        pk_buf_char(&text, 'Z');
        int64_t again = -1;
        const char *why = NULL;
        assert_true(pk_when_parse(text.data, &again, &why));
        assert_true(again == time_s);
        pk_buf_free(&text);
    }
}

static void what_is_no_moment_says_why(void **state)
{
    (void)state;
    static const char form[] =
        "it is not written as a time; expected one as 2027-04-01T10:00+02:00";
    static const char offset[] =
        "its offset from UTC is wrong; expected one as +02:00, or Z for UTC";
    static const struct {
        const char *text;
        const char *why;
    } bad[] = {
        {"", form},
        {"tomorrow", form},
        {"2027-04-01", form},
        {"2027-04-01 10:00Z", form},
        {"2027-04-01t10:00Z", form},
        {"27-04-01T10:00Z", form},
        {"2027-4-1T10:00Z", form},
        {"2027-04-01T10Z", form},
        {"2027-04-01T10:0Z", form},
        {"2027-04-01T10:00:Z", form},
        {" 2027-04-01T10:00Z", form},
        {"2027-04-01T10:00", "it has no offset from UTC; end it as +02:00, or with Z for UTC"},
        {"2027-04-01T10:00:00", "it has no offset from UTC; end it as +02:00, or with Z for UTC"},
        {"2027-04-01T10:00:00.5Z", "it has a fraction of a second; whole seconds are expected"},
        {"2027-04-01T10:00z", offset},
        {"2027-04-01T10:00+0200", offset},
        {"2027-04-01T10:00+02", offset},
        {"2027-04-01T10:00+24:00", offset},
        {"2027-04-01T10:00+02:60", offset},
        {"2027-04-01T10:00 CET", offset},
        {"2027-04-01T10:00ZZ", offset},
        {"2027-04-01T10:00Z ", offset},
        {"2027-13-01T10:00Z", "there is no such month; months are 01 to 12"},
        {"2027-00-01T10:00Z", "there is no such month; months are 01 to 12"},
        {"2027-04-31T10:00Z", "the month has no such day"},
        {"2027-04-00T10:00Z", "the month has no such day"},
        {"2027-02-29T10:00Z", "the month has no such day"},
        {"2100-02-29T10:00Z", "the month has no such day"},
        {"2027-04-01T24:00Z", "the day has no such time; times are 00:00:00 to 23:59:59"},
        {"2027-04-01T10:60Z", "the day has no such time; times are 00:00:00 to 23:59:59"},
        {"2027-04-01T10:00:60Z", "the day has no such time; times are 00:00:00 to 23:59:59"},
        {"1969-12-31T23:59Z", "the year is before 1970"},
        {"1970-01-01T00:00+01:00", "the year is before 1970"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t time_s = 7;
        const char *why = NULL;
        print_message("\"%s\"\n", bad[i].text);
        assert_false(pk_when_parse(bad[i].text, &time_s, &why));
        assert_string_equal(why, bad[i].why);
        assert_int_equal(time_s, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_seconds_since_1970),
        cmocka_unit_test(every_day_is_the_c_library_s),
        cmocka_unit_test(what_is_no_moment_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
