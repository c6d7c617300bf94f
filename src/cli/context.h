/* `check --context`: every name that templates can use, with its value, for the groups asked for.
 */
#ifndef PK_CLI_CONTEXT_H
#define PK_CLI_CONTEXT_H

#include "cli/job.h"

/* To stdout, plain or (--json) one object a group and line. */
prankcurl_status pk_print_context(const pk_job *job);

#endif
