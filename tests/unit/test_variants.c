/* The pranks that other seeds could draw: all of few, a sample of many. */
#include "unit.h"

#include "message/variants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGES = 3, MANY_GROUPS = 20000, MAX_KEPT = 64 };

static prankcurl_person people[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "d"}};
static pk_template messages[MESSAGES] = {{.name = "tea"}, {.name = "cake"}, {.name = "pie"}};
static prankcurl_campaign campaign = {.messages = messages, .message_count = MESSAGES};

static const prankcurl_person *others[] = {&people[1], &people[2]};
static const prankcurl_person *other[] = {&people[3]};

static prankcurl_prank drawn(const prankcurl_person **recipients, size_t count)
{
    return (prankcurl_prank){.group = "g",
                             .message = &messages[1],
                             .author = &people[0],
                             .recipients = recipients,
                             .recipient_count = count};
}

/* What was visited, as `tea: a > b c`. */
typedef struct visits {
    char kept[MAX_KEPT][64];
    size_t count;
    size_t of_message[MESSAGES];
    uint64_t hash;
    size_t enough; /* 0: never */
} visits;

static bool visit(void *user, const prankcurl_prank *prank)
{
    visits *v = user;
    if (v->count < MAX_KEPT) {
        char *out = v->kept[v->count];
        int len =
            snprintf(out, sizeof v->kept[0], "%s: %s >", prank->message->name, prank->author->name);
        for (size_t i = 0; i < prank->recipient_count; i++) {
            len += snprintf(out + len, sizeof v->kept[0] - (size_t)len, " %s",
                            prank->recipients[i]->name);
        }
    }
    v->of_message[prank->message - messages]++;
    v->hash = v->hash * 31 + (uintptr_t)prank->group + (uintptr_t)prank->author +
              (uintptr_t)prank->message;
    return ++v->count != v->enough;
}

static void expect(const visits *v, const char *const *wanted, size_t count)
{
    assert_int_equal(v->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(v->kept[i], wanted[i]);
    }
}

static void every_message_from_every_author(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        "tea: a > b c", "cake: a > b c", "pie: a > b c",  "tea: b > a c", "cake: b > a c",
        "pie: b > a c", "tea: c > b a",  "cake: c > b a", "pie: c > b a", "tea: a > d",
        "cake: a > d",  "pie: a > d",    "tea: d > a",    "cake: d > a",  "pie: d > a",
    };
    prankcurl_prank pranks[] = {drawn(others, 2), drawn(other, 1)};
    prankcurl_plan plan = {.campaign = &campaign, .pranks = pranks, .count = 2};
    visits v = {.count = 0};
    assert_int_equal(pk_visit_variants(&plan, visit, &v), PK_VARIANTS_ALL);
    expect(&v, wanted, sizeof wanted / sizeof wanted[0]);
    assert_ptr_equal(others[0], &people[1]); /* the plan is as it was */
}

static void what_a_group_fixes_stays(void **state)
{
    (void)state;
    static const char *const wanted[] = {"cake: a > b c", "cake: b > a c", "cake: c > b a",
                                         "tea: a > d",    "cake: a > d",   "pie: a > d"};
    const pk_group groups[] = {{.message = 1, .author = PK_ANY}, {.message = PK_ANY, .author = 0}};
    prankcurl_campaign listed = campaign;
    listed.groups = groups;
    prankcurl_prank pranks[] = {drawn(others, 2), drawn(other, 1)};
    prankcurl_plan plan = {.campaign = &listed, .pranks = pranks, .count = 2};
    visits v = {.count = 0};
    assert_int_equal(pk_visit_variants(&plan, visit, &v), PK_VARIANTS_ALL);
    expect(&v, wanted, sizeof wanted / sizeof wanted[0]);
}

static void who_has_seen_enough_sees_no_more(void **state)
{
    (void)state;
    prankcurl_prank pranks[] = {drawn(others, 2)};
    prankcurl_plan plan = {.campaign = &campaign, .pranks = pranks, .count = 1};
    visits v = {.enough = 4};
    (void)pk_visit_variants(&plan, visit, &v);
    assert_int_equal(v.count, 4);
}

static void of_many_a_sample_that_is_the_same_each_time(void **state)
{
    (void)state;
    prankcurl_prank *pranks = calloc(MANY_GROUPS, sizeof *pranks);
    assert_non_null(pranks);
    static char names[MANY_GROUPS];
    for (size_t i = 0; i < MANY_GROUPS; i++) {
        pranks[i] = drawn(others, 2);
        pranks[i].group = &names[i];
    }
    prankcurl_plan plan = {.campaign = &campaign, .pranks = pranks, .count = MANY_GROUPS};
    visits first = {.count = 0};
    visits second = {.count = 0};
    assert_int_equal(pk_visit_variants(&plan, visit, &first), PK_VARIANTS_SAMPLE);
    assert_int_equal(pk_visit_variants(&plan, visit, &second), PK_VARIANTS_SAMPLE);
    assert_int_equal(first.count, PK_MAX_VARIANTS);
    assert_int_equal(first.hash, second.hash);
    for (size_t i = 0; i < MESSAGES; i++) {
        assert_in_range(first.of_message[i], PK_MAX_VARIANTS / 4, PK_MAX_VARIANTS / 2);
    }
    free(pranks);
}

static void large_groups_have_a_small_sample(void **state)
{
    (void)state;
    enum { PEOPLE = 100000 };
    const prankcurl_person **recipients = calloc(PEOPLE, sizeof *recipients);
    assert_non_null(recipients);
    for (size_t i = 0; i < PEOPLE; i++) {
        recipients[i] = &people[1];
    }
    prankcurl_prank pranks[] = {drawn(recipients, PEOPLE)};
    prankcurl_plan plan = {.campaign = &campaign, .pranks = pranks, .count = 1};
    visits v = {.count = MAX_KEPT}; /* keeps none */
    assert_int_equal(pk_visit_variants(&plan, visit, &v), PK_VARIANTS_SAMPLE);
    assert_in_range(v.count - MAX_KEPT, 1, PK_MAX_VARIANT_PEOPLE / PEOPLE);
    free((void *)recipients);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_from_every_author),
        cmocka_unit_test(what_a_group_fixes_stays),
        cmocka_unit_test(who_has_seen_enough_sees_no_more),
        cmocka_unit_test(of_many_a_sample_that_is_the_same_each_time),
        cmocka_unit_test(large_groups_have_a_small_sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
