#include "ledger/database.h"

#include "base/error.h"
#include "ledger/record.h"

#include <sched.h>
#include <semaphore.h>
#include <signal.h>

struct pk_request {
    const prankcurl_record *record; /* lent */
    prankcurl_error *error;         /* lent; NULL: not wanted */
    prankcurl_status status;
    bool is_bad; /* the ledger knows no such prank: left out */
    sem_t done;  /* posted when all above is as it will be */
    pk_request *next;
};

bool pk_journal_init(pk_journal *journal)
{
    *journal = (pk_journal){.first = NULL};
    journal->last_next = &journal->first;
    if (pthread_mutex_init(&journal->mutex, NULL) != 0) {
        return false;
    }
    if (pthread_cond_init(&journal->is_wanted, NULL) != 0) {
        (void)pthread_mutex_destroy(&journal->mutex);
        return false;
    }
    return true;
}

/* Writes all of a group that are not bad. INTERNAL: one turned out to be, and must be left out. */
static prankcurl_status write_group(prankcurl_ledger *ledger, pk_request *group,
                                    prankcurl_error *error)
{
    prankcurl_status status =
        pk_ledger_result(ledger, pk_sql_run(ledger, PK_SQL_BEGIN, NULL, 0), "write", error);
    for (pk_request *request = group; request && status == PRANKCURL_OK; request = request->next) {
        if (request->is_bad) {
            continue;
        }
        status = pk_record_write(ledger, request->record, error);
        if (status == PRANKCURL_INTERNAL) {
            request->is_bad = true;
            request->status = status;
            if (request->error) {
                *request->error = *error;
            }
        }
    }
    if (status == PRANKCURL_OK) {
        status =
            pk_ledger_result(ledger, pk_sql_run(ledger, PK_SQL_COMMIT, NULL, 0), "write", error);
    }
    if (status != PRANKCURL_OK && !sqlite3_get_autocommit(ledger->db)) {
        (void)pk_sql_run(ledger, PK_SQL_ROLLBACK, NULL, 0);
    }
    return status;
}

static bool has_good(const pk_request *group)
{
    while (group && group->is_bad) {
        group = group->next;
    }
    return group != NULL;
}

/* All or none of them, but for those that are bad by themselves: they are found one by one. */
static void commit_group(prankcurl_ledger *ledger, pk_request *group, prankcurl_error *failure)
{
    (void)pthread_mutex_lock(&ledger->mutex);
    while (failure->status == PRANKCURL_OK && has_good(group)) {
        prankcurl_error error = {.status = PRANKCURL_OK};
        prankcurl_status status = write_group(ledger, group, &error);
        if (status == PRANKCURL_OK) {
            break;
        }
        if (status != PRANKCURL_INTERNAL) {
            *failure = error;
        } else if (sqlite3_get_autocommit(ledger->db) == 0) {
            (void)pk_error_set(failure, PRANKCURL_IO, NULL, "the ledger \"%s\" can't go back",
                               ledger->name);
        }
    }
    (void)pthread_mutex_unlock(&ledger->mutex);
    for (pk_request *request = group; request; request = request->next) {
        if (!request->is_bad) {
            request->status = failure->status;
        }
        if (!request->is_bad && failure->status != PRANKCURL_OK && request->error) {
            *request->error = *failure;
        }
    }
}

/* A request is its owner's again, and may be gone, as soon as it is posted. */
static void wake_owners(pk_request *group)
{
    while (group) {
        pk_request *next = group->next;
        (void)sem_post(&group->done);
        group = next;
    }
}

static void *run(void *context)
{
    prankcurl_ledger *ledger = context;
    pk_journal *journal = &ledger->journal;
    (void)pthread_mutex_lock(&journal->mutex);
    for (;;) {
        while (!journal->first && !journal->is_ending) {
            (void)pthread_cond_wait(&journal->is_wanted, &journal->mutex);
        }
        pk_request *group = journal->first;
        if (!group) {
            break;
        }
        prankcurl_error failure = journal->failure;
        journal->first = NULL;
        journal->last_next = &journal->first;
        (void)pthread_mutex_unlock(&journal->mutex);
        commit_group(ledger, group, &failure);
        (void)pthread_mutex_lock(&journal->mutex);
        journal->failure = failure;
        (void)pthread_mutex_unlock(&journal->mutex);
        wake_owners(group);
        (void)sched_yield(); /* those who were woken may bring their next steps at once */
        (void)pthread_mutex_lock(&journal->mutex);
    }
    (void)pthread_mutex_unlock(&journal->mutex);
    return NULL;
}

/* Signals are for the program's own threads. */
static bool start(prankcurl_ledger *ledger)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    bool is_started = pthread_create(&ledger->journal.thread, NULL, run, ledger) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    ledger->journal.is_running = is_started;
    return is_started;
}

/* With the mutex: whether a step can be brought at all. */
static prankcurl_status check(prankcurl_ledger *ledger, prankcurl_error *error)
{
    pk_journal *journal = &ledger->journal;
    if (journal->failure.status != PRANKCURL_OK) {
        if (error) {
            *error = journal->failure;
        }
        return journal->failure.status;
    }
    if (!ledger->can_write || journal->is_blocked) {
        return pk_error_set(error, PRANKCURL_INTERNAL, NULL,
                            "a step can't be recorded in the ledger \"%s\" while it is %s",
                            ledger->name, ledger->can_write ? "being changed" : "only read");
    }
    if (!journal->is_running && !start(ledger)) {
        return pk_error_set(error, PRANKCURL_NO_MEMORY, NULL,
                            "no thread can be started that writes the ledger \"%s\"", ledger->name);
    }
    return PRANKCURL_OK;
}

prankcurl_status prankcurl_ledger_record(prankcurl_ledger *ledger, const prankcurl_record *record,
                                         prankcurl_error *error)
{
    pk_journal *journal = &ledger->journal;
    pk_request request = {.record = record, .error = error, .status = PRANKCURL_INTERNAL};
    if (sem_init(&request.done, 0, 0) != 0) {
        return pk_ledger_no_memory(error);
    }
    (void)pthread_mutex_lock(&journal->mutex);
    request.status = check(ledger, error);
    bool is_brought = request.status == PRANKCURL_OK;
    bool is_first = is_brought && !journal->first;
    if (is_brought) {
        *journal->last_next = &request;
        journal->last_next = &request.next;
    }
    (void)pthread_mutex_unlock(&journal->mutex);
    if (is_first) {
        (void)pthread_cond_signal(&journal->is_wanted);
    }
    while (is_brought && sem_wait(&request.done) != 0) {
        /* a signal came */
    }
    (void)sem_destroy(&request.done);
    return request.status;
}

void pk_journal_block(pk_journal *journal, bool is_blocked)
{
    (void)pthread_mutex_lock(&journal->mutex);
    journal->is_blocked = is_blocked;
    (void)pthread_mutex_unlock(&journal->mutex);
}

void pk_journal_end(pk_journal *journal)
{
    (void)pthread_mutex_lock(&journal->mutex);
    bool is_running = journal->is_running;
    journal->is_ending = true;
    (void)pthread_cond_signal(&journal->is_wanted);
    (void)pthread_mutex_unlock(&journal->mutex);
    if (is_running) {
        (void)pthread_join(journal->thread, NULL);
    }
    (void)pthread_cond_destroy(&journal->is_wanted);
    (void)pthread_mutex_destroy(&journal->mutex);
}
