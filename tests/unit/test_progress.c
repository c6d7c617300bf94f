#include "unit.h"

#include "base/clock.h"
#include "base/text.h"
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WIDE = 200, USUAL = 80, NARROW = 20 };

/* 16:45:03 UTC on a day that does not matter. */
static const int64_t then_ms = (INT64_C(20000) * 86400 + 16 * 3600 + 45 * 60 + 3) * 1000;

/* 120 of 200 pranks, with some 12 a second. */
static pk_progress_state halfway(void)
{
    pk_progress_state state = {
        .total = 200,
        .settled_now = 123,
        .elapsed_ms = 10000,
        .now_ms = then_ms - 5000,
        .delivery = {.connections = 1, .in_work = 1, .wait_until_ms = then_ms},
    };
    state.verdicts[PRANKCURL_ACCEPTED] = 118;
    state.verdicts[PRANKCURL_REFUSED] = 2;
    return state;
}

static void assert_line(const pk_progress_state *state, size_t width, const char *expected)
{
    pk_buf line;
    pk_buf_init(&line, 1024);
    pk_progress_line(&line, state, width);
    assert_true(pk_buf_ok(&line));
    assert_string_equal(pk_buf_text(&line), expected);
    pk_buf_free(&line);
}

static void it_tells_how_far_and_how_fast(void **unused)
{
    (void)unused;
    pk_progress_state state = halfway();
    const char *line = "[############--------] 120/200  118 accepted, 2 refused  12.3/s  7 s left";
    assert_line(&state, USUAL, line);
    assert_line(&state, strlen(line), line);
    state.delivery.waiting = 3;
    assert_line(&state, WIDE,
                "[############--------] 120/200  118 accepted, 2 refused, 3 to try again  12.3/s");
    state.delivery.connections = 3;
    state.delivery.connections_wanted = 4;
    state.delivery.waiting = 0;
    assert_line(&state, WIDE,
                "[############--------] 120/200  118 accepted, 2 refused  12.3/s  7 s left"
                "  3 of 4 connections");
    assert_line(&state, USUAL, line); /* for which the bar must not go */
}

static void beginning_and_end_are_plain(void **unused)
{
    (void)unused;
    pk_progress_state state = {.total = 7, .delivery = {.connections = 1, .connections_wanted = 2}};
    assert_line(&state, USUAL, "[--------------------] 0/7"); /* the first one goes alone */
    state.verdicts[PRANKCURL_SKIPPED] = 5;
    state.verdicts[PRANKCURL_UNCERTAIN] = 1;
    state.verdicts[PRANKCURL_DEFERRED] = 6;
    state.settled_now = 7;
    state.elapsed_ms = 7000;
    state.delivery.connections = 2;
    assert_line(&state, USUAL, "[####################] 7/7  6 deferred, 1 uncertain  1.0/s");
    state = (pk_progress_state){0};
    assert_line(&state, USUAL, "[####################] 0/0");
}

static void the_bar_is_full_only_at_the_end(void **unused)
{
    (void)unused;
    pk_progress_state state = {.total = 1000};
    state.verdicts[PRANKCURL_ACCEPTED] = 999;
    assert_line(&state, USUAL, "[###################-] 999/1000  999 accepted");
}

static void slow_rates_have_units_of_their_own(void **unused)
{
    (void)unused;
    static const struct {
        size_t settled;
        int64_t elapsed_ms;
        const char *speed;
    } cases[] = {
        {0, 5000, ""},
        {5, 0, ""},
        {60, 1000, "  60.0/s  2 s left"},
        {1, 1000, "  1.0/s  2 min left"},
        {1, 999, "  1.0/s  2 min left"},
        {1, 2000, "  30.0/m  3 min left"},
        {1, 60000, "  1.0/m  1 h 20 min left"},
        {1, 120000, "  30.0/h  2 h 40 min left"},
        {1, 24 * 3600 * 1000, "  0.0/h"}, /* 80 days: nobody believes that */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pk_progress_state state = {
            .total = 80, .settled_now = cases[i].settled, .elapsed_ms = cases[i].elapsed_ms};
        char line[128];
        (void)snprintf(line, sizeof line, "[--------------------] 0/80%s", cases[i].speed);
        assert_line(&state, USUAL, line);
    }
}

static void it_tells_what_it_waits_for(void **unused)
{
    (void)unused;
    pk_progress_state state = halfway();
    state.delivery.waiting = 3;
    state.delivery.wait = PRANKCURL_WAIT_RETRY;
    assert_line(&state, WIDE,
                "[############--------] 120/200  118 accepted, 2 refused"
                "  waiting until 16:45:03 to try 3 again");
    state.delivery.waiting = 0;
    state.delivery.wait = PRANKCURL_WAIT_SERVER;
    assert_line(&state, WIDE,
                "[############--------] 120/200  118 accepted, 2 refused"
                "  waiting until 16:45:03: the server has no time now");
    state.delivery.wait = PRANKCURL_WAIT_PACE;
    assert_line(&state, WIDE,
                "[############--------] 120/200  118 accepted, 2 refused"
                "  next at 16:45:03 (rate)  12.3/s  7 s left");
}

static void a_short_wait_is_not_worth_a_word(void **unused)
{
    (void)unused;
    const char *line = "[############--------] 120/200  118 accepted, 2 refused  12.3/s  7 s left";
    for (prankcurl_wait wait = PRANKCURL_WAIT_NONE; wait <= PRANKCURL_WAIT_SERVER; wait++) {
        pk_progress_state state = halfway();
        state.delivery.wait = wait;
        state.now_ms = then_ms - 1000;
        assert_line(&state, USUAL, line);
        state.now_ms = then_ms + 1;
        assert_line(&state, USUAL, line);
    }
}

