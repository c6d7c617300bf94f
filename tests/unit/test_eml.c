#include "unit.h"

#include "base/text.h"
#include "campaign/eml.h"
#include "campaign/field_names.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What Thunderbird 115 writes: a picture in the text, an attachment with a long name. */
static const char thunderbird[] =
    "Message-ID: <5e2c@example.test>\r\n"
    "Date: Thu, 1 Apr 2027 10:00:00 +0200\r\n"
    "MIME-Version: 1.0\r\n"
    "User-Agent: Mozilla Thunderbird\r\n"
    "From: =?UTF-8?Q?Zo=C3=AB?= <zoe@example.test>\r\n"
    "Reply-To: =?UTF-8?Q?Zo=C3=AB?= <desk@example.test>\r\n"
    "To: all@example.test\r\n"
    "Organization: =?UTF-8?B?QsO8cm8=?=\r\n"
    "X-Mozilla-Status: 0001\r\n"
    "X-Priority: 1 (Highest)\r\n"
    "X-Cake: chocolate\r\n"
    "X-Prank-Campaign: other\r\n"
    "Importance: high\r\n"
    "Subject: =?UTF-8?Q?Der_Kaffee_ist_alle_=E2=80=93?=\r\n"
    " =?UTF-8?Q?_{{author=2Ename}}?=\r\n"
    "Content-Type: multipart/mixed; boundary=\"------------0a\"\r\n\r\n"
    "This is a multi-part message in MIME format.\r\n"
    "--------------0a\r\n"
    "Content-Type: multipart/alternative;\r\n boundary=\"------------0b\"\r\n\r\n"
    "--------------0b\r\n"
    "Content-Type: text/plain; charset=UTF-8; format=flowed\r\n"
    "Content-Transfer-Encoding: 8bit\r\n\r\n"
    "Hallo {{recipients}}, der Kaffee ist \r\nleider alle.\r\n\r\n"
    "> Was ist \r\n> los?\r\n>> tief\r\n From hier\r\n-- \r\nZo\xc3\xab\r\n"
    "--------------0b\r\n"
    "Content-Type: multipart/related;\r\n boundary=\"------------0c\"\r\n\r\n"
    "--------------0c\r\n"
    "Content-Type: text/html; charset=UTF-8\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    "<p>Zo=C3=AB</p><img src=3D\"cid:part1.ab@example.test\" =\r\nalt=3D\"x\">\r\n"
    "--------------0c\r\n"
    "Content-Type: image/png; name=\"logo.png\"\r\n"
    "Content-Disposition: inline; filename=\"logo.png\"\r\n"
    "Content-Id: <part1.ab@example.test>\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\n"
    "iVBORwAB\r\n"
    "--------------0c--\r\n\r\n"
    "--------------0b--\r\n\r\n"
    "--------------0a\r\n"
    "Content-Type: application/pdf; name*0=\"=?UTF-8?Q?Pr=C3=BCfung=2Epdf?=\"\r\n"
    "Content-Disposition: attachment;\r\n filename*0*=UTF-8''%50%72%C3%BC;\r\n"
    " filename*1*=%66%75%6E%67%20%E6%97%A5%2E%70%64%66\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\n"
    "JVBERi0xLjcKAAE=\r\n"
    "--------------0a--\r\n";

