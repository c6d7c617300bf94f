/* The commands, one file each. */
#ifndef PK_CLI_COMMANDS_H
#define PK_CLI_COMMANDS_H

#include "cli/job.h"

prankcurl_status pk_cmd_send(const pk_job *job);
prankcurl_status pk_cmd_plan(const pk_job *job);
prankcurl_status pk_cmd_check(const pk_job *job);
/* send --dry-run */
prankcurl_status pk_cmd_dry_run(const pk_job *job);

#endif
