/* A person's first name, as far as it can be told apart from the whole. */
#ifndef PK_MESSAGE_FIRST_NAME_H
#define PK_MESSAGE_FIRST_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* "Zoé" of "Zoé Müller", "Müller, Zoé" and "Dr. Zoé Müller"; one word alone is itself. *out lies
 * within name. False: it can't be told, as in "Frau Müller", "J. Müller" or "王小明". */
bool pk_first_name(const char *name, const char **out, size_t *len);

#endif
