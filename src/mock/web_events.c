/* `/api/events`: server-sent events. */
#include "mock/envelope_json.h"
#include "mock/live.h"
#include "mock/reading.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_BACKLOG = 1 << 20, /* bytes that a listener may lag behind */
    MAX_EVENT = 64 << 10,  /* bytes of JSON */
    MAX_LISTED = 20,       /* addresses of a kind in a summary that was too long */
    MAX_TEXT = 1000,       /* bytes of a text there */
};

/* Whether so many bytes more are too many. */
static bool is_late(const pm_listener *one, size_t more)
{
    struct bufferevent *socket = evhttp_connection_get_bufferevent(pm_live_connection(one));
    return evbuffer_get_length(bufferevent_get_output(socket)) + more > MAX_BACKLOG;
}

/* False: it does not keep up, and was disconnected. */
static bool send_text(pm_listener *one, const char *text, size_t len)
{
    struct evbuffer *chunk = evbuffer_new();
    if (is_late(one, len) || !chunk || evbuffer_add(chunk, text, len) != 0) {
        if (chunk) {
            evbuffer_free(chunk);
        }
        pm_live_disconnect(one);
        return false;
    }
    evhttp_send_reply_chunk(one->call.http, chunk);
    evbuffer_free(chunk);
    return true;
}

/* "event: NAME", "id: ID" (0: none), "data: JSON". Owns the json, by cJSON_free(); NULL, as the
 * answer: out of memory. */
static char *event_text(const char *name, uint64_t id, char *json)
{
    char id_line[40] = "";
    if (!json) {
        return NULL;
    }
    if (id) {
        (void)snprintf(id_line, sizeof id_line, "id: %llu\n", (unsigned long long)id);
    }
    size_t size = strlen(json) + strlen(name) + sizeof id_line + 32;
    char *text = malloc(size);
    if (text) {
        (void)snprintf(text, size, "event: %s\n%sdata: %s\n\n", name, id_line, json);
    }
    cJSON_free(json);
    return text;
}

static char *deleted_event(uint64_t id)
{
    cJSON *object = cJSON_CreateObject();
    if (id) {
        (void)cJSON_AddNumberToObject(object, "id", (double)id);
    } else {
        (void)cJSON_AddTrueToObject(object, "all");
    }
    char *json = object ? cJSON_PrintUnformatted(object) : NULL;
    cJSON_Delete(object);
    return event_text("deleted", 0, json);
}

/* Keeps no more than so many of a list's items. */
static void cut_list(cJSON *object, const char *name, size_t max)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(object, name);
    cJSON *kept = cJSON_CreateArray();
    for (size_t i = 0; kept && i < max && cJSON_GetArraySize(list) > 0; i++) {
        (void)cJSON_AddItemToArray(kept, cJSON_DetachItemFromArray(list, 0));
    }
    if (kept && !cJSON_ReplaceItemInObjectCaseSensitive(object, name, kept)) {
        cJSON_Delete(kept);
    }
}

static void cut_addresses(cJSON *summary, size_t max)
{
    static const char *const lists[] = {"from", "to", "cc"};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        cut_list(summary, lists[i], max);
    }
    cut_list(cJSON_GetObjectItemCaseSensitive(summary, "envelope"), "to", max);
}

static void cut_texts(cJSON *summary)
{
    static const char *const texts[] = {"subject", "message_id", "campaign"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *text =
            cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(summary, texts[i]));
        cJSON *cut = text && strlen(text) > MAX_TEXT ? pm_text_json(text, MAX_TEXT) : NULL;
        if (cut && !cJSON_ReplaceItemInObjectCaseSensitive(summary, texts[i], cut)) {
            cJSON_Delete(cut);
        }
    }
    (void)cJSON_ReplaceItemInObjectCaseSensitive(summary, "sender", cJSON_CreateNull());
}

