/* The plan's structs, for the stages behind it. */
#ifndef PK_PLAN_PLAN_MODEL_H
#define PK_PLAN_PLAN_MODEL_H

#include <prankcurl/plan.h>

#include "base/arena.h"
#include "campaign/model.h"

struct prankcurl_prank {
    const struct prankcurl_prank *next; /* of the plan; NULL: this is the last */
    const char *id;
    const char *message_id;
    const char *group;
    const pk_template *message;
    const prankcurl_person *author;
    const prankcurl_person **recipients;
    size_t recipient_count;
    prankcurl_person *const *cc;
    size_t cc_count;
};

struct prankcurl_plan {
    pk_arena arena;
    const prankcurl_campaign *campaign;
    uint64_t seed;
    prankcurl_prank *pranks;
    size_t count;
};

/* Chance has strewn the people of a prank over memory, and waiting for each of very many would be
 * most of the work. So whoever reads a prank calls this first: the people of those behind it are
 * fetched meanwhile. */
void pk_prank_expect_next(const prankcurl_prank *prank);

#endif
