#include "delivery/pace.h"

#include "base/clock.h"
#include "base/error.h"
#include "campaign/model.h"

#include <curl/curl.h>
#include <prankcurl/delivery.h>
#include <time.h>

enum { LONGEST_NAP_MS = 100 }; /* how soon a stop is noticed */

typedef struct run {
    const prankcurl_composer *composer;
    const prankcurl_campaign *campaign;
    const prankcurl_delivery_options *options;
    prankcurl_outcome_fn *told;
    void *told_context;
    prankcurl_secret *secret;   /* owned */
    prankcurl_session *session; /* owned */
    prankcurl_message *message; /* owned */
    prankcurl_outcome outcome;
    pk_pace pace;
} run;

static bool is_stopped(const run *r)
{
    return r->options->is_stopped && r->options->is_stopped(r->options->context);
}

/* False: stopped while waiting. */
static bool wait_for_pace(run *r)
{
    while (!is_stopped(r)) {
        int64_t wait_ms = pk_pace_take(&r->pace, pk_monotonic_ms());
        if (wait_ms == 0) {
            return true;
        }
        int64_t nap_ms = wait_ms < LONGEST_NAP_MS ? wait_ms : LONGEST_NAP_MS;
        struct timespec nap = {.tv_nsec = (long)(nap_ms * 1000000)};
        (void)nanosleep(&nap, NULL);
    }
    return false;
}

static prankcurl_status send_one(run *r, const prankcurl_prank *prank)
{
    size_t len = 0;
    prankcurl_envelope envelope;
    prankcurl_status status = prankcurl_compose(r->composer, prank, r->message, &r->outcome.error);
    if (status != PRANKCURL_OK) {
        return status;
    }
    status = prankcurl_envelope_init(&envelope, r->campaign, prank);
    if (status != PRANKCURL_OK) {
        return pk_error_set(&r->outcome.error, status, NULL, "out of memory");
    }
    const char *bytes = prankcurl_message_bytes(r->message, &len);
    status = prankcurl_session_send(r->session, &envelope, bytes, len, &r->outcome);
    prankcurl_envelope_free(&envelope);
    return status;
}

static void skip(run *r, const prankcurl_prank *prank)
{
    prankcurl_outcome_free(&r->outcome);
    r->told(r->told_context, prank, &r->outcome);
}

/* A message that could not even be made concerns the others as well: memory, or a fault of ours. */
static void fail(run *r, const prankcurl_prank *prank)
{
    r->outcome.verdict = PRANKCURL_SKIPPED;
    r->outcome.stops = true;
    r->outcome.recipient_count = 0;
    r->told(r->told_context, prank, &r->outcome);
}

static void send_all(run *r, const prankcurl_prank *const *pranks, size_t count)
{
    bool goes_on = true;
    for (size_t i = 0; i < count; i++) {
        goes_on = goes_on && wait_for_pace(r);
        if (!goes_on) {
            skip(r, pranks[i]);
        } else if (send_one(r, pranks[i]) == PRANKCURL_OK) {
            r->told(r->told_context, pranks[i], &r->outcome);
            goes_on = !r->outcome.stops;
        } else {
            fail(r, pranks[i]);
            goes_on = false;
        }
    }
}

static prankcurl_status open_all(run *r, prankcurl_error *error)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return pk_error_set(error, PRANKCURL_INTERNAL, NULL, "libcurl can't be started");
    }
    prankcurl_status status = prankcurl_secret_read(r->campaign, &r->secret, error);
    if (status == PRANKCURL_OK) {
        status = prankcurl_session_new(r->campaign, r->secret, r->options, &r->session, error);
    }
    r->message = status == PRANKCURL_OK ? prankcurl_message_new() : NULL;
    if (status == PRANKCURL_OK && !r->message) {
        status = pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    return status;
}

prankcurl_status prankcurl_deliver(const prankcurl_composer *composer,
                                   const prankcurl_campaign *campaign,
                                   const prankcurl_prank *const *pranks, size_t count,
                                   const prankcurl_delivery_options *options,
                                   prankcurl_outcome_fn *told, void *told_context,
                                   prankcurl_error *error)
{
    static const prankcurl_delivery_options defaults = PRANKCURL_DELIVERY_OPTIONS_INIT;
    run r = {.composer = composer,
             .campaign = campaign,
             .options = options ? options : &defaults,
             .told = told,
             .told_context = told_context,
             .outcome = PRANKCURL_OUTCOME_INIT};
    pk_pace_init(&r.pace, campaign->delivery.rate_per_s);
    prankcurl_status status = open_all(&r, error);
    if (status == PRANKCURL_OK) {
        send_all(&r, pranks, count);
    }
    prankcurl_message_free(r.message);
    prankcurl_session_free(r.session);
    prankcurl_secret_free(r.secret);
    prankcurl_outcome_free(&r.outcome);
    return status;
}
