#include "unit.h"

#include "base/buf.h"

#include <prankcurl/plan.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static prankcurl_campaign *load(const char *json)
{
    prankcurl_errors errors = PRANKCURL_ERRORS_INIT;
    prankcurl_campaign *campaign = NULL;
    (void)prankcurl_campaign_parse(json, strlen(json), "f.json", NULL, &campaign, &errors);
    for (size_t i = 0; i < errors.count; i++) {
        print_message("%s: %s\n", errors.items[i].pointer, errors.items[i].message);
    }
    prankcurl_errors_free(&errors);
    return campaign;
}

/* A campaign of so many victims, its groups as given. */
static prankcurl_campaign *make(size_t victims, const char *groups)
{
    pk_buf json;
    pk_buf_init(&json, 1 << 20);
    pk_buf_str(&json,
               "{\"campaign\":\"unit\",\"organiser\":{\"name\":\"O\",\"address\":\"o@x.test\"},"
               "\"server\":{\"url\":\"smtp://127.0.0.1:25\",\"starttls\":\"never\"},"
               "\"consent\":{\"domains\":[\"x.test\"]},\"messages\":["
               "{\"name\":\"a\",\"subject\":\"a\",\"text\":\"\"},"
               "{\"name\":\"b\",\"subject\":\"b\",\"text\":\"\"}],\"victims\":[");
    for (size_t i = 0; i < victims; i++) {
        pk_buf_fmt(&json, "%s{\"name\":\"V%zu\",\"address\":\"v%zu@x.test\"}", i ? "," : "", i, i);
    }
    pk_buf_fmt(&json, "],\"groups\":%s}", groups);
    prankcurl_campaign *campaign = load(pk_buf_text(&json));
    pk_buf_free(&json);
    return campaign;
}

static prankcurl_plan *plan_of(const prankcurl_campaign *campaign, uint64_t seed)
{
    prankcurl_plan *plan = NULL;
    assert_non_null(campaign);
    assert_int_equal(prankcurl_plan_new(campaign, &seed, 1, &plan, NULL), PRANKCURL_OK);
    return plan;
}

static size_t number_of(const prankcurl_person *person)
{
    return (size_t)strtoul(prankcurl_person_name(person) + 1, NULL, 10);
}

/* Everybody is in one group, once; sizes differ by at most one. */
static void assert_partition(const prankcurl_plan *plan, size_t victims, size_t groups)
{
    unsigned char seen[128] = {0};
    size_t least = SIZE_MAX;
    size_t most = 0;
    assert_int_equal(prankcurl_plan_count(plan), groups);
    for (size_t i = 0; i < groups; i++) {
        const prankcurl_prank *prank = prankcurl_plan_prank(plan, i);
        size_t recipients = prankcurl_prank_recipient_count(prank);
        seen[number_of(prankcurl_prank_author(prank))]++;
        for (size_t j = 0; j < recipients; j++) {
            seen[number_of(prankcurl_prank_recipient(prank, j))]++;
        }
        least = recipients < least ? recipients : least;
        most = recipients > most ? recipients : most;
    }
    for (size_t i = 0; i < victims; i++) {
        assert_int_equal(seen[i], 1);
    }
    assert_true(most - least <= 1);
}

static void everybody_is_in_one_group(void **state)
{
    (void)state;
    for (size_t victims = 2; victims < 40; victims++) {
        for (size_t groups = 1; groups <= victims / 2; groups++) {
            char text[64];
            (void)snprintf(text, sizeof text, "{\"count\":%zu,\"min_size\":2}", groups);
            prankcurl_campaign *campaign = make(victims, text);
            prankcurl_plan *plan = plan_of(campaign, victims * 100 + groups);
            assert_partition(plan, victims, groups);
            assert_null(prankcurl_plan_prank(plan, groups));
            prankcurl_plan_free(plan);
            prankcurl_campaign_free(campaign);
        }
    }
}

static void without_a_count_there_are_as_many_groups_as_fit(void **state)
{
    (void)state;
    prankcurl_campaign *campaign = make(11, "{}");
    prankcurl_plan *plan = plan_of(campaign, 1);
    assert_partition(plan, 11, 3);
    prankcurl_plan_free(plan);
    prankcurl_campaign_free(campaign);
}

