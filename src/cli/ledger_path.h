/* Where the files are that belong to a campaign. */
#ifndef PK_CLI_LEDGER_PATH_H
#define PK_CLI_LEDGER_PATH_H

#include "base/buf.h"

/* Appends the campaign's path with `ending` in place of a final ".json", or behind it where there
 * is none. */
void pk_path_beside(const char *campaign, const char *ending, pk_buf *out);
/* Appends `given`, when it is not NULL; else the ledger is beside the campaign, ".ledger.db". */
void pk_ledger_path(const char *campaign, const char *given, pk_buf *out);

#endif
