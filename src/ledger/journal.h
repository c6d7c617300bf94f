/* Records steps for any number of threads: a thread of its own takes all that wait, commits them
 * together, and wakes their owners. One fdatasync() serves them all. */
#ifndef PK_LEDGER_JOURNAL_H
#define PK_LEDGER_JOURNAL_H

#include <prankcurl/ledger.h>
#include <pthread.h>

/* A step that waits, on the stack of the thread that brought it. */
typedef struct pk_request pk_request;

typedef struct pk_journal {
    pthread_mutex_t mutex; /* of all below */
    pthread_cond_t is_wanted;
    pthread_t thread;
    bool is_running; /* begun with the first step */
    bool is_ending;
    bool is_blocked;         /* changes were begun: a step would wait for ever */
    pk_request *first;       /* lent; in the order they came */
    pk_request **last_next;  /* where the next one is hung */
    prankcurl_error failure; /* status OK: none. After it nothing is recorded. */
} pk_journal;

/* False: out of memory, and there is nothing to end. */
bool pk_journal_init(pk_journal *journal);
/* Waits for what was brought, and ends the thread. */
void pk_journal_end(pk_journal *journal);
/* While it is blocked, steps fail at once instead of waiting for their own caller. */
void pk_journal_block(pk_journal *journal, bool is_blocked);

#endif
