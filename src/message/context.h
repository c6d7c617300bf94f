/* What templates can name (README, "The campaign file"): campaign, organiser, group, author and
 * recipients, and of each person name, address, their own variables, and these as vars too. */
#ifndef PK_MESSAGE_CONTEXT_H
#define PK_MESSAGE_CONTEXT_H

#include "mustache/mustache.h"
#include "plan/plan_model.h"

/* Borrowed: both must outlive the values. */
typedef struct pk_context {
    const prankcurl_campaign *campaign;
    const prankcurl_prank *prank;
} pk_context;

pk_value pk_context_root(const pk_context *context);

/* Says in plain words what is wrong with a tag, and what could stand there:
 * `author "Zoé" has no "desk"; name, address and phone are there`. Appended to out. */
void pk_context_explain(const pk_context *context, const pk_mustache_fault *fault, pk_buf *out);

/* Whether it is a variable that some people lack. Then says how many, and who:
 * `2 of 24 people have no "dish": "Ann" (few.csv:2) and …`. Appended to out. */
bool pk_context_explain_lacking(const pk_context *context, const pk_mustache_fault *fault,
                                pk_buf *out);

#endif
