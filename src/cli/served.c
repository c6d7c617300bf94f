#include "cli/served.h"

#include "base/error.h"
#include "cli/output.h"
#include "cli/record.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Somebody who has a prank that is not in the plan any more, or not for them. */
typedef struct served {
    const char *address; /* in the arena, like the group's name */
    const char *group;
} served;

typedef struct finder {
    const pk_job *job;
    const prankcurl_prank **by_id; /* owned; the plan's, sorted by id */
    served *list;                  /* owned */
    size_t count;
    size_t capacity;
    pk_arena arena;
} finder;

static int compare_ids(const void *a, const void *b)
{
    const prankcurl_prank *const *first = a;
    const prankcurl_prank *const *second = b;
    return strcmp(prankcurl_prank_id(*first), prankcurl_prank_id(*second));
}

static int compare_id(const void *id, const void *prank)
{
    return strcmp(id, prankcurl_prank_id(*(const prankcurl_prank *const *)prank));
}

static int compare_addresses(const void *a, const void *b)
{
    return strcasecmp(((const served *)a)->address, ((const served *)b)->address);
}

static bool sort_plan(finder *f)
{
    size_t count = prankcurl_plan_count(f->job->plan);
    f->by_id = calloc(count + 1, sizeof(const prankcurl_prank *));
    for (size_t i = 0; f->by_id && i < count; i++) {
        f->by_id[i] = prankcurl_plan_prank(f->job->plan, i);
    }
    if (f->by_id) {
        qsort((void *)f->by_id, count, sizeof *f->by_id, compare_ids);
    }
    return f->by_id != NULL;
}

/* Whether the prank goes to the address; witnesses get every prank, so they never stand in the way.
 */
static bool is_for(const prankcurl_prank *prank, const char *address)
{
    for (size_t i = 0; i < prankcurl_prank_person_count(prank); i++) {
        const char *own = prankcurl_person_address(prankcurl_prank_person(prank, i));
        if (strcasecmp(own, address) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_witness(const finder *f, const char *address)
{
    const prankcurl_prank *any = f->by_id[0];
    for (size_t i = 0; any && i < prankcurl_prank_cc_count(any); i++) {
        if (strcasecmp(prankcurl_person_address(prankcurl_prank_cc(any, i)), address) == 0) {
            return true;
        }
    }
    return false;
}

static bool add(finder *f, const char *address, const char *group)
{
    if (f->count == f->capacity) {
        size_t capacity = f->capacity ? 2 * f->capacity : 64;
        served *list = realloc(f->list, capacity * sizeof *list);
        if (!list) {
            return false;
        }
        f->list = list;
        f->capacity = capacity;
    }
    served one = {pk_arena_strdup(&f->arena, address), pk_arena_strdup(&f->arena, group)};
    f->list[f->count++] = one;
    return one.address && one.group;
}

static prankcurl_status look(void *context, const prankcurl_entry *entry)
{
    finder *f = context;
    const prankcurl_prank **found =
        bsearch(entry->id, (const void *)f->by_id, prankcurl_plan_count(f->job->plan),
                sizeof *f->by_id, compare_id);
    for (size_t i = 0; i < entry->recipient_count; i++) {
        const char *address = entry->recipients[i].address;
        bool is_elsewhere = pk_state_is_sent(entry->recipients[i].state) &&
                            !(found && is_for(*found, address)) && !is_witness(f, address);
        if (is_elsewhere && !add(f, address, entry->group)) {
            return PRANKCURL_NO_MEMORY;
        }
    }
    return PRANKCURL_OK;
}

static void tell(const prankcurl_prank *prank, const served *one)
{
    prankcurl_error error;
    (void)pk_error_set(
        &error, PRANKCURL_CAMPAIGN, NULL,
        "%s: %s has a prank of this run already, that of the group \"%s\", and would "
        "get a second one; undo the change of the groups, or take %s out",
        prankcurl_prank_group(prank), one->address, one->group, one->address);
    pk_print_error(PK_PROGRAM, &error);
}

static size_t tell_all(const finder *f, const pk_resume *resume)
{
    size_t told = 0;
    for (size_t i = 0; i < resume->count; i++) {
        const prankcurl_task *task = &resume->tasks[i];
        for (size_t j = 0; j < prankcurl_prank_recipient_count(task->prank); j++) {
            served wanted = {prankcurl_person_address(prankcurl_prank_recipient(task->prank, j)),
                             NULL};
            const served *one =
                bsearch(&wanted, f->list, f->count, sizeof *f->list, compare_addresses);
            if (one) {
                tell(task->prank, one);
                told++;
            }
        }
    }
    return told;
}

prankcurl_status pk_served_tell(const pk_job *job, const pk_resume *resume, size_t *count,
                                prankcurl_error *error)
{
    finder f = {.job = job};
    prankcurl_status status = PRANKCURL_NO_MEMORY;
    *count = 0;
    if (sort_plan(&f)) {
        status = prankcurl_ledger_walk(job->ledger, job->run, look, &f, error);
    }
    if (status == PRANKCURL_NO_MEMORY) {
        (void)pk_error_set(error, status, NULL, "out of memory");
    }
    if (status == PRANKCURL_OK && f.count) {
        qsort(f.list, f.count, sizeof *f.list, compare_addresses);
        *count = tell_all(&f, resume);
    }
    free((void *)f.by_id);
    free(f.list);
    pk_arena_free(&f.arena);
    return status;
}
