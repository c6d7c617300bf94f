#include "base/sort.h"

#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    size_t x = *(const size_t *)a;
    size_t y = *(const size_t *)b;
    return (x > y) - (x < y);
}

void pk_sort_numbers(size_t *numbers, size_t count)
{
    qsort(numbers, count, sizeof *numbers, ascending);
}