/* Gmail: an attachment has a Content-ID, too; names are encoded words in quotes. */
static const char gmail[] =
    "MIME-Version: 1.0\nDate: Thu, 1 Apr 2027 10:00:00 +0200\nMessage-ID: <CA@mail.gmail.com>\n"
    "Subject: Plain\nFrom: Z <z@example.test>\nX-Gm-Message-State: x\nX-Google-Smtp-Source: y\n"
    "X-Received: by 1; Thu\n"
    "Content-Type: multipart/mixed; boundary=\"000000000000aa\"\n\n"
    "--000000000000aa\nContent-Type: multipart/related; boundary=\"000000000000bb\"\n\n"
    "--000000000000bb\nContent-Type: multipart/alternative; boundary=\"000000000000cc\"\n\n"
    "--000000000000cc\nContent-Type: text/plain; charset=\"UTF-8\"\n\nhi\n\n"
    "--000000000000cc\nContent-Type: text/html; charset=\"UTF-8\"\n\n"
    "<div dir=\"ltr\">hi<img src=\"cid:ii_l1\"></div>\n\n--000000000000cc--\n"
    "--000000000000bb\nContent-Type: image/gif; name=\"a.gif\"\n"
    "Content-Disposition: attachment; filename=\"a.gif\"\nContent-Transfer-Encoding: base64\n"
    "Content-ID: <ii_l1>\nX-Attachment-Id: ii_l1\n\nR0lGODlh\n--000000000000bb--\n"
    "--000000000000aa\nContent-Type: TEXT/csv; name=\"=?UTF-8?B?5pel5pys?= =?UTF-8?B?LmNzdg==?=\"\n"
    "Content-Disposition: attachment; filename=\"=?UTF-8?B?5pel5pys?= =?UTF-8?B?LmNzdg==?=\"\n"
    "Content-Transfer-Encoding: base64\nContent-ID: <f_1>\nX-Attachment-Id: f_1\n\nYSxiCg==\n"
    "--000000000000aa--\n";

/* Outlook: Windows' charsets, a meeting, and its own fields. */
static const char outlook[] =
    "From: \"M\xfcller\" <m@example.test>\r\nSubject: =?iso-8859-1?Q?Gr=FC=DFe?=\r\n"
    "X-MS-Has-Attach: yes\r\nX-MS-Exchange-Organization-AuthAs: Internal\r\n"
    "x-originating-ip: [192.0.2.1]\r\nThread-Index: abc\r\nX-Mailer: Microsoft Outlook 16.0\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n\tboundary=\"_004_A_\"\r\n\r\n"
    "--_004_A_\r\nContent-Type: multipart/alternative;\r\n\tboundary=\"_000_A_\"\r\n\r\n"
    "--_000_A_\r\nContent-Type: text/plain; charset=\"iso-8859-1\"\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe =96 5 =80\r\n"
    "--_000_A_\r\nContent-Type: text/html; charset=\"Windows-1252\"\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>Gr=FC=DFe =96 5 =80</p>\r\n"
    "--_000_A_\r\nContent-Type: text/calendar; charset=\"utf-8\"; method=REQUEST\r\n\r\n"
    "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n--_000_A_--\r\n"
    "--_004_A_\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n"
    "Subject: inner\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\ninner text\r\n"
    "--i--\r\n"
    "--_004_A_\r\nContent-Type: application/octet-stream\r\n"
    "Content-Disposition: attachment; filename=\"C:\\\\Users\\\\x\\\\..\\\\a/b.txt\"\r\n\r\nabc\r\n"
    "--_004_A_--\r\n";

/* Apple Mail: an attachment between two halves of the body. */
static const char apple[] =
    "From: a@example.test\nSubject: halves\nX-Apple-Base-Url: x-msg://1/\n"
    "X-Uniform-Type-Identifier: com.apple.mail-draft\n"
    "Mime-Version: 1.0 (Mac OS X Mail 16.0)\n"
    "Content-Type: multipart/alternative; boundary=\"Apple-Mail=_1\"\n\n"
    "--Apple-Mail=_1\nContent-Type: text/plain; charset=us-ascii\n\nfirst\n\nsecond\n"
    "--Apple-Mail=_1\nContent-Type: multipart/mixed; boundary=\"Apple-Mail=_2\"\n\n"
    "--Apple-Mail=_2\nContent-Type: text/html; charset=us-ascii\n\n<b>first</b>\n"
    "--Apple-Mail=_2\nContent-Disposition: inline; filename*=utf-8''%D7%A9.pdf\n"
    "Content-Type: application/pdf; x-unix-mode=0644; name=\"x.pdf\"\n"
    "Content-Transfer-Encoding: base64\n\nJVBERg==\n"
    "--Apple-Mail=_2\nContent-Type: text/html; charset=us-ascii\n\n<b>second</b>\n"
    "--Apple-Mail=_2--\n--Apple-Mail=_1--\n";

