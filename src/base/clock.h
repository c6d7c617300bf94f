/* Time: dates for header fields, and a clock for waiting. */
#ifndef PK_BASE_CLOCK_H
#define PK_BASE_CLOCK_H

#include "base/buf.h"

#include <stdint.h>

/* "Tue, 24 Nov 2026 07:04:45 +0000" (RFC 5322 §3.3), seconds since 1970 in UTC. */
void pk_add_date(pk_buf *out, int64_t time_s);
/* "Tue Nov 24 07:04:45 2026", as mbox's From_ line has it (RFC 4155). */
void pk_add_mbox_date(pk_buf *out, int64_t time_s);

/* "2026-11-24 07:04:45 UTC", for people; milliseconds since 1970 in UTC. */
void pk_add_utc(pk_buf *out, int64_t time_ms);
/* "2026-11-24T07:04:45.123Z" (RFC 3339), for programs; likewise. */
void pk_add_utc_iso(pk_buf *out, int64_t time_ms);
/* "20261124T070445Z" (RFC 5545 §3.3.5), seconds since 1970 in UTC. */
void pk_add_utc_basic(pk_buf *out, int64_t time_s);

/* Microseconds that only ever go up. */
int64_t pk_monotonic_us(void);
/* Milliseconds since 1970, UTC. */
int64_t pk_wall_clock_ms(void);

#endif
