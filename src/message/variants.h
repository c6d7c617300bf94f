/* The pranks that other seeds could draw: every message for every group, from every author. */
#ifndef PK_MESSAGE_VARIANTS_H
#define PK_MESSAGE_VARIANTS_H

#include "plan/plan_model.h"

enum {
    PK_MAX_VARIANTS = 10000,        /* pranks; of more, a sample is taken */
    PK_MAX_VARIANT_PEOPLE = 500000, /* recipients of them all, about */
};

/* Is shown one variant, lent until it returns. False: enough. */
typedef bool pk_variant_visit(void *user, const prankcurl_prank *prank);

typedef enum pk_variants {
    PK_VARIANTS_ALL,
    PK_VARIANTS_SAMPLE,
    PK_VARIANTS_NO_MEMORY,
} pk_variants;

/* Visits all variants, or a sample from all over that is the same each time. Groups stay as the
 * plan formed them; what a group's entry fixes stays fixed. Says what was visited. */
pk_variants pk_visit_variants(const prankcurl_plan *plan, pk_variant_visit *visit, void *user);

#endif
