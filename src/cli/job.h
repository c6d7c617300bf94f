/* What the commands work on: campaign, plan, templates, and the pranks that were asked for. */
#ifndef PK_CLI_JOB_H
#define PK_CLI_JOB_H

#include "base/arena.h"
#include "cli/options.h"

typedef struct pk_job {
    const pk_options *options;
    prankcurl_campaign *campaign;   /* owned */
    prankcurl_plan *plan;           /* owned */
    prankcurl_composer *composer;   /* owned */
    const prankcurl_prank **pranks; /* owned; those that --group and --limit leave */
    size_t count;
    prankcurl_errors warnings; /* owned; for check: what would look wrong */
    prankcurl_status composed; /* whether all messages can be made; with --context they need not */
    int64_t date_s;            /* of a dry run's messages */
    bool has_fixed_date;       /* SOURCE_DATE_EPOCH says it: what is sent has it, too */
    const char *ledger_path;   /* in the arena */
    prankcurl_ledger *ledger;  /* owned; NULL: there is none yet, or no command that looks at it */
    prankcurl_run last;        /* its last run, texts in the arena; number 0: none */
    int64_t run;               /* that the plan is of; 1 is the first */
    pk_arena arena;
} pk_job;

/* Loads and checks everything, every message included; tells all errors on stderr. Free it in any
 * case. */
prankcurl_status pk_job_open(pk_job *job, const pk_options *options);
void pk_job_free(pk_job *job);

/* For send: makes the ledger where there is none, and holds it. */
prankcurl_status pk_job_hold_ledger(pk_job *job);

#endif
