/* How long to wait before the next try. Pure, but for the chance it is given. */
#ifndef PK_DELIVERY_BACKOFF_H
#define PK_DELIVERY_BACKOFF_H

#include "base/random.h"

#include <stdint.h>

enum { PK_LONGEST_WAIT_MS = 15 * 60 * 1000 };

/* Milliseconds: first_ms after the first failure, twice as long after each further one, at most
 * PK_LONGEST_WAIT_MS (or first_ms, where that is more), and up to a quarter more by chance, so that
 * what failed together does not come again together. */
int64_t pk_backoff_ms(int64_t first_ms, unsigned failures, pk_random *random);

/* The wait that a reply asks for, as greylisting does: "try again in 5 minutes", "retry after 300
 * seconds". 0: it names none. No more than PK_LONGEST_WAIT_MS. */
int64_t pk_wait_asked_ms(const char *reply);

#endif
