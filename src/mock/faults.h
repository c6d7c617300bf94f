/* The rules by which prankmock fails (docs/faults.md). The same rules and the same client give the
 * same run: no clock, no chance. */
#ifndef PM_FAULTS_H
#define PM_FAULTS_H

#include "base/arena.h"
#include "base/error.h"
#include "mock/step.h"

typedef struct pm_rule {
    pm_step step;
    const char *sender;    /* pattern; NULL: any */
    const char *recipient; /* pattern; NULL: any */
    uint64_t connection;   /* 0: any, as below */
    uint64_t message;
    uint64_t attempt;
    uint64_t after_messages; /* 0: from the first on */
    uint64_t times;          /* 0: always */
    uint64_t fired;
    pm_fault fault;
    const char *json; /* as it was written */
} pm_rule;

typedef struct pm_faults {
    pk_arena arena;
    pm_rule *rules; /* in the arena */
    size_t count;
    uint64_t connections_before; /* that do not count, as they began before the rules */
    uint64_t messages_before;
    unsigned counted; /* steps whose attempts are counted, one bit each */
    void *attempts;   /* owned: tree of (step, sender, recipients) and how often */
    size_t attempt_count;
} pm_faults;

/* No rules: all zero. */
#define PM_FAULTS_INIT                                                                             \
    {                                                                                              \
        .rules = NULL                                                                              \
    }

/* Reads a list of rules; json[len] must be NUL. file names it in errors. On any status but OK *out
 * is empty, and errors has every error. */
prankcurl_status pm_faults_parse(pm_faults *out, const char *json, size_t len, const char *file,
                                 prankcurl_errors *errors);
void pm_faults_free(pm_faults *faults);

/* A pm_decide; context: the pm_faults. Counts. */
const pm_fault *pm_faults_decide(void *context, const pm_moment *moment);

/* Whether text is what the pattern says: `*` stands for any text, ASCII letters count the same. */
bool pm_pattern_matches(const char *pattern, const char *text);

#endif
