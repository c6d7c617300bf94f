/* One process at a time writes a ledger. The lock is flock()'s, which ends with the process however
 * it ends, on a file beside the ledger that says who holds it: SQLite's own locks are given back
 * between two commits. */
#ifndef PK_LEDGER_LOCK_H
#define PK_LEDGER_LOCK_H

#include "base/error.h"

#include <stddef.h>

typedef struct pk_lock {
    char *path; /* owned; NULL: not held */
    int fd;
    int ledger_fd; /* of the ledger itself, locked too; -1: not yet */
} pk_lock;

/* real_path is the ledger's, with links resolved; name is what the user calls it.
 * TEMPORARY: another process has it; CANNOT_CREATE: the folder can't be written. */
prankcurl_status pk_lock_take(const char *real_path, const char *name, pk_lock *lock,
                              prankcurl_error *error);
/* Locks the ledger itself, too, which must be there: somebody may have removed the file beside it,
 * or reach it by another name. Like pk_lock_take(). */
prankcurl_status pk_lock_ledger(const char *real_path, const char *name, pk_lock *lock,
                                prankcurl_error *error);
/* After SQLite has closed the ledger: closing a file gives back all locks that SQLite has on it.
 * Removes the file while it is still locked, and gives the lock back. Fine when it is not held. */
void pk_lock_release(pk_lock *lock);

/* Who holds it, in words for the middle of a sentence; "": nobody. */
void pk_lock_holder(const char *real_path, char *out, size_t size);

#endif
