#include "ledger/schema.h"

#include "base/buf.h"
#include "ledger/sql.h"

/* Never changed once released: a change is a step of its own. Tables are WITHOUT ROWID where their
 * key is what they are asked by. */
const char *const pk_schema_steps[] = {
    "CREATE TABLE run ("
    " number INTEGER PRIMARY KEY,"
    " campaign TEXT NOT NULL,"
    " server TEXT NOT NULL,"
    " seed INTEGER NOT NULL,"
    " started_ms INTEGER NOT NULL"
    ") STRICT;"

    /* Numbers are never used again: attempts of pranks that are forgotten keep theirs. Pranks that
     * are sent one after the other lie on the same pages. */
    "CREATE TABLE prank ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " run INTEGER NOT NULL REFERENCES run (number),"
    " id TEXT NOT NULL,"
    " position INTEGER NOT NULL,"
    " group_name TEXT NOT NULL,"
    " message TEXT NOT NULL,"
    " message_id TEXT NOT NULL,"
    " author TEXT NOT NULL,"
    " attempts INTEGER NOT NULL,"
    " date_s INTEGER NOT NULL,"
    " fingerprint TEXT NOT NULL," /* 16 hexadecimal digits: SQLite's integers have a sign */
    " queue_id TEXT NOT NULL,"
    " UNIQUE (run, id)"
    ") STRICT;"
    "CREATE INDEX prank_by_position ON prank (run, position);"

    "CREATE TABLE recipient ("
    " prank INTEGER NOT NULL REFERENCES prank (number) ON DELETE CASCADE,"
    " address TEXT NOT NULL,"
    " position INTEGER NOT NULL,"
    /* Not IN (…), for which SQLite makes a table at every change. */
    " state TEXT NOT NULL CHECK (state = 'planned' OR state = 'in_flight' OR state = 'accepted'"
    "  OR state = 'refused' OR state = 'deferred' OR state = 'uncertain'),"
    " attempts INTEGER NOT NULL,"
    " code INTEGER NOT NULL,"
    " reply TEXT NOT NULL,"
    " changed_ms INTEGER NOT NULL,"
    " PRIMARY KEY (prank, address)"
    ") STRICT, WITHOUT ROWID;"

    /* Kept for ever, so that it refers to no prank. */
    "CREATE TABLE attempt ("
    " prank INTEGER NOT NULL,"
    " number INTEGER NOT NULL,"
    " run INTEGER NOT NULL,"
    " id TEXT NOT NULL,"
    " server TEXT NOT NULL,"
    " started_ms INTEGER NOT NULL,"
    " ended_ms INTEGER," /* NULL: it has not ended */
    " phase TEXT NOT NULL,"
    " code INTEGER NOT NULL,"
    " reply TEXT NOT NULL,"
    " reason TEXT NOT NULL,"
    " result TEXT NOT NULL,"
    " PRIMARY KEY (prank, number)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE VIEW who_got_what AS"
    " SELECT prank.run AS run, recipient.address AS recipient, recipient.state AS state,"
    "  iif(recipient.changed_ms = 0, '', datetime(recipient.changed_ms / 1000, 'unixepoch') ||"
    "   ' UTC') AS since,"
    "  recipient.reply AS reply,"
    "  recipient.attempts AS attempts, prank.message AS message, prank.author AS author,"
    "  prank.group_name AS group_name, prank.message_id AS message_id,"
    "  prank.queue_id AS queue_id, prank.id AS id"
    " FROM recipient JOIN prank ON prank.number = recipient.prank"
    " ORDER BY prank.run, prank.position, recipient.position;",
};

const int pk_schema_version = sizeof pk_schema_steps / sizeof pk_schema_steps[0];

int pk_schema_look(sqlite3 *db, pk_schema_state *out)
{
    *out = (pk_schema_state){0};
    int result = pk_sql_number(db, "PRAGMA application_id", &out->application_id);
    if (result == SQLITE_OK) {
        result = pk_sql_number(db, "PRAGMA user_version", &out->version);
    }
    if (result == SQLITE_OK) {
        result = pk_sql_number(db, "SELECT count(*) FROM sqlite_schema", &out->objects);
    }
    return result;
}

static int take_steps(sqlite3 *db, int64_t version, const char *const *steps, int count)
{
    int result = SQLITE_OK;
    for (int64_t i = version; i < count && result == SQLITE_OK; i++) {
        result = sqlite3_exec(db, steps[i], NULL, NULL, NULL);
    }
    pk_buf numbers; /* PRAGMA takes no parameters */
    pk_buf_init(&numbers, 200);
    pk_buf_fmt(&numbers, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
               PK_LEDGER_APPLICATION_ID, count);
    if (!pk_buf_ok(&numbers)) {
        result = SQLITE_NOMEM;
    }
    if (result == SQLITE_OK) {
        result = sqlite3_exec(db, numbers.data, NULL, NULL, NULL);
    }
    pk_buf_free(&numbers);
    return result;
}

int pk_schema_migrate(sqlite3 *db, int64_t version, const char *const *steps, int count)
{
    int result = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (result == SQLITE_OK) {
        result = take_steps(db, version, steps, count);
    }
    if (result != SQLITE_OK && !sqlite3_get_autocommit(db)) {
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    }
    return result;
}
