/* AUTH (RFC 4954): how a session carries a login on. */
#include "base/text.h"
#include "mock/session_parts.h"

#include <string.h>

static void take_login(pm_session *session)
{
    pk_buf_reset(&session->text);
    pk_buf_fmt(&session->text, "235 2.7.0 welcome, %s", pk_buf_text(&session->auth.user));
    if (pk_find_control(pk_buf_text(&session->text), "")) {
        pm_session_say(session, "501 5.5.2 a user's name has no control characters");
    } else if (pm_session_step(session, PM_STEP_AUTH, pk_buf_text(&session->text))) {
        session->is_logged_in = true;
    }
}

static void go_on_with_auth(pm_session *session, pm_auth_result result)
{
    pm_session_enter(session, result == PM_AUTH_MORE ? PM_STATE_AUTH : PM_STATE_READY);
    switch (result) {
    case PM_AUTH_MORE:
        pm_session_say(session, pk_buf_text(&session->auth.reply));
        return;
    case PM_AUTH_YES:
        take_login(session);
        break;
    case PM_AUTH_NO:
        pm_session_say(session, "535 5.7.8 that user and password are not the ones expected here");
        break;
    case PM_AUTH_BAD:
        pm_session_say(session, "501 5.5.2 that is not what this mechanism sends");
        break;
    case PM_AUTH_UNKNOWN:
        pm_session_say(session, "504 5.5.4 known mechanisms are " PM_AUTH_MECHANISMS);
        break;
    case PM_AUTH_CANCELLED:
        pm_session_say(session, "501 5.7.0 cancelled");
        break;
    }
    pm_auth_stop(&session->auth);
}

void pm_session_run_auth(pm_session *session, const char *argument)
{
    char name[32] = "";
    size_t len = strcspn(argument, " ");
    if (session->is_logged_in) {
        pm_session_say(session, "503 5.5.1 you are logged in already");
        return;
    }
    if (len >= sizeof name) {
        len = 0;
    }
    memcpy(name, argument, len);
    const char *initial = argument[len] ? argument + len + 1 : NULL;
    go_on_with_auth(session, pm_auth_start(&session->auth, name, initial));
}

void pm_session_answer_auth(pm_session *session, const char *line)
{
    go_on_with_auth(session, pm_auth_feed(&session->auth, line));
}

void pm_session_end_auth(pm_session *session)
{
    if (session->state == PM_STATE_AUTH) {
        pm_auth_stop(&session->auth);
        pm_session_enter(session, PM_STATE_READY);
    }
}
