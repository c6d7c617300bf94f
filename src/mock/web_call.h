/* One HTTP request being answered, and what the answers share. */
#ifndef PM_WEB_CALL_H
#define PM_WEB_CALL_H

#include "mock/mock.h"

#include <cjson/cJSON.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

typedef struct pm_live pm_live;

struct pm_web {
    pm_mock *mock; /* lent */
    struct evhttp *http;
    pm_live *live; /* owned: who waits for what comes */
};

typedef struct pm_call {
    pm_web *web;
    pm_mock *mock;
    struct evhttp_request *http;
    const struct evkeyvalq *query; /* lent for the call */
    uint64_t id;                   /* of the message the path names */
    uint64_t n;                    /* of its part */
} pm_call;

/* Answers. Each call is answered once. Texts are lent. */
void pm_call_send(pm_call *call, int status, const char *type, const void *bytes, size_t len);
/* Owns the object; NULL is answered as out of memory. */
void pm_call_send_json(pm_call *call, int status, cJSON *object);
/* {"error": …}, status and all. */
void pm_call_problem(pm_call *call, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A header field of the answer, before it is sent. */
void pm_call_header(pm_call *call, const char *name, const char *value);
/* {"deleted": count} */
void pm_call_send_deleted(pm_call *call, size_t count);

/* The calls, by what they are about. */
void pm_web_list(pm_call *call);
void pm_web_delete_all(pm_call *call);
void pm_web_get(pm_call *call);
void pm_web_delete(pm_call *call);
void pm_web_raw(pm_call *call);
void pm_web_html(pm_call *call);
void pm_web_part(pm_call *call);
void pm_web_wait(pm_call *call);
void pm_web_events(pm_call *call);
void pm_web_get_faults(pm_call *call);
void pm_web_put_faults(pm_call *call);
void pm_web_delete_faults(pm_call *call);
void pm_web_stats(pm_call *call);
void pm_web_health(pm_call *call);

#endif
