/* Which messages somebody asks for. */
#ifndef PM_FILTER_H
#define PM_FILTER_H

#include "mock/mail.h"

/* Texts are folded (no case) and owned; NULL: anything. Start with all zero. */
typedef struct pm_filter {
    char *query;
    char *from;
    char *to;
    char *subject;
    uint64_t after;
} pm_filter;

void pm_filter_free(pm_filter *filter);
/* Sets one of the texts; an empty value stands for anything. */
void pm_filter_set(char **text, const char *value);
bool pm_filter_matches(const pm_filter *filter, const pm_mail *mail);

#endif
