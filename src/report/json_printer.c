#include "report/printer.h"

#include "base/clock.h"
#include "base/output.h"

#include <string.h>

/* What it prints has this form; a change that breaks readers counts it up. */
enum { VERSION = 1 };

/* cJSON's numbers are doubles, exact to 2^53: seeds and counts are below. */
static bool add_number(cJSON *object, const char *key, double number)
{
    return cJSON_AddNumberToObject(object, key, number) != NULL;
}

/* "" is null: it is not known, or there is none. */
static bool add_text_or_null(cJSON *object, const char *key, const char *text)
{
    return *text ? pk_json_add_text(object, key, text) : cJSON_AddNullToObject(object, key) != NULL;
}

static bool add_time(cJSON *object, const char *key, int64_t time_ms)
{
    pk_buf text;
    pk_buf_init(&text, 64);
    if (time_ms > 0) {
        pk_add_utc_iso(&text, time_ms);
    }
    bool added = pk_buf_ok(&text) && add_text_or_null(object, key, pk_buf_text(&text));
    pk_buf_free(&text);
    return added;
}

static bool add_seed(cJSON *object, const prankcurl_run *run)
{
    return run->number ? add_number(object, "seed", (double)run->seed)
                       : cJSON_AddNullToObject(object, "seed") != NULL;
}

static bool add_counts(cJSON *object, const char *key, const size_t *counts)
{
    cJSON *list = cJSON_AddObjectToObject(object, key);
    bool made = list != NULL;
    for (prankcurl_state state = 0; made && state < PRANKCURL_STATE_COUNT; state++) {
        made = add_number(list, prankcurl_state_name(state), (double)counts[state]);
    }
    return made;
}

/* Prints text and frees it. NULL: there was no memory for it. */
static prankcurl_status put(pk_report *report, char *text)
{
    if (!text) {
        return pk_report_no_memory(report);
    }
    (void)fputs(text, report->out);
    cJSON_free(text);
    return PRANKCURL_OK;
}

/* Its members come now, in totals() and as pranks: the closing brace is left to end(). */
static prankcurl_status begin(pk_report *report)
{
    const prankcurl_run *run = &report->run;
    cJSON *object = cJSON_CreateObject();
    char *text = NULL;
    if (object && add_number(object, "version", VERSION) &&
        pk_json_add_text(object, "ledger", report->options->path) &&
        add_text_or_null(object, "campaign", run->campaign) &&
        add_number(object, "run", (double)run->number) &&
        add_text_or_null(object, "server", run->server) && add_seed(object, run) &&
        add_time(object, "started", run->started_ms) &&
        add_text_or_null(object, "held_by", report->options->holder)) {
        text = cJSON_PrintUnformatted(object);
    }
    cJSON_Delete(object);
    if (text) {
        text[strlen(text) - 1] = ',';
    }
    return put(report, text);
}

static prankcurl_status totals(pk_report *report)
{
    cJSON *object = cJSON_CreateObject();
    char *text = NULL;
    if (object && add_counts(object, "pranks", report->totals.pranks) &&
        add_counts(object, "recipients", report->totals.recipients)) {
        text = cJSON_PrintUnformatted(object);
    }
    cJSON_Delete(object);
    (void)fputs("\"totals\":", report->out);
    prankcurl_status status = put(report, text);
    (void)fputs(",\"pranks\":[\n", report->out);
    return status;
}

static bool add_recipient(cJSON *list, const prankcurl_entry_recipient *recipient)
{
    cJSON *object = cJSON_CreateObject();
    if (object && pk_json_add_text(object, "address", recipient->address) &&
        pk_json_add_text(object, "state", prankcurl_state_name(recipient->state)) &&
        add_number(object, "attempts", recipient->attempts) &&
        add_number(object, "code", recipient->code) &&
        pk_json_add_text(object, "reply", recipient->reply) &&
        add_time(object, "since", recipient->changed_ms) && cJSON_AddItemToArray(list, object)) {
        return true;
    }
    cJSON_Delete(object);
    return false;
}

static bool add_recipients(cJSON *object, const prankcurl_entry *entry)
{
    cJSON *list = cJSON_AddArrayToObject(object, "recipients");
    bool made = list != NULL;
    for (size_t i = 0; made && i < entry->recipient_count; i++) {
        made = add_recipient(list, &entry->recipients[i]);
    }
    return made;
}

static prankcurl_status prank(pk_report *report, const prankcurl_entry *entry)
{
    cJSON *object = cJSON_CreateObject();
    char *text = NULL;
    if (object && pk_json_add_text(object, "id", entry->id) &&
        pk_json_add_text(object, "group", entry->group) &&
        pk_json_add_text(object, "message", entry->message) &&
        pk_json_add_text(object, "author", entry->author) &&
        pk_json_add_text(object, "message_id", entry->message_id) &&
        pk_json_add_text(object, "state", prankcurl_state_name(pk_prank_state(entry))) &&
        add_number(object, "attempts", entry->attempts) &&
        pk_json_add_text(object, "queue_id", entry->queue_id) && add_recipients(object, entry)) {
        text = cJSON_PrintUnformatted(object);
    }
    cJSON_Delete(object);
    (void)fputs(report->seen ? ",\n" : "", report->out);
    return put(report, text);
}

static prankcurl_status end(pk_report *report)
{
    (void)fputs(report->seen ? "\n]}\n" : "]}\n", report->out);
    return PRANKCURL_OK;
}

const pk_printer pk_json_printer = {
    .name = "json",
    .begin = begin,
    .totals = totals,
    .prank = prank,
    .end = end,
};
