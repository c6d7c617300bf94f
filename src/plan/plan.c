#include "plan/plan_model.h"

#include "base/random.h"
#include "base/sort.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Chance comes in streams, each seeded from the plan's seed and a name: one forms the groups, and
 * each group has its own for author and message. So an explicit group's prank depends on nothing
 * but its own entry, and stays when other groups come and go. */
static void open_stream(pk_random *random, uint64_t seed, const char *kind, const char *name)
{
    pk_random_seed(random, pk_hash(pk_hash(seed, kind), name));
}

typedef struct maker {
    prankcurl_plan *plan;
    const prankcurl_campaign *campaign;
    uint64_t run;
} maker;

static const char *make_id(maker *m, const char *group)
{
    char id[17];
    uint64_t hash = pk_hash(pk_hash(m->run - 1, m->campaign->name), group);
    (void)snprintf(id, sizeof id, "%016" PRIx64, hash);
    return pk_arena_strdup(&m->plan->arena, id);
}

static const char *make_message_id(maker *m, const char *id)
{
    const char *domain = m->campaign->organiser->address.domain;
    size_t size = strlen(id) + strlen(m->campaign->name) + strlen(domain) + sizeof "<.@>";
    char *text = pk_arena_alloc(&m->plan->arena, size, 1);
    if (text) {
        (void)snprintf(text, size, "<%s.%s@%s>", id, m->campaign->name, domain);
    }
    return text;
}

/* The members but for the author, in the file's order. */
static bool set_recipients(maker *m, prankcurl_prank *prank, const pk_group *group, size_t author)
{
    prank->recipients =
        pk_arena_alloc(&m->plan->arena, group->member_count - 1, sizeof *prank->recipients);
    for (size_t i = 0; prank->recipients && i < group->member_count; i++) {
        if (group->members[i] != author) {
            prank->recipients[prank->recipient_count++] = m->campaign->victims[group->members[i]];
        }
    }
    return prank->recipients != NULL;
}

static bool make_prank(maker *m, const pk_group *group, prankcurl_prank *prank)
{
    const prankcurl_campaign *campaign = m->campaign;
    pk_random random;
    open_stream(&random, m->plan->seed, "prank", group->name);
    /* Both are drawn always, so that fixing one does not change the other. */
    size_t author = group->members[pk_random_below(&random, group->member_count)];
    size_t message = (size_t)pk_random_below(&random, campaign->message_count);
    author = group->author == PK_ANY ? author : group->author;
    message = group->message == PK_ANY ? message : group->message;
    *prank = (prankcurl_prank){
        .id = make_id(m, group->name),
        .group = group->name,
        .message = &campaign->messages[message],
        .author = campaign->victims[author],
        .cc = campaign->witnesses,
        .cc_count = campaign->witness_count,
    };
    prank->message_id = prank->id ? make_message_id(m, prank->id) : NULL;
    return prank->message_id && set_recipients(m, prank, group, author);
}

/* The victims that take part, in an order of chance. NULL: out of memory. */
static size_t *shuffle_victims(maker *m, size_t *count)
{
    size_t *victims = pk_arena_alloc(&m->plan->arena, m->campaign->victim_count, sizeof *victims);
    *count = 0;
    for (size_t i = 0; victims && i < m->campaign->victim_count; i++) {
        if (!m->campaign->victims[i]->opted_out) {
            victims[(*count)++] = i;
        }
    }
    if (victims) {
        pk_random random;
        open_stream(&random, m->plan->seed, "groups", m->campaign->name);
        pk_random_shuffle(&random, victims, *count);
    }
    return victims;
}

/* Cuts the shuffled victims into groups whose sizes differ by at most one. NULL: out of memory. */
static const pk_group *form_groups(maker *m, size_t group_count)
{
    size_t count = 0;
    size_t *members = shuffle_victims(m, &count);
    pk_group *groups = pk_arena_alloc(&m->plan->arena, group_count, sizeof *groups);
    for (size_t i = 0; members && groups && i < group_count; i++) {
        char name[32];
        size_t size = count / group_count + (i < count % group_count ? 1 : 0);
        pk_sort_numbers(members, size);
        (void)snprintf(name, sizeof name, "group-%zu", i + 1);
        groups[i] =
            (pk_group){pk_arena_strdup(&m->plan->arena, name), members, size, PK_ANY, PK_ANY};
        members = groups[i].name ? members + size : NULL;
    }
    return members ? groups : NULL;
}

