#include "cli/record.h"

#include "base/clock.h"
#include "base/error.h"

#include <stdlib.h>

static const prankcurl_state states[] = {
    [PRANKCURL_SKIPPED] = PRANKCURL_STATE_PLANNED,
    [PRANKCURL_ACCEPTED] = PRANKCURL_STATE_ACCEPTED,
    [PRANKCURL_REFUSED] = PRANKCURL_STATE_REFUSED,
    [PRANKCURL_DEFERRED] = PRANKCURL_STATE_DEFERRED,
    [PRANKCURL_UNCERTAIN] = PRANKCURL_STATE_UNCERTAIN,
};

prankcurl_state pk_state_of(prankcurl_verdict verdict)
{
    return states[verdict];
}

prankcurl_verdict pk_verdict_of(prankcurl_state state)
{
    for (int i = 0; i < PRANKCURL_VERDICT_COUNT; i++) {
        if (states[i] == state) {
            return (prankcurl_verdict)i;
        }
    }
    return PRANKCURL_UNCERTAIN; /* in flight, as far as anybody knows */
}

bool pk_state_is_sent(prankcurl_state state)
{
    return state == PRANKCURL_STATE_ACCEPTED || state == PRANKCURL_STATE_UNCERTAIN ||
           state == PRANKCURL_STATE_IN_FLIGHT;
}

/* What is common to the steps of an attempt. */
static prankcurl_record begin(const pk_record *record, const prankcurl_attempt *attempt)
{
    return (prankcurl_record){
        .run = record->run,
        .id = prankcurl_prank_id(attempt->prank),
        .attempt = attempt->number,
        .server = record->server,
        .date_s = attempt->date_s,
        .fingerprint = attempt->fingerprint,
        .phase = "",
        .queue_id = "",
        .reason = "",
        .at_ms = pk_wall_clock_ms(),
    };
}

static prankcurl_status write_down(const pk_record *record, prankcurl_record *step,
                                   prankcurl_entry_recipient *recipients, size_t count,
                                   prankcurl_error *error)
{
    step->recipients = recipients;
    step->recipient_count = count;
    prankcurl_status status = recipients
                                  ? prankcurl_ledger_record(record->ledger, step, error)
                                  : pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    free(recipients);
    return status;
}

static prankcurl_status in_flight(void *context, const prankcurl_attempt *attempt,
                                  const prankcurl_outcome *so_far, prankcurl_error *error)
{
    prankcurl_record step = begin(context, attempt);
    size_t count = 0;
    prankcurl_entry_recipient *recipients = calloc(so_far->recipient_count + 1, sizeof *recipients);
    for (size_t i = 0; recipients && i < so_far->recipient_count; i++) {
        const prankcurl_recipient_result *one = &so_far->recipients[i];
        if (one->reply.code / 100 == 2) { /* the server named no others as recipients */
            recipients[count++] = (prankcurl_entry_recipient){
                .address = one->address,
                .state = PRANKCURL_STATE_IN_FLIGHT,
                .reply = "", /* to the message; that to RCPT TO would be taken for it */
                .changed_ms = step.at_ms,
            };
        }
    }
    return write_down(context, &step, recipients, count, error);
}

/* What a recipient is told of whom the server told nothing: what went wrong, unless that is about
 * the others. */
static const char *reason_for_silent(const prankcurl_outcome *outcome)
{
    for (size_t i = 0; i < outcome->recipient_count; i++) {
        if (outcome->recipients[i].reply.text[0]) {
            return "the connection broke";
        }
    }
    return outcome->error.message;
}

static prankcurl_status ended(void *context, const prankcurl_attempt *attempt,
                              const prankcurl_outcome *outcome, prankcurl_error *error)
{
    prankcurl_record step = begin(context, attempt);
    prankcurl_entry_recipient *recipients =
        calloc(outcome->recipient_count + 1, sizeof *recipients);
    step.phase = outcome->phase;
    step.queue_id = outcome->queue_id;
    step.reason = outcome->error.message;
    for (size_t i = 0; recipients && i < outcome->recipient_count; i++) {
        const prankcurl_recipient_result *one = &outcome->recipients[i];
        recipients[i] = (prankcurl_entry_recipient){
            .address = one->address,
            .state = pk_state_of(one->verdict),
            .code = one->reply.code,
            .reply = one->reply.text[0] ? one->reply.text : reason_for_silent(outcome),
            .changed_ms = step.at_ms,
        };
    }
    return write_down(context, &step, recipients, outcome->recipient_count, error);
}

prankcurl_recorder pk_record_recorder(pk_record *record)
{
    return (prankcurl_recorder){in_flight, ended, record};
}
