#include "delivery/worker.h"

#include "base/error.h"
#include "delivery/international.h"
#include "delivery/outcome.h"
#include "delivery/session.h"

#include <stdlib.h>

prankcurl_status pk_worker_init(pk_worker *worker, const prankcurl_secret *secret,
                                const prankcurl_delivery_options *options, unsigned number,
                                prankcurl_error *error)
{
    worker->outcome = (prankcurl_outcome)PRANKCURL_OUTCOME_INIT;
    worker->message = prankcurl_message_new();
    if (!worker->message) {
        return pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    prankcurl_status status =
        prankcurl_session_new(worker->campaign, secret, options, &worker->session, error);
    if (status == PRANKCURL_OK) {
        pk_session_set_number(worker->session, number);
    }
    return status;
}

void pk_worker_free(pk_worker *worker)
{
    prankcurl_session_free(worker->session);
    prankcurl_message_free(worker->message);
    free((void *)worker->addresses);
    prankcurl_outcome_free(&worker->outcome);
}

static bool has_room(pk_worker *worker, size_t count)
{
    if (count <= worker->address_capacity) {
        return true;
    }
    const char **addresses = realloc((void *)worker->addresses, count * sizeof *addresses);
    if (addresses) {
        worker->addresses = addresses;
        worker->address_capacity = count;
    }
    return addresses != NULL;
}

/* Whom this try is for: who was deferred so far, or else whom the task names. False: no memory. */
static bool address(pk_worker *worker, const pk_item *item, prankcurl_envelope *envelope)
{
    const prankcurl_task *task = item->task;
    if (prankcurl_envelope_init(envelope, worker->campaign, task->prank) != PRANKCURL_OK) {
        return false;
    }
    if (!item->outcome) {
        envelope->recipients = task->recipients ? task->recipients : envelope->recipients;
        envelope->recipient_count =
            task->recipients ? task->recipient_count : envelope->recipient_count;
        return true;
    }
    const prankcurl_outcome *so_far = item->outcome;
    size_t count = 0;
    if (!has_room(worker, so_far->recipient_count)) {
        return false;
    }
    for (size_t i = 0; i < so_far->recipient_count; i++) {
        if (so_far->recipients[i].verdict == PRANKCURL_DEFERRED) {
            worker->addresses[count++] = so_far->recipients[i].address;
        }
    }
    envelope->recipients = worker->addresses;
    envelope->recipient_count = count;
    return true;
}

static prankcurl_status pass_gate(void *context, const prankcurl_outcome *so_far,
                                  prankcurl_error *error)
{
    pk_worker *worker = context;
    const prankcurl_recorder *recorder = worker->recorder;
    return recorder->in_flight(recorder->context, &worker->attempt, so_far, error);
}

static prankcurl_status hand_over(pk_worker *worker, const pk_item *item,
                                  const prankcurl_envelope *envelope)
{
    const prankcurl_gate gate = {pass_gate, worker};
    const prankcurl_gate *used = worker->recorder ? &gate : NULL;
    if (!prankcurl_message_needs_utf8(worker->message)) {
        return prankcurl_session_send(worker->session, envelope, worker->message, used,
                                      &worker->outcome);
    }
    const pk_international what = {.composer = worker->composer,
                                   .campaign = worker->campaign,
                                   .prank = item->task->prank,
                                   .date_s = item->date_s,
                                   .envelope = envelope,
                                   .message = worker->message,
                                   .gate = used};
    return pk_send_international(worker->session, &what, &worker->outcome);
}

/* The fingerprint is that of the message for everybody, whatever form this try needs. */
static prankcurl_status send_it(pk_worker *worker, pk_item *item)
{
    prankcurl_outcome *outcome = &worker->outcome;
    prankcurl_envelope envelope;
    prankcurl_status status = prankcurl_compose(worker->composer, item->task->prank, item->date_s,
                                                worker->message, &outcome->error);
    if (status != PRANKCURL_OK) {
        return status;
    }
    worker->attempt = (prankcurl_attempt){
        .prank = item->task->prank,
        .number = item->task->attempts + ++item->tries,
        .date_s = item->date_s,
        .fingerprint = prankcurl_message_fingerprint(worker->message),
    };
    if (address(worker, item, &envelope)) {
        status = hand_over(worker, item, &envelope);
    } else {
        status = pk_error_set(&outcome->error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    prankcurl_envelope_free(&envelope);
    return status;
}

/* A message that could not even be made concerns the others as well: memory, or a fault of ours. */
static void fail(prankcurl_outcome *outcome)
{
    outcome->verdict = PRANKCURL_SKIPPED;
    outcome->scope = PRANKCURL_SCOPE_RUN;
    outcome->recipient_count = 0;
}

/* What can't be recorded must not go on. What became of this one is told all the same. */
static void record(pk_worker *worker)
{
    const prankcurl_recorder *recorder = worker->recorder;
    prankcurl_outcome *outcome = &worker->outcome;
    prankcurl_error error;
    if (recorder &&
        recorder->ended(recorder->context, &worker->attempt, outcome, &error) != PRANKCURL_OK) {
        bool was_told = outcome->error.status == PRANKCURL_IO;
        outcome->scope = PRANKCURL_SCOPE_RUN;
        if (!was_told) {
            (void)pk_error_set(&outcome->error, PRANKCURL_IO, NULL,
                               "%s, but that is not recorded, so a later run calls it uncertain: "
                               "%s",
                               prankcurl_verdict_name(outcome->verdict), error.message);
        }
    }
}

static bool try_item(pk_worker *worker, pk_item *item)
{
    if (send_it(worker, item) == PRANKCURL_OK) {
        record(worker);
    } else {
        fail(&worker->outcome);
    }
    return pk_engine_give(worker->engine, item, &worker->outcome);
}

void *pk_worker_run(void *context)
{
    pk_worker *worker = context;
    bool has_connection = false;
    bool goes_on = true;
    while (goes_on) {
        pk_item *item = NULL;
        pk_take taken = pk_engine_take(worker->engine, &has_connection, &item);
        goes_on = taken != PK_TAKE_END;
        if (taken == PK_TAKE_ITEM) {
            has_connection = try_item(worker, item);
        }
        if (!has_connection || !goes_on) {
            prankcurl_session_close(worker->session);
        }
    }
    pk_engine_leave(worker->engine);
    return NULL;
}
