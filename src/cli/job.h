/* What the commands work on: campaign, plan, templates, and the pranks that were asked for. */
#ifndef PK_CLI_JOB_H
#define PK_CLI_JOB_H

#include "cli/options.h"

typedef struct pk_job {
    const pk_options *options;
    prankcurl_campaign *campaign;   /* owned */
    prankcurl_plan *plan;           /* owned */
    prankcurl_composer *composer;   /* owned */
    const prankcurl_prank **pranks; /* owned; those that --group and --limit leave */
    size_t count;
    int64_t date_s; /* of the messages */
} pk_job;

/* Loads and checks everything, every message included; tells all errors on stderr. Free it in any
 * case. */
prankcurl_status pk_job_open(pk_job *job, const pk_options *options);
void pk_job_free(pk_job *job);

/* Recipients of all pranks of the job, witnesses included. */
size_t pk_job_recipient_count(const pk_job *job);

#endif
