/* `/api/wait`: answers as soon as enough messages match. */
#include "mock/live.h"

enum { TIMED_OUT = 408 };

static void answer_wait(pm_listener *one, int status)
{
    pm_call call = one->call;
    cJSON *object = pm_question_answer(&one->question, &call.mock->store);
    evhttp_connection_set_closecb(pm_live_connection(one), NULL, NULL);
    pm_live_forget(one);
    pm_call_send_json(&call, status, object);
}

/* Answers when there are enough. */
static void check_wait(pm_listener *one)
{
    if (one->seen < one->question.count) {
        return;
    }
    one->seen = pm_question_count(&one->question, &one->call.mock->store);
    if (one->seen >= one->question.count) {
        answer_wait(one, HTTP_OK);
    }
}

static void on_timeout(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    answer_wait(context, TIMED_OUT);
}

void pm_web_wait(pm_call *call)
{
    pm_question question;
    if (!pm_question_read(call, true, &question)) {
        pm_question_free(&question);
        return;
    }
    pm_listener *added = pm_live_add(call);
    if (!added) {
        pm_question_free(&question);
        return;
    }
    added->question = question;
    added->seen = pm_question_count(&question, &call->mock->store);
    struct timeval timeout = {.tv_sec = (time_t)(question.timeout_ms / 1000),
                              .tv_usec = (suseconds_t)(question.timeout_ms % 1000 * 1000)};
    added->timer = evtimer_new(call->mock->base, on_timeout, added);
    if (!added->timer || evtimer_add(added->timer, &timeout) != 0) {
        answer_wait(added, HTTP_INTERNAL);
        return;
    }
    check_wait(added);
}

void pm_wait_tell(pm_live *live, const pm_mail *mail)
{
    pm_listener *next = NULL;
    for (pm_listener *one = live->listeners; one; one = next) {
        next = one->next;
        if (!one->is_stream && pm_filter_matches(&one->question.filter, mail)) {
            one->seen++;
            check_wait(one);
        }
    }
}
