#include "delivery/outcome.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

void prankcurl_outcome_free(prankcurl_outcome *outcome)
{
    if (outcome) {
        free(outcome->recipients);
        *outcome = (prankcurl_outcome)PRANKCURL_OUTCOME_INIT;
    }
}

bool pk_outcome_prepare(prankcurl_outcome *outcome, const prankcurl_envelope *envelope)
{
    size_t count = envelope->recipient_count;
    size_t capacity = outcome->recipient_capacity;
    prankcurl_recipient_result *recipients = outcome->recipients;
    if (count > capacity) {
        recipients = realloc(recipients, count * sizeof *recipients);
        capacity = count;
    }
    if (!recipients) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        recipients[i] = (prankcurl_recipient_result){.address = envelope->recipients[i]};
    }
    *outcome = (prankcurl_outcome){.recipients = recipients,
                                   .recipient_count = count,
                                   .recipient_capacity = capacity,
                                   .phase = ""};
    return true;
}

bool pk_outcome_has(const prankcurl_outcome *outcome, prankcurl_verdict verdict)
{
    for (size_t i = 0; i < outcome->recipient_count; i++) {
        if (outcome->recipients[i].verdict == verdict) {
            return true;
        }
    }
    return false;
}

void prankcurl_outcome_judge(prankcurl_outcome *outcome)
{
    static const prankcurl_verdict order[] = {PRANKCURL_ACCEPTED, PRANKCURL_UNCERTAIN,
                                              PRANKCURL_DEFERRED, PRANKCURL_REFUSED};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (pk_outcome_has(outcome, order[i])) {
            outcome->verdict = order[i];
            return;
        }
    }
}

static void add_complaint(pk_buf *out, const prankcurl_recipient_result *one)
{
    pk_buf_fmt(out, "%s%s %s: %s", out->len ? "; " : "", one->address,
               prankcurl_verdict_name(one->verdict),
               one->reply.text[0] ? one->reply.text : "the connection broke");
}

void pk_outcome_complain(prankcurl_outcome *outcome)
{
    static const char later[] = "; the same command tries it again";
    static const char partly[] = "; others have this prank, so it can't be changed any more: give "
                                 "the right address a group of its own, or take it as it is";
    static const char never[] = "; correct the address, or take it out of the campaign";
    pk_buf text;
    pk_buf_init(&text, 64 * 1024);
    bool is_later = false;
    for (size_t i = 0; i < outcome->recipient_count; i++) {
        const prankcurl_recipient_result *one = &outcome->recipients[i];
        if (one->verdict != PRANKCURL_ACCEPTED) {
            is_later = is_later || one->verdict != PRANKCURL_REFUSED;
            add_complaint(&text, one);
        }
    }
    prankcurl_status status = PRANKCURL_OK;
    if (text.len) {
        status = is_later ? PRANKCURL_TEMPORARY : PRANKCURL_UNAVAILABLE;
        pk_buf_str(&text, is_later                                      ? later
                          : pk_outcome_has(outcome, PRANKCURL_ACCEPTED) ? partly
                                                                        : never);
    }
    (void)pk_error_set(&outcome->error, status, NULL, "%s", pk_buf_text(&text));
    pk_buf_free(&text);
}

/* Behind a complaint over the last try stand those over refusals in earlier ones. */
static void complain_of_refused(prankcurl_outcome *outcome)
{
    pk_buf text;
    pk_buf_init(&text, 64 * 1024);
    pk_buf_str(&text, outcome->error.message);
    for (size_t i = 0; i < outcome->recipient_count; i++) {
        if (outcome->recipients[i].verdict == PRANKCURL_REFUSED) {
            add_complaint(&text, &outcome->recipients[i]);
        }
    }
    (void)pk_error_set(&outcome->error, outcome->error.status, NULL, "%s", pk_buf_text(&text));
    pk_buf_free(&text);
}

/* Where the last try did not concern others too, what was said of each recipient still stands. */
static void complain_of_all(prankcurl_outcome *all, bool is_uncertain)
{
    if (is_uncertain) {
        complain_of_refused(all);
    } else if (all->scope == PRANKCURL_SCOPE_MESSAGE) {
        pk_outcome_complain(all);
    }
}

/* Addresses are lent by the campaign, so the same one is the same pointer. */
static void join_recipient(prankcurl_outcome *all, const prankcurl_recipient_result *later)
{
    for (size_t i = 0; i < all->recipient_count; i++) {
        if (all->recipients[i].address == later->address) {
            all->recipients[i] = *later;
        }
    }
}

void pk_outcome_join(prankcurl_outcome *all, const prankcurl_outcome *later)
{
    prankcurl_outcome joined = *later;
    joined.recipients = all->recipients;
    joined.recipient_count = all->recipient_count;
    joined.recipient_capacity = all->recipient_capacity;
    for (size_t i = 0; i < later->recipient_count; i++) {
        join_recipient(&joined, &later->recipients[i]);
    }
    prankcurl_outcome_judge(&joined);
    *all = joined;
    complain_of_all(all, pk_outcome_has(later, PRANKCURL_UNCERTAIN));
}

static prankcurl_recipient_result refuse(const char *address, const char *server)
{
    prankcurl_recipient_result one = {.address = address, .verdict = PRANKCURL_REFUSED};
    pk_buf text;
    pk_buf_init(&text, sizeof one.reply.text - 1);
    pk_buf_fmt(&text,
               "not sent: %.160s does not offer SMTPUTF8, which an address with letters outside "
               "ASCII before the @ needs; ask for an ASCII address",
               server);
    memcpy(one.reply.text, pk_buf_text(&text), text.len + 1);
    pk_buf_free(&text);
    return one;
}

void pk_outcome_add_international(prankcurl_outcome *outcome, const prankcurl_envelope *envelope,
                                  const char *server)
{
    size_t tried = outcome->recipient_count;
    bool is_uncertain = pk_outcome_has(outcome, PRANKCURL_UNCERTAIN);
    /* From the end on, so that each moves up to its place. */
    for (size_t i = envelope->recipient_count; i-- > 0;) {
        const char *address = envelope->recipients[i];
        outcome->recipients[i] =
            pk_is_ascii(address) ? outcome->recipients[--tried] : refuse(address, server);
    }
    outcome->recipient_count = envelope->recipient_count;
    prankcurl_outcome_judge(outcome);
    complain_of_all(outcome, is_uncertain);
}
