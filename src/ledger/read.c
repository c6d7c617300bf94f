#include "ledger/database.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

/* Columns of FIND and WALK. */
enum { ID, GROUP, MESSAGE, MESSAGE_ID, AUTHOR, ATTEMPTS, DATE, FINGERPRINT, QUEUE_ID, NUMBER };

/* While an entry is being collected its texts move: they are kept as offsets, plus one. */
static const char *keep(pk_buf *texts, const char *text)
{
    uintptr_t offset = texts->len + 1;
    pk_buf_add(texts, text, strlen(text) + 1);
    return (const char *)offset; // NOLINT(performance-no-int-to-ptr)
}

static const char *settle(const pk_buf *texts, const char *offset)
{
    return texts->data + ((uintptr_t)offset - 1);
}

static void settle_all(const pk_buf *texts, prankcurl_entry *entry,
                       prankcurl_entry_recipient *recipients)
{
    entry->id = settle(texts, entry->id);
    entry->group = settle(texts, entry->group);
    entry->message = settle(texts, entry->message);
    entry->message_id = settle(texts, entry->message_id);
    entry->author = settle(texts, entry->author);
    entry->queue_id = settle(texts, entry->queue_id);
    for (size_t i = 0; i < entry->recipient_count; i++) {
        recipients[i].address = settle(texts, recipients[i].address);
        recipients[i].reply = settle(texts, recipients[i].reply);
    }
    entry->recipients = recipients;
}

/* COUNT: the file holds a state that this program does not know. */
static prankcurl_state state_of(const char *name)
{
    int state = 0;
    while (state < PRANKCURL_STATE_COUNT &&
           strcmp(name, prankcurl_state_name((prankcurl_state)state)) != 0) {
        state++;
    }
    return (prankcurl_state)state;
}

static prankcurl_entry_recipient *next_recipient(prankcurl_ledger *ledger, size_t count)
{
    if (count >= ledger->capacity) {
        size_t capacity = ledger->capacity ? 2 * ledger->capacity : 8;
        prankcurl_entry_recipient *more =
            realloc(ledger->recipients, capacity * sizeof *ledger->recipients);
        if (!more) {
            return NULL;
        }
        ledger->recipients = more;
        ledger->capacity = capacity;
    }
    return &ledger->recipients[count];
}

/* Adds the row's recipient to the entry. */
static int take_recipient(prankcurl_ledger *ledger, sqlite3_stmt *row, prankcurl_entry *entry)
{
    prankcurl_entry_recipient *recipient = next_recipient(ledger, entry->recipient_count);
    if (!recipient) {
        return SQLITE_NOMEM;
    }
    *recipient = (prankcurl_entry_recipient){
        .address = keep(&ledger->texts, pk_sql_text(row, 0)),
        .state = state_of(pk_sql_text(row, 1)),
        .attempts = (unsigned)sqlite3_column_int64(row, 2),
        .code = sqlite3_column_int(row, 3),
        .reply = keep(&ledger->texts, pk_sql_text(row, 4)),
        .changed_ms = sqlite3_column_int64(row, 5),
    };
    entry->recipient_count++;
    return recipient->state < PRANKCURL_STATE_COUNT ? SQLITE_OK : SQLITE_CORRUPT;
}

