#include "unit.h"

#include "delivery/outcome.h"
#include "delivery/verdict.h"

#include <stdio.h>
#include <string.h>

enum { RECIPIENTS = 3 };

static const pk_server server = {.host = "mail.example.test", .port = 587, .username = "nadia"};

typedef struct dialogue {
    pk_tracker tracker;
    prankcurl_outcome outcome;
    prankcurl_recipient_result recipients[RECIPIENTS];
    bool goes_on;
} dialogue;

/* Plays lines: "> " to the server, "< " from it, "." for the last byte of the message. */
static void play(dialogue *d, const char *lines)
{
    while (*lines) {
        size_t len = strcspn(lines, "\n");
        if (lines[0] == '>') {
            (void)pk_tracker_command(&d->tracker, lines + 2, len - 2);
        } else if (lines[0] == '<') {
            d->goes_on = pk_tracker_reply(&d->tracker, lines + 2, len - 2) && d->goes_on;
        } else {
            d->tracker.is_all_handed = true;
        }
        lines += len + (lines[len] ? 1 : 0);
    }
}

static void judge(dialogue *d, const char *lines, CURLcode code)
{
    pk_transfer seen = {&d->tracker, code, "", &server, "nadia@example.test"};
    d->goes_on = true;
    d->outcome = (prankcurl_outcome)PRANKCURL_OUTCOME_INIT;
    d->outcome.recipients = d->recipients;
    d->outcome.recipient_count = RECIPIENTS;
    for (size_t i = 0; i < RECIPIENTS; i++) {
        d->recipients[i] = (prankcurl_recipient_result){.address = "a@b"};
    }
    pk_tracker_begin(&d->tracker, d->recipients, RECIPIENTS);
    play(d, lines);
    pk_verdict(&seen, &d->outcome);
}

#define GREETED "< 220 hello\n> EHLO localhost\n< 250-mail\n< 250 AUTH PLAIN\n"
#define MAILED  GREETED "> MAIL FROM:<n@x>\n< 250 ok\n"
#define NAMED                                                                                      \
    MAILED "> RCPT TO:<a@b>\n< 250 ok\n> RCPT TO:<b@b>\n< 550-no\n< 550 such\n"                    \
           "> RCPT TO:<c@b>\n< 451 later\n"
#define FLOWING NAMED "> DATA\n< 354 go\n"

typedef struct verdict_case {
    const char *lines;
    CURLcode code;
    prankcurl_verdict verdict; /* of the first recipient, whom nobody refused on his own */
    prankcurl_status status;
    prankcurl_scope scope;
} verdict_case;

