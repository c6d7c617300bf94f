/* The word that was probably meant, for "did you mean". */
#ifndef PK_BASE_NEAREST_H
#define PK_BASE_NEAREST_H

#include <stddef.h>

typedef struct pk_nearest {
    const char *word; /* as it was written: need not end with NUL */
    size_t len;
    const char *found; /* the nearest so far, lent; NULL: none is near */
    size_t distance;   /* its distance */
} pk_nearest;

/* Takes a candidate, which was not written, when it is at most two letters away and nearer than
 * those before. */
void pk_nearest_try(pk_nearest *nearest, const char *candidate);

#endif
