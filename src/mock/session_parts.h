/* What the parts of the session (session_*.c) share. */
#ifndef PM_SESSION_PARTS_H
#define PM_SESSION_PARTS_H

#include "mock/session.h"

/* Says a reply that no rule is asked about. Text lines are parted by \n. */
void pm_session_say(pm_session *session, const char *reply);
/* What the rules have for a step; NULL: nothing. To be carried out before anything else happens. */
const pm_fault *pm_session_decide(pm_session *session, pm_step step);
/* Says the normal reply, or does what the rule wants. True: yes is said, so the command counts. */
bool pm_session_respond(pm_session *session, const pm_fault *fault, const char *normal);
/* Both. */
bool pm_session_step(pm_session *session, pm_step step, const char *reply);
/* The one setter of state, and that of need: an end is an end. */
void pm_session_enter(pm_session *session, pm_state state);
void pm_session_want(pm_session *session, pm_need need);
/* A line of the dialogue; who: 'C', 'S' or 'N' for a note. */
void pm_session_note(pm_session *session, char who, const char *text, size_t len);
/* A whole command line, without its end. */
void pm_session_command(pm_session *session, const char *line, size_t len);
/* The envelope is empty again. */
void pm_session_reset(pm_session *session);
/* Whether what is said, by a rule (NULL: none) or in its absence, means the same as the normal
 * reply. */
bool pm_session_says_yes(const pm_fault *fault, const char *normal);
/* A note in the dialogue. */
void pm_session_remark(pm_session *session, const char *text);
/* What it needs now. */
pm_need pm_session_need(const pm_session *session);
/* Takes bytes of the message that is coming; returns how many. */
size_t pm_session_take_body(pm_session *session, const char *bytes, size_t len);

/* The commands, by what they are about; argument: what stands behind the verb. */
void pm_session_run_mail(pm_session *session, const char *argument);
void pm_session_run_rcpt(pm_session *session, const char *argument);
void pm_session_run_data(pm_session *session, const char *argument);
void pm_session_run_auth(pm_session *session, const char *argument);
/* An answer to AUTH's challenge. */
void pm_session_answer_auth(pm_session *session, const char *line);
/* Something else was said: what comes now is no answer any more. */
void pm_session_end_auth(pm_session *session);

#endif
