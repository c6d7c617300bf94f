/* Joins delivery and ledger: what happens to a message is on disk before it goes on. */
#ifndef PK_CLI_RECORD_H
#define PK_CLI_RECORD_H

#include <prankcurl/prankcurl.h>

typedef struct pk_record {
    prankcurl_ledger *ledger; /* lent */
    int64_t run;
    const char *server; /* lent */
} pk_record;

/* A recorder whose context is `record`, which must outlive it. */
prankcurl_recorder pk_record_recorder(pk_record *record);

prankcurl_state pk_state_of(prankcurl_verdict verdict);
prankcurl_verdict pk_verdict_of(prankcurl_state state);
/* The recipient has it, or may have. */
bool pk_state_is_sent(prankcurl_state state);

#endif
