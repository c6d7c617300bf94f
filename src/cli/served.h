/* Nobody gets a second prank of a run because groups were renamed or people moved between them. */
#ifndef PK_CLI_SERVED_H
#define PK_CLI_SERVED_H

#include "cli/resume.h"

/* Looks whether anybody who is to be sent something has a prank of the ledger's last run already,
 * or may have, which the plan no longer gives them. Each one is told, and *count says how many. */
prankcurl_status pk_served_tell(const pk_job *job, const pk_resume *resume, size_t *count,
                                prankcurl_error *error);

#endif