static bool make_plan(maker *m)
{
    prankcurl_plan *plan = m->plan;
    size_t count = m->campaign->group_count;
    const pk_group *groups = m->campaign->groups ? m->campaign->groups : form_groups(m, count);
    plan->pranks = groups ? pk_arena_alloc(&plan->arena, count, sizeof *plan->pranks) : NULL;
    for (size_t i = 0; plan->pranks && i < count; i++) {
        if (!make_prank(m, &groups[i], &plan->pranks[i])) {
            return false;
        }
        plan->pranks[i].next = i + 1 < count ? &plan->pranks[i + 1] : NULL;
        plan->count++;
    }
    return plan->pranks != NULL;
}

prankcurl_status prankcurl_plan_new(const prankcurl_campaign *campaign, const uint64_t *seed,
                                    uint64_t run, prankcurl_plan **out, prankcurl_error *error)
{
    prankcurl_plan *plan = calloc(1, sizeof *plan);
    *out = NULL;
    if (plan) {
        plan->campaign = campaign;
        plan->seed = seed ? *seed : campaign->seed;
    }
    maker m = {plan, campaign, run};
    if (!plan || !make_plan(&m)) {
        prankcurl_plan_free(plan);
        return pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    *out = plan;
    return PRANKCURL_OK;
}

void prankcurl_plan_free(prankcurl_plan *plan)
{
    if (plan) {
        pk_arena_free(&plan->arena);
        free(plan);
    }
}

uint64_t prankcurl_plan_seed(const prankcurl_plan *plan)
{
    return plan->seed;
}

size_t prankcurl_plan_count(const prankcurl_plan *plan)
{
    return plan->count;
}

const prankcurl_prank *prankcurl_plan_prank(const prankcurl_plan *plan, size_t i)
{
    return i < plan->count ? &plan->pranks[i] : NULL;
}

const char *prankcurl_prank_id(const prankcurl_prank *prank)
{
    return prank->id;
}

const char *prankcurl_prank_message_id(const prankcurl_prank *prank)
{
    return prank->message_id;
}

const char *prankcurl_prank_group(const prankcurl_prank *prank)
{
    return prank->group;
}

const char *prankcurl_prank_message(const prankcurl_prank *prank)
{
    return prank->message->name;
}

const prankcurl_person *prankcurl_prank_author(const prankcurl_prank *prank)
{
    pk_prank_expect_next(prank); /* who walks over a plan asks for the author first */
    return prank->author;
}

size_t prankcurl_prank_recipient_count(const prankcurl_prank *prank)
{
    return prank->recipient_count;
}

const prankcurl_person *prankcurl_prank_recipient(const prankcurl_prank *prank, size_t i)
{
    return i < prank->recipient_count ? prank->recipients[i] : NULL;
}

size_t prankcurl_prank_cc_count(const prankcurl_prank *prank)
{
    return prank->cc_count;
}

const prankcurl_person *prankcurl_prank_cc(const prankcurl_prank *prank, size_t i)
{
    return i < prank->cc_count ? prank->cc[i] : NULL;
}

size_t prankcurl_prank_person_count(const prankcurl_prank *prank)
{
    return prank->recipient_count + prank->cc_count;
}

const prankcurl_person *prankcurl_prank_person(const prankcurl_prank *prank, size_t i)
{
    return i < prank->recipient_count ? prank->recipients[i]
                                      : prankcurl_prank_cc(prank, i - prank->recipient_count);
}

static void fetch(const void *memory)
{
    enum { CACHE_LINE = 64 };
    __builtin_prefetch(memory);
    __builtin_prefetch((const char *)memory + CACHE_LINE);
}

/* A person's texts lie one behind the other, from the name on. */
static void fetch_person(const prankcurl_person *person, bool is_here)
{
    fetch(is_here ? (const void *)person->name : person);
}

static void fetch_people(const prankcurl_prank *prank, bool are_here)
{
    if (prank) {
        fetch_person(prank->author, are_here);
        for (size_t i = 0; i < prank->recipient_count; i++) {
            fetch_person(prank->recipients[i], are_here);
        }
    }
}

void pk_prank_expect_next(const prankcurl_prank *prank)
{
    const prankcurl_prank *next = prank->next;
    fetch_people(next, true); /* themselves when the prank before was read */
    fetch_people(next ? next->next : NULL, false);
}
