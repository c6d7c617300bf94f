#include "delivery/pool.h"

#include "base/text.h"
#include "delivery/backoff.h"

#include <string.h>

enum { GROWS_AFTER = 50 }; /* accepted messages */

void pk_pool_init(pk_pool *pool, unsigned wanted)
{
    /* A wrong password is tried once, not once a connection: the first goes alone. */
    *pool = (pk_pool){.wanted = wanted, .allowed = 1};
}

static bool says(const char *reply, const char *words)
{
    size_t len = strlen(words);
    for (; strlen(reply) >= len; reply++) {
        if (pk_ascii_equal_nocase(reply, words, len)) {
            return true;
        }
    }
    return false;
}

/* 421 closes the connection (RFC 5321 §3.8), mostly for having too many of them or too much. */
static bool is_crowded(const prankcurl_reply *reply)
{
    return reply->code == 421 || (reply->code / 100 == 4 && says(reply->text, "connections"));
}

static void shrink(pk_pool *pool)
{
    unsigned used = pool->open < pool->allowed ? pool->open : pool->allowed;
    pool->allowed = used > 1 ? used - 1 : 1;
    pool->accepted = 0;
}

static void grow(pk_pool *pool, const prankcurl_outcome *outcome)
{
    pool->failures = 0;
    if (!pool->is_reached) {
        pool->is_reached = true;
        pool->allowed = pool->wanted;
    }
    pool->accepted += outcome->verdict == PRANKCURL_ACCEPTED ? 1 : 0;
    if (pool->accepted >= GROWS_AFTER) {
        pool->accepted = 0;
        pool->allowed += pool->allowed < pool->wanted ? 1 : 0;
    }
}

pk_heard pk_pool_hear(pk_pool *pool, const prankcurl_outcome *outcome, int64_t first_ms,
                      pk_random *random, int64_t now_us)
{
    if (outcome->scope == PRANKCURL_SCOPE_MESSAGE) {
        grow(pool, outcome);
        if (is_crowded(&outcome->reply)) {
            shrink(pool);
        }
        return PK_HEARD_NOTHING;
    }
    if (outcome->scope == PRANKCURL_SCOPE_RUN) {
        return PK_HEARD_NOTHING;
    }
    bool others_work = pool->open > 1 && pool->is_reached && pool->failures == 0;
    if (is_crowded(&outcome->reply)) {
        shrink(pool);
        if (others_work) {
            return PK_HEARD_CROWDED;
        }
    }
    if (now_us >= pool->held_until_us) { /* else others of ours told of the same trouble */
        pool->failures++;
        pool->held_until_us = now_us + 1000 * pk_backoff_ms(first_ms, pool->failures, random);
    }
    return PK_HEARD_TROUBLE;
}
