/* The plan's structs, for the stages behind it. */
#ifndef PK_PLAN_PLAN_MODEL_H
#define PK_PLAN_PLAN_MODEL_H

#include <prankcurl/plan.h>

#include "base/arena.h"
#include "campaign/model.h"

struct prankcurl_prank {
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

#endif
