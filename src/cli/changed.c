#include "cli/changed.h"

#include "base/error.h"
#include "cli/output.h"

#include <inttypes.h>
#include <string.h>

/* In a word what differs from what was sent. */
static const char *difference(const pk_job *job, const prankcurl_prank *prank,
                              const prankcurl_entry *entry)
{
    size_t all = prankcurl_prank_person_count(prank);
    bool has_same_people = all == entry->recipient_count;
    for (size_t i = 0; i < all && has_same_people; i++) {
        const char *address = prankcurl_person_address(prankcurl_prank_person(prank, i));
        has_same_people = strcmp(address, entry->recipients[i].address) == 0;
    }
    if (prankcurl_plan_seed(job->plan) != job->last.seed) {
        return "seed";
    }
    if (strcmp(prankcurl_person_address(prankcurl_prank_author(prank)), entry->author) != 0) {
        return "author";
    }
    if (strcmp(prankcurl_prank_message(prank), entry->message) != 0) {
        return "message";
    }
    return has_same_people ? "text" : "recipients";
}

void pk_changed_tell(const pk_job *job, const prankcurl_prank *prank, const prankcurl_entry *entry,
                     size_t sent_count)
{
    prankcurl_error error;
    char seeds[128] = "";
    uint64_t seed = prankcurl_plan_seed(job->plan);
    if (seed != job->last.seed) {
        (void)snprintf(seeds, sizeof seeds, ": it was %" PRIu64 " then and is %" PRIu64 " now",
                       job->last.seed, seed);
    }
    (void)pk_error_set(&error, PRANKCURL_CAMPAIGN, NULL,
                       "%s: this prank was sent to %zu of %zu already, and has another %s now%s; "
                       "undo the change, or send only other groups with --group",
                       prankcurl_prank_group(prank), sent_count, entry->recipient_count,
                       difference(job, prank, entry), seeds);
    pk_print_error(PK_PROGRAM, &error);
}
