/* One step of an attempt, written into a transaction that was begun. */
#ifndef PK_LEDGER_RECORD_H
#define PK_LEDGER_RECORD_H

#include <prankcurl/ledger.h>

/* INTERNAL: the step itself is wrong, as for a prank that the ledger does not know; what was
 * written of it must be undone. */
prankcurl_status pk_record_write(prankcurl_ledger *ledger, const prankcurl_record *record,
                                 prankcurl_error *error);

#endif
