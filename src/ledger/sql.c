#include "ledger/database.h"

static const char *const statements[] = {
#define SQL_TEXT(name, text) text,
    PK_SQL_MAP(SQL_TEXT)
#undef SQL_TEXT
};

static int bind(sqlite3_stmt *statement, const pk_value *values, size_t count)
{
    int result = SQLITE_OK;
    for (size_t i = 0; i < count && result == SQLITE_OK; i++) {
        int place = (int)i + 1;
        result = values[i].text
                     ? sqlite3_bind_text(statement, place, values[i].text, -1, SQLITE_STATIC)
                     : sqlite3_bind_int64(statement, place, values[i].number);
    }
    return result;
}

int pk_sql_start(prankcurl_ledger *ledger, pk_sql which, const pk_value *values, size_t count,
                 sqlite3_stmt **out)
{
    int result = SQLITE_OK;
    sqlite3_stmt **statement = &ledger->statements[which];
    *out = NULL;
    if (!*statement) {
        result = sqlite3_prepare_v3(ledger->db, statements[which], -1, SQLITE_PREPARE_PERSISTENT,
                                    statement, NULL);
    }
    if (result == SQLITE_OK) {
        result = bind(*statement, values, count);
    }
    if (result == SQLITE_OK) {
        *out = *statement;
    }
    return result;
}

int pk_sql_run(prankcurl_ledger *ledger, pk_sql which, const pk_value *values, size_t count)
{
    sqlite3_stmt *statement = NULL;
    int result = pk_sql_start(ledger, which, values, count, &statement);
    if (result == SQLITE_OK) {
        result = sqlite3_step(statement);
        (void)sqlite3_reset(statement);
    }
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

int pk_sql_prank_number(prankcurl_ledger *ledger, int64_t run, const char *id, int64_t *out)
{
    const pk_value key[] = {pk_number(run), pk_text(id)};
    sqlite3_stmt *row = NULL;
    *out = 0;
    int result = pk_sql_start(ledger, PK_SQL_NUMBER, key, 2, &row);
    if (result == SQLITE_OK) {
        result = sqlite3_step(row);
    }
    if (result == SQLITE_ROW) {
        *out = sqlite3_column_int64(row, 0);
    }
    (void)sqlite3_reset(row);
    return result == SQLITE_ROW || result == SQLITE_DONE ? SQLITE_OK : result;
}

const char *pk_sql_text(sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text ? (const char *)text : "";
}

int pk_sql_number(sqlite3 *db, const char *sql, int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (result == SQLITE_OK) {
        result = sqlite3_step(statement);
    }
    if (result == SQLITE_ROW) {
        *out = sqlite3_column_int64(statement, 0);
        result = SQLITE_OK;
    }
    (void)sqlite3_finalize(statement);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}
