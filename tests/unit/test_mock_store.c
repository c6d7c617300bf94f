#include "unit.h"

#include "mock/faults.h"
#include "mock/store.h"

#include <string.h>

typedef struct heard {
    int added;
    int gone;
    int all;
} heard;

static void listen(void *context, const pm_mail *mail, uint64_t id)
{
    heard *what = context;
    what->added += mail ? 1 : 0;
    what->gone += !mail && id ? 1 : 0;
    what->all += !mail && !id ? 1 : 0;
}

static void add(pm_store *store, size_t len)
{
    static char raw[100000];
    prankcurl_error error;
    pm_mail draft = {.id = store->next_id, .raw = raw, .raw_len = len};
    assert_true(pm_store_add(store, &draft, &error));
}

static void the_oldest_go_first(void **state)
{
    (void)state;
    pm_store store;
    heard what = {0};
    pm_store_init(&store, 3, 1 << 20);
    store.listener = listen;
    store.context = &what;
    for (int i = 0; i < 1000; i++) {
        add(&store, 10);
    }
    assert_int_equal(store.count, 3);
    assert_null(pm_store_find(&store, 997));
    assert_int_equal(pm_store_at(&store, 0)->id, 998);
    assert_int_equal(store.evicted, 997);
    assert_int_equal(what.added, 1000);
    assert_int_equal(what.gone, 997);
    assert_true(pm_store_delete(&store, 999));
    assert_false(pm_store_delete(&store, 999));
    assert_int_equal(pm_store_find(&store, 1000)->id, 1000);
    assert_int_equal(pm_store_delete_all(&store), 2);
    assert_int_equal(what.all, 1);
    assert_int_equal(store.bytes, 0);
    add(&store, 10);
    assert_int_equal(pm_store_at(&store, 0)->id, 1001);
    pm_store_free(&store);
}

static void bytes_are_bounded_with_those_under_way(void **state)
{
    (void)state;
    pm_store store;
    pm_store_init(&store, 1000, 100000);
    for (int i = 0; i < 50; i++) {
        add(&store, 10000);
        assert_true(store.bytes <= 100000);
    }
    assert_true(store.count > 5);
    assert_true(pm_store_receive(&store, 0, 60000));
    assert_true(store.bytes <= 40000);
    assert_false(pm_store_receive(&store, 60000, 100001));
    assert_int_equal(store.receiving, 60000);
    assert_true(pm_store_receive(&store, 60000, 0));
    assert_int_equal(store.receiving, 0);
    pm_store_free(&store);
}

static void patterns_match_as_they_look(void **state)
{
    (void)state;
    assert_true(pm_pattern_matches("*", ""));
    assert_true(pm_pattern_matches("", ""));
    assert_true(pm_pattern_matches("tom@*", "Tom@x.test"));
    assert_true(pm_pattern_matches("*@x.test", "a@b@x.test"));
    assert_true(pm_pattern_matches("a*b*c", "aXbXbXc"));
    assert_true(pm_pattern_matches("**a**", "a"));
    assert_false(pm_pattern_matches("tom@*", "atom@x.test"));
    assert_false(pm_pattern_matches("a*b", "abc"));
    assert_false(pm_pattern_matches("", "a"));
    assert_false(pm_pattern_matches("a", ""));
}

static void rules_count_attempts_of_the_same_envelope(void **state)
{
    (void)state;
    static const char json[] = "[{\"step\":\"rcpt\",\"attempt\":1,\"reply\":\"451 4.7.1 later\"}]";
    prankcurl_errors errors = PRANKCURL_ERRORS_INIT;
    pm_faults faults;
    assert_int_equal(pm_faults_parse(&faults, json, sizeof json - 1, "rules", &errors), 0);
    pm_moment tom = {
        .step = PM_STEP_RCPT, .sender = "a", .recipients = "tom\0", .recipient_count = 1};
    pm_moment both = tom;
    both.recipients = "tom\0\0ann\0";
    both.recipient_count = 2;
    assert_non_null(pm_faults_decide(&faults, &tom));
    assert_non_null(pm_faults_decide(&faults, &both));
    assert_null(pm_faults_decide(&faults, &tom));
    assert_null(pm_faults_decide(&faults, &both));
    assert_int_equal(faults.rules[0].fired, 2);
    pm_faults_free(&faults);
    prankcurl_errors_free(&errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_go_first),
        cmocka_unit_test(bytes_are_bounded_with_those_under_way),
        cmocka_unit_test(patterns_match_as_they_look),
        cmocka_unit_test(rules_count_attempts_of_the_same_envelope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