static const verdict_case cases[] = {
    {"", CURLE_COULDNT_RESOLVE_HOST, PRANKCURL_DEFERRED, PRANKCURL_UNAVAILABLE,
     PRANKCURL_SCOPE_SERVER},
    {"", CURLE_COULDNT_CONNECT, PRANKCURL_DEFERRED, PRANKCURL_UNAVAILABLE, PRANKCURL_SCOPE_SERVER},
    {"", CURLE_SSL_CONNECT_ERROR, PRANKCURL_DEFERRED, PRANKCURL_DENIED, PRANKCURL_SCOPE_RUN},
    {"", CURLE_OPERATION_TIMEDOUT, PRANKCURL_DEFERRED, PRANKCURL_UNAVAILABLE,
     PRANKCURL_SCOPE_SERVER},
    {"< 421 busy\n", CURLE_WEIRD_SERVER_REPLY, PRANKCURL_DEFERRED, PRANKCURL_TEMPORARY,
     PRANKCURL_SCOPE_SERVER},
    {"< 554 no\n", CURLE_WEIRD_SERVER_REPLY, PRANKCURL_DEFERRED, PRANKCURL_UNAVAILABLE,
     PRANKCURL_SCOPE_RUN},
    {"< HTTP/1.1 400\n", CURLE_WRITE_ERROR, PRANKCURL_DEFERRED, PRANKCURL_PROTOCOL,
     PRANKCURL_SCOPE_RUN},
    {GREETED, CURLE_USE_SSL_FAILED, PRANKCURL_DEFERRED, PRANKCURL_DENIED, PRANKCURL_SCOPE_RUN},
    {GREETED, CURLE_PEER_FAILED_VERIFICATION, PRANKCURL_DEFERRED, PRANKCURL_DENIED,
     PRANKCURL_SCOPE_RUN},
    {GREETED, CURLE_LOGIN_DENIED, PRANKCURL_DEFERRED, PRANKCURL_DENIED, PRANKCURL_SCOPE_RUN},
    {GREETED "> AUTH PLAIN x\n< 535 no\n", CURLE_LOGIN_DENIED, PRANKCURL_DEFERRED, PRANKCURL_DENIED,
     PRANKCURL_SCOPE_RUN},
    {GREETED "> AUTH PLAIN x\n< 454 later\n", CURLE_LOGIN_DENIED, PRANKCURL_DEFERRED,
     PRANKCURL_TEMPORARY, PRANKCURL_SCOPE_SERVER},
    {GREETED "> MAIL FROM:<n@x>\n< 553 not yours\n", CURLE_SEND_ERROR, PRANKCURL_REFUSED,
     PRANKCURL_UNAVAILABLE, PRANKCURL_SCOPE_RUN},
    {GREETED "> MAIL FROM:<n@x>\n< 451 later\n", CURLE_SEND_ERROR, PRANKCURL_DEFERRED,
     PRANKCURL_TEMPORARY, PRANKCURL_SCOPE_SERVER},
    {MAILED "> RCPT TO:<a@b>\n", CURLE_RECV_ERROR, PRANKCURL_DEFERRED, PRANKCURL_TEMPORARY,
     PRANKCURL_SCOPE_MESSAGE},
    {NAMED "> DATA\n< 554 no\n", CURLE_SEND_ERROR, PRANKCURL_REFUSED, PRANKCURL_UNAVAILABLE,
     PRANKCURL_SCOPE_MESSAGE},
    {NAMED "> DATA\n", CURLE_OPERATION_TIMEDOUT, PRANKCURL_DEFERRED, PRANKCURL_TEMPORARY,
     PRANKCURL_SCOPE_SERVER},
    {FLOWING, CURLE_SEND_ERROR, PRANKCURL_DEFERRED, PRANKCURL_TEMPORARY, PRANKCURL_SCOPE_MESSAGE},
    {FLOWING ".\n", CURLE_RECV_ERROR, PRANKCURL_UNCERTAIN, PRANKCURL_TEMPORARY,
     PRANKCURL_SCOPE_MESSAGE},
    {FLOWING ".\n", CURLE_OPERATION_TIMEDOUT, PRANKCURL_UNCERTAIN, PRANKCURL_TEMPORARY,
     PRANKCURL_SCOPE_MESSAGE},
    {FLOWING ".\n< 354 what\n", CURLE_WEIRD_SERVER_REPLY, PRANKCURL_UNCERTAIN, PRANKCURL_TEMPORARY,
     PRANKCURL_SCOPE_MESSAGE},
    {FLOWING ".\n< 452 full\n", CURLE_WEIRD_SERVER_REPLY, PRANKCURL_DEFERRED, PRANKCURL_TEMPORARY,
     PRANKCURL_SCOPE_MESSAGE},
    {FLOWING ".\n< 554 spam\n", CURLE_WEIRD_SERVER_REPLY, PRANKCURL_REFUSED, PRANKCURL_UNAVAILABLE,
     PRANKCURL_SCOPE_MESSAGE},
    /* Accepted by one, refused and deferred by the others: try again. */
    {FLOWING ".\n< 250 ok\n", CURLE_OK, PRANKCURL_ACCEPTED, PRANKCURL_TEMPORARY,
     PRANKCURL_SCOPE_MESSAGE},
    {FLOWING ".\n< 251 ok\n", CURLE_WEIRD_SERVER_REPLY, PRANKCURL_ACCEPTED, PRANKCURL_TEMPORARY,
     PRANKCURL_SCOPE_MESSAGE},
    /* libcurl says QUIT when it gives up; that changes nothing. */
    {FLOWING ".\n< 554 spam\n> QUIT\n< 221 bye\n", CURLE_WEIRD_SERVER_REPLY, PRANKCURL_REFUSED,
     PRANKCURL_UNAVAILABLE, PRANKCURL_SCOPE_MESSAGE},
};

