/* What an open ledger is. Private to src/ledger. */
#ifndef PK_LEDGER_DATABASE_H
#define PK_LEDGER_DATABASE_H

#include "base/buf.h"
#include "ledger/journal.h"
#include "ledger/lock.h"
#include "ledger/sql.h"

#include <prankcurl/ledger.h>
#include <pthread.h>
#include <sqlite3.h>

struct prankcurl_ledger {
    sqlite3 *db;
    sqlite3_stmt *statements[PK_SQL_COUNT]; /* prepared when first needed */
    char *name;                             /* owned: as the user named it */
    bool can_write;
    bool is_open;          /* errors no longer mean that nothing was sent */
    bool in_changes;       /* between begin and commit */
    bool is_spoiled;       /* one of the changes failed: all are undone */
    pthread_mutex_t mutex; /* recursive; of all above and the database: calls and the journal take
                              turns, and one who begins changes keeps it until they are committed */
    pk_lock lock;
    pk_journal journal;

    /* What the last call lends. */
    pk_buf texts;
    prankcurl_entry_recipient *recipients; /* owned */
    size_t capacity;
};

/* Turns SQLite's result, if it is an error, into ours; what was being done, as "read" or "write".
 */
prankcurl_status pk_ledger_result(prankcurl_ledger *ledger, int result, const char *doing,
                                  prankcurl_error *error);
prankcurl_status pk_ledger_no_memory(prankcurl_error *error);

/* Takes the mutex for changes that are made together, in a transaction of their own unless one was
 * begun. Only after OK: pk_ledger_leave(), with how the changes went; its result is that of all. */
prankcurl_status pk_ledger_enter(prankcurl_ledger *ledger, prankcurl_error *error);
prankcurl_status pk_ledger_leave(prankcurl_ledger *ledger, prankcurl_status status,
                                 prankcurl_error *error);

#endif
