#include "cli/tell.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/output.h"

#include <time.h>

void pk_tell_trace(unsigned connection, prankcurl_trace_kind kind, const char *line, size_t len)
{
    static const char *const prefixes[] = {
        [PRANKCURL_TRACE_NOTE] = "         * ",    [PRANKCURL_TRACE_REPLY] = "server   < ",
        [PRANKCURL_TRACE_COMMAND] = "client   > ", [PRANKCURL_TRACE_ENVELOPE] = "envelope > ",
        [PRANKCURL_TRACE_HEADER] = "header   > ",  [PRANKCURL_TRACE_BODY] = "body     > ",
    };
    pk_buf text;
    pk_buf_init(&text, 64 * 1024);
    if (connection > 1) {
        pk_buf_fmt(&text, "%u: ", connection);
    }
    pk_buf_str(&text, prefixes[kind]);
    pk_add_printable(&text, line, len);
    (void)fprintf(stderr, "%s\n", pk_buf_text(&text));
    pk_buf_free(&text);
}

static bool add_recipient(cJSON *list, const char *address, prankcurl_verdict verdict,
                          const prankcurl_reply *reply)
{
    cJSON *object = cJSON_CreateObject();
    if (object && pk_json_add_text(object, "address", address) &&
        cJSON_AddStringToObject(object, "status", prankcurl_verdict_name(verdict)) &&
        cJSON_AddNumberToObject(object, "code", reply->code) &&
        pk_json_add_text(object, "reply", reply->text) && cJSON_AddItemToArray(list, object)) {
        return true;
    }
    cJSON_Delete(object);
    return false;
}

/* Recipients of a prank that was never tried. */
static bool add_skipped(cJSON *list, const prankcurl_prank *prank)
{
    static const prankcurl_reply none = {0};
    for (size_t i = 0; i < prankcurl_prank_person_count(prank); i++) {
        const char *address = prankcurl_person_address(prankcurl_prank_person(prank, i));
        if (!add_recipient(list, address, PRANKCURL_SKIPPED, &none)) {
            return false;
        }
    }
    return true;
}

static bool add_recipients(cJSON *object, const prankcurl_prank *prank,
                           const prankcurl_outcome *outcome)
{
    cJSON *list = cJSON_AddArrayToObject(object, "recipients");
    if (!list || outcome->recipient_count == 0) {
        return list && add_skipped(list, prank);
    }
    for (size_t i = 0; i < outcome->recipient_count; i++) {
        const prankcurl_recipient_result *one = &outcome->recipients[i];
        if (!add_recipient(list, one->address, one->verdict, &one->reply)) {
            return false;
        }
    }
    return true;
}

void pk_tell_json(const prankcurl_prank *prank, const prankcurl_outcome *outcome)
{
    cJSON *object = cJSON_CreateObject();
    bool made =
        object && cJSON_AddStringToObject(object, "id", prankcurl_prank_id(prank)) &&
        cJSON_AddStringToObject(object, "group", prankcurl_prank_group(prank)) &&
        cJSON_AddStringToObject(object, "message", prankcurl_prank_message(prank)) &&
        cJSON_AddStringToObject(object, "message_id", prankcurl_prank_message_id(prank)) &&
        cJSON_AddStringToObject(object, "status", prankcurl_verdict_name(outcome->verdict)) &&
        cJSON_AddNumberToObject(object, "attempts", outcome->attempts) &&
        add_recipients(object, prank, outcome) &&
        pk_json_add_text(object, "reply", outcome->reply.text);
    if (!made) {
        cJSON_Delete(object);
        object = NULL;
    }
    (void)pk_json_print(PK_PROGRAM, object, "\n");
    (void)fflush(stdout); /* who reads along sees it at once */
}

static size_t count_of(const prankcurl_outcome *outcome, prankcurl_verdict verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < outcome->recipient_count; i++) {
        count += outcome->recipients[i].verdict == verdict ? 1 : 0;
    }
    return count;
}