static void the_bar_makes_room_for_words(void **unused)
{
    (void)unused;
    pk_progress_state state = halfway();
    state.delivery.waiting = 3;
    state.delivery.wait = PRANKCURL_WAIT_RETRY;
    assert_line(&state, USUAL,
                "120/200  118 accepted, 2 refused  waiting until 16:45:03 to try 3 again");
    state.verdicts[PRANKCURL_REFUSED] = 0;
    assert_line(&state, USUAL,
                "[#####-----] 118/200  118 accepted  waiting until 16:45:03 to try 3 again");
}

/* Without it the line would look as if it hung. */
static void the_wait_comes_before_the_counts(void **unused)
{
    (void)unused;
    pk_progress_state state = halfway();
    state.delivery.waiting = 3;
    state.delivery.wait = PRANKCURL_WAIT_RETRY;
    assert_line(&state, 50, "120/200  waiting until 16:45:03 to try 3 again");
}

static void it_does_not_promise_more_than_the_rate(void **unused)
{
    (void)unused;
    pk_progress_state state = halfway();
    state.delivery.rate_per_s = 2;
    assert_line(&state, USUAL,
                "[############--------] 120/200  118 accepted, 2 refused  2.0/s  40 s left");
}

static void what_does_not_fit_is_left_out_whole(void **unused)
{
    (void)unused;
    pk_progress_state state = halfway();
    assert_line(&state, 40, "120/200  118 accepted, 2 refused  12.3/s");
    assert_line(&state, 39, "120/200  118 accepted, 2 refused");
    assert_line(&state, 31, "120/200  118 accepted");
    assert_line(&state, NARROW, "120/200");
}

static void it_is_never_wider_than_the_terminal(void **unused)
{
    (void)unused;
    pk_progress_state state = halfway();
    state.total = SIZE_MAX;
    state.verdicts[PRANKCURL_DEFERRED] = 12345;
    state.verdicts[PRANKCURL_UNCERTAIN] = 12345;
    state.delivery.connections = 64;
    state.delivery.waiting = SIZE_MAX;
    for (prankcurl_wait wait = PRANKCURL_WAIT_NONE; wait <= PRANKCURL_WAIT_SERVER; wait++) {
        state.delivery.wait = wait;
        for (size_t width = 0; width <= WIDE; width++) {
            pk_buf line;
            pk_buf_init(&line, 1024);
            pk_progress_line(&line, &state, width);
            assert_true(pk_buf_ok(&line));
            assert_true(pk_display_width(pk_buf_text(&line)) <= width);
            pk_buf_free(&line);
        }
    }
}

/* What was written so far. */
static const char *written(FILE *out, char *text, size_t size)
{
    (void)fflush(out);
    rewind(out);
    text[fread(text, 1, size - 1, out)] = '\0';
    (void)fseek(out, 0, SEEK_END);
    return text;
}

static void it_is_written_anew_and_taken_away(void **unused)
{
    (void)unused;
    char text[512];
    pk_progress progress;
    pk_progress_state state = {.total = 2};
    FILE *out = tmpfile();
    assert_non_null(out);
    pk_progress_start(&progress, out, true);
    pk_progress_clear(&progress);
    assert_string_equal(written(out, text, sizeof text), "");
    pk_progress_update(&progress, &state);
    progress.shown_us = pk_monotonic_us();
    pk_progress_update(&progress, &state); /* too early */
    assert_string_equal(written(out, text, sizeof text), "\r\033[K[--------------------] 0/2");
    pk_progress_clear(&progress);
    pk_progress_clear(&progress);
    assert_string_equal(written(out, text, sizeof text),
                        "\r\033[K[--------------------] 0/2\r\033[K");
    progress.shown_us -= 100 * 1000;
    pk_progress_update(&progress, &state);
    pk_progress_end(&progress);
    pk_progress_update(&progress, &state);
    assert_string_equal(written(out, text, sizeof text),
                        "\r\033[K[--------------------] 0/2\r\033[K"
                        "\r\033[K[--------------------] 0/2\r\033[K");
    (void)fclose(out);
}

static void nothing_is_written_where_it_is_not_wanted(void **unused)
{
    (void)unused;
    char text[64];
    pk_progress progress;
    pk_progress_state state = {.total = 2};
    FILE *out = tmpfile();
    assert_non_null(out);
    pk_progress_start(&progress, out, false);
    pk_progress_update(&progress, &state);
    pk_progress_clear(&progress);
    pk_progress_end(&progress);
    assert_string_equal(written(out, text, sizeof text), "");
    (void)fclose(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_tells_how_far_and_how_fast),
        cmocka_unit_test(beginning_and_end_are_plain),
        cmocka_unit_test(the_bar_is_full_only_at_the_end),
        cmocka_unit_test(slow_rates_have_units_of_their_own),
        cmocka_unit_test(it_tells_what_it_waits_for),
        cmocka_unit_test(a_short_wait_is_not_worth_a_word),
        cmocka_unit_test(the_bar_makes_room_for_words),
        cmocka_unit_test(the_wait_comes_before_the_counts),
        cmocka_unit_test(it_does_not_promise_more_than_the_rate),
        cmocka_unit_test(what_does_not_fit_is_left_out_whole),
        cmocka_unit_test(it_is_never_wider_than_the_terminal),
        cmocka_unit_test(it_is_written_anew_and_taken_away),
        cmocka_unit_test(nothing_is_written_where_it_is_not_wanted),
    };
    (void)setenv("TZ", "UTC", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
