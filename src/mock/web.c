#include "mock/web.h"

#include "mock/envelope_json.h"
#include "mock/listen.h"
#include "mock/live.h"
#include "mock/web_call.h"
#include "mock/web_files.h"
#include "mock/web_guard.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_REQUEST_BODY = 1 << 20,
    MAX_REQUEST_HEADERS = 32 * 1024,
    IDLE_S = 60,
    ANSWER_S = 2 * 3600, /* longer than anybody may wait */
};

/* For our own page: nothing but what comes from here. */
static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "
    "'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'";

typedef struct route {
    enum evhttp_cmd_type method;
    const char *path; /* {id} and {n} stand for numbers */
    bool is_guarded;  /* not for pages of other sites: it changes something, or keeps us busy */
    void (*answer)(pm_call *call);
} route;

static const route routes[] = {
    {EVHTTP_REQ_GET, "/api/messages", true, pm_web_list},
    {EVHTTP_REQ_DELETE, "/api/messages", true, pm_web_delete_all},
    {EVHTTP_REQ_GET, "/api/messages/{id}", false, pm_web_get},
    {EVHTTP_REQ_DELETE, "/api/messages/{id}", true, pm_web_delete},
    {EVHTTP_REQ_GET, "/api/messages/{id}/raw", false, pm_web_raw},
    {EVHTTP_REQ_GET, "/api/messages/{id}/html", false, pm_web_html},
    {EVHTTP_REQ_GET, "/api/messages/{id}/parts/{n}", false, pm_web_part},
    {EVHTTP_REQ_GET, "/api/wait", true, pm_web_wait},
    {EVHTTP_REQ_GET, "/api/events", true, pm_web_events},
    {EVHTTP_REQ_GET, "/api/faults", false, pm_web_get_faults},
    {EVHTTP_REQ_PUT, "/api/faults", true, pm_web_put_faults},
    {EVHTTP_REQ_DELETE, "/api/faults", true, pm_web_delete_faults},
    {EVHTTP_REQ_GET, "/api/stats", false, pm_web_stats},
    {EVHTTP_REQ_GET, "/healthz", false, pm_web_health},
};

enum { ROUTE_COUNT = sizeof routes / sizeof routes[0] };

void pm_call_header(pm_call *call, const char *name, const char *value)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(call->http);
    (void)evhttp_remove_header(headers, name);
    (void)evhttp_add_header(headers, name, value);
}

void pm_call_send(pm_call *call, int status, const char *type, const void *bytes, size_t len)
{
    pm_call_header(call, "Content-Type", type);
    if (evhttp_request_get_command(call->http) == EVHTTP_REQ_HEAD) {
        /* evhttp would send the body: the client took it for the next answer. */
        char length[24];
        (void)snprintf(length, sizeof length, "%zu", len);
        pm_call_header(call, "Content-Length", length);
    } else {
        (void)evbuffer_add(evhttp_request_get_output_buffer(call->http), bytes, len);
    }
    evhttp_send_reply(call->http, status, NULL, NULL);
}

void pm_call_send_json(pm_call *call, int status, cJSON *object)
{
    static const char type[] = "application/json";
    static const char no_memory[] = "{\"error\":\"out of memory\"}";
    char *text = object ? cJSON_PrintUnformatted(object) : NULL;
    cJSON_Delete(object);
    if (text) {
        pm_call_send(call, status, type, text, strlen(text));
    } else {
        pm_call_send(call, HTTP_INTERNAL, type, no_memory, sizeof no_memory - 1);
    }
    cJSON_free(text);
}

void pm_call_problem(pm_call *call, int status, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cJSON *object = cJSON_CreateObject();
    /* What it quotes may be cut within a character. */
    bool is_whole = pm_json_put(object, "error", pm_text_json(text, strlen(text)));
    pm_call_send_json(call, status, pm_json_finish(object, is_whole));
}

void pm_call_send_deleted(pm_call *call, size_t count)
{
    cJSON *object = cJSON_CreateObject();
    (void)cJSON_AddNumberToObject(object, "deleted", (double)count);
    pm_call_send_json(call, HTTP_OK, object);
}

/* Reads the number that {id} or {n} stands for, up to the next slash. */
static bool read_number(const char **path, uint64_t *out)
{
    const char *p = *path;
    uint64_t number = 0;
    for (; *p >= '0' && *p <= '9' && number < UINT64_C(1) << 53; p++) {
        number = number * 10 + (uint64_t)(*p - '0');
    }
    bool is_number = p > *path && (!*p || *p == '/') && number > 0;
    *path = p;
    *out = number;
    return is_number;
}

