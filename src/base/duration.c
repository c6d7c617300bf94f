#include "base/duration.h"

#include <string.h>

enum { MAX_DIGITS = 8 };

static const pk_unit durations_ms[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};

/* The whole number, 1 or more, that text begins with; 0: it does not. *rest: what follows. */
static int64_t leading_number(const char *text, const char **rest)
{
    int64_t number = 0;
    size_t i = 0;
    for (; i < MAX_DIGITS && text[i] >= '0' && text[i] <= '9'; i++) {
        number = number * 10 + (text[i] - '0');
    }
    *rest = text + i;
    return text[0] == '0' ? 0 : number;
}

/* The value of the unit named; 0: no such unit. */
static int64_t find_unit(const pk_unit *units, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(units[i].name, name) == 0) {
            return units[i].value;
        }
    }
    return 0;
}

bool pk_number_with_unit(const char *text, const pk_unit *units, size_t count, int64_t *out_number,
                         int64_t *out_unit)
{
    const char *rest = NULL;
    int64_t number = leading_number(text, &rest);
    int64_t unit = find_unit(units, count, rest);
    if (number == 0 || unit == 0) {
        return false;
    }
    *out_number = number;
    *out_unit = unit;
    return true;
}

bool pk_duration_parse(const char *text, int64_t *out_ms)
{
    int64_t number = 0;
    int64_t unit_ms = 0;
    if (!pk_number_with_unit(text, durations_ms, sizeof durations_ms / sizeof durations_ms[0],
                             &number, &unit_ms)) {
        return false;
    }
    *out_ms = number * unit_ms;
    return true;
}
