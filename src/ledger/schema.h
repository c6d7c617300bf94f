/* The tables, and how an older file comes to have them (docs/ledger.md). */
#ifndef PK_LEDGER_SCHEMA_H
#define PK_LEDGER_SCHEMA_H

#include "base/error.h"

#include <sqlite3.h>
#include <stdint.h>

enum { PK_LEDGER_APPLICATION_ID = 0x70726b6c }; /* "prkl", in the file's header */

/* What a file is, before anything is done to it. */
typedef struct pk_schema_state {
    int64_t application_id;
    int64_t version;
    int64_t objects; /* tables and the like: 0 in an empty file */
} pk_schema_state;

int pk_schema_look(sqlite3 *db, pk_schema_state *out);

/* The steps from an empty file to the newest version: steps[n] makes version n + 1 of version n. */
extern const char *const pk_schema_steps[];
extern const int pk_schema_version;

/* Takes the steps that a file of that version lacks, all or none. @return SQLite's result. */
int pk_schema_migrate(sqlite3 *db, int64_t version, const char *const *steps, int count);

#endif