static void every_end_has_its_verdict(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dialogue d = {0};
        judge(&d, cases[i].lines, cases[i].code);
        print_message("%zu: %s\n", i, d.outcome.error.message);
        assert_int_equal(d.recipients[0].verdict, cases[i].verdict);
        assert_int_equal(d.outcome.error.status, cases[i].status);
        assert_int_equal(d.outcome.scope, cases[i].scope);
        assert_true(d.outcome.error.message[0]);
        if (strstr(cases[i].lines, "RCPT TO:<c@b>")) {
            assert_int_equal(d.recipients[1].verdict, PRANKCURL_REFUSED);
            assert_string_equal(d.recipients[1].reply.text, "550 no such");
            assert_int_equal(d.recipients[2].verdict, PRANKCURL_DEFERRED);
        }
    }
}

static void no_message_goes_without_its_login(void **state)
{
    (void)state;
    dialogue d = {.tracker = {.needs_auth = true}};
    judge(&d, GREETED "> MAIL FROM:<n@x>\n< 250 ok\n", CURLE_WRITE_ERROR);
    assert_false(d.goes_on);
    assert_int_equal(d.outcome.error.status, PRANKCURL_DENIED);
    judge(&d, GREETED "> AUTH PLAIN x\n< 235 yes\n> MAIL FROM:<n@x>\n< 250 ok\n", CURLE_RECV_ERROR);
    assert_true(d.goes_on);
    /* The login is the connection's: it stays for the next message … */
    judge(&d, "> MAIL FROM:<n@x>\n< 250 ok\n", CURLE_RECV_ERROR);
    assert_true(d.goes_on);
    /* … and ends with it. */
    judge(&d, "< 220 new\n> HELO x\n< 250 ok\n> MAIL FROM:<n@x>\n< 250 ok\n", CURLE_WRITE_ERROR);
    assert_false(d.goes_on);
}

static void what_goes_out_in_an_auth_exchange_is_secret(void **state)
{
    (void)state;
    pk_tracker tracker = {0};
    pk_tracker_begin(&tracker, NULL, 0);
    assert_false(pk_tracker_command(&tracker, "EHLO x", 6));
    assert_true(pk_tracker_command(&tracker, "AUTH LOGIN", 10));
    assert_true(pk_tracker_reply(&tracker, "334 VXNlcm5hbWU6", 16));
    assert_true(pk_tracker_command(&tracker, "DATAbWFpbA==", 12)); /* base64, no command */
    assert_int_equal(tracker.phase, PK_PHASE_AUTH);
    assert_true(pk_tracker_reply(&tracker, "235 2.7.0 ok", 12));
    assert_true(tracker.is_authenticated);
    assert_false(pk_tracker_command(&tracker, "MAIL FROM:<a@b>", 15));
}

static void queue_ids_are_found(void **state)
{
    (void)state;
    static const char *const replies[][2] = {
        {"< 250 2.0.0 Ok: queued as 4Xyz12\n", "4Xyz12"},
        {"< 250 OK id=1tFabc-000123-4d\n", "1tFabc-000123-4d"},
        {"< 250 2.0.0 5f3a2b1c Message accepted for delivery\n", "5f3a2b1c"},
        {"< 250 fine\n", ""},
    };
    for (size_t i = 0; i < 4; i++) {
        char lines[1024] = FLOWING ".\n";
        strncat(lines, replies[i][0], sizeof lines - strlen(lines) - 1);
        dialogue d = {0};
        judge(&d, lines, CURLE_OK);
        assert_string_equal(d.outcome.queue_id, replies[i][1]);
    }
}

