/**
 * @file ledger.h
 * What was sent to whom, on disk before it matters: an SQLite file (docs/ledger.md). It knows
 * nothing of campaigns or SMTP; texts are UTF-8, times milliseconds since 1970 in UTC.
 */
#ifndef PRANKCURL_LEDGER_H
#define PRANKCURL_LEDGER_H

#include <prankcurl/error.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where a recipient of a prank stands. A prank has no state of its own: its recipients have. */
#define PRANKCURL_STATE_MAP(X)                                                                     \
    X(PLANNED, "planned")     /* never tried */                                                    \
    X(IN_FLIGHT, "in_flight") /* being handed over; after a crash: uncertain */                    \
    X(ACCEPTED, "accepted")   /* never sent again */                                               \
    X(REFUSED, "refused")     /* for good (5yz) */                                                 \
    X(DEFERRED, "deferred")   /* not now; the next run tries again */                              \
    X(UNCERTAIN, "uncertain") /* handed over whole, and no reply was recorded */

typedef enum prankcurl_state {
#define PRANKCURL_STATE_ENUM(name, text) PRANKCURL_STATE_##name,
    PRANKCURL_STATE_MAP(PRANKCURL_STATE_ENUM)
#undef PRANKCURL_STATE_ENUM
        PRANKCURL_STATE_COUNT
} prankcurl_state;

/** The state's name, as "in_flight". Never NULL. */
PRANKCURL_API const char *prankcurl_state_name(prankcurl_state state);

/** An open ledger. Calls are for one thread, but for prankcurl_ledger_record(). */
typedef struct prankcurl_ledger prankcurl_ledger;

typedef enum prankcurl_ledger_mode {
    PRANKCURL_LEDGER_READ, /**< it must be there; another process may be writing it. */
    PRANKCURL_LEDGER_WRITE /**< made when missing; one process at a time. */
} prankcurl_ledger_mode;

/**
 * Opens a ledger. With WRITE it is locked until closed (a crash releases the lock), its schema is
 * brought up to date, and what was in flight when a former process ended becomes uncertain.
 * @param out  owned by the caller, free with prankcurl_ledger_close(); NULL on any error.
 * @return OK; NO_INPUT: there is none (READ); CANNOT_CREATE; TEMPORARY: another process holds it,
 *         and the message says which; IO: damaged, no ledger, of a newer version, read-only or full
 *         disk; NO_MEMORY.
 */
PRANKCURL_API prankcurl_status prankcurl_ledger_open(const char *path, prankcurl_ledger_mode mode,
                                                     prankcurl_ledger **out,
                                                     prankcurl_error *error);
/** Waits for what is being recorded, gives the lock back. NULL-safe. */
PRANKCURL_API void prankcurl_ledger_close(prankcurl_ledger *ledger);

/** One run through a campaign; --new-run begins another. */
typedef struct prankcurl_run {
    int64_t number;       /**< from 1; 0: there is no run. */
    const char *campaign; /**< its name; lent until the next call or the end. */
    const char *server;   /**< its URL, when the run was begun; lent likewise. */
    uint64_t seed;        /**< below 2^53. */
    int64_t started_ms;
} prankcurl_run;

/** The last run; number 0 when there is none. @return OK, IO or NO_MEMORY. */
PRANKCURL_API prankcurl_status prankcurl_ledger_last_run(prankcurl_ledger *ledger,
                                                         prankcurl_run *run,
                                                         prankcurl_error *error);
/** Begins a run: all fields but number are given, number is filled. */
PRANKCURL_API prankcurl_status prankcurl_ledger_new_run(prankcurl_ledger *ledger,
                                                        prankcurl_run *run, prankcurl_error *error);

/** The run's plan is drawn with another seed from now on. @return OK, IO or NO_MEMORY. */
PRANKCURL_API prankcurl_status prankcurl_ledger_set_seed(prankcurl_ledger *ledger, int64_t run,
                                                         uint64_t seed, prankcurl_error *error);

/** One recipient of a prank. */
typedef struct prankcurl_entry_recipient {
    const char *address;
    prankcurl_state state;
    unsigned attempts;
    int code;           /**< SMTP reply code; 0: none. */
    const char *reply;  /**< the server's words; "" for none. */
    int64_t changed_ms; /**< when it came to this state. */
} prankcurl_entry_recipient;

