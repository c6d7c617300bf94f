/* Faults, figures, health. */
#include "base/buf.h"
#include "base/clock.h"
#include "mock/envelope_json.h"
#include "mock/log.h"
#include "mock/web_call.h"

#include <event2/buffer.h>
#include <prankcurl/version.h>
#include <stdio.h>
#include <string.h>

enum { MAX_RULES_TEXT = 4 << 20 };

/* Every rule as it was written, and how often it has fired. */
static void send_faults(pm_call *call)
{
    const pm_faults *faults = &call->mock->faults;
    pk_buf text;
    pk_buf_init(&text, MAX_RULES_TEXT);
    pk_buf_str(&text, "{\"rules\":[");
    for (size_t i = 0; i < faults->count; i++) {
        const pm_rule *rule = &faults->rules[i];
        pk_buf_str(&text, i ? "," : "");
        /* A rule is an object and never empty: its last byte is the brace. */
        pk_buf_add(&text, rule->json, strlen(rule->json) - 1);
        pk_buf_fmt(&text, ",\"fired\":%llu}", (unsigned long long)rule->fired);
    }
    pk_buf_str(&text, "]}");
    if (pk_buf_ok(&text)) {
        pm_call_send(call, HTTP_OK, "application/json", text.data, text.len);
    } else {
        pm_call_send_json(call, HTTP_OK, NULL);
    }
    pk_buf_free(&text);
}

void pm_web_get_faults(pm_call *call)
{
    send_faults(call);
}

void pm_web_delete_faults(pm_call *call)
{
    pm_faults none = PM_FAULTS_INIT;
    pm_mock_set_faults(call->mock, &none);
    send_faults(call);
}

static cJSON *error_json(const prankcurl_error *error)
{
    cJSON *object = cJSON_CreateObject();
    return pm_json_finish(
        object,
        pm_json_put(object, "line", cJSON_CreateNumber(error->line)) &&
            pm_json_put(object, "column", cJSON_CreateNumber(error->column)) &&
            pm_json_put(object, "pointer", pm_text_json(error->pointer, strlen(error->pointer))) &&
            pm_json_put(object, "message", pm_text_json(error->message, strlen(error->message))));
}

static cJSON *errors_json(const prankcurl_errors *errors)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; list && i < errors->count; i++) {
        if (!pm_json_put(list, NULL, error_json(&errors->items[i]))) {
            cJSON_Delete(list);
            return NULL;
        }
    }
    return list;
}

static void send_errors(pm_call *call, const prankcurl_errors *errors)
{
    char first[2048];
    size_t count = errors->count + errors->left_out;
    const prankcurl_error *error = errors->items;
    (void)snprintf(first, sizeof first, "line %u, column %u: %s%s%s", error->line, error->column,
                   error->pointer, error->pointer[0] ? ": " : "", error->message);
    cJSON *object = cJSON_CreateObject();
    cJSON *text = count > 1 ? cJSON_CreateString("the rules have errors, and were not taken")
                            : pm_text_json(first, strlen(first));
    if (!object || !pm_json_put(object, "error", text) ||
        !pm_json_put(object, "errors", errors_json(errors))) {
        cJSON_Delete(object);
        object = NULL;
    }
    pm_call_send_json(call, HTTP_BADREQUEST, object);
}

void pm_web_put_faults(pm_call *call)
{
    struct evbuffer *body = evhttp_request_get_input_buffer(call->http);
    prankcurl_errors errors = PRANKCURL_ERRORS_INIT;
    pm_faults faults;
    pk_buf json;
    size_t len = evbuffer_get_length(body);
    pk_buf_init(&json, MAX_RULES_TEXT);
    pk_buf_add(&json, evbuffer_pullup(body, -1), len);
    if (pm_faults_parse(&faults, pk_buf_text(&json), json.len, "", &errors) == PRANKCURL_OK) {
        pm_mock_set_faults(call->mock, &faults);
        send_faults(call);
    } else if (errors.count) {
        send_errors(call, &errors);
    } else {
        pm_call_send_json(call, HTTP_OK, NULL);
    }
    prankcurl_errors_free(&errors);
    pk_buf_free(&json);
}

static cJSON *number(uint64_t value)
{
    return cJSON_CreateNumber((double)value);
}

static cJSON *connections_json(const pm_mock *mock)
{
    cJSON *object = cJSON_CreateObject();
    return pm_json_finish(object, pm_json_put(object, "open", number(mock->open_count)) &&
                                      pm_json_put(object, "total", number(mock->connection_count)));
}

static cJSON *limits_json(const pm_mock *mock)
{
    const pm_config *config = mock->config;
    cJSON *object = cJSON_CreateObject();
    return pm_json_finish(
        object, pm_json_put(object, "messages", number(config->max_messages)) &&
                    pm_json_put(object, "bytes", number(config->max_bytes)) &&
                    pm_json_put(object, "message_bytes", number(mock->rules.max_message)) &&
                    pm_json_put(object, "recipients", number(config->max_recipients)) &&
                    pm_json_put(object, "connections", number(config->max_connections)) &&
                    pm_json_put(object, "idle_s", cJSON_CreateNumber(config->idle_s)));
}

void pm_web_stats(pm_call *call)
{
    const pm_mock *mock = call->mock;
    const pm_store *store = &mock->store;
    double uptime_s = (double)(pk_wall_clock_ms() - mock->started_ms) / 1000;
    cJSON *object = cJSON_CreateObject();
    bool is_whole = object &&
                    pm_json_put(object, "version", cJSON_CreateString(PRANKCURL_VERSION)) &&
                    pm_json_put(object, "started", pm_time_json(mock->started_ms)) &&
                    pm_json_put(object, "uptime_s", cJSON_CreateNumber(uptime_s)) &&
                    pm_json_put(object, "kept", number(store->count)) &&
                    pm_json_put(object, "kept_bytes", number(store->bytes)) &&
                    pm_json_put(object, "received", number(store->received)) &&
                    pm_json_put(object, "evicted", number(store->evicted)) &&
                    pm_json_put(object, "deleted", number(store->deleted)) &&
                    pm_json_put(object, "connections", connections_json(mock)) &&
                    pm_json_put(object, "listening", pm_listening_json(mock)) &&
                    pm_json_put(object, "limits", limits_json(mock));
    pm_call_send_json(call, HTTP_OK, pm_json_finish(object, is_whole));
}

void pm_web_health(pm_call *call)
{
    pm_call_send(call, HTTP_OK, "text/plain; charset=utf-8", "ok\n", 3);
}
