/* Moments, as people write them into files. */
#ifndef PK_BASE_WHEN_H
#define PK_BASE_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/* "2027-04-01T10:00:00+02:00", "2027-04-01T10:00+02:00" or with "Z" for UTC: RFC 3339 §5.6 with
 * capital letters, seconds optional, no fraction, no leap second, from 1970 on. *out_s: seconds
 * since 1970 in UTC. False: it is none, *out_s is as before, and *why says what is wrong and what
 * is expected (static). */
bool pk_when_parse(const char *text, int64_t *out_s, const char **why);

#endif
