#include "ledger/record.h"

#include "base/error.h"
#include "ledger/database.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MAX_RESULT = 160 };

static bool is_beginning(const prankcurl_record *record)
{
    for (size_t i = 0; i < record->recipient_count; i++) {
        if (record->recipients[i].state == PRANKCURL_STATE_IN_FLIGHT) {
            return true;
        }
    }
    return false;
}

static prankcurl_status unknown(prankcurl_ledger *ledger, const prankcurl_record *record,
                                const char *what, prankcurl_error *error)
{
    return pk_error_set(error, PRANKCURL_INTERNAL, NULL,
                        "a step of the prank \"%s\" can't be recorded: the ledger \"%s\" %s",
                        record->id, ledger->name, what);
}

static prankcurl_status write_prank(prankcurl_ledger *ledger, int64_t prank,
                                    const prankcurl_record *record, prankcurl_error *error)
{
    char fingerprint[17];
    (void)snprintf(fingerprint, sizeof fingerprint, "%016" PRIx64, record->fingerprint);
    const pk_value values[] = {
        pk_number(prank),     pk_number(record->attempt), pk_number(record->date_s),
        pk_text(fingerprint), pk_text(record->queue_id),
    };
    return pk_ledger_result(
        ledger, pk_sql_run(ledger, PK_SQL_RECORD_PRANK, values, sizeof values / sizeof values[0]),
        "write", error);
}

/* Nothing was changed: fine for one who has the message already, unless it is about to go again. */
static prankcurl_status check_accepted(prankcurl_ledger *ledger, int64_t prank,
                                       const prankcurl_record *record,
                                       const prankcurl_entry_recipient *recipient,
                                       prankcurl_error *error)
{
    const pk_value values[] = {pk_number(prank), pk_text(recipient->address)};
    sqlite3_stmt *statement = NULL;
    int result = pk_sql_start(ledger, PK_SQL_RECIPIENT, values, sizeof values / sizeof values[0],
                              &statement);
    if (result == SQLITE_OK) {
        result = sqlite3_step(statement);
        (void)sqlite3_reset(statement);
    }
    if (result == SQLITE_DONE) {
        return unknown(ledger, record, "does not know one of its recipients", error);
    }
    if (result == SQLITE_ROW && recipient->state == PRANKCURL_STATE_IN_FLIGHT) {
        return unknown(ledger, record,
                       "has a recipient as accepted, or as in flight: it would come twice", error);
    }
    return result == SQLITE_ROW ? PRANKCURL_OK : pk_ledger_result(ledger, result, "read", error);
}

static prankcurl_status write_recipient(prankcurl_ledger *ledger, int64_t prank,
                                        const prankcurl_record *record,
                                        const prankcurl_entry_recipient *recipient,
                                        prankcurl_error *error)
{
    /* An attempt counts when it ends; one that never does is counted when the ledger is opened. */
    bool is_end = recipient->state != PRANKCURL_STATE_IN_FLIGHT;
    const pk_value values[] = {
        pk_number(prank),
        pk_text(recipient->address),
        pk_text(prankcurl_state_name(recipient->state)),
        pk_number(is_end ? 1 : 0),
        pk_number(recipient->code),
        pk_text(recipient->reply),
        pk_number(record->at_ms),
    };
    int result =
        pk_sql_run(ledger, PK_SQL_RECORD_RECIPIENT, values, sizeof values / sizeof values[0]);
    if (result == SQLITE_OK && sqlite3_changes(ledger->db) == 0) {
        return check_accepted(ledger, prank, record, recipient, error);
    }
    return pk_ledger_result(ledger, result, "write", error);
}

/* "accepted 2, refused 1" */
static void summarise(const prankcurl_record *record, char *out, size_t size)
{
    size_t counts[PRANKCURL_STATE_COUNT] = {0};
    for (size_t i = 0; i < record->recipient_count; i++) {
        counts[record->recipients[i].state]++;
    }
    size_t len = 0;
    out[0] = '\0';
    for (int state = 0; state < PRANKCURL_STATE_COUNT; state++) {
        if (counts[state] && state != PRANKCURL_STATE_IN_FLIGHT && len < size) {
            int more = snprintf(out + len, size - len, "%s%s %zu", len ? ", " : "",
                                prankcurl_state_name((prankcurl_state)state), counts[state]);
            len += more > 0 ? (size_t)more : 0;
        }
    }
}

static prankcurl_status write_attempt(prankcurl_ledger *ledger, int64_t prank,
                                      const prankcurl_record *record, prankcurl_error *error)
{
    char result_text[MAX_RESULT];
    int code = 0;
    const char *reply = "";
    for (size_t i = 0; i < record->recipient_count; i++) {
        if (record->recipients[i].code) {
            code = record->recipients[i].code;
            reply = record->recipients[i].reply;
        }
    }
    summarise(record, result_text, sizeof result_text);
    const pk_value values[] = {
        pk_number(prank),
        pk_number(record->attempt),
        pk_text(record->server),
        pk_number(record->at_ms),
        pk_number(is_beginning(record) ? 0 : record->at_ms),
        pk_text(record->phase),
        pk_number(code),
        pk_text(reply),
        pk_text(record->reason),
        pk_text(result_text),
        pk_number(record->run),
        pk_text(record->id),
    };
    return pk_ledger_result(
        ledger, pk_sql_run(ledger, PK_SQL_RECORD_ATTEMPT, values, sizeof values / sizeof values[0]),
        "write", error);
}

static bool is_sound(const prankcurl_record *record)
{
    for (size_t i = 0; i < record->recipient_count; i++) {
        if ((unsigned)record->recipients[i].state >= PRANKCURL_STATE_COUNT) {
            return false;
        }
    }
    return record->attempt > 0 && record->at_ms > 0;
}

prankcurl_status pk_record_write(prankcurl_ledger *ledger, const prankcurl_record *record,
                                 prankcurl_error *error)
{
    if (!is_sound(record)) {
        return unknown(ledger, record, "takes no attempt 0, no time 0 and no unknown state", error);
    }
    int64_t prank = 0;
    int result = pk_sql_prank_number(ledger, record->run, record->id, &prank);
    if (result != SQLITE_OK) {
        return pk_ledger_result(ledger, result, "read", error);
    }
    if (prank == 0) {
        return unknown(ledger, record, "does not know it", error);
    }
    prankcurl_status status = write_prank(ledger, prank, record, error);
    for (size_t i = 0; i < record->recipient_count && status == PRANKCURL_OK; i++) {
        status = write_recipient(ledger, prank, record, &record->recipients[i], error);
    }
    return status == PRANKCURL_OK ? write_attempt(ledger, prank, record, error) : status;
}
