#include "mock/web_query.h"

#include "mock/envelope_json.h"
#include "mock/reading.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum { DEFAULT_LIMIT = 100, MAX_LIMIT = 1000000, DEFAULT_TIMEOUT_S = 30, MAX_TIMEOUT_S = 3600 };

typedef enum asker {
    FOR_LIST = 1,
    FOR_WAIT = 2,
    FOR_BOTH = 3,
} asker;

typedef struct parameter {
    const char *name;
    unsigned asker;
    const char *expected;
    bool (*read)(pm_question *question, const char *value);
} parameter;

static bool read_whole(const char *value, uint64_t min, uint64_t max, uint64_t *out)
{
    char *end = NULL;
    bool is_number = value[0] >= '0' && value[0] <= '9' && strlen(value) <= 16;
    *out = is_number ? strtoull(value, &end, 10) : 0;
    return is_number && !*end && *out >= min && *out <= max;
}

static bool read_query(pm_question *question, const char *value)
{
    pm_filter_set(&question->filter.query, value);
    return true;
}

static bool read_from(pm_question *question, const char *value)
{
    pm_filter_set(&question->filter.from, value);
    return true;
}

static bool read_to(pm_question *question, const char *value)
{
    pm_filter_set(&question->filter.to, value);
    return true;
}

static bool read_subject(pm_question *question, const char *value)
{
    pm_filter_set(&question->filter.subject, value);
    return true;
}

static bool read_after(pm_question *question, const char *value)
{
    return read_whole(value, 0, UINT64_C(1) << 53, &question->filter.after);
}

static bool read_limit(pm_question *question, const char *value)
{
    uint64_t limit = 0;
    bool is_good = read_whole(value, 1, MAX_LIMIT, &limit);
    question->limit = (size_t)limit;
    return is_good;
}

static bool read_count(pm_question *question, const char *value)
{
    uint64_t count = 0;
    bool is_good = read_whole(value, 1, MAX_LIMIT, &count);
    question->count = (size_t)count;
    return is_good;
}

static bool read_timeout(pm_question *question, const char *value)
{
    char *end = NULL;
    double seconds = strtod(value, &end);
    bool is_good = strspn(value, "0123456789.") == strlen(value) && *value && !*end &&
                   seconds >= 0 && seconds <= MAX_TIMEOUT_S;
    question->timeout_ms = is_good ? (int64_t)ceil(seconds * 1000) : 0;
    return is_good;
}

static const parameter parameters[] = {
    {"query", FOR_BOTH, "text", read_query},
    {"from", FOR_BOTH, "text", read_from},
    {"to", FOR_BOTH, "text", read_to},
    {"subject", FOR_BOTH, "text", read_subject},
    {"after", FOR_BOTH, "the id of a message, or 0", read_after},
    {"limit", FOR_LIST, "a number from 1 to 1000000", read_limit},
    {"count", FOR_WAIT, "a number from 1 to 1000000", read_count},
    {"timeout", FOR_WAIT, "seconds from 0 to 3600", read_timeout},
};

static const parameter *find_parameter(const char *name, asker who)
{
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++) {
        if ((parameters[i].asker & (unsigned)who) && strcmp(parameters[i].name, name) == 0) {
            return &parameters[i];
        }
    }
    return NULL;
}

/* False: it was answered with what is wrong. `given`: a bit for each that came already. */
static bool read_parameter(pm_call *call, const struct evkeyval *pair, asker who, unsigned *given,
                           pm_question *out)
{
    const parameter *found = find_parameter(pair->key, who);
    unsigned bit = found ? 1U << (found - parameters) : 0;
    if (!found) {
        pm_call_problem(call, HTTP_BADREQUEST, "there is no parameter \"%.60s\" here", pair->key);
    } else if (*given & bit) {
        pm_call_problem(call, HTTP_BADREQUEST, "\"%s\" is given twice; once is expected",
                        found->name);
    } else if (!found->read(out, pair->value)) {
        pm_call_problem(call, HTTP_BADREQUEST, "%s is \"%.60s\"; %s is expected", found->name,
                        pair->value, found->expected);
    } else {
        *given |= bit;
        return true;
    }
    return false;
}

bool pm_question_read(pm_call *call, bool is_wait, pm_question *out)
{
    *out = (pm_question){
        .limit = DEFAULT_LIMIT, .count = 1, .timeout_ms = (int64_t)DEFAULT_TIMEOUT_S * 1000};
    const struct evkeyval *pair = NULL;
    unsigned given = 0;
    TAILQ_FOREACH(pair, call->query, next)
    {
        if (!read_parameter(call, pair, is_wait ? FOR_WAIT : FOR_LIST, &given, out)) {
            return false;
        }
    }
    return true;
}

void pm_question_free(pm_question *question)
{
    pm_filter_free(&question->filter);
}

size_t pm_question_count(const pm_question *question, const pm_store *store)
{
    size_t count = 0;
    for (size_t i = 0; i < store->count; i++) {
        count += pm_filter_matches(&question->filter, pm_store_at(store, i)) ? 1 : 0;
    }
    return count;
}

static cJSON *summary_of(const pm_mail *mail)
{
    pm_reading *reading = pm_reading_new(mail);
    cJSON *summary = reading ? pm_reading_summary(reading) : NULL;
    pm_reading_free(reading);
    return summary;
}

/* Adds summaries, newest first; returns how many match, or SIZE_MAX: out of memory. */
static size_t add_summaries(const pm_question *question, const pm_store *store, cJSON *list)
{
    size_t matching = 0;
    for (size_t i = store->count; i > 0; i--) {
        const pm_mail *mail = pm_store_at(store, i - 1);
        if (!pm_filter_matches(&question->filter, mail)) {
            continue;
        }
        if (++matching <= question->limit && !pm_json_put(list, NULL, summary_of(mail))) {
            return SIZE_MAX;
        }
    }
    return matching;
}

cJSON *pm_question_answer(const pm_question *question, const pm_store *store)
{
    cJSON *object = cJSON_CreateObject();
    bool has_total = cJSON_AddNumberToObject(object, "total", (double)store->count) != NULL;
    cJSON *count = cJSON_AddNumberToObject(object, "matching", 0);
    cJSON *list = cJSON_AddArrayToObject(object, "messages");
    size_t matching = list ? add_summaries(question, store, list) : SIZE_MAX;
    bool is_whole = has_total && count && matching != SIZE_MAX;
    if (is_whole) {
        (void)cJSON_SetNumberValue(count, (double)matching);
    }
    return pm_json_finish(object, is_whole);
}
