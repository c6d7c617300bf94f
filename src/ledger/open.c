#include "ledger/open.h"

#include "base/clock.h"
#include "base/error.h"
#include "ledger/database.h"
#include "ledger/place.h"
#include "ledger/schema.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { BUSY_MS = 5000, FLAGS = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE };

/* For every connection. What is in the file is not trusted: it may come from somebody else. */
static int set_up(sqlite3 *db)
{
    int result = sqlite3_busy_timeout(db, BUSY_MS);
    if (result == SQLITE_OK) {
        result = sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    }
    if (result == SQLITE_OK) {
        result = sqlite3_exec(db,
                              "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
                              "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;"
                              "PRAGMA cache_size = -16384",
                              NULL, NULL, NULL);
    }
    return result;
}

static prankcurl_status no_ledger(prankcurl_ledger *ledger, prankcurl_error *error)
{
    return pk_error_set(error, PRANKCURL_IO, NULL,
                        "\"%s\" is no ledger of prankcurl; nothing was sent: name another file, or "
                        "move this one away",
                        ledger->name);
}

/* Whose file it is, and whether this program knows its version. */
static prankcurl_status check_state(prankcurl_ledger *ledger, const pk_schema_state *state,
                                    prankcurl_error *error)
{
    bool is_empty = state->objects == 0 && state->application_id == 0 && state->version == 0;
    if (is_empty && ledger->can_write) {
        return PRANKCURL_OK;
    }
    if (is_empty) {
        return pk_error_set(error, PRANKCURL_NO_INPUT, NULL,
                            "the ledger \"%s\" is empty: nothing was sent", ledger->name);
    }
    if (state->application_id != PK_LEDGER_APPLICATION_ID || state->version < 1) {
        return no_ledger(ledger, error);
    }
    if (state->version > pk_schema_version) {
        return pk_error_set(
            error, PRANKCURL_IO, NULL,
            "the ledger \"%s\" has version %lld, and this prankcurl knows none above "
            "%d; nothing was sent: use the newer prankcurl that wrote it",
            ledger->name, (long long)state->version, pk_schema_version);
    }
    if (state->version < pk_schema_version && !ledger->can_write) {
        return pk_error_set(error, PRANKCURL_IO, NULL,
                            "the ledger \"%s\" has version %lld of an older prankcurl; sending "
                            "brings it to version %d",
                            ledger->name, (long long)state->version, pk_schema_version);
    }
    return PRANKCURL_OK;
}

/* SQLite answers in a row with the mode that it came to. */
static bool has_wal(sqlite3 *db, int *result)
{
    sqlite3_stmt *statement = NULL;
    bool is_wal = false;
    *result = sqlite3_prepare_v2(db, "PRAGMA journal_mode = WAL", -1, &statement, NULL);
    if (*result == SQLITE_OK) {
        *result = sqlite3_step(statement);
    }
    if (*result == SQLITE_ROW) {
        is_wal = strcmp(pk_sql_text(statement, 0), "wal") == 0;
        *result = SQLITE_OK;
    }
    (void)sqlite3_finalize(statement);
    return is_wal;
}

/* Durable: each commit is in the write-ahead log, and flushed, before it returns. The log goes into
 * the file every 16 MiB: less often than SQLite would, as steps touch the same pages again. */
static prankcurl_status make_durable(prankcurl_ledger *ledger, prankcurl_error *error)
{
    int result = SQLITE_OK;
    if (!has_wal(ledger->db, &result) && result == SQLITE_OK) {
        return pk_error_set(error, PRANKCURL_IO, NULL,
                            "the ledger \"%s\" can't have a write-ahead log here, as on a network "
                            "drive; nothing was sent: put it on a local disk",
                            ledger->name);
    }
    if (result == SQLITE_OK) {
        result =
            sqlite3_exec(ledger->db, "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4096",
                         NULL, NULL, NULL);
    }
    return pk_ledger_result(ledger, result, "write", error);
}

/* What was in flight when a former process ended: nobody knows whether it arrived. */
static prankcurl_status settle(prankcurl_ledger *ledger, prankcurl_error *error)
{
    const pk_value now = pk_number(pk_wall_clock_ms());
    prankcurl_status status = pk_ledger_enter(ledger, error);
    if (status != PRANKCURL_OK) {
        return status;
    }
    int result = pk_sql_run(ledger, PK_SQL_END_ATTEMPTS, &now, 1);
    if (result == SQLITE_OK) {
        result = pk_sql_run(ledger, PK_SQL_END_IN_FLIGHT, &now, 1);
    }
    return pk_ledger_leave(ledger, pk_ledger_result(ledger, result, "write", error), error);
}

