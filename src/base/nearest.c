#include "base/nearest.h"

#include <string.h>

enum { MAX_WORD = 32, MAX_DISTANCE = 2 };

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein's distance of two short words. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t row[MAX_WORD + 1];
    if (b_len > MAX_WORD || a_len > MAX_WORD) {
        return MAX_WORD;
    }
    for (size_t j = 0; j <= b_len; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t above = row[j];
            size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = min3(above + 1, row[j - 1] + 1, diagonal + change);
            diagonal = above;
        }
    }
    return row[b_len];
}

void pk_nearest_try(pk_nearest *nearest, const char *candidate)
{
    size_t len = strlen(candidate);
    size_t far = distance(nearest->word, nearest->len, candidate, len);
    if (far > 0 && far <= MAX_DISTANCE && far < len &&
        (!nearest->found || far < nearest->distance)) {
        nearest->found = candidate;
        nearest->distance = far;
    }
}
