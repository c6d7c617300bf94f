#include "mock/faults.h"

#include "base/random.h"
#include "base/text.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ATTEMPTS_KEPT = 1000000 };

typedef struct attempt {
    uint64_t key;
    uint64_t count;
} attempt;

static int by_key(const void *a, const void *b)
{
    uint64_t first = ((const attempt *)a)->key;
    uint64_t second = ((const attempt *)b)->key;
    return (first > second) - (first < second);
}

void pm_faults_free(pm_faults *faults)
{
    while (faults->attempts) {
        attempt *any = *(attempt **)faults->attempts;
        (void)tdelete(any, &faults->attempts, by_key);
        free(any);
    }
    pk_arena_free(&faults->arena);
    *faults = (pm_faults)PM_FAULTS_INIT;
}

bool pm_pattern_matches(const char *pattern, const char *text)
{
    const char *star = NULL; /* the last one seen, and where its text would end */
    const char *resume = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            resume = text;
        } else if (pk_ascii_lower(*pattern) == pk_ascii_lower(*text)) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++resume;
        } else {
            return false;
        }
    }
    return !pattern[strspn(pattern, "*")];
}

/* The address behind this one in a moment's recipients. */
static const char *next_recipient(const char *address)
{
    const char *parameters = address + strlen(address) + 1;
    return parameters + strlen(parameters) + 1;
}

/* At RCPT, as greylisting has it: sender and the recipient named. Later the whole envelope. */
static uint64_t attempt_key(const pm_moment *moment)
{
    static const uint64_t prime = 0x9e3779b97f4a7c15U;
    uint64_t key = pk_hash((uint64_t)moment->step * prime, moment->sender);
    const char *address = moment->recipients;
    for (size_t i = 0; i < moment->recipient_count; i++) {
        bool counts = moment->step != PM_STEP_RCPT || i + 1 == moment->recipient_count;
        key = counts ? pk_hash(key, address) : key;
        address = next_recipient(address);
    }
    return key;
}

/* How often this moment has come, with this time. Without memory it counts as the first. */
static uint64_t count_attempt(pm_faults *faults, const pm_moment *moment)
{
    attempt wanted = {.key = attempt_key(moment)};
    void *found = tfind(&wanted, &faults->attempts, by_key);
    if (found) {
        return ++(*(attempt **)found)->count;
    }
    attempt *added = faults->attempt_count < MAX_ATTEMPTS_KEPT ? malloc(sizeof *added) : NULL;
    if (added) {
        *added = (attempt){wanted.key, 1};
        if (tsearch(added, &faults->attempts, by_key)) {
            faults->attempt_count++;
        } else {
            free(added);
        }
    }
    return 1;
}

/* At RCPT the one being named, later any. */
static bool recipient_matches(const char *pattern, const pm_moment *moment)
{
    const char *address = moment->recipients;
    for (size_t i = 0; i < moment->recipient_count; i++) {
        bool counts = moment->step != PM_STEP_RCPT || i + 1 == moment->recipient_count;
        if (counts && pm_pattern_matches(pattern, address)) {
            return true;
        }
        address = next_recipient(address);
    }
    return false;
}

/* Numbers count from the rules on; what began before has none. */
static bool number_matches(uint64_t wanted, uint64_t number, uint64_t before)
{
    return !wanted || (number > before && number - before == wanted);
}

static bool rule_matches(const pm_faults *faults, const pm_rule *rule, const pm_moment *moment,
                         uint64_t attempt_number)
{
    return rule->step == moment->step && (!rule->times || rule->fired < rule->times) &&
           number_matches(rule->connection, moment->connection, faults->connections_before) &&
           number_matches(rule->message, moment->message, faults->messages_before) &&
           number_matches(rule->attempt, attempt_number, 0) &&
           moment->accepted >= rule->after_messages &&
           (!rule->sender || pm_pattern_matches(rule->sender, moment->sender)) &&
           (!rule->recipient || recipient_matches(rule->recipient, moment));
}

const pm_fault *pm_faults_decide(void *context, const pm_moment *moment)
{
    pm_faults *faults = context;
    bool counts = faults->counted & (1U << moment->step);
    uint64_t attempt_number = counts ? count_attempt(faults, moment) : 0;
    for (size_t i = 0; i < faults->count; i++) {
        pm_rule *rule = &faults->rules[i];
        if (rule_matches(faults, rule, moment, attempt_number)) {
            rule->fired++;
            return &rule->fault;
        }
    }
    return NULL;
}
