/* Where a campaign's ledger is. */
#ifndef PK_CLI_LEDGER_PATH_H
#define PK_CLI_LEDGER_PATH_H

#include "base/buf.h"

/* Appends `given`, when it is not NULL; else the campaign's path with ".ledger.db" in place of a
 * final ".json", or behind it where there is none. */
void pk_ledger_path(const char *campaign, const char *given, pk_buf *out);

#endif