static pk_eml read_mail(pk_arena *arena, const char *bytes, size_t len)
{
    pk_eml eml;
    const char *why = NULL;
    if (!pk_eml_read(arena, bytes, len, &eml, &why)) {
        fail_msg("%s", why);
    }
    assert_null(why);
    return eml;
}

static void check_part(const pk_eml_part *part, const char *name, const char *type,
                       const char *bytes, size_t len)
{
    assert_string_equal(part->name, name);
    assert_string_equal(part->type, type);
    assert_int_equal(part->len, len);
    assert_memory_equal(part->bytes, bytes, len);
}

static void thunderbird_s_mail_is_read(void **state)
{
    (void)state;
    pk_arena arena = PK_ARENA_INIT;
    pk_eml eml = read_mail(&arena, thunderbird, sizeof thunderbird - 1);
    assert_string_equal(eml.subject, "Der Kaffee ist alle \xe2\x80\x93 {{author.name}}");
    assert_string_equal(eml.text, "Hallo {{recipients}}, der Kaffee ist leider alle.\n\n"
                                  "> Was ist los?\n>> tief\nFrom hier\n-- \nZo\xc3\xab\n");
    assert_string_equal(eml.html,
                        "<p>Zo\xc3\xab</p><img src=\"cid:part1.ab@example.test\" alt=\"x\">");
    assert_int_equal(eml.inline_count, 1);
    check_part(eml.inlines, "logo.png", "image/png", "\x89PNG\0\1", 6);
    assert_string_equal(eml.inlines->content_id, "part1.ab@example.test");
    assert_int_equal(eml.attachment_count, 1);
    check_part(eml.attachments,
               "Pr\xc3\xbc"
               "fung \xe6\x97\xa5.pdf",
               "application/pdf", "%PDF-1.7\n\0\1", 11);
    assert_int_equal(eml.note_count, 0);
    static const char *const fields[][2] = {{"Organization", "B\xc3\xbcro"},
                                            {"X-Priority", "1 (Highest)"},
                                            {"X-Cake", "chocolate"},
                                            {"Importance", "high"}};
    assert_int_equal(eml.field_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(eml.fields[i].name, fields[i][0]);
        assert_string_equal(eml.fields[i].value, fields[i][1]);
    }
    pk_arena_free(&arena);
}

static void gmail_s_mail_is_read(void **state)
{
    (void)state;
    pk_arena arena = PK_ARENA_INIT;
    pk_eml eml = read_mail(&arena, gmail, sizeof gmail - 1);
    assert_string_equal(eml.subject, "Plain");
    assert_string_equal(eml.text, "hi\n");
    assert_int_equal(eml.field_count, 0);
    assert_int_equal(eml.inline_count, 1);
    check_part(eml.inlines, "a.gif", "image/gif", "GIF89a", 6);
    assert_int_equal(eml.attachment_count, 1);
    check_part(eml.attachments, "\xe6\x97\xa5\xe6\x9c\xac.csv", "text/csv", "a,b\n", 4);
    pk_arena_free(&arena);
}

