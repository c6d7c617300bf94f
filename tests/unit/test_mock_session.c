#include "smtp_client.h"

#include <stdio.h>

/* Says text and returns what was answered; lent until the next call. */
static const char *say(smtp_client *client, const char *text)
{
    pk_buf_reset(&client->said);
    client_feed(client, text, strlen(text));
    return pk_buf_text(&client->said);
}

static void start(smtp_client *client, const pm_rules *rules)
{
    client_start(client, rules);
    assert_non_null(strstr(say(client, "EHLO me\r\n"), "250 ENHANCEDSTATUSCODES\r\n"));
}

#define ENVELOPE "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@x.test>\r\nDATA\r\n"

static void a_message_is_kept_with_its_envelope(void **state)
{
    (void)state;
    smtp_client c;
    start(&c, &plain_rules);
    (void)say(&c, "MAIL FROM:<a@x.test> SIZE=12 RET=HDRS\r\nRCPT TO:<b@x.test> NOTIFY=NEVER\r\n"
                  "RCPT TO:<\"odd one\"@x.test>\r\nDATA\r\n");
    assert_string_equal(say(&c, "Subject: x\r\n\r\n..dot\r\n.\r\n"),
                        "250 2.0.0 Ok: queued as 1\r\n");
    const pm_mail *mail = c.mails[0];
    assert_string_equal(mail->raw, "Subject: x\r\n\r\n.dot\r\n");
    assert_string_equal(mail->sender.address, "a@x.test");
    assert_string_equal(mail->sender.parameters, "SIZE=12 RET=HDRS");
    assert_int_equal(mail->recipient_count, 2);
    assert_string_equal(mail->recipients[0].parameters, "NOTIFY=NEVER");
    assert_string_equal(mail->recipients[1].address, "\"odd one\"@x.test");
    assert_string_equal(mail->client.protocol, "ESMTP");
    assert_non_null(strstr(mail->dialogue, "S250 2.0.0 Ok: queued as 1\n"));
    client_end(&c);
}

static void the_dialogue_of_a_message_leaves_out_those_before(void **state)
{
    (void)state;
    smtp_client c;
    start(&c, &plain_rules);
    (void)say(&c, ENVELOPE "one\r\n.\r\n");
    (void)say(&c, "MAIL FROM:<second@x.test>\r\nRCPT TO:<b@x.test>\r\nDATA\r\ntwo\r\n.\r\n");
    assert_int_equal(c.mail_count, 2);
    assert_non_null(strstr(c.mails[1]->dialogue, "CEHLO me\n"));
    assert_non_null(strstr(c.mails[1]->dialogue, "second@x.test"));
    assert_null(strstr(c.mails[1]->dialogue, "CMAIL FROM:<a@x.test>"));
    assert_int_equal(c.mails[1]->client.message, 2);
    client_end(&c);
}

static void what_can_not_be_kept_is_not_acknowledged(void **state)
{
    (void)state;
    smtp_client c;
    start(&c, &plain_rules);
    c.refuses_to_store = true;
    (void)say(&c, ENVELOPE);
    assert_string_equal(say(&c, "x\r\n.\r\n"),
                        "452 4.3.1 there is no room to keep this message\r\n");
    assert_string_equal(say(&c, "RCPT TO:<b@x.test>\r\n"), "503 5.5.1 MAIL FROM comes first\r\n");
    client_end(&c);
}

/* Whole, byte by byte, and cut once at every place: the replies are the same. */
static void bytes_may_be_cut_anywhere(void **state)
{
    (void)state;
    static const char input[] =
        "EHLO me\r\n" ENVELOPE ".\r\n" ENVELOPE "..\r\n.x\r\n\r\n.\r\nNOOP\r\n"
        "AUTH LOGIN\r\nbWU=\r\ncHc=\r\nSTARTTLS\r\n";
    smtp_client whole;
    client_start(&whole, &plain_rules);
    client_feed(&whole, input, sizeof input - 1);
    for (size_t cut = 0; cut < sizeof input; cut++) {
        smtp_client c;
        client_start(&c, &plain_rules);
        client_feed(&c, input, cut);
        client_feed(&c, input + cut, sizeof input - 1 - cut);
        assert_string_equal(pk_buf_text(&c.said), pk_buf_text(&whole.said));
        assert_string_equal(c.mails[1]->raw, ".\r\nx\r\n\r\n");
        client_end(&c);
    }
    client_end(&whole);
}

static size_t mails_after(const pm_rules *rules, const char *input, size_t len, size_t cut)
{
    smtp_client c;
    client_start(&c, rules);
    client_feed(&c, input, cut);
    client_feed(&c, input + cut, len - cut);
    size_t count = c.mail_count;
    client_end(&c);
    return count;
}

