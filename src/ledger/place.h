/* Where the ledger and what lies beside it are. */
#ifndef PK_LEDGER_PLACE_H
#define PK_LEDGER_PLACE_H

#include "base/buf.h"
#include "base/error.h"

/* The ledger's path with all links resolved, so that one ledger has one name, and one lock. The
 * file need not be there, its folder must. *out is the caller's to free(); NULL on any error. */
prankcurl_status pk_place_resolve(const char *path, char **out, prankcurl_error *error);

/* Makes the file when it is missing, readable by its owner alone: it holds people's addresses. */
prankcurl_status pk_place_make(const char *real_path, const char *name, prankcurl_error *error);

/* A ledger that is only read: NO_INPUT when there is none, IO when it is no file. */
prankcurl_status pk_place_check(const char *path, prankcurl_error *error);

/* Appends the URI under which SQLite reads a file that nobody changes. */
void pk_place_immutable_uri(const char *real_path, pk_buf *out);

/* Nothing can be made beside the file, and no log of changes waits there. */
bool pk_place_is_frozen(const char *real_path);

#endif