/* Written down once: a plan must never change for a seed, on any machine, in any version. */
static void a_seed_gives_the_same_plan_for_ever(void **state)
{
    (void)state;
    prankcurl_campaign *campaign = make(7, "{\"count\":2}");
    prankcurl_plan *plan = plan_of(campaign, 20270401);
    pk_buf text;
    pk_buf_init(&text, 4096);
    for (size_t i = 0; i < prankcurl_plan_count(plan); i++) {
        const prankcurl_prank *prank = prankcurl_plan_prank(plan, i);
        pk_buf_fmt(&text, "%s %s %s %s:", prankcurl_prank_message_id(prank),
                   prankcurl_prank_group(prank), prankcurl_prank_message(prank),
                   prankcurl_person_name(prankcurl_prank_author(prank)));
        for (size_t j = 0; j < prankcurl_prank_recipient_count(prank); j++) {
            pk_buf_fmt(&text, " %s", prankcurl_person_name(prankcurl_prank_recipient(prank, j)));
        }
        pk_buf_char(&text, '\n');
    }
    assert_string_equal(pk_buf_text(&text),
                        "<b3deff22e410ec44.unit@x.test> group-1 a V5: V1 V2 V6\n"
                        "<fed7549bda1cf35f.unit@x.test> group-2 b V4: V0 V3\n");
    pk_buf_free(&text);
    prankcurl_plan_free(plan);
    prankcurl_campaign_free(campaign);
}

/* Each of 4 members is author, and each of 2 messages picked, about equally often over the seeds.
 */
static void author_and_message_are_drawn_evenly(void **state)
{
    (void)state;
    double authors[4] = {0};
    double messages[2] = {0};
    prankcurl_campaign *campaign = make(4, "{\"count\":1}");
    for (uint64_t seed = 0; seed < 4000; seed++) {
        prankcurl_plan *plan = plan_of(campaign, seed);
        const prankcurl_prank *prank = prankcurl_plan_prank(plan, 0);
        authors[number_of(prankcurl_prank_author(prank))]++;
        messages[prankcurl_prank_message(prank)[0] - 'a']++;
        prankcurl_plan_free(plan);
    }
    double chi_square = 0;
    for (size_t i = 0; i < 4; i++) {
        chi_square += (authors[i] - 1000) * (authors[i] - 1000) / 1000;
    }
    assert_true(chi_square < 16.3); /* 3 degrees, once in 1,000 */
    assert_true(messages[0] > 1850 && messages[0] < 2150);
    prankcurl_campaign_free(campaign);
}

/* An explicit group's prank depends on its own entry alone. */
static void a_group_keeps_its_prank_when_others_change(void **state)
{
    (void)state;
    prankcurl_campaign *two = make(
        5, "[{\"name\":\"x\",\"members\":[\"v0@x.test\",\"v1@x.test\",\"v2@x.test\"]},"
           "{\"name\":\"y\",\"members\":[\"v4@x.test\",\"v3@x.test\"],\"author\":\"v3@x.test\","
           "\"message\":\"b\"}]");
    prankcurl_campaign *one =
        make(3, "[{\"name\":\"x\",\"members\":[\"v2@x.test\",\"v0@x.test\",\"V1@X.TEST\"]}]");
    for (uint64_t seed = 0; seed < 50; seed++) {
        prankcurl_plan *of_two = plan_of(two, seed);
        prankcurl_plan *of_one = plan_of(one, seed);
        const prankcurl_prank *x = prankcurl_plan_prank(of_two, 0);
        const prankcurl_prank *same = prankcurl_plan_prank(of_one, 0);
        const prankcurl_prank *y = prankcurl_plan_prank(of_two, 1);
        assert_string_equal(prankcurl_prank_id(x), prankcurl_prank_id(same));
        assert_string_equal(prankcurl_prank_message(x), prankcurl_prank_message(same));
        assert_string_equal(prankcurl_person_name(prankcurl_prank_author(x)),
                            prankcurl_person_name(prankcurl_prank_author(same)));
        assert_string_equal(prankcurl_person_name(prankcurl_prank_author(y)), "V3");
        assert_string_equal(prankcurl_prank_message(y), "b");
        assert_string_not_equal(prankcurl_prank_id(x), prankcurl_prank_id(y));
        prankcurl_plan_free(of_two);
        prankcurl_plan_free(of_one);
    }
    prankcurl_campaign_free(two);
    prankcurl_campaign_free(one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_is_in_one_group),
        cmocka_unit_test(without_a_count_there_are_as_many_groups_as_fit),
        cmocka_unit_test(a_seed_gives_the_same_plan_for_ever),
        cmocka_unit_test(author_and_message_are_drawn_evenly),
        cmocka_unit_test(a_group_keeps_its_prank_when_others_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
