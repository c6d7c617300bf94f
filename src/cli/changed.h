/* What was sent can't be changed any more: the complaint over a prank that was. */
#ifndef PK_CLI_CHANGED_H
#define PK_CLI_CHANGED_H

#include "cli/job.h"

/* Tells that a prank that sent_count of its recipients have, or may have, is another one now, and
 * in what. */
void pk_changed_tell(const pk_job *job, const prankcurl_prank *prank, const prankcurl_entry *entry,
                     size_t sent_count);

#endif
