/* The commands, one file each. */
#ifndef PK_CLI_COMMANDS_H
#define PK_CLI_COMMANDS_H

#include "cli/job.h"

/* Makes the job's ledger when something is sent. */
prankcurl_status pk_cmd_send(pk_job *job);
prankcurl_status pk_cmd_plan(const pk_job *job);
prankcurl_status pk_cmd_preview(const pk_job *job);
prankcurl_status pk_cmd_check(const pk_job *job);
/* Needs no campaign that is right: only the file's name, which says where the ledger is. */
prankcurl_status pk_cmd_status(const pk_options *options);
/* send --dry-run */
prankcurl_status pk_cmd_dry_run(const pk_job *job);

#endif
