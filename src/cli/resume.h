/* What is left to send: the plan held against the ledger, prank by prank. */
#ifndef PK_CLI_RESUME_H
#define PK_CLI_RESUME_H

#include "base/arena.h"
#include "cli/job.h"

/* What the ledger knows of a prank's recipients that are not to be tried now. */
typedef struct pk_known {
    const prankcurl_prank *prank;
    prankcurl_outcome outcome; /* owned */
    bool is_tried;             /* its other recipients are */
} pk_known;

typedef struct pk_resume {
    prankcurl_task *tasks; /* owned; in the plan's order */
    size_t count;
    size_t recipient_count; /* of all tasks */
    pk_known *known;        /* owned; in the plan's order, but for pranks everybody accepted */
    size_t known_count;
    size_t accepted_before; /* pranks that everybody accepted */
    pk_arena arena;         /* of the tasks' addresses */
} pk_resume;

/* Compares the job's pranks with its ledger, if there is one and --new-run doesn't begin anew.
 * Every prank that was sent and is another one now is told, and CAMPAIGN returned: nothing may be
 * sent then. Free it in any case. */
prankcurl_status pk_resume_make(pk_resume *resume, const pk_job *job);
void pk_resume_free(pk_resume *resume);

/* Puts the plan into the ledger, so that what is about to be sent is known there; begins a run
 * where there is none, or --new-run asks for it. */
prankcurl_status pk_resume_write(const pk_resume *resume, const pk_job *job);

/* An outcome with what is known of the prank's other recipients before it, into *whole (free it in
 * any case). False: nothing is, or there is no memory. */
bool pk_resume_join(const pk_resume *resume, const prankcurl_prank *prank,
                    const prankcurl_outcome *outcome, prankcurl_outcome *whole);

#endif