static void outlook_s_mail_is_read(void **state)
{
    (void)state;
    pk_arena arena = PK_ARENA_INIT;
    pk_eml eml = read_mail(&arena, outlook, sizeof outlook - 1);
    assert_string_equal(eml.subject, "Gr\xc3\xbc\xc3\x9f"
                                     "e");
    assert_string_equal(eml.text, "Gr\xc3\xbc\xc3\x9f"
                                  "e \xe2\x80\x93 5 \xe2\x82\xac");
    assert_string_equal(eml.html, "<p>Gr\xc3\xbc\xc3\x9f"
                                  "e \xe2\x80\x93 5 \xe2\x82\xac</p>");
    assert_int_equal(eml.field_count, 0);
    assert_int_equal(eml.inline_count, 0);
    assert_int_equal(eml.attachment_count, 3);
    assert_string_equal(eml.attachments[0].name, "invite.ics");
    assert_string_equal(eml.attachments[0].type, "text/calendar");
    assert_string_equal(eml.attachments[1].name, "message.eml");
    assert_string_equal(eml.attachments[1].type, "application/octet-stream");
    assert_non_null(strstr(eml.attachments[1].bytes, "inner text"));
    check_part(&eml.attachments[2], "b.txt", "application/octet-stream", "abc", 3);
    pk_arena_free(&arena);
}

static void apple_s_mail_is_read(void **state)
{
    (void)state;
    pk_arena arena = PK_ARENA_INIT;
    pk_eml eml = read_mail(&arena, apple, sizeof apple - 1);
    assert_string_equal(eml.text, "first\n\nsecond");
    assert_string_equal(eml.html, "<b>first</b>\n<b>second</b>");
    assert_int_equal(eml.field_count, 0);
    assert_int_equal(eml.attachment_count, 1);
    check_part(eml.attachments, "\xd7\xa9.pdf", "application/pdf", "%PDF", 4);
    pk_arena_free(&arena);
}

static void check_text(const char *type, const char *body, const char *text, size_t notes)
{
    char mail[500];
    int len =
        snprintf(mail, sizeof mail, "From: a@example.test\nContent-Type: %s\n\n%s", type, body);
    pk_arena arena = PK_ARENA_INIT;
    print_message("%s\n", type);
    pk_eml eml = read_mail(&arena, mail, (size_t)len);
    assert_string_equal(eml.text ? eml.text : eml.html, text);
    assert_int_equal(eml.note_count, notes);
    pk_arena_free(&arena);
}

static void texts_become_utf8_whatever_they_were(void **state)
{
    (void)state;
    check_text("text/plain; charset=iso-8859-1", "\xe9\x80", "\xc3\xa9\xe2\x82\xac", 0);
    check_text("text/plain; charset=windows-1251", "\xcf\xf0\xe8", "\xd0\x9f\xd1\x80\xd0\xb8", 0);
    check_text("text/plain; charset=iso-2022-jp", "\x1b$BF|K\\\x1b(B", "\xe6\x97\xa5\xe6\x9c\xac",
               0);
    check_text("text/plain; charset=koi8-r", "\xf0", "\xd0\x9f", 0);
    check_text("text/plain; charset=us-ascii", "\xc3\xa9", "\xc3\xa9", 0);
    check_text("text/plain", "\xc3\xa9", "\xc3\xa9", 0);
    check_text("text/plain", "\xe9", "\xc3\xa9", 1);
    check_text("text/plain; charset=x-klingon", "\xe9", "\xc3\xa9", 1);
    check_text("text/plain; charset=x-klingon", "e", "e", 0);
    check_text("text/plain; charset=utf-8",
               "\xef\xbb\xbf"
               "a\rb\r\nc\x01\x1b",
               "a\nb\nc", 0);
    check_text("text/html", "<p>a", "<p>a", 0);
    check_text("text/plain; format=flowed; delsp=yes", "\xe6\x97\xa5 \n\xe6\x9c\xac\n",
               "\xe6\x97\xa5\xe6\x9c\xac\n", 0);
}

