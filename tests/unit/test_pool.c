#include "unit.h"

#include "delivery/pool.h"

#include <string.h>

static const int64_t MINUTE_MS = 60 * 1000;

static pk_pool pool;
static pk_random chance;

static int set_up(void **state)
{
    (void)state;
    pk_random_seed(&chance, 1);
    pk_pool_init(&pool, 4);
    return 0;
}

static pk_heard hear(prankcurl_verdict verdict, prankcurl_scope scope, int code, const char *text,
                     int64_t now_us)
{
    prankcurl_outcome outcome = PRANKCURL_OUTCOME_INIT;
    outcome.verdict = verdict;
    outcome.scope = scope;
    outcome.reply.code = code;
    strncpy(outcome.reply.text, text, sizeof outcome.reply.text - 1);
    return pk_pool_hear(&pool, &outcome, MINUTE_MS, &chance, now_us);
}

static pk_heard hear_good(void)
{
    return hear(PRANKCURL_ACCEPTED, PRANKCURL_SCOPE_MESSAGE, 250, "250 ok", 0);
}

static pk_heard hear_busy(int64_t now_us)
{
    return hear(PRANKCURL_DEFERRED, PRANKCURL_SCOPE_SERVER, 421, "421 busy", now_us);
}

static void the_first_connection_goes_alone(void **state)
{
    (void)state;
    assert_int_equal(pool.allowed, 1);
    assert_int_equal(hear_good(), PK_HEARD_NOTHING);
    assert_int_equal(pool.allowed, 4);
}

static void a_refused_message_is_a_good_answer_too(void **state)
{
    (void)state;
    (void)hear(PRANKCURL_REFUSED, PRANKCURL_SCOPE_MESSAGE, 550, "550 no", 0);
    assert_int_equal(pool.allowed, 4);
}

static void it_shrinks_at_once_and_grows_slowly(void **state)
{
    (void)state;
    (void)hear_good();
    pool.open = 4;
    assert_int_equal(hear_busy(0), PK_HEARD_CROWDED);
    assert_int_equal(pool.allowed, 3);
    pool.open = 3;
    assert_int_equal(hear_busy(0), PK_HEARD_CROWDED);
    assert_int_equal(pool.allowed, 2);
    for (int i = 0; i < 49; i++) {
        (void)hear_good();
    }
    assert_int_equal(pool.allowed, 2);
    (void)hear_good();
    assert_int_equal(pool.allowed, 3);
    for (int i = 0; i < 500; i++) {
        (void)hear_good();
    }
    assert_int_equal(pool.allowed, 4);
}

static void crowds_are_told_by_code_or_words(void **state)
{
    (void)state;
    (void)hear_good();
    pool.open = 4;
    (void)hear(PRANKCURL_DEFERRED, PRANKCURL_SCOPE_MESSAGE, 450, "450 Too many Connections from x",
               0);
    assert_int_equal(pool.allowed, 3);
    (void)hear(PRANKCURL_DEFERRED, PRANKCURL_SCOPE_MESSAGE, 421, "421 4.7.0 too much mail", 0);
    assert_int_equal(pool.allowed, 2);
    (void)hear(PRANKCURL_DEFERRED, PRANKCURL_SCOPE_MESSAGE, 451, "451 greylisted", 0);
    (void)hear(PRANKCURL_ACCEPTED, PRANKCURL_SCOPE_MESSAGE, 250, "250 many connections", 0);
    assert_int_equal(pool.allowed, 2);
}

static void trouble_of_the_server_holds_all(void **state)
{
    (void)state;
    (void)hear_good();
    pool.open = 1;
    assert_int_equal(hear_busy(1000), PK_HEARD_TROUBLE);
    assert_int_equal(pool.failures, 1);
    assert_in_range(pool.held_until_us, 1000 + 60000000, 1000 + 75000000);
    /* Another connection that tells of the same trouble is no second one. */
    assert_int_equal(hear_busy(2000), PK_HEARD_TROUBLE);
    assert_int_equal(pool.failures, 1);
    assert_int_equal(hear_busy(pool.held_until_us), PK_HEARD_TROUBLE);
    assert_int_equal(pool.failures, 2);
    (void)hear_good();
    assert_int_equal(pool.failures, 0);
}

static void one_connection_is_always_allowed(void **state)
{
    (void)state;
    (void)hear_good();
    for (int i = 0; i < 20; i++) {
        (void)hear_busy(0);
    }
    assert_int_equal(pool.allowed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_first_connection_goes_alone, set_up),
        cmocka_unit_test_setup(a_refused_message_is_a_good_answer_too, set_up),
        cmocka_unit_test_setup(it_shrinks_at_once_and_grows_slowly, set_up),
        cmocka_unit_test_setup(crowds_are_told_by_code_or_words, set_up),
        cmocka_unit_test_setup(trouble_of_the_server_holds_all, set_up),
        cmocka_unit_test_setup(one_connection_is_always_allowed, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
