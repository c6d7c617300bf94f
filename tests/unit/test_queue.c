#include "unit.h"

#include "delivery/queue.h"

enum { COUNT = 5 };

static prankcurl_task tasks[COUNT];
static pk_queue queue;

static int set_up(void **state)
{
    (void)state;
    return pk_queue_init(&queue, tasks, COUNT) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    pk_queue_free(&queue);
    return 0;
}

static void fresh_ones_come_in_their_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(pk_queue_wait_us(&queue, 0), 0);
        assert_ptr_equal(pk_queue_take(&queue, 0)->task, &tasks[i]);
    }
    assert_null(pk_queue_take(&queue, 0));
    assert_true(pk_queue_wait_us(&queue, 0) == PK_NEVER);
}

static void what_is_due_comes_before_what_is_fresh(void **state)
{
    (void)state;
    pk_item *first = pk_queue_take(&queue, 0);
    pk_queue_put_back(&queue, first, 100);
    assert_ptr_equal(pk_queue_take(&queue, 99)->task, &tasks[1]);
    assert_ptr_equal(pk_queue_take(&queue, 100), first);
}

static void the_earliest_due_comes_first(void **state)
{
    (void)state;
    static const int64_t due_us[COUNT] = {50, 20, 40, 10, 30};
    pk_item *items[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        items[i] = pk_queue_take(&queue, 0);
    }
    for (size_t i = 0; i < COUNT; i++) {
        pk_queue_put_back(&queue, items[i], due_us[i]);
    }
    assert_int_equal(pk_queue_wait_us(&queue, 3), 7);
    for (int64_t due = 10; due <= 50; due += 10) {
        assert_null(pk_queue_take(&queue, due - 1));
        assert_int_equal(pk_queue_take(&queue, due)->due_us, due);
    }
}

static void it_is_done_when_all_are_settled(void **state)
{
    (void)state;
    pk_item *items[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        assert_false(pk_queue_is_done(&queue));
        items[i] = pk_queue_take(&queue, 0);
    }
    pk_queue_put_back(&queue, items[0], 5);
    for (size_t i = 1; i < COUNT; i++) {
        pk_queue_settle(&queue, items[i]);
    }
    assert_false(pk_queue_is_done(&queue));
    pk_queue_settle(&queue, pk_queue_take(&queue, 5));
    assert_true(pk_queue_is_done(&queue));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fresh_ones_come_in_their_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_due_comes_before_what_is_fresh, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_earliest_due_comes_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_is_done_when_all_are_settled, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