/* Takes away more with every step; false: there is nothing more to be taken. */
static bool shorten(cJSON *summary, int step)
{
    cut_addresses(summary, step == 0 ? MAX_LISTED : 0);
    if (step > 0) {
        cut_texts(summary);
    }
    return step < 2;
}

/* Of a mail to a hundred thousand people as well: all who listen get a copy. NULL: no memory, or
 * nothing short can be said of it. */
static char *short_json(cJSON *summary)
{
    char *json = cJSON_PrintUnformatted(summary);
    for (int step = 0; json && strlen(json) > MAX_EVENT; step++) {
        cJSON_free(json);
        json = shorten(summary, step) ? cJSON_PrintUnformatted(summary) : NULL;
    }
    return json;
}

static char *mail_event(const pm_mail *mail)
{
    pm_reading *reading = pm_reading_new(mail);
    cJSON *summary = reading ? pm_reading_summary(reading) : NULL;
    char *json = summary ? short_json(summary) : NULL;
    cJSON_Delete(summary);
    pm_reading_free(reading);
    return event_text("message", mail->id, json);
}

static bool has_streams(const pm_live *live)
{
    for (const pm_listener *one = live->listeners; one; one = one->next) {
        if (one->is_stream) {
            return true;
        }
    }
    return false;
}

void pm_events_tell(pm_live *live, const pm_mail *mail, uint64_t id)
{
    if (!has_streams(live)) {
        return;
    }
    char *text = mail ? mail_event(mail) : deleted_event(id);
    pm_listener *next = NULL;
    for (pm_listener *one = live->listeners; text && one; one = next) {
        next = one->next;
        if (one->is_stream) {
            (void)send_text(one, text, strlen(text));
        }
    }
    free(text);
}

/* Ends the stream in good order; browsers come back for the rest. */
static void end_stream(pm_listener *one)
{
    struct evhttp_request *http = one->call.http;
    evhttp_connection_set_closecb(pm_live_connection(one), NULL, NULL);
    pm_live_forget(one);
    evhttp_send_reply_end(http);
}

/* What came after the last event that a listener has seen, as much as it may lag behind. */
static void catch_up(pm_listener *one, const char *last_id)
{
    const pm_store *store = &one->call.mock->store;
    uint64_t after = strtoull(last_id, NULL, 10);
    for (size_t i = 0; i < store->count; i++) {
        const pm_mail *mail = pm_store_at(store, i);
        if (mail->id <= after) {
            continue;
        }
        char *text = mail_event(mail);
        size_t len = text ? strlen(text) : 0;
        bool is_late_now = is_late(one, len);
        if (is_late_now) {
            end_stream(one);
        }
        bool goes_on = !is_late_now && (!text || send_text(one, text, len));
        free(text);
        if (!goes_on) {
            return;
        }
    }
}

void pm_web_events(pm_call *call)
{
    static const char hello[] = "retry: 1000\n\n";
    const struct evkeyvalq *headers = evhttp_request_get_input_headers(call->http);
    const char *last_id = evhttp_find_header(headers, "Last-Event-ID");
    if (evhttp_request_get_command(call->http) == EVHTTP_REQ_HEAD) {
        pm_call_send(call, HTTP_OK, "text/event-stream", "", 0);
        return;
    }
    pm_listener *added = pm_live_add(call);
    if (!added) {
        return;
    }
    added->is_stream = true;
    pm_call_header(call, "Content-Type", "text/event-stream");
    evhttp_send_reply_start(call->http, HTTP_OK, NULL);
    if (send_text(added, hello, sizeof hello - 1) && last_id) {
        catch_up(added, last_id);
    }
}

void pm_events_beat(pm_live *live)
{
    static const char beat[] = ": still here\n\n";
    pm_listener *next = NULL;
    for (pm_listener *one = live->listeners; one; one = next) {
        next = one->next;
        if (one->is_stream) {
            (void)send_text(one, beat, sizeof beat - 1);
        }
    }
}
