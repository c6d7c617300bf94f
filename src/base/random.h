/* Chance that is the same on every machine: xoshiro256** 1.0 (Blackman, Vigna 2018), seeded through
 * SplitMix64 (Steele, Lea, Flood 2014) as its authors advise. Not for secrets. */
#ifndef PK_BASE_RANDOM_H
#define PK_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct pk_random {
    uint64_t state[4];
} pk_random;

void pk_random_seed(pk_random *random, uint64_t seed);
uint64_t pk_random_next(pk_random *random);
/* Every number below limit (> 0) is equally likely: values of an incomplete last round are drawn
 * again. */
uint64_t pk_random_below(pk_random *random, uint64_t limit);
/* Fisher-Yates: every order is equally likely. */
void pk_random_shuffle(pk_random *random, size_t *items, size_t count);

/* FNV-1a (64 bit) over the bytes, begun at `start`, finished by SplitMix64's mixing. */
uint64_t pk_hash(uint64_t start, const char *text);

#endif