/* "accepted   desk: coffee, from Zoé to 1 of 2 (queue id 4XyZ)" */
void pk_tell_line(const prankcurl_prank *prank, const prankcurl_outcome *outcome, bool verbose)
{
    size_t people = prankcurl_prank_person_count(prank);
    size_t accepted = count_of(outcome, PRANKCURL_ACCEPTED);
    pk_buf text;
    pk_buf_init(&text, 64 * 1024);
    pk_buf_fmt(&text, "%-9s  %s: %s, from %s to ", prankcurl_verdict_name(outcome->verdict),
               prankcurl_prank_group(prank), prankcurl_prank_message(prank),
               prankcurl_person_name(prankcurl_prank_author(prank)));
    if (accepted && accepted < people) {
        pk_buf_fmt(&text, "%zu of ", accepted);
    }
    pk_buf_fmt(&text, "%zu", people);
    if (outcome->queue_id[0]) {
        pk_buf_fmt(&text, " (queue id %s)", outcome->queue_id);
    }
    pk_print_line(stderr, "%s", pk_buf_text(&text));
    pk_buf_free(&text);
    for (size_t i = 0; verbose && i < outcome->recipient_count; i++) {
        const prankcurl_recipient_result *one = &outcome->recipients[i];
        pk_print_line(stderr, "           %-9s  %s: %s", prankcurl_verdict_name(one->verdict),
                      one->address, one->reply.text);
    }
}

void pk_tell_retry(const prankcurl_prank *prank, const prankcurl_outcome *outcome)
{
    time_t at_s = (time_t)(outcome->retry_at_ms / 1000);
    struct tm at = {0};
    (void)localtime_r(&at_s, &at);
    pk_print_line(stderr, "%-9s  %s: tried again at %02d:%02d:%02d: %s",
                  prankcurl_verdict_name(PRANKCURL_DEFERRED), prankcurl_prank_group(prank),
                  at.tm_hour, at.tm_min, at.tm_sec, outcome->error.message);
}

void pk_tell_complaint(const prankcurl_prank *prank, const prankcurl_outcome *outcome)
{
    if (outcome->error.status == PRANKCURL_OK) {
        return;
    }
    prankcurl_error error = outcome->error;
    bool is_uncertain = count_of(outcome, PRANKCURL_UNCERTAIN) > 0;
    (void)pk_error_set(&error, error.status, NULL, "%s: %s%s%s", prankcurl_prank_group(prank),
                       outcome->error.message,
                       is_uncertain ? "; only --resend-uncertain does that; its Message-ID is "
                                    : "",
                       is_uncertain ? prankcurl_prank_message_id(prank) : "");
    pk_print_error(PK_PROGRAM, &error);
}

/* The recipients that were left so, with the server's words. */
static void add_left(pk_buf *out, const prankcurl_outcome *outcome, prankcurl_verdict verdict)
{
    for (size_t i = 0; i < outcome->recipient_count; i++) {
        const prankcurl_recipient_result *one = &outcome->recipients[i];
        if (one->verdict == verdict) {
            pk_buf_fmt(out, "%s%s", out->len ? ", " : "", one->address);
            if (verdict == PRANKCURL_REFUSED && one->reply.text[0]) {
                pk_buf_fmt(out, " (%s)", one->reply.text);
            }
        }
    }
}

static void tell_left(const prankcurl_prank *prank, const char *what, const pk_buf *left,
                      const char *advice)
{
    prankcurl_error error;
    (void)pk_error_set(&error, PRANKCURL_TEMPORARY, NULL, "%s: %s since an earlier run: %s; %s",
                       prankcurl_prank_group(prank), what, pk_buf_text(left), advice);
    pk_print_error(PK_PROGRAM, &error);
}

void pk_tell_known(const prankcurl_prank *prank, const prankcurl_outcome *outcome)
{
    pk_buf left;
    pk_buf_init(&left, 64 * 1024);
    add_left(&left, outcome, PRANKCURL_UNCERTAIN);
    if (left.len) {
        pk_buf_fmt(&left,
                   "; it may have arrived or not, so look for its Message-ID %s in a mailbox",
                   prankcurl_prank_message_id(prank));
        tell_left(prank, "uncertain", &left, "--resend-uncertain sends it again");
    }
    pk_buf_reset(&left);
    add_left(&left, outcome, PRANKCURL_REFUSED);
    if (left.len) {
        tell_left(prank, "refused", &left,
                  count_of(outcome, PRANKCURL_ACCEPTED)
                      ? "others have this prank, so it can't be changed; --only-failed tries again"
                      : "correct the address, or try again with --only-failed");
    }
    pk_buf_free(&left);
}