/* CVE-2023-51764 and its kin: an end of data that only some see. */
static void nothing_smuggles_a_second_message(void **state)
{
    (void)state;
    static const char *const ends[] = {"\n.\n",     "\r.\r",       "\n.\r\n",
                                       "\r\n.\n",   "\r.\r\n",     "\r\n.\r",
                                       "\n\r.\r\n", "\r\n.\r\r\n", "\r\n..\r\n"};
    for (size_t e = 0; e < sizeof ends / sizeof ends[0]; e++) {
        for (int lenient = 0; lenient < 2; lenient++) {
            pm_rules rules = plain_rules;
            rules.lenient = lenient;
            char input[600];
            int len = snprintf(input, sizeof input,
                               "EHLO me\r\n" ENVELOPE "text%s"
                               "MAIL FROM:<evil@x.test>\r\nRCPT TO:<b@x.test>\r\nDATA\r\n"
                               "smuggled\r\n.\r\n",
                               ends[e]);
            for (size_t cut = 0; cut <= (size_t)len; cut++) {
                assert_in_range(mails_after(&rules, input, (size_t)len, cut), 0, 1);
            }
        }
    }
}

static void bare_line_ends_are_refused(void **state)
{
    (void)state;
    smtp_client c;
    start(&c, &plain_rules);
    (void)say(&c, ENVELOPE);
    assert_non_null(strstr(say(&c, "a\nb\r\n.\r\n"), "550 5.6.11 "));
    (void)say(&c, ENVELOPE);
    assert_non_null(strstr(say(&c, "a\rb\r\n.\r\n"), "550 5.6.11 "));
    assert_non_null(strstr(say(&c, "NOOP\n"), "521 5.5.2 "));
    assert_true(c.is_closed);
    assert_int_equal(c.mail_count, 0);
    client_end(&c);
}

static void what_comes_behind_starttls_is_thrown_away(void **state)
{
    (void)state;
    smtp_client c;
    start(&c, &plain_rules);
    assert_string_equal(say(&c, "STARTTLS\r\nEHLO evil\r\nMAIL FROM:<evil@x.test>\r\n"),
                        "220 2.0.0 go ahead\r\n");
    assert_string_equal(say(&c, "MAIL FROM:<a@x.test>\r\n"), "503 5.5.1 say EHLO first\r\n");
    assert_null(strstr(say(&c, "EHLO me\r\n"), "STARTTLS"));
    (void)say(&c, ENVELOPE "x\r\n.\r\n");
    assert_string_equal(c.mails[0]->client.protocol, "ESMTPS");
    assert_string_equal(c.mails[0]->client.tls_version, "TLSv1.3");
    client_end(&c);
}

static void secrets_are_not_in_the_dialogue(void **state)
{
    (void)state;
    smtp_client c;
    start(&c, &plain_rules);
    (void)say(&c, "AUTH PLAIN AG1lAGh1c2g=\r\n");
    (void)say(&c, "aHVzaA==\r\n"); /* at the wrong time */
    (void)say(&c, ENVELOPE "x\r\n.\r\n");
    const char *dialogue = c.mails[0]->dialogue;
    assert_non_null(strstr(dialogue, "CAUTH PLAIN (secret)\n"));
    assert_null(strstr(dialogue, "AG1lAGh1c2g="));
    assert_null(strstr(dialogue, "aHVzaA=="));
    assert_string_equal(c.mails[0]->client.user, "me");
    assert_string_equal(c.mails[0]->client.protocol, "ESMTPA");
    client_end(&c);
}

static void only_the_right_password_opens(void **state)
{
    (void)state;
    pm_rules rules = plain_rules;
    rules.user = "me";
    rules.password = "hush";
    smtp_client c;
    start(&c, &rules);
    assert_non_null(strstr(say(&c, "MAIL FROM:<a@x.test>\r\n"), "530 5.7.0 "));
    assert_non_null(strstr(say(&c, "AUTH PLAIN AG1lAG5v\r\n"), "535 5.7.8 "));
    assert_non_null(strstr(say(&c, "AUTH PLAIN !!\r\n"), "501 5.5.2 "));
    assert_non_null(strstr(say(&c, "AUTH CRAM-MD5\r\n"), "334 PDEuMkB0ZXN0Pg==\r\n"));
    /* All zeros is not the digest. */
    assert_non_null(
        strstr(say(&c, "bWUgMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=\r\n"), "535 5.7.8 "));
    assert_non_null(strstr(say(&c, "AUTH XOAUTH2 dXNlcj1tZQFhdXRoPUJlYXJlciBubwEB\r\n"), "334 "));
    assert_non_null(strstr(say(&c, "\r\n"), "535 5.7.8 "));
    assert_non_null(strstr(say(&c, "AUTH LOGIN bWU=\r\n"), "334 UGFzc3dvcmQ6\r\n"));
    assert_string_equal(say(&c, "aHVzaA==\r\n"), "235 2.7.0 welcome, me\r\n");
    assert_non_null(strstr(say(&c, "AUTH PLAIN AG1lAGh1c2g=\r\n"), "503 5.5.1 "));
    client_end(&c);
}