static void what_can_not_be_a_template_says_why(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"", "it is no mail: no header field as Subject or From is in it"},
        {"just text\n", "it is no mail: no header field as Subject or From is in it"},
        {"{\"a\": 1}\n\nx", "it is no mail: no header field as Subject or From is in it"},
        {"From: a@x.test\nContent-Type: multipart/encrypted; boundary=a\n\n--a\n\nx\n--a--\n",
         "it is encrypted; save it decrypted"},
        {"From: a@x.test\nContent-Type: application/pkcs7-mime\n\nx",
         "it is encrypted or signed (S/MIME) as a whole; save it without"},
        {"From: a@x.test\nContent-Type: image/png\n\nx", "there is neither a text nor html in it"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        pk_arena arena = PK_ARENA_INIT;
        pk_eml eml;
        const char *why = NULL;
        print_message("%s\n", bad[i][0]);
        assert_false(pk_eml_read(&arena, bad[i][0], strlen(bad[i][0]), &eml, &why));
        assert_string_equal(why, bad[i][1]);
        pk_arena_free(&arena);
    }
}

static void what_is_not_kept_is_told(void **state)
{
    (void)state;
    static const char mail[] =
        "From x@y Thu Apr  1 10:00:00 2027\nFrom: a@x.test\n"
        "Content-Type: multipart/signed; boundary=a\n\n--a\nContent-Type: text/plain\n\nx\n"
        "--a\nContent-Type: application/pgp-signature\n\ny\n"
        "--a\nContent-Type: message/external-body; access-type=URL\n\nContent-Type: a/b\n\nx\n"
        "--a--\n";
    pk_arena arena = PK_ARENA_INIT;
    pk_eml eml = read_mail(&arena, mail, sizeof mail - 1);
    assert_int_equal(eml.note_count, 2);
    assert_string_equal(eml.notes[0], "the signature is not kept: it is for the mail as it was");
    assert_int_equal(eml.attachment_count, 0);
    pk_arena_free(&arena);
}

static void fields_are_chosen(void **state)
{
    (void)state;
    static const char *const yes[] = {"IMPORTANCE", "Organization", "X-Priority",
                                      "X-Cake",     "x-face",       "X-Spa"};
    static const char *const no[] = {
        "Subject",
        "From",
        "To",
        "Bcc",
        "Received",
        "Return-Path",
        "DKIM-Signature",
        "Sender",
        "Reply-To",
        "Priority",
        "X-",
        "X-Prank-Campaign",
        "x-prank-x",
        "X-Mailer",
        "X-Originating-IP",
        "X-Spam-Score",
        "X-MS-Exchange-X",
        "X-Google-DKIM-Signature",
        "X-Received",
        "X-Gm-Gg",
        "X-Forwarded-To",
        "X-Authenticated-Sender",
        "X-Sender",
        "X-A b",
        "X-\xc3\xa9",
        "",
        "List-Id",
    };
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        print_message("%s\n", yes[i]);
        assert_true(pk_eml_keeps_field(yes[i]));
    }
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        print_message("%s\n", no[i]);
        assert_false(pk_eml_keeps_field(no[i]));
    }
}

static void what_goes_into_header_fields_is_fit_for_them(void **state)
{
    (void)state;
    static const char mail[] =
        "From: a@x.test\nSubject: =?utf-8?q?a=0D=0ABcc=3A_x?=\nX-A: =?utf-8?q?b=0AX-B=3A_c?=\n"
        "Content-Type: multipart/mixed; boundary=a\n\n"
        "--a\nContent-Type: text/html\n\n<img src=cid:a b> <img src=cid:c>\n"
        "--a\nContent-Type: image/p\"ng\nContent-ID: <a b>\n"
        "Content-Disposition: inline; filename=\"=?utf-8?q?x=0D=0AX=3A.png?=\"\n\nx\n"
        "--a\nContent-Type: a/b\nContent-Disposition: attachment; filename*=utf-8''%01\n\nx\n"
        "--a\nContent-Type: message/news\nContent-ID: <c>\n\ny\n--a--\n";
    pk_arena arena = PK_ARENA_INIT;
    pk_eml eml = read_mail(&arena, mail, sizeof mail - 1);
    assert_null(strpbrk(eml.subject, "\r\n"));
    assert_int_equal(eml.field_count, 1);
    assert_null(strpbrk(eml.fields[0].value, "\r\n"));
    assert_int_equal(eml.attachment_count + eml.inline_count, 3);
    for (size_t i = 0; i < eml.attachment_count; i++) {
        assert_true(*eml.attachments[i].name);
        assert_null(strpbrk(eml.attachments[i].name, "\r\n"));
        assert_null(strpbrk(eml.attachments[i].content_id, "\r\n <>"));
        assert_null(strpbrk(eml.attachments[i].type, "\r\n \""));
    }
    pk_arena_free(&arena);
}

