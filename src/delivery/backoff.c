#include "delivery/backoff.h"

#include "base/text.h"

#include <string.h>

int64_t pk_backoff_ms(int64_t first_ms, unsigned failures, pk_random *random)
{
    int64_t longest_ms = first_ms > PK_LONGEST_WAIT_MS ? first_ms : PK_LONGEST_WAIT_MS;
    int64_t wait_ms = first_ms;
    for (unsigned i = 1; i < failures && wait_ms < longest_ms; i++) {
        wait_ms *= 2;
    }
    wait_ms = wait_ms < longest_ms ? wait_ms : longest_ms;
    return wait_ms + (int64_t)pk_random_below(random, (uint64_t)wait_ms / 4 + 1);
}

static const struct {
    const char *unit;
    int64_t ms;
} units[] = {
    {"s", 1000},       {"sec", 1000},      {"secs", 1000},     {"second", 1000},
    {"seconds", 1000}, {"m", 60 * 1000},   {"min", 60 * 1000}, {"mins", 60 * 1000},
    {"minute", 60000}, {"minutes", 60000}, {"h", 3600 * 1000}, {"hr", 3600 * 1000},
    {"hrs", 3600000},  {"hour", 3600000},  {"hours", 3600000},
};

static size_t letters(const char *text)
{
    size_t len = 0;
    while (pk_ascii_lower(text[len]) >= 'a' && pk_ascii_lower(text[len]) <= 'z') {
        len++;
    }
    return len;
}

/* "300 seconds", "5min"; "00:05:00" is not read, nor "2 hosts". */
static int64_t read_wait(const char *text)
{
    int64_t number = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        number = number < PK_LONGEST_WAIT_MS ? number * 10 + (*text - '0') : number;
    }
    text += strspn(text, " ");
    size_t len = letters(text);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strlen(units[i].unit) == len && pk_ascii_equal_nocase(text, units[i].unit, len)) {
            int64_t wait_ms = number * units[i].ms;
            return wait_ms < PK_LONGEST_WAIT_MS ? wait_ms : PK_LONGEST_WAIT_MS;
        }
    }
    return 0;
}

int64_t pk_wait_asked_ms(const char *reply)
{
    static const char *const words[] = {" in ", " after ", " for "};
    for (const char *p = reply; *p; p++) {
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            size_t len = strlen(words[i]);
            if (strncmp(p, words[i], len) == 0 && p[len] >= '0' && p[len] <= '9') {
                return read_wait(p + len);
            }
        }
    }
    return 0;
}