static void limits_have_their_replies(void **state)
{
    (void)state;
    char line[5000];
    smtp_client c;
    start(&c, &plain_rules);
    memset(line, 'x', sizeof line);
    memcpy(line, "NOOP ", 5);
    memcpy(line + sizeof line - 3, "\r\n", 3);
    assert_string_equal(say(&c, line), "500 5.5.2 that line is too long\r\n");
    assert_string_equal(say(&c, line + sizeof line - 600),
                        "500 5.5.1 that is no command; HELP lists them\r\n");
    assert_non_null(strstr(say(&c, "MAIL FROM:<a@x.test> SIZE=1001\r\n"), "552 5.3.4 "));
    (void)say(&c, "MAIL FROM:<a@x.test>\r\n");
    for (int i = 0; i < 3; i++) {
        assert_string_equal(say(&c, "RCPT TO:<b@x.test>\r\n"), "250 2.1.5 Ok\r\n");
    }
    assert_non_null(strstr(say(&c, "RCPT TO:<b@x.test>\r\n"), "452 4.5.3 "));
    (void)say(&c, "DATA\r\n");
    memset(line, 'x', sizeof line - 1);
    (void)say(&c, line);
    assert_non_null(strstr(say(&c, "\r\n.\r\n"), "552 5.3.4 "));
    client_end(&c);
}

static void a_browser_gets_no_mail_through(void **state)
{
    (void)state;
    smtp_client c;
    client_start(&c, &plain_rules);
    assert_non_null(
        strstr(say(&c, "POST / HTTP/1.1\r\nHost: x\r\n\r\nEHLO me\r\n" ENVELOPE "x\r\n.\r\n"),
               "521 5.5.1 "));
    assert_true(c.is_closed);
    assert_int_equal(c.mail_count, 0);
    client_end(&c);
}

/* A rule for one step, whatever the moment. */
typedef struct one_rule {
    pm_step step;
    pm_fault fault;
} one_rule;

static const pm_fault *decide_one(void *context, const pm_moment *moment)
{
    const one_rule *rule = context;
    return rule->step == moment->step ? &rule->fault : NULL;
}

static size_t run_with(one_rule rule, pk_buf *said, bool *is_reset)
{
    pm_rules rules = plain_rules;
    rules.decide = decide_one;
    rules.decide_context = &rule;
    smtp_client c;
    client_start(&c, &rules);
    static const char input[] = "EHLO me\r\n" ENVELOPE "x\r\n.\r\n";
    client_feed(&c, input, sizeof input - 1);
    pk_buf_reset(said);
    pk_buf_add(said, pk_buf_text(&c.said), c.said.len);
    *is_reset = c.is_reset;
    size_t count = c.mail_count;
    client_end(&c);
    return count;
}

static void rules_decide_what_is_said_and_what_is_kept(void **state)
{
    (void)state;
    pk_buf said;
    bool is_reset = false;
    pk_buf_init(&said, 1 << 20);
    one_rule rule = {PM_STEP_FINAL, {.stored = PM_STORED_YES, .then = PM_THEN_CLOSE}};
    assert_int_equal(run_with(rule, &said, &is_reset), 1);
    assert_null(strstr(pk_buf_text(&said), "queued"));
    rule.fault.stored = PM_STORED_AS_REPLIED;
    assert_int_equal(run_with(rule, &said, &is_reset), 0);
    rule.fault = (pm_fault){.stored = PM_STORED_NO};
    assert_int_equal(run_with(rule, &said, &is_reset), 0);
    assert_non_null(strstr(pk_buf_text(&said), "250 2.0.0 Ok: queued"));
    rule.fault = (pm_fault){.reply = "451 4.3.0 later"};
    assert_int_equal(run_with(rule, &said, &is_reset), 0);
    rule = (one_rule){PM_STEP_RCPT, {.reply = "450 4.2.0 busy"}};
    assert_int_equal(run_with(rule, &said, &is_reset), 0);
    assert_non_null(strstr(pk_buf_text(&said), "554 5.5.1 no valid recipients"));
    rule = (one_rule){PM_STEP_EHLO, {.is_long = true}};
    assert_int_equal(run_with(rule, &said, &is_reset), 1);
    assert_true(said.len > 64 * 1024);
    rule = (one_rule){PM_STEP_BODY, {.then = PM_THEN_RESET}};
    assert_int_equal(run_with(rule, &said, &is_reset), 0);
    assert_true(is_reset);
    rule = (one_rule){PM_STEP_MAIL, {.reply = "421 4.7.0 enough"}};
    assert_int_equal(run_with(rule, &said, &is_reset), 0);
    pk_buf_free(&said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_kept_with_its_envelope),
        cmocka_unit_test(the_dialogue_of_a_message_leaves_out_those_before),
        cmocka_unit_test(what_can_not_be_kept_is_not_acknowledged),
        cmocka_unit_test(bytes_may_be_cut_anywhere),
        cmocka_unit_test(nothing_smuggles_a_second_message),
        cmocka_unit_test(bare_line_ends_are_refused),
        cmocka_unit_test(what_comes_behind_starttls_is_thrown_away),
        cmocka_unit_test(secrets_are_not_in_the_dialogue),
        cmocka_unit_test(only_the_right_password_opens),
        cmocka_unit_test(limits_have_their_replies),
        cmocka_unit_test(a_browser_gets_no_mail_through),
        cmocka_unit_test(rules_decide_what_is_said_and_what_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
