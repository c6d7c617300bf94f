/* What stands behind the question mark. */
#ifndef PM_WEB_QUERY_H
#define PM_WEB_QUERY_H

#include "mock/filter.h"
#include "mock/web_call.h"

typedef struct pm_question {
    pm_filter filter;
    size_t limit; /* messages in the answer */
    size_t count; /* to wait for */
    int64_t timeout_ms;
} pm_question;

/* Reads the call's query; wait: count and timeout may be in it instead of limit. False: it was
 * answered with what is wrong. Free it in any case. */
bool pm_question_read(pm_call *call, bool is_wait, pm_question *out);
void pm_question_free(pm_question *question);

/* Messages: what matches, newest first. */
cJSON *pm_question_answer(const pm_question *question, const pm_store *store);
size_t pm_question_count(const pm_question *question, const pm_store *store);

#endif
