/* Opening the file: finding it, the lock, what it is, bringing it up to date. */
#ifndef PK_LEDGER_OPEN_H
#define PK_LEDGER_OPEN_H

#include <prankcurl/ledger.h>

/* Both fill ledger->db, and may leave it half open: prankcurl_ledger_close() does the rest. */
prankcurl_status pk_open_to_write(prankcurl_ledger *ledger, prankcurl_error *error);
prankcurl_status pk_open_to_read(prankcurl_ledger *ledger, prankcurl_error *error);

#endif
