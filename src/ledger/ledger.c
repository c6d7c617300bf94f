#include "ledger/database.h"

#include "base/error.h"
#include "ledger/open.h"

#include <stdlib.h>
#include <string.h>

/* What one call lends at most: a prank of some 100,000 recipients. */
enum { MAX_TEXTS = 64 * 1024 * 1024 };

static const char *const state_names[] = {
#define STATE_NAME(name, text) text,
    PRANKCURL_STATE_MAP(STATE_NAME)
#undef STATE_NAME
};

const char *prankcurl_state_name(prankcurl_state state)
{
    return (unsigned)state < PRANKCURL_STATE_COUNT ? state_names[state] : "unknown";
}

prankcurl_status pk_ledger_no_memory(prankcurl_error *error)
{
    return pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
}

static bool init_mutex(pthread_mutex_t *mutex)
{
    pthread_mutexattr_t kind;
    if (pthread_mutexattr_init(&kind) != 0) {
        return false;
    }
    bool is_made = pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_RECURSIVE) == 0 &&
                   pthread_mutex_init(mutex, &kind) == 0;
    (void)pthread_mutexattr_destroy(&kind);
    return is_made;
}

static prankcurl_ledger *new_ledger(const char *path, prankcurl_ledger_mode mode)
{
    prankcurl_ledger *ledger = calloc(1, sizeof *ledger);
    if (!ledger) {
        return NULL;
    }
    ledger->can_write = mode == PRANKCURL_LEDGER_WRITE;
    ledger->lock.fd = ledger->lock.ledger_fd = -1;
    pk_buf_init(&ledger->texts, MAX_TEXTS);
    ledger->name = strdup(path);
    bool has_mutex = ledger->name && init_mutex(&ledger->mutex);
    if (has_mutex && pk_journal_init(&ledger->journal)) {
        return ledger;
    }
    if (has_mutex) {
        (void)pthread_mutex_destroy(&ledger->mutex);
    }
    free(ledger->name);
    free(ledger);
    return NULL;
}

prankcurl_status prankcurl_ledger_open(const char *path, prankcurl_ledger_mode mode,
                                       prankcurl_ledger **out, prankcurl_error *error)
{
    *out = NULL;
    prankcurl_ledger *ledger = new_ledger(path, mode);
    if (!ledger) {
        return pk_ledger_no_memory(error);
    }
    prankcurl_status status =
        ledger->can_write ? pk_open_to_write(ledger, error) : pk_open_to_read(ledger, error);
    if (status != PRANKCURL_OK) {
        prankcurl_ledger_close(ledger);
        return status;
    }
    ledger->is_open = true;
    *out = ledger;
    return PRANKCURL_OK;
}

/* The lock last: until then nobody else may come. */
void prankcurl_ledger_close(prankcurl_ledger *ledger)
{
    if (!ledger) {
        return;
    }
    if (ledger->in_changes) {
        (void)pk_sql_run(ledger, PK_SQL_ROLLBACK, NULL, 0);
        (void)pthread_mutex_unlock(&ledger->mutex);
    }
    pk_journal_end(&ledger->journal);
    for (size_t i = 0; i < PK_SQL_COUNT; i++) {
        (void)sqlite3_finalize(ledger->statements[i]);
    }
    (void)sqlite3_close(ledger->db);
    pk_lock_release(&ledger->lock);
    (void)pthread_mutex_destroy(&ledger->mutex);
    pk_buf_free(&ledger->texts);
    free(ledger->recipients);
    free(ledger->name);
    free(ledger);
}

prankcurl_status prankcurl_ledger_begin(prankcurl_ledger *ledger, prankcurl_error *error)
{
    if (!ledger->can_write || ledger->in_changes) {
        return pk_error_set(error, PRANKCURL_INTERNAL, NULL,
                            "the ledger \"%s\" is %s: no changes can be begun", ledger->name,
                            ledger->can_write ? "being changed" : "only read");
    }
    pk_journal_block(&ledger->journal, true);
    (void)pthread_mutex_lock(&ledger->mutex);
    prankcurl_status status =
        pk_ledger_result(ledger, pk_sql_run(ledger, PK_SQL_BEGIN, NULL, 0), "write", error);
    if (status == PRANKCURL_OK) {
        ledger->in_changes = true;
        ledger->is_spoiled = false;
        return status;
    }
    (void)pthread_mutex_unlock(&ledger->mutex);
    pk_journal_block(&ledger->journal, false);
    return status;
}

static prankcurl_status commit(prankcurl_ledger *ledger, prankcurl_error *error)
{
    prankcurl_status status = PRANKCURL_OK;
    if (ledger->is_spoiled) {
        status =
            pk_error_set(error, PRANKCURL_INTERNAL, NULL,
                         "the ledger \"%s\" is as it was: one of the changes failed", ledger->name);
    } else {
        status =
            pk_ledger_result(ledger, pk_sql_run(ledger, PK_SQL_COMMIT, NULL, 0), "write", error);
    }
    if (status != PRANKCURL_OK && !sqlite3_get_autocommit(ledger->db)) {
        (void)pk_sql_run(ledger, PK_SQL_ROLLBACK, NULL, 0);
    }
    return status;
}

prankcurl_status prankcurl_ledger_commit(prankcurl_ledger *ledger, prankcurl_error *error)
{
    if (!ledger->in_changes) {
        return pk_error_set(error, PRANKCURL_INTERNAL, NULL,
                            "no changes of the ledger \"%s\" were begun", ledger->name);
    }
    prankcurl_status status = commit(ledger, error);
    ledger->in_changes = false;
    (void)pthread_mutex_unlock(&ledger->mutex);
    pk_journal_block(&ledger->journal, false);
    return status;
}

prankcurl_status pk_ledger_enter(prankcurl_ledger *ledger, prankcurl_error *error)
{
    if (!ledger->can_write) {
        return pk_error_set(error, PRANKCURL_INTERNAL, NULL,
                            "the ledger \"%s\" was opened to be read", ledger->name);
    }
    (void)pthread_mutex_lock(&ledger->mutex);
    if (ledger->in_changes) {
        return PRANKCURL_OK;
    }
    prankcurl_status status =
        pk_ledger_result(ledger, pk_sql_run(ledger, PK_SQL_BEGIN, NULL, 0), "write", error);
    if (status != PRANKCURL_OK) {
        (void)pthread_mutex_unlock(&ledger->mutex);
    }
    ledger->is_spoiled = false;
    return status;
}

prankcurl_status pk_ledger_leave(prankcurl_ledger *ledger, prankcurl_status status,
                                 prankcurl_error *error)
{
    if (status != PRANKCURL_OK) {
        ledger->is_spoiled = true;
    }
    if (!ledger->in_changes) {
        prankcurl_status end = commit(ledger, status == PRANKCURL_OK ? error : NULL);
        status = status == PRANKCURL_OK ? end : status;
    }
    (void)pthread_mutex_unlock(&ledger->mutex);
    return status;
}
