#include "unit.h"

#include "base/index.h"

#include <stdio.h>

enum { COUNT = 20000 };

static void every_text_keeps_its_first_number(void **state)
{
    (void)state;
    static char texts[COUNT][16];
    pk_index index = PK_INDEX_INIT;
    uint32_t first = 0;
    assert_int_equal(pk_index_find(&index, "t0"), PK_INDEX_NONE);
    for (uint32_t i = 0; i < COUNT; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "t%u", (unsigned)i);
        assert_int_equal(pk_index_add(&index, texts[i], i, &first), PK_INDEX_ADDED);
        assert_int_equal(first, i);
    }
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_int_equal(pk_index_find(&index, texts[i]), i);
        assert_int_equal(pk_index_add(&index, texts[i], 7, &first), PK_INDEX_KNOWN);
        assert_int_equal(first, i);
    }
    assert_int_equal(index.count, COUNT);
    assert_int_equal(pk_index_find(&index, "t"), PK_INDEX_NONE);
    assert_int_equal(pk_index_find(&index, ""), PK_INDEX_NONE);
    pk_index_free(&index);
    assert_int_equal(pk_index_find(&index, "t0"), PK_INDEX_NONE);
}

static void room_is_made_once(void **state)
{
    (void)state;
    pk_index index = PK_INDEX_INIT;
    uint32_t first = 0;
    assert_true(pk_index_reserve(&index, 1000));
    size_t capacity = index.capacity;
    static char texts[1000][8];
    for (uint32_t i = 0; i < 1000; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "%u", (unsigned)i);
        assert_int_equal(pk_index_add(&index, texts[i], i, &first), PK_INDEX_ADDED);
    }
    assert_int_equal(index.capacity, capacity);
    assert_false(pk_index_reserve(&index, SIZE_MAX / 2));
    pk_index_free(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_keeps_its_first_number),
        cmocka_unit_test(room_is_made_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
