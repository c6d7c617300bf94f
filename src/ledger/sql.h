/* All SQL that an open ledger runs, and the way to run it. */
#ifndef PK_LEDGER_SQL_H
#define PK_LEDGER_SQL_H

#include <prankcurl/ledger.h>
#include <sqlite3.h>

/* clang-format off */
#define PK_SQL_MAP(X)                                                                              \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                    \
    X(COMMIT, "COMMIT")                                                                            \
    X(ROLLBACK, "ROLLBACK")                                                                        \
    X(LAST_RUN, "SELECT number, campaign, server, seed, started_ms FROM run"                       \
                " ORDER BY number DESC LIMIT 1")                                                   \
    X(SET_SEED, "UPDATE run SET seed = ?2 WHERE number = ?1")                                      \
    X(NEW_RUN, "INSERT INTO run (campaign, server, seed, started_ms) VALUES (?1, ?2, ?3, ?4)")     \
    X(NUMBER, "SELECT number FROM prank WHERE run = ?1 AND id = ?2")                               \
    X(FIND, "SELECT id, group_name, message, message_id, author, attempts, date_s, fingerprint,"   \
            " queue_id, number FROM prank WHERE run = ?1 AND id = ?2")                             \
    X(WALK, "SELECT id, group_name, message, message_id, author, attempts, date_s, fingerprint,"   \
            " queue_id, number FROM prank WHERE run = ?1 ORDER BY position, number")               \
    X(RECIPIENTS, "SELECT address, state, attempts, code, reply, changed_ms FROM recipient"        \
                  " WHERE prank = ?1 ORDER BY position")                                           \
    X(PUT_NEW, "INSERT INTO prank (run, id, position, group_name, message, message_id, author,"    \
               " attempts, date_s, fingerprint, queue_id)"                                         \
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")                           \
    X(PUT_AGAIN, "UPDATE prank SET position = ?3, group_name = ?4, message = ?5, message_id = ?6," \
                 " author = ?7, attempts = ?8, date_s = ?9, fingerprint = ?10, queue_id = ?11"     \
                 " WHERE run = ?1 AND id = ?2")                                                    \
    X(FORGET_RECIPIENTS, "DELETE FROM recipient WHERE prank = ?1")                                 \
    X(PUT_RECIPIENT, "INSERT INTO recipient (prank, address, position, state, attempts, code,"     \
                     " reply, changed_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")                \
    X(UNSENT, "SELECT number, id FROM prank WHERE run = ?1 AND NOT EXISTS (SELECT 1 FROM recipient"\
              " WHERE recipient.prank = prank.number"                                              \
              " AND state NOT IN ('planned', 'refused', 'deferred'))")                             \
    X(FORGET, "DELETE FROM prank WHERE number = ?1")                                               \
    X(RECORD_PRANK, "UPDATE prank SET attempts = ?2, date_s = iif(?3, ?3, date_s),"                \
                    " fingerprint = iif(?3, ?4, fingerprint),"                                     \
                    " queue_id = iif(?5 = '', queue_id, ?5) WHERE number = ?1")                    \
    X(RECORD_RECIPIENT, "UPDATE recipient SET state = ?3, attempts = attempts + ?4, code = ?5,"    \
                        " reply = ?6, changed_ms = ?7"                                             \
                        " WHERE prank = ?1 AND address = ?2 AND state <> 'accepted'"               \
                        " AND (?3 <> 'in_flight' OR state <> 'in_flight')")                        \
    X(RECIPIENT, "SELECT state FROM recipient WHERE prank = ?1 AND address = ?2")                  \
    /* A step that ends nothing has ?5 = 0; a later step of an attempt adds to what is known. */   \
    X(RECORD_ATTEMPT, "INSERT INTO attempt (prank, number, run, id, server, started_ms, ended_ms," \
                      " phase, code, reply, reason, result)"                                       \
                      " VALUES (?1, ?2, ?11, ?12, ?3, ?4, nullif(?5, 0), ?6, ?7, ?8, ?9, ?10)"     \
                      " ON CONFLICT (prank, number) DO UPDATE SET"                                 \
                      " ended_ms = excluded.ended_ms, phase = iif(?6 = '', phase, ?6),"            \
                      " code = iif(?7, ?7, code), reply = iif(?7, ?8, reply),"                     \
                      " reason = iif(?9 = '', reason, ?9),"                                        \
                      " result = result || iif(result = '' OR ?10 = '', '', ', ') || ?10")         \
    X(END_ATTEMPTS, "UPDATE attempt SET ended_ms = ?1,"                                            \
                    " reason = 'the process ended before the reply was recorded',"                 \
                    " result = result || iif(result = '', '', ', ') || 'uncertain ' ||"            \
                    " (SELECT count(*) FROM recipient WHERE recipient.prank = attempt.prank"       \
                    " AND state = 'in_flight')"                                                    \
                    " WHERE ended_ms IS NULL")                                                     \
    X(END_IN_FLIGHT, "UPDATE recipient SET state = 'uncertain', attempts = attempts + 1,"          \
                     " changed_ms = ?1 WHERE state = 'in_flight'")
/* clang-format on */

typedef enum pk_sql {
#define PK_SQL_ENUM(name, text) PK_SQL_##name,
    PK_SQL_MAP(PK_SQL_ENUM)
#undef PK_SQL_ENUM
        PK_SQL_COUNT
} pk_sql;

/* A parameter: a number where text is NULL. Texts must live until the statement has ended. */
typedef struct pk_value {
    const char *text;
    int64_t number;
} pk_value;

static inline pk_value pk_text(const char *text)
{
    return (pk_value){.text = text ? text : ""};
}

static inline pk_value pk_number(int64_t number)
{
    return (pk_value){.number = number};
}

/* Makes the statement ready to be stepped, with parameters ?1, ?2, …; end it with sqlite3_reset().
 * @return SQLITE_OK, or what went wrong (*out is NULL then). */
int pk_sql_start(prankcurl_ledger *ledger, pk_sql which, const pk_value *values, size_t count,
                 sqlite3_stmt **out);
/* Runs one that answers with no rows. */
int pk_sql_run(prankcurl_ledger *ledger, pk_sql which, const pk_value *values, size_t count);

/* The number that a prank has in the file; 0: the ledger does not know it. */
int pk_sql_prank_number(prankcurl_ledger *ledger, int64_t run, const char *id, int64_t *out);

/* A column's text, "" for none; lent until the next step. */
const char *pk_sql_text(sqlite3_stmt *statement, int column);
/* The first number of the first row of any SQL, for PRAGMAs. */
int pk_sql_number(sqlite3 *db, const char *sql, int64_t *out);

#endif