/** One prank as the ledger has it. Whatever the ledger fills in is lent until the next call. */
typedef struct prankcurl_entry {
    const char *id; /**< 16 hexadecimal digits. */
    const char *group;
    const char *message;
    const char *message_id;
    const char *author;   /**< the address. */
    unsigned attempts;    /**< over all processes. */
    int64_t date_s;       /**< of its Date field; 0 while it was never handed over. */
    uint64_t fingerprint; /**< of its bytes as they were then; 0 likewise. */
    const char *queue_id; /**< the server's name for the message, or "". */
    const prankcurl_entry_recipient *recipients; /**< in the envelope's order. */
    size_t recipient_count;
} prankcurl_entry;

/** Between these two, all changes are made together or not at all; a close without commit undoes
 * them. Not while records are being written. */
PRANKCURL_API prankcurl_status prankcurl_ledger_begin(prankcurl_ledger *ledger,
                                                      prankcurl_error *error);
PRANKCURL_API prankcurl_status prankcurl_ledger_commit(prankcurl_ledger *ledger,
                                                       prankcurl_error *error);

/** Looks a prank up; entry->id is NULL when there is none. */
PRANKCURL_API prankcurl_status prankcurl_ledger_find(prankcurl_ledger *ledger, int64_t run,
                                                     const char *id, prankcurl_entry *entry,
                                                     prankcurl_error *error);
/** Writes a prank as it is given, in place of what was known of it; attempts made are forgotten
 * only in prank and recipients, never in the log of attempts. position is its place in the plan.
 * INTERNAL: it is not sound, as when it would forget that somebody accepted. When a change fails
 * after begin, commit undoes all of them and fails too. */
PRANKCURL_API prankcurl_status prankcurl_ledger_put(prankcurl_ledger *ledger, int64_t run,
                                                    size_t position, const prankcurl_entry *entry,
                                                    prankcurl_error *error);
/** Before a plan is put: forgets pranks nobody was sent (all recipients planned, refused or
 * deferred) whose id is not among the `count` ids, which are sorted by strcmp(). */
PRANKCURL_API prankcurl_status prankcurl_ledger_forget_others(prankcurl_ledger *ledger, int64_t run,
                                                              const char *const *ids, size_t count,
                                                              prankcurl_error *error);

/** Told of each prank of a run, in the plan's order. Anything but OK ends the walk. */
typedef prankcurl_status prankcurl_entry_fn(void *context, const prankcurl_entry *entry);
PRANKCURL_API prankcurl_status prankcurl_ledger_walk(prankcurl_ledger *ledger, int64_t run,
                                                     prankcurl_entry_fn *told, void *context,
                                                     prankcurl_error *error);

/** Who writes the ledger now, as "process 4711 on lab-3, since 2027-04-01 08:00:12 UTC"; "" when
 * nobody does. */
PRANKCURL_API void prankcurl_ledger_holder(const char *path, char *out, size_t size);

/** A step of one attempt: recipients that come to a new state, together. */
typedef struct prankcurl_record {
    int64_t run;
    const char *id;       /**< the prank's. */
    unsigned attempt;     /**< of the prank, from 1, over all processes. */
    const char *server;   /**< its URL. */
    int64_t date_s;       /**< of its Date field; 0: this and the fingerprint stay as they are. */
    uint64_t fingerprint; /**< of its bytes. */
    const char *phase;    /**< how far the dialogue came, as "rcpt"; "" while it runs. */
    const char *queue_id; /**< "" for none: it stays as it is. */
    const char *reason;   /**< what was told to people when it ended badly, or "". */
    int64_t at_ms;
    const prankcurl_entry_recipient *recipients; /**< only those of this step; their attempts and
                                                    changed_ms are the ledger's to fill. */
    size_t recipient_count;
} prankcurl_record;

/**
 * Records a step, and returns when it is on disk (or can't be). Any number of threads may call it
 * at once; what they bring meanwhile is committed together. A step IN_FLIGHT begins an attempt; any
 * other ends the attempt of that number, begun or not. Who accepted stays so: a step that says
 * otherwise is passed over, and IN_FLIGHT for them is an error.
 * @return OK; IO or NO_MEMORY: it is not recorded, and no more can be: nothing must be sent;
 *         INTERNAL: the step was not recorded, as it is wrong by itself: a prank or recipient that
 *         the ledger does not know, IN_FLIGHT for one who accepted, between begin and commit.
 */
PRANKCURL_API prankcurl_status prankcurl_ledger_record(prankcurl_ledger *ledger,
                                                       const prankcurl_record *record,
                                                       prankcurl_error *error);

#ifdef __cplusplus
}
#endif

#endif
