#include "ledger/database.h"

#include "base/error.h"

/* What SQLite says, in the words of someone who wants to go on. */
static const char *advice(int result)
{
    switch (result & 0xff) {
    case SQLITE_FULL:
        return "the disk is full; make room";
    case SQLITE_IOERR:
        return "the disk can't be read or written; look whether it is full or broken";
    case SQLITE_READONLY:
        return "it can't be written; see to its permissions, or to its owner";
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return "it, or a file beside it, can't be opened; see to the permissions of both, and of "
               "their folder";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return "another program has it locked; end that one";
    default:
        return NULL;
    }
}

static prankcurl_status damaged(prankcurl_ledger *ledger, int result, const char *safe,
                                prankcurl_error *error)
{
    if ((result & 0xff) == SQLITE_NOTADB) {
        return pk_error_set(error, PRANKCURL_IO, NULL,
                            "\"%s\" is damaged, or no ledger of prankcurl%s: name another file, "
                            "or put a copy in its place",
                            ledger->name, safe);
    }
    return pk_error_set(error, PRANKCURL_IO, NULL,
                        "the ledger \"%s\" is damaged%s: put a copy in its place, or see "
                        "docs/ledger.md for what can be saved",
                        ledger->name, safe);
}

prankcurl_status pk_ledger_result(prankcurl_ledger *ledger, int result, const char *doing,
                                  prankcurl_error *error)
{
    const char *safe = ledger->is_open ? "" : "; nothing was sent";
    switch (result & 0xff) {
    case SQLITE_OK:
        return PRANKCURL_OK;
    case SQLITE_NOMEM:
        return pk_ledger_no_memory(error);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return damaged(ledger, result, safe, error);
    case SQLITE_CONSTRAINT:
        return pk_error_set(error, PRANKCURL_INTERNAL, NULL,
                            "the ledger \"%s\" does not take what is not sound: %s", ledger->name,
                            sqlite3_errmsg(ledger->db));
    default:
        break;
    }
    const char *words = advice(result);
    return pk_error_set(error, PRANKCURL_IO, NULL, "cannot %s the ledger \"%s\": %s%s", doing,
                        ledger->name, words ? words : sqlite3_errstr(result), safe);
}