/* Whatever comes of it: no crash, no leak, an answer. */
static void try_bytes(const char *bytes, size_t len)
{
    pk_arena arena = PK_ARENA_INIT;
    pk_eml eml;
    const char *why = NULL;
    bool is_read = pk_eml_read(&arena, bytes, len, &eml, &why);
    assert_true(is_read == (why == NULL));
    if (is_read && eml.text) {
        assert_int_equal(pk_utf8_valid_len(eml.text, strlen(eml.text)), strlen(eml.text));
    }
    pk_arena_free(&arena);
}

static void try_repeated(const char *beginning, const char *piece, size_t count)
{
    pk_buf mail;
    pk_buf_init(&mail, 10000000);
    pk_buf_str(&mail, beginning);
    for (size_t i = 0; i < count; i++) {
        pk_buf_str(&mail, piece);
    }
    try_bytes(mail.data, mail.len);
    pk_buf_free(&mail);
}

static void hostile_mails_are_no_trouble(void **state)
{
    (void)state;
    static const char *const mails[] = {thunderbird, gmail, outlook, apple};
    for (size_t i = 0; i < 4; i++) {
        size_t len = strlen(mails[i]);
        for (size_t cut = 0; cut < len; cut += 7) {
            char *exact = malloc(cut + 1);
            assert_non_null(exact);
            memcpy(exact, mails[i], cut);
            try_bytes(exact, cut);
            free(exact);
        }
    }
    try_repeated("", "Content-Type: message/rfc822\n\n", 20000);
    try_repeated("", "Content-Type: multipart/mixed; boundary=a\n\n--a\n", 20000);
    try_repeated("From: a\nContent-Type: multipart/mixed; boundary=a\n\n", "--a\n\nx\n", 20000);
    try_repeated("From: a\nContent-Type: multipart/mixed; boundary=a\n\n", "--a\n\nx\n", 1000);
    try_repeated("From: a\nReply-To: ", "x:", 50000);
    try_repeated("From: a\nSubject: ", "=?utf-8?q?=80?= ", 5000);
    try_repeated("From: a\n", "X-A: b\n", 5000);
    try_repeated("From: a\nContent-Type: text/plain; format=flowed\n\n", ">> a \n", 5000);
}

static void *read_often(void *unused)
{
    (void)unused;
    for (size_t i = 0; i < 50; i++) {
        pk_arena arena = PK_ARENA_INIT;
        pk_eml eml;
        const char *why = NULL;
        bool fits = pk_eml_read(&arena, gmail, sizeof gmail - 1, &eml, &why) &&
                    eml.attachment_count == 1 && eml.inline_count == 1;
        pk_arena_free(&arena);
        if (!fits) {
            return (void *)gmail;
        }
    }
    return NULL;
}

static void threads_do_not_meet(void **state)
{
    (void)state;
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, read_often, NULL), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        void *wrong = NULL;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thunderbird_s_mail_is_read),
        cmocka_unit_test(gmail_s_mail_is_read),
        cmocka_unit_test(outlook_s_mail_is_read),
        cmocka_unit_test(apple_s_mail_is_read),
        cmocka_unit_test(texts_become_utf8_whatever_they_were),
        cmocka_unit_test(what_can_not_be_a_template_says_why),
        cmocka_unit_test(what_is_not_kept_is_told),
        cmocka_unit_test(fields_are_chosen),
        cmocka_unit_test(what_goes_into_header_fields_is_fit_for_them),
        cmocka_unit_test(hostile_mails_are_no_trouble),
        cmocka_unit_test(threads_do_not_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