static int take_recipients(prankcurl_ledger *ledger, int64_t prank, prankcurl_entry *entry)
{
    const pk_value key = pk_number(prank);
    sqlite3_stmt *row = NULL;
    int result = pk_sql_start(ledger, PK_SQL_RECIPIENTS, &key, 1, &row);
    while (result == SQLITE_OK) {
        result = sqlite3_step(row);
        if (result == SQLITE_ROW) {
            result = take_recipient(ledger, row, entry);
        }
    }
    (void)sqlite3_reset(row);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

static uint64_t from_hex(const char *text)
{
    return strtoull(text, NULL, 16);
}

/* A row of FIND or WALK, and its recipients. */
static int take_entry(prankcurl_ledger *ledger, sqlite3_stmt *row, prankcurl_entry *entry)
{
    pk_buf *texts = &ledger->texts;
    pk_buf_reset(texts);
    *entry = (prankcurl_entry){
        .id = keep(texts, pk_sql_text(row, ID)),
        .group = keep(texts, pk_sql_text(row, GROUP)),
        .message = keep(texts, pk_sql_text(row, MESSAGE)),
        .message_id = keep(texts, pk_sql_text(row, MESSAGE_ID)),
        .author = keep(texts, pk_sql_text(row, AUTHOR)),
        .attempts = (unsigned)sqlite3_column_int64(row, ATTEMPTS),
        .date_s = sqlite3_column_int64(row, DATE),
        .fingerprint = from_hex(pk_sql_text(row, FINGERPRINT)),
        .queue_id = keep(texts, pk_sql_text(row, QUEUE_ID)),
    };
    int result = take_recipients(ledger, sqlite3_column_int64(row, NUMBER), entry);
    if (result == SQLITE_OK && !pk_buf_ok(texts)) {
        result = SQLITE_NOMEM;
    }
    if (result == SQLITE_OK) {
        settle_all(texts, entry, ledger->recipients);
    } else {
        *entry = (prankcurl_entry){.id = NULL};
    }
    return result;
}

prankcurl_status prankcurl_ledger_find(prankcurl_ledger *ledger, int64_t run, const char *id,
                                       prankcurl_entry *entry, prankcurl_error *error)
{
    const pk_value key[] = {pk_number(run), pk_text(id)};
    sqlite3_stmt *row = NULL;
    *entry = (prankcurl_entry){.id = NULL};
    (void)pthread_mutex_lock(&ledger->mutex);
    int result = pk_sql_start(ledger, PK_SQL_FIND, key, 2, &row);
    if (result == SQLITE_OK) {
        result = sqlite3_step(row);
    }
    if (result == SQLITE_ROW) {
        result = take_entry(ledger, row, entry);
    }
    (void)sqlite3_reset(row);
    prankcurl_status status =
        pk_ledger_result(ledger, result == SQLITE_DONE ? SQLITE_OK : result, "read", error);
    (void)pthread_mutex_unlock(&ledger->mutex);
    return status;
}

/* The next entry, with the mutex only as long as it takes: who is told may use the ledger. */
static int next_entry(prankcurl_ledger *ledger, sqlite3_stmt *row, prankcurl_entry *entry)
{
    (void)pthread_mutex_lock(&ledger->mutex);
    int result = sqlite3_step(row);
    if (result == SQLITE_ROW) {
        result = take_entry(ledger, row, entry);
    }
    (void)pthread_mutex_unlock(&ledger->mutex);
    return result;
}

prankcurl_status prankcurl_ledger_walk(prankcurl_ledger *ledger, int64_t run,
                                       prankcurl_entry_fn *told, void *context,
                                       prankcurl_error *error)
{
    const pk_value key = pk_number(run);
    prankcurl_entry entry;
    sqlite3_stmt *row = NULL;
    prankcurl_status status = PRANKCURL_OK;
    (void)pthread_mutex_lock(&ledger->mutex);
    int result = pk_sql_start(ledger, PK_SQL_WALK, &key, 1, &row);
    (void)pthread_mutex_unlock(&ledger->mutex);
    while (result == SQLITE_OK && status == PRANKCURL_OK) {
        result = next_entry(ledger, row, &entry);
        if (result == SQLITE_OK) {
            status = told(context, &entry);
        }
    }
    (void)pthread_mutex_lock(&ledger->mutex);
    (void)sqlite3_reset(row);
    if (result != SQLITE_OK && result != SQLITE_DONE) {
        status = pk_ledger_result(ledger, result, "read", error);
    }
    (void)pthread_mutex_unlock(&ledger->mutex);
    return status;
}
