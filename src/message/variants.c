#include "message/variants.h"

#include "base/random.h"

#include <stdlib.h>

/* A group as it is gone through. */
typedef struct pk_drawn {
    const prankcurl_prank *prank; /* that the plan drew */
    const pk_template *messages;  /* the first that it can get */
    size_t message_count;
    size_t author_count;
} pk_drawn;

static pk_drawn drawn_at(const prankcurl_plan *plan, size_t i)
{
    const prankcurl_campaign *campaign = plan->campaign;
    const prankcurl_prank *prank = &plan->pranks[i];
    const pk_group *group = campaign->groups ? &campaign->groups[i] : NULL;
    bool has_message = group && group->message != PK_ANY;
    bool has_author = group && group->author != PK_ANY;
    return (pk_drawn){.prank = prank,
                      .messages = has_message ? prank->message : campaign->messages,
                      .message_count = has_message ? 1 : campaign->message_count,
                      .author_count = has_author ? 1 : prank->recipient_count + 1};
}

static uint64_t variant_count(const pk_drawn *drawn)
{
    return (uint64_t)drawn->message_count * drawn->author_count;
}

static uint64_t count_variants(const prankcurl_plan *plan)
{
    uint64_t count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        pk_drawn drawn = drawn_at(plan, i);
        count += variant_count(&drawn);
    }
    return count;
}

/* All of them, or as many as take no more time than is worth it. */
static uint64_t sample_size(const prankcurl_plan *plan, uint64_t count)
{
    uint64_t people = 0;
    for (size_t i = 0; i < plan->count; i++) {
        people += plan->pranks[i].recipient_count;
    }
    uint64_t of_a_group = plan->count ? people / plan->count + 1 : 1;
    uint64_t size = PK_MAX_VARIANT_PEOPLE / of_a_group;
    size = size > PK_MAX_VARIANTS ? PK_MAX_VARIANTS : size > 0 ? size : 1;
    return size < count ? size : count;
}

static const prankcurl_person **make_recipients(const prankcurl_plan *plan)
{
    size_t most = 1;
    for (size_t i = 0; i < plan->count; i++) {
        size_t count = plan->pranks[i].recipient_count;
        most = count > most ? count : most;
    }
    return calloc(most, sizeof(prankcurl_person *));
}

/* The n-th of the group: all messages from the author that was drawn, then from the others, each of
 * whom changes places with that one. */
static prankcurl_prank make_variant(const pk_drawn *drawn, uint64_t n,
                                    const prankcurl_person **recipients)
{
    prankcurl_prank prank = *drawn->prank;
    size_t author = (size_t)(n / drawn->message_count);
    prank.message = &drawn->messages[n % drawn->message_count];
    for (size_t i = 0; i < prank.recipient_count; i++) {
        recipients[i] = drawn->prank->recipients[i];
    }
    prank.recipients = recipients;
    if (author > 0) {
        prank.author = recipients[author - 1];
        recipients[author - 1] = drawn->prank->author;
    }
    return prank;
}

pk_variants pk_visit_variants(const prankcurl_plan *plan, pk_variant_visit *visit, void *user)
{
    const prankcurl_person **recipients = make_recipients(plan);
    uint64_t count = count_variants(plan);
    uint64_t size = sample_size(plan, count);
    uint64_t before = 0; /* variants of the groups before */
    size_t i = 0;
    pk_random random;
    pk_random_seed(&random, 0);
    for (uint64_t k = 0; recipients && k < size; k++) {
        /* One by chance of each of `size` stretches, so that no step falls in with the messages. */
        uint64_t from = k * count / size;
        uint64_t n = from + pk_random_below(&random, (k + 1) * count / size - from);
        pk_drawn drawn = drawn_at(plan, i);
        while (n - before >= variant_count(&drawn)) {
            before += variant_count(&drawn);
            drawn = drawn_at(plan, ++i);
        }
        prankcurl_prank prank = make_variant(&drawn, n - before, recipients);
        if (!visit(user, &prank)) {
            break;
        }
    }
    free((void *)recipients);
    return !recipients    ? PK_VARIANTS_NO_MEMORY
           : size < count ? PK_VARIANTS_SAMPLE
                          : PK_VARIANTS_ALL;
}
