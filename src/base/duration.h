/* Numbers with a unit behind them, as people write them: "30s", "60/m". */
#ifndef PK_BASE_DURATION_H
#define PK_BASE_DURATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pk_unit {
    const char *name;
    int64_t value;
} pk_unit;

/* "500ms", "30s", "1m" or "2h": a whole number from 1 on, of 8 digits at most. False: it is none,
 * and *out_ms is as before. */
bool pk_duration_parse(const char *text, int64_t *out_ms);

/* The same with units of one's own: the number, and the value of its unit. */
bool pk_number_with_unit(const char *text, const pk_unit *units, size_t count, int64_t *out_number,
                         int64_t *out_unit);

#endif