static prankcurl_status prepare(prankcurl_ledger *ledger, prankcurl_error *error)
{
    pk_schema_state state = {0};
    int result = set_up(ledger->db);
    if (result == SQLITE_OK) {
        result = pk_schema_look(ledger->db, &state);
    }
    prankcurl_status status = pk_ledger_result(ledger, result, "read", error);
    if (status == PRANKCURL_OK) {
        status = check_state(ledger, &state, error);
    }
    if (status == PRANKCURL_OK && sqlite3_db_readonly(ledger->db, "main")) {
        status = pk_ledger_result(ledger, SQLITE_READONLY, "write", error);
    }
    if (status == PRANKCURL_OK) {
        status = make_durable(ledger, error);
    }
    if (status == PRANKCURL_OK && state.version < pk_schema_version) {
        result = pk_schema_migrate(ledger->db, state.version, pk_schema_steps, pk_schema_version);
        status = pk_ledger_result(ledger, result, "write", error);
    }
    return status == PRANKCURL_OK ? settle(ledger, error) : status;
}

static prankcurl_status open_locked(prankcurl_ledger *ledger, const char *real_path,
                                    prankcurl_error *error)
{
    prankcurl_status status = pk_lock_take(real_path, ledger->name, &ledger->lock, error);
    if (status == PRANKCURL_OK) {
        status = pk_place_make(real_path, ledger->name, error);
    }
    if (status == PRANKCURL_OK) {
        status = pk_lock_ledger(real_path, ledger->name, &ledger->lock, error);
    }
    if (status == PRANKCURL_OK) {
        int result = sqlite3_open_v2(real_path, &ledger->db, SQLITE_OPEN_READWRITE | FLAGS, NULL);
        status = pk_ledger_result(ledger, result, "open", error);
    }
    return status == PRANKCURL_OK ? prepare(ledger, error) : status;
}

prankcurl_status pk_open_to_write(prankcurl_ledger *ledger, prankcurl_error *error)
{
    char *real_path = NULL;
    prankcurl_status status = pk_place_resolve(ledger->name, &real_path, error);
    if (status == PRANKCURL_OK) {
        status = open_locked(ledger, real_path, error);
    }
    free(real_path);
    return status;
}

static int look(prankcurl_ledger *ledger, const char *path, int flags, pk_schema_state *state)
{
    int result = sqlite3_open_v2(path, &ledger->db, flags | FLAGS, NULL);
    if (result == SQLITE_OK) {
        result = set_up(ledger->db);
    }
    if (result == SQLITE_OK) {
        result = sqlite3_exec(ledger->db, "PRAGMA query_only = ON", NULL, NULL, NULL);
    }
    return result == SQLITE_OK ? pk_schema_look(ledger->db, state) : result;
}

/* In a folder that can't be written SQLite has no place for what readers and writers share. */
static int look_at_frozen(prankcurl_ledger *ledger, const char *real_path, pk_schema_state *state)
{
    pk_buf uri;
    pk_buf_init(&uri, 4 * PATH_MAX);
    pk_place_immutable_uri(real_path, &uri);
    (void)sqlite3_close(ledger->db);
    ledger->db = NULL;
    int result = pk_buf_ok(&uri)
                     ? look(ledger, uri.data, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, state)
                     : SQLITE_NOMEM;
    pk_buf_free(&uri);
    return result;
}

/* Open for writing too, though query_only: the last of all readers and writers must be able to take
 * away what SQLite puts beside the file. */
prankcurl_status pk_open_to_read(prankcurl_ledger *ledger, prankcurl_error *error)
{
    pk_schema_state state = {0};
    char *real_path = NULL;
    prankcurl_status status = pk_place_check(ledger->name, error);
    if (status == PRANKCURL_OK) {
        status = pk_place_resolve(ledger->name, &real_path, error);
    }
    if (status != PRANKCURL_OK) {
        return status;
    }
    int result = look(ledger, real_path, SQLITE_OPEN_READWRITE, &state);
    if (((result & 0xff) == SQLITE_CANTOPEN || (result & 0xff) == SQLITE_READONLY) &&
        pk_place_is_frozen(real_path)) {
        result = look_at_frozen(ledger, real_path, &state);
    }
    free(real_path);
    status = pk_ledger_result(ledger, result, "read", error);
    return status == PRANKCURL_OK ? check_state(ledger, &state, error) : status;
}

void prankcurl_ledger_holder(const char *path, char *out, size_t size)
{
    char *real_path = NULL;
    out[0] = '\0';
    if (pk_place_resolve(path, &real_path, NULL) == PRANKCURL_OK) {
        pk_lock_holder(real_path, out, size);
    }
    free(real_path);
}
