#include "unit.h"

#include "base/text.h"
#include "message/calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const pk_mailbox two[] = {{"Bob", "bob@example.test"}, {"", "eve@example.test"}};

static pk_invitation meeting(void)
{
    return (pk_invitation){.uid = "p1.april@example.test",
                           .summary = "Coffee",
                           .description = "",
                           .location = "",
                           .start_s = 1806566400,
                           .end_s = 1806570000,
                           .stamp_s = 1806000000,
                           .organiser = {"Zo\xc3\xab", "zoe@example.test"},
                           .attendees = two,
                           .attendee_count = 2};
}

/* The caller frees it. */
static char *calendar_of(const pk_invitation *invitation)
{
    pk_buf out;
    pk_buf_init(&out, 1000000);
    assert_true(pk_calendar(&out, invitation));
    return pk_buf_take(&out);
}

static void an_invitation_is_written_as_the_rfc_has_it(void **state)
{
    (void)state;
    pk_invitation invitation = meeting();
    invitation.sent_by = "nadia@example.test";
    invitation.location = "Room 4.12";
    invitation.description = "It is; broken,\nall of it \\";
    char *text = calendar_of(&invitation);
    assert_string_equal(
        text,
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//prankcurl//prankcurl//EN\r\n"
        "METHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:p1.april@example.test\r\n"
        "DTSTAMP:20270325T184000Z\r\nDTSTART:20270401T080000Z\r\nDTEND:20270401T090000Z\r\n"
        "SUMMARY:Coffee\r\nDESCRIPTION:It is\\; broken\\,\\nall of it \\\\\r\n"
        "LOCATION:Room 4.12\r\n"
        "ORGANIZER;CN=\"Zo\xc3\xab\";SENT-BY=\"mailto:nadia@example.test\":mailto:zoe@example.\r\n"
        " test\r\n"
        "ATTENDEE;CN=\"Bob\";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mail\r\n"
        " to:bob@example.test\r\n"
        "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:eve@ex\r\n"
        " ample.test\r\n"
        "SEQUENCE:0\r\nSTATUS:CONFIRMED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
    free(text);
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *hit = strstr(text, what); hit; hit = strstr(hit + 1, what)) {
        n++;
    }
    return n;
}

static void check_lines(const char *text)
{
    while (*text) {
        const char *end = strstr(text, "\r\n");
        assert_non_null(end);
        size_t len = (size_t)(end - text);
        assert_in_range(len, 1, 75);
        assert_int_equal(pk_utf8_valid_len(text, len), len);
        for (const char *c = text; c < end; c++) {
            assert_true((unsigned char)*c >= ' ' || *c == '\t');
            assert_true(*c != 0x7f);
        }
        text = end + 2;
    }
}

static void no_value_leaves_its_property(void **state)
{
    (void)state;
    static const char *const hostile[] = {
        "x\r\nATTENDEE:mailto:m@x.test",
        "x\nEND:VEVENT\n",
        "x\rBEGIN:VALARM",
        "\";RSVP=FALSE:x",
        "^\"^^n^'",
        ";,:\\",
        "\x01\x02\x1b[31m\x7f",
        "\\",
        "\\n",
        "\xe6\x97\xa5\r\n \xe6\x9c\xac",
    };
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        pk_mailbox person = {hostile[i], hostile[i]};
        pk_invitation invitation = {.uid = hostile[i],
                                    .summary = hostile[i],
                                    .description = hostile[i],
                                    .location = hostile[i],
                                    .organiser = person,
                                    .sent_by = hostile[i],
                                    .attendees = &person,
                                    .attendee_count = 1};
        char *text = calendar_of(&invitation);
        check_lines(text);
        assert_int_equal(count(text, "\r\nATTENDEE"), 1);
        assert_int_equal(count(text, "\r\nEND:VEVENT"), 1);
        assert_int_equal(count(text, "\r\nBEGIN:VALARM"), 0);
        assert_int_equal(count(text, "\r\nRSVP"), 0);
        free(text);
    }
}

static void names_are_quoted_as_rfc_6868_has_it(void **state)
{
    (void)state;
    pk_invitation invitation = meeting();
    invitation.organiser = (pk_mailbox){"A \"B\"^\nC;:,", "\"a b\"@x.test"};
    invitation.attendee_count = 0;
    char *text = calendar_of(&invitation);
    assert_non_null(
        strstr(text, "\r\nORGANIZER;CN=\"A ^'B^'^^^nC;:,\":mailto:%22a%20b%22@x.test\r\n"));
    free(text);
}

static void folding_splits_no_character(void **state)
{
    (void)state;
    static const char *const characters[] = {"a", "\xc3\xa9", "\xe6\x97\xa5", "\xf0\x9f\x98\x80"};
    for (size_t i = 0; i < 4; i++) {
        for (size_t shift = 0; shift < 80; shift++) {
            pk_buf summary;
            pk_buf_init(&summary, 10000);
            for (size_t n = 0; n < shift; n++) {
                pk_buf_char(&summary, 'x');
            }
            for (size_t n = 0; n < 200; n++) {
                pk_buf_str(&summary, characters[i]);
            }
            pk_invitation invitation = meeting();
            invitation.summary = summary.data;
            char *text = calendar_of(&invitation);
            check_lines(text);
            free(text);
            pk_buf_free(&summary);
        }
    }
}

static void what_does_not_fit_is_told(void **state)
{
    (void)state;
    pk_invitation invitation = meeting();
    pk_buf out;
    pk_buf_init(&out, 100);
    assert_false(pk_calendar(&out, &invitation));
    pk_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invitation_is_written_as_the_rfc_has_it),
        cmocka_unit_test(no_value_leaves_its_property),
        cmocka_unit_test(names_are_quoted_as_rfc_6868_has_it),
        cmocka_unit_test(folding_splits_no_character),
        cmocka_unit_test(what_does_not_fit_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