static bool path_matches(const char *pattern, const char *path, pm_call *call)
{
    while (*pattern) {
        if (*pattern == '{') {
            bool is_id = pattern[1] == 'i';
            if (!read_number(&path, is_id ? &call->id : &call->n)) {
                return false;
            }
            pattern = strchr(pattern, '}') + 1;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return !*path;
}

static bool send_file(pm_call *call, const char *path)
{
    for (const pm_web_file *file = pm_web_files; file->path; file++) {
        if (strcmp(file->path, path) == 0) {
            pm_call_header(call, "Content-Security-Policy", page_policy);
            pm_call_header(call, "X-Frame-Options", "DENY");
            pm_call_header(call, "Cross-Origin-Opener-Policy", "same-origin");
            pm_call_send(call, HTTP_OK, file->type, file->bytes, file->len);
            return true;
        }
    }
    return false;
}

static void add_common_headers(pm_call *call)
{
    pm_call_header(call, "Cache-Control", "no-store");
    pm_call_header(call, "X-Content-Type-Options", "nosniff");
    pm_call_header(call, "Referrer-Policy", "no-referrer");
    pm_call_header(call, "Cross-Origin-Resource-Policy", "same-origin");
    pm_call_header(call, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'self'");
}

static bool is_host_ours(pm_call *call)
{
    const struct evkeyvalq *headers = evhttp_request_get_input_headers(call->http);
    bool is_ours = pm_guard_host_is_ours(evhttp_find_header(headers, "Host"), call->mock->host);
    if (!is_ours) {
        pm_call_problem(call, 403,
                        "this host name is not answered; use the address, localhost, or the "
                        "machine's own name");
    }
    return is_ours;
}

static void follow(const route *found, pm_call *call)
{
    if (found->is_guarded && pm_guard_is_foreign(evhttp_request_get_input_headers(call->http))) {
        pm_call_problem(call, 403, "another site's page may not do this");
    } else {
        found->answer(call);
    }
}

static const char *method_name(enum evhttp_cmd_type method)
{
    return method == EVHTTP_REQ_GET ? "GET, HEAD" : method == EVHTTP_REQ_PUT ? "PUT" : "DELETE";
}

/* Says what can be done there instead (RFC 9110 §15.5.6). */
static void refuse_method(pm_call *call, const char *path)
{
    char allowed[32] = "";
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        if (path_matches(routes[i].path, path, call)) {
            size_t len = strlen(allowed);
            (void)snprintf(allowed + len, sizeof allowed - len, "%s%s", len ? ", " : "",
                           method_name(routes[i].method));
        }
    }
    pm_call_header(call, "Allow", allowed);
    pm_call_problem(call, 405, "this can't be done here; use %s", allowed);
}

static void no_such_address(pm_call *call, const char *path)
{
    static const char above[] = "/api/messages/";
    bool is_message = strncmp(path, above, sizeof above - 1) == 0;
    pm_call_problem(call, HTTP_NOTFOUND, "there is nothing at this address%s",
                    is_message ? "; the id of a message is a number" : "");
}

static void answer(pm_call *call, const char *path)
{
    enum evhttp_cmd_type method = evhttp_request_get_command(call->http);
    enum evhttp_cmd_type wanted = method == EVHTTP_REQ_HEAD ? EVHTTP_REQ_GET : method;
    bool is_path_known = false;

    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        bool is_path = path_matches(routes[i].path, path, call);
        is_path_known = is_path_known || is_path;
        if (is_path && routes[i].method == wanted) {
            follow(&routes[i], call);
            return;
        }
    }
    if (is_path_known) {
        refuse_method(call, path);
    } else if (wanted != EVHTTP_REQ_GET || !send_file(call, path)) {
        no_such_address(call, path);
    }
}

/* How long the client may be silent. What it does not read ends it sooner in any case. */
static void set_silence(struct evhttp_request *http, time_t seconds)
{
    struct bufferevent *socket =
        evhttp_connection_get_bufferevent(evhttp_request_get_connection(http));
    struct timeval read = {.tv_sec = seconds};
    struct timeval write = {.tv_sec = IDLE_S};
    (void)bufferevent_set_timeouts(socket, &read, &write);
}

static void on_answered(struct evhttp_request *http, void *context)
{
    (void)context;
    set_silence(http, IDLE_S);
}

static void on_request(struct evhttp_request *http, void *context)
{
    pm_web *web = context;
    pm_call call = {.web = web, .mock = web->mock, .http = http};
    struct evkeyvalq query = {0};
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(http);
    const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
    const char *query_text = uri ? evhttp_uri_get_query(uri) : NULL;
    set_silence(http, ANSWER_S);
    evhttp_request_set_on_complete_cb(http, on_answered, NULL);
    add_common_headers(&call);
    if (!is_host_ours(&call)) {
        return;
    }
    if (query_text && evhttp_parse_query_str(query_text, &query) != 0) {
        pm_call_problem(&call, HTTP_BADREQUEST, "the query is malformed");
    } else {
        call.query = &query;
        answer(&call, path && *path ? path : "/");
    }
    evhttp_clear_headers(&query);
}

static prankcurl_status listen_http(pm_web *web, prankcurl_error *error)
{
    pm_mock *mock = web->mock;
    struct evconnlistener *listener = NULL;
    prankcurl_status status = pm_listen_start("http", mock->config->http, mock->base, NULL, NULL,
                                              &listener, mock->http_address, error);
    if (status == PRANKCURL_OK && !evhttp_bind_listener(web->http, listener)) {
        evconnlistener_free(listener);
        status = pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    return status;
}

prankcurl_status pm_web_new(pm_mock *mock, pm_web **out, prankcurl_error *error)
{
    pm_web *web = calloc(1, sizeof *web);
    *out = web;
    if (web) {
        web->mock = mock;
        web->http = evhttp_new(mock->base);
        web->live = pm_live_new(mock);
    }
    if (!web || !web->http || !web->live) {
        return pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    evhttp_set_gencb(web->http, on_request, web);
    evhttp_set_allowed_methods(web->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT |
                                              EVHTTP_REQ_DELETE | EVHTTP_REQ_POST |
                                              EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PATCH);
    evhttp_set_max_body_size(web->http, MAX_REQUEST_BODY);
    evhttp_set_max_headers_size(web->http, MAX_REQUEST_HEADERS);
    evhttp_set_timeout(web->http, IDLE_S);
    return listen_http(web, error);
}

void pm_web_free(pm_web *web)
{
    if (!web) {
        return;
    }
    pm_live_free(web->live); /* ends the connections of those who wait */
    if (web->http) {
        evhttp_free(web->http);
    }
    free(web);
}