static void smtputf8_is_what_the_last_ehlo_offers(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        bool offers;
    } greetings[] = {
        {GREETED, false},
        {"< 220 hello\n> EHLO localhost\n< 250-mail\n< 250-smtputf8\n< 250 SIZE 1\n", true},
        {"< 220 hello\n> EHLO localhost\n< 250-mail\n< 250 SMTPUTF8 x\n", true},
        {"< 220 hello\n> EHLO localhost\n< 250-mail\n< 250 SMTPUTF8X\n", false},
        {"< 220 hello\n> EHLO localhost\n< 250-XSMTPUTF8\n< 250 mail\n", false},
        {"< 220-SMTPUTF8\n< 220 SMTPUTF8\n> EHLO localhost\n< 250 mail\n", false},
        {"< 220 hello\n> EHLO x\n< 250-m\n< 250-SMTPUTF8\n< 250 STARTTLS\n> STARTTLS\n"
         "< 220 go\n> EHLO x\n< 250 mail\n",
         false},
        {"< 220 hello\n> EHLO x\n< 502 what\n> HELO x\n< 250 mail\n", false},
    };
    for (size_t i = 0; i < sizeof greetings / sizeof greetings[0]; i++) {
        dialogue d = {.tracker = {.needs_utf8 = true}};
        char lines[512];
        (void)snprintf(lines, sizeof lines, "%s> MAIL FROM:<n@x>\n< 250 ok\n", greetings[i].lines);
        judge(&d, lines, CURLE_RECV_ERROR);
        assert_int_equal(d.tracker.offers_utf8, greetings[i].offers);
        assert_int_equal(d.goes_on, greetings[i].offers);
        assert_int_equal(d.outcome.verdict, PRANKCURL_DEFERRED);
        assert_int_equal(d.outcome.scope, PRANKCURL_SCOPE_MESSAGE);
        /* It is the connection's. */
        judge(&d, "> MAIL FROM:<n@x>\n< 250 ok\n", CURLE_WRITE_ERROR);
        assert_int_equal(d.goes_on, greetings[i].offers);
    }
}

static void who_needs_smtputf8_is_refused_in_its_place(void **state)
{
    (void)state;
    static const char *const all[] = {"é@x", "a@b", "ü@x", "c@b"};
    static const char *const ascii[] = {"a@b", "c@b"};
    const prankcurl_envelope envelope = {"n@x", all, 4, NULL};
    const prankcurl_envelope some = {"n@x", ascii, 2, NULL};
    prankcurl_outcome outcome = PRANKCURL_OUTCOME_INIT;
    assert_true(pk_outcome_prepare(&outcome, &envelope));
    assert_true(pk_outcome_prepare(&outcome, &some));
    outcome.recipients[0].verdict = PRANKCURL_ACCEPTED;
    outcome.recipients[1].verdict = PRANKCURL_DEFERRED;
    pk_outcome_add_international(&outcome, &envelope, "mail.example.test");
    static const prankcurl_verdict verdicts[] = {PRANKCURL_REFUSED, PRANKCURL_ACCEPTED,
                                                 PRANKCURL_REFUSED, PRANKCURL_DEFERRED};
    assert_int_equal(outcome.recipient_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_ptr_equal(outcome.recipients[i].address, all[i]);
        assert_int_equal(outcome.recipients[i].verdict, verdicts[i]);
    }
    assert_int_equal(outcome.verdict, PRANKCURL_ACCEPTED);
    assert_int_equal(outcome.recipients[0].reply.code, 0);
    assert_non_null(strstr(outcome.recipients[0].reply.text, "mail.example.test does not offer"));
    assert_non_null(strstr(outcome.error.message, "ü@x refused: not sent: mail.example.test"));
    prankcurl_outcome_free(&outcome);
    /* Nobody is left. */
    assert_true(pk_outcome_prepare(&outcome, &envelope));
    outcome.recipient_count = 0;
    const prankcurl_envelope none = {"n@x", all, 1, NULL};
    pk_outcome_add_international(&outcome, &none, "mail.example.test");
    assert_int_equal(outcome.verdict, PRANKCURL_REFUSED);
    assert_int_equal(outcome.error.status, PRANKCURL_UNAVAILABLE);
    prankcurl_outcome_free(&outcome);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_end_has_its_verdict),
        cmocka_unit_test(no_message_goes_without_its_login),
        cmocka_unit_test(what_goes_out_in_an_auth_exchange_is_secret),
        cmocka_unit_test(queue_ids_are_found),
        cmocka_unit_test(smtputf8_is_what_the_last_ehlo_offers),
        cmocka_unit_test(who_needs_smtputf8_is_refused_in_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
