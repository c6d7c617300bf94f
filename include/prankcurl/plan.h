/**
 * @file plan.h
 * Who pranks whom with what: a pure function of campaign and seed.
 */
#ifndef PRANKCURL_PLAN_H
#define PRANKCURL_PLAN_H

#include <prankcurl/campaign.h>

#ifdef __cplusplus
extern "C" {
#endif

/** All pranks of a campaign. Immutable. Borrows the campaign, which must live longer. */
typedef struct prankcurl_plan prankcurl_plan;
/** One prank: one message from one author to the others of a group. Lent by its plan. */
typedef struct prankcurl_prank prankcurl_prank;

/**
 * Makes the plan. The same campaign, seed and run give the same plan on every machine.
 * @param seed  NULL: prankcurl_campaign_seed().
 * @param run   1; a later run of the same campaign (2, 3, …) has pranks of other ids.
 * @param out   owned by the caller, free with prankcurl_plan_free().
 * @return OK or NO_MEMORY: a campaign that loaded can be planned.
 */
PRANKCURL_API prankcurl_status prankcurl_plan_new(const prankcurl_campaign *campaign,
                                                  const uint64_t *seed, uint64_t run,
                                                  prankcurl_plan **out, prankcurl_error *error);
/** NULL-safe. */
PRANKCURL_API void prankcurl_plan_free(prankcurl_plan *plan);

PRANKCURL_API uint64_t prankcurl_plan_seed(const prankcurl_plan *plan);
/** Number of pranks: one for each group. */
PRANKCURL_API size_t prankcurl_plan_count(const prankcurl_plan *plan);
/** The i-th prank; NULL past the end. */
PRANKCURL_API const prankcurl_prank *prankcurl_plan_prank(const prankcurl_plan *plan, size_t i);

/** 16 hexadecimal digits, made from campaign and group names and the run: it stays when the plan
 * changes. */
PRANKCURL_API const char *prankcurl_prank_id(const prankcurl_prank *prank);
/** `<id.campaign@organiser's domain>` (RFC 5322 §3.6.4). */
PRANKCURL_API const char *prankcurl_prank_message_id(const prankcurl_prank *prank);
/** The group's name. */
PRANKCURL_API const char *prankcurl_prank_group(const prankcurl_prank *prank);
/** The name of the message that was picked. */
PRANKCURL_API const char *prankcurl_prank_message(const prankcurl_prank *prank);
/** From. */
PRANKCURL_API const prankcurl_person *prankcurl_prank_author(const prankcurl_prank *prank);
/** To: at least one. */
PRANKCURL_API size_t prankcurl_prank_recipient_count(const prankcurl_prank *prank);
PRANKCURL_API const prankcurl_person *prankcurl_prank_recipient(const prankcurl_prank *prank,
                                                                size_t i);
/** Everybody it goes to, in the envelope's order: To, then Cc. */
PRANKCURL_API size_t prankcurl_prank_person_count(const prankcurl_prank *prank);
PRANKCURL_API const prankcurl_person *prankcurl_prank_person(const prankcurl_prank *prank,
                                                             size_t i);
/** Cc: the campaign's witnesses. */
PRANKCURL_API size_t prankcurl_prank_cc_count(const prankcurl_prank *prank);
PRANKCURL_API const prankcurl_person *prankcurl_prank_cc(const prankcurl_prank *prank, size_t i);

#ifdef __cplusplus
}
#endif

#endif
