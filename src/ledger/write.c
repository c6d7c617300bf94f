#include "ledger/database.h"

#include "base/error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NUMBERS = 1 << 30 };

static bool stays_accepted(const prankcurl_entry *entry, const char *address)
{
    for (size_t i = 0; i < entry->recipient_count; i++) {
        if (strcmp(entry->recipients[i].address, address) == 0) {
            return entry->recipients[i].state == PRANKCURL_STATE_ACCEPTED;
        }
    }
    return false;
}

/* Whoever accepted a prank has it, whatever a new plan says. */
static prankcurl_status check_accepted(prankcurl_ledger *ledger, int64_t prank,
                                       const prankcurl_entry *entry, prankcurl_error *error)
{
    const pk_value key = pk_number(prank);
    sqlite3_stmt *row = NULL;
    prankcurl_status status = PRANKCURL_OK;
    int result = pk_sql_start(ledger, PK_SQL_RECIPIENTS, &key, 1, &row);
    while (result == SQLITE_OK || result == SQLITE_ROW) {
        result = sqlite3_step(row);
        if (result == SQLITE_ROW &&
            strcmp(pk_sql_text(row, 1), prankcurl_state_name(PRANKCURL_STATE_ACCEPTED)) == 0 &&
            !stays_accepted(entry, pk_sql_text(row, 0))) {
            status = pk_error_set(error, PRANKCURL_INTERNAL, NULL,
                                  "the ledger \"%s\" has the prank \"%s\" as accepted by %s, and "
                                  "can't forget that",
                                  ledger->name, entry->id, pk_sql_text(row, 0));
            break;
        }
    }
    (void)sqlite3_reset(row);
    return result == SQLITE_DONE || status != PRANKCURL_OK
               ? status
               : pk_ledger_result(ledger, result, "read", error);
}

static int put_recipient(prankcurl_ledger *ledger, int64_t prank, size_t position,
                         const prankcurl_entry_recipient *recipient)
{
    const pk_value values[] = {
        pk_number(prank),
        pk_text(recipient->address),
        pk_number((int64_t)position),
        pk_text(prankcurl_state_name(recipient->state)),
        pk_number(recipient->attempts),
        pk_number(recipient->code),
        pk_text(recipient->reply),
        pk_number(recipient->changed_ms),
    };
    return pk_sql_run(ledger, PK_SQL_PUT_RECIPIENT, values, sizeof values / sizeof values[0]);
}

static int put_prank(prankcurl_ledger *ledger, pk_sql how, int64_t run, size_t position,
                     const prankcurl_entry *entry)
{
    char fingerprint[17];
    (void)snprintf(fingerprint, sizeof fingerprint, "%016" PRIx64, entry->fingerprint);
    const pk_value values[] = {
        pk_number(run),         pk_text(entry->id),         pk_number((int64_t)position),
        pk_text(entry->group),  pk_text(entry->message),    pk_text(entry->message_id),
        pk_text(entry->author), pk_number(entry->attempts), pk_number(entry->date_s),
        pk_text(fingerprint),   pk_text(entry->queue_id),
    };
    return pk_sql_run(ledger, how, values, sizeof values / sizeof values[0]);
}

/* *prank is its number, or 0 while it has none. */
static int put_over(prankcurl_ledger *ledger, int64_t run, size_t position,
                    const prankcurl_entry *entry, int64_t *prank)
{
    if (*prank == 0) {
        int result = put_prank(ledger, PK_SQL_PUT_NEW, run, position, entry);
        *prank = sqlite3_last_insert_rowid(ledger->db);
        return result;
    }
    const pk_value key = pk_number(*prank);
    int result = put_prank(ledger, PK_SQL_PUT_AGAIN, run, position, entry);
    return result == SQLITE_OK ? pk_sql_run(ledger, PK_SQL_FORGET_RECIPIENTS, &key, 1) : result;
}

static prankcurl_status put(prankcurl_ledger *ledger, int64_t run, size_t position,
                            const prankcurl_entry *entry, prankcurl_error *error)
{
    int64_t prank = 0;
    int result = pk_sql_prank_number(ledger, run, entry->id, &prank);
    prankcurl_status status = pk_ledger_result(ledger, result, "read", error);
    if (status == PRANKCURL_OK && prank != 0) {
        status = check_accepted(ledger, prank, entry, error);
    }
    if (status != PRANKCURL_OK) {
        return status;
    }
    result = put_over(ledger, run, position, entry, &prank);
    for (size_t i = 0; i < entry->recipient_count && result == SQLITE_OK; i++) {
        result = put_recipient(ledger, prank, i, &entry->recipients[i]);
    }
    return pk_ledger_result(ledger, result, "write", error);
}

prankcurl_status prankcurl_ledger_put(prankcurl_ledger *ledger, int64_t run, size_t position,
                                      const prankcurl_entry *entry, prankcurl_error *error)
{
    prankcurl_status status = pk_ledger_enter(ledger, error);
    if (status != PRANKCURL_OK) {
        return status;
    }
    return pk_ledger_leave(ledger, put(ledger, run, position, entry, error), error);
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(a, *(const char *const *)b);
}

/* The numbers of those to be forgotten: a table is not changed while it is read. */
static int collect_others(prankcurl_ledger *ledger, int64_t run, const char *const *ids,
                          size_t count, pk_buf *others)
{
    const pk_value key = pk_number(run);
    sqlite3_stmt *row = NULL;
    int result = pk_sql_start(ledger, PK_SQL_UNSENT, &key, 1, &row);
    while (result == SQLITE_OK || result == SQLITE_ROW) {
        result = sqlite3_step(row);
        const char *id = result == SQLITE_ROW ? pk_sql_text(row, 1) : NULL;
        if (id && (count == 0 || !bsearch(id, ids, count, sizeof *ids, compare_ids))) {
            int64_t number = sqlite3_column_int64(row, 0);
            pk_buf_add(others, &number, sizeof number);
        }
    }
    (void)sqlite3_reset(row);
    if (result == SQLITE_DONE) {
        result = pk_buf_ok(others) ? SQLITE_OK : SQLITE_NOMEM;
    }
    return result;
}

static int forget_all(prankcurl_ledger *ledger, const pk_buf *others)
{
    int result = SQLITE_OK;
    int64_t number = 0;
    for (size_t at = 0; at < others->len && result == SQLITE_OK; at += sizeof number) {
        memcpy(&number, others->data + at, sizeof number);
        const pk_value key = pk_number(number);
        result = pk_sql_run(ledger, PK_SQL_FORGET, &key, 1);
    }
    return result;
}

prankcurl_status prankcurl_ledger_forget_others(prankcurl_ledger *ledger, int64_t run,
                                                const char *const *ids, size_t count,
                                                prankcurl_error *error)
{
    prankcurl_status status = pk_ledger_enter(ledger, error);
    if (status != PRANKCURL_OK) {
        return status;
    }
    pk_buf others;
    pk_buf_init(&others, MAX_NUMBERS);
    int result = collect_others(ledger, run, ids, count, &others);
    if (result == SQLITE_OK) {
        result = forget_all(ledger, &others);
    }
    pk_buf_free(&others);
    return pk_ledger_leave(ledger, pk_ledger_result(ledger, result, "write", error), error);
}
