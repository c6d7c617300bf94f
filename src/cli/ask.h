/* What is about to be done, and whether it may be. */
#ifndef PK_CLI_ASK_H
#define PK_CLI_ASK_H

#include "cli/resume.h"

typedef enum pk_answer { PK_ANSWER_NO, PK_ANSWER_YES } pk_answer;

/* Asks on a terminal; with --yes, without a terminal, and when nothing would be sent, the answer is
 * yes unasked. USAGE: --new-run can't be asked about. */
prankcurl_status pk_ask(const pk_job *job, const pk_resume *resume, pk_answer *answer);

#endif
