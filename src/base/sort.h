#ifndef PK_BASE_SORT_H
#define PK_BASE_SORT_H

#include <stddef.h>

/* Ascending. */
void pk_sort_numbers(size_t *numbers, size_t count);

#endif
