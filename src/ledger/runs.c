#include "ledger/database.h"

/* Both texts behind each other in what the ledger lends. */
static prankcurl_status take_run(prankcurl_ledger *ledger, sqlite3_stmt *row, prankcurl_run *run,
                                 prankcurl_error *error)
{
    pk_buf_reset(&ledger->texts);
    pk_buf_fmt(&ledger->texts, "%s%c", pk_sql_text(row, 1), '\0');
    size_t server = ledger->texts.len;
    pk_buf_str(&ledger->texts, pk_sql_text(row, 2));
    if (!pk_buf_ok(&ledger->texts)) {
        return pk_ledger_no_memory(error);
    }
    *run = (prankcurl_run){
        .number = sqlite3_column_int64(row, 0),
        .campaign = ledger->texts.data,
        .server = ledger->texts.data + server,
        .seed = (uint64_t)sqlite3_column_int64(row, 3),
        .started_ms = sqlite3_column_int64(row, 4),
    };
    return PRANKCURL_OK;
}

static prankcurl_status last_run(prankcurl_ledger *ledger, prankcurl_run *run,
                                 prankcurl_error *error)
{
    sqlite3_stmt *row = NULL;
    int result = pk_sql_start(ledger, PK_SQL_LAST_RUN, NULL, 0, &row);
    if (result != SQLITE_OK) {
        return pk_ledger_result(ledger, result, "read", error);
    }
    result = sqlite3_step(row);
    prankcurl_status status = PRANKCURL_OK;
    if (result == SQLITE_ROW) {
        status = take_run(ledger, row, run, error);
    } else if (result != SQLITE_DONE) {
        status = pk_ledger_result(ledger, result, "read", error);
    }
    (void)sqlite3_reset(row);
    return status;
}

prankcurl_status prankcurl_ledger_last_run(prankcurl_ledger *ledger, prankcurl_run *run,
                                           prankcurl_error *error)
{
    *run = (prankcurl_run){.campaign = "", .server = ""};
    (void)pthread_mutex_lock(&ledger->mutex);
    prankcurl_status status = last_run(ledger, run, error);
    (void)pthread_mutex_unlock(&ledger->mutex);
    return status;
}

prankcurl_status prankcurl_ledger_new_run(prankcurl_ledger *ledger, prankcurl_run *run,
                                          prankcurl_error *error)
{
    const pk_value values[] = {
        pk_text(run->campaign),
        pk_text(run->server),
        pk_number((int64_t)run->seed),
        pk_number(run->started_ms),
    };
    prankcurl_status status = pk_ledger_enter(ledger, error);
    if (status != PRANKCURL_OK) {
        return status;
    }
    int result = pk_sql_run(ledger, PK_SQL_NEW_RUN, values, sizeof values / sizeof values[0]);
    int64_t number = sqlite3_last_insert_rowid(ledger->db);
    status = pk_ledger_leave(ledger, pk_ledger_result(ledger, result, "write", error), error);
    run->number = status == PRANKCURL_OK ? number : 0;
    return status;
}

prankcurl_status prankcurl_ledger_set_seed(prankcurl_ledger *ledger, int64_t run, uint64_t seed,
                                           prankcurl_error *error)
{
    const pk_value values[] = {pk_number(run), pk_number((int64_t)seed)};
    prankcurl_status status = pk_ledger_enter(ledger, error);
    if (status != PRANKCURL_OK) {
        return status;
    }
    int result = pk_sql_run(ledger, PK_SQL_SET_SEED, values, sizeof values / sizeof values[0]);
    return pk_ledger_leave(ledger, pk_ledger_result(ledger, result, "write", error), error);
}
