#include "mustache/mustache.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

int pk_mustache_compare_names(const void *a, const void *b)
{
    return strcmp(((const pk_mustache_named *)a)->name, ((const pk_mustache_named *)b)->name);
}

const pk_mustache *pk_mustache_find(const pk_mustache_names *names, const char *name, size_t len)
{
    size_t low = 0;
    size_t high = names ? names->count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = pk_compare_name(name, len, names->items[middle].name);
        if (order == 0) {
            return names->items[middle].mustache;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

void pk_mustache_link(pk_mustache *mustache, const pk_mustache_names *names)
{
    mustache->names = names;
    for (size_t i = 0; i < mustache->ref_count; i++) {
        pk_mustache_ref *ref = &mustache->refs[i];
        ref->target = pk_mustache_find(names, ref->name, ref->len);
    }
}
