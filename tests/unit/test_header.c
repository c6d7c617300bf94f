/* Header fields: whatever goes in comes out 7-bit, folded, and readable as it was meant. */
#include "rfc2047.h"
#include "unit.h"

#include "base/text.h"
#include "message/encoded_word.h"
#include "message/header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unigbrk.h>

enum { ROOM = 65536 };

static char decoded[ROOM];

static const char *subject(pk_buf *out, const char *text)
{
    pk_buf_reset(out);
    assert_int_equal(pk_header_text(out, "Subject", text), PK_HEADER_OK);
    assert_true(pk_buf_ok(out));
    read_field(out->data, out->len, 76, decoded, sizeof decoded);
    return out->data;
}

static void subject_survives(pk_buf *out, const char *text)
{
    (void)subject(out, text);
    assert_string_equal(decoded, text);
}

static void test_plain_subjects_stay(void **state)
{
    (void)state;
    pk_buf out;
    pk_buf_init(&out, ROOM);
    assert_string_equal(subject(&out, "Hello"), "Subject: Hello\r\n");
    assert_string_equal(subject(&out, "a = b, \"c\" <d> ?"), "Subject: a = b, \"c\" <d> ?\r\n");
    assert_string_equal(subject(&out, "Grüße"), "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n");
    assert_string_equal(subject(&out, "日本"), "Subject: =?UTF-8?B?5pel5pys?=\r\n");
    assert_string_equal(subject(&out, "a  b"), "Subject: =?UTF-8?Q?a__b?=\r\n");
    assert_string_equal(subject(&out, " a"), "Subject: =?UTF-8?Q?_a?=\r\n");
    assert_string_equal(subject(&out, "a "), "Subject: =?UTF-8?Q?a_?=\r\n");
    assert_string_equal(subject(&out, "=?UTF-8?Q?x?="),
                        "Subject: =?UTF-8?B?PT9VVEYtOD9RP3g/PQ==?=\r\n");
    pk_buf_free(&out);
}

static void test_subjects_of_every_length(void **state)
{
    (void)state;
    static const char *const units[] = {"a",
                                        "ab cd ",
                                        "é",
                                        "e\u0301",
                                        "日",
                                        "😀",
                                        "👩‍👩‍👧‍👦",
                                        "שלום ",
                                        "word  ",
                                        "=?",
                                        "_",
                                        "\"\\",
                                        "🇩🇪",
                                        ".",
                                        "a\u0300\u0301\u0302",
                                        "x ü ",
                                        "longwordnoend"};
    pk_buf out;
    pk_buf_init(&out, ROOM);
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
        pk_buf text;
        pk_buf_init(&text, ROOM);
        for (int n = 1; n <= 900; n++) {
            pk_buf_str(&text, units[u]);
            subject_survives(&out, text.data);
        }
        pk_buf_free(&text);
    }
    pk_buf_free(&out);
}

static void test_unbreakable_words(void **state)
{
    (void)state;
    char text[201];
    pk_buf out;
    pk_buf_init(&out, ROOM);
    for (size_t n = 1; n <= 200; n++) {
        memset(text, 'x', n);
        text[n] = '\0';
        subject_survives(&out, text);
        assert_int_equal(n > 67, strstr(out.data, "=?") != NULL);
    }
    pk_buf_free(&out);
}

/* No encoded word may begin inside of what people see as one character. */
static void test_clusters_stay_together(void **state)
{
    (void)state;
    const char *flag = "🇩🇪"; /* 8 bytes: three are whole groups for base64, and so are six */
    pk_buf text;
    pk_buf out;
    pk_buf_init(&text, ROOM);
    pk_buf_init(&out, ROOM);
    for (int i = 0; i < 20; i++) {
        pk_buf_str(&text, flag);
    }
    subject_survives(&out, text.data);
    size_t words = 0;
    for (const char *p = out.data; (p = strstr(p, "=?UTF-8?B?8J+Hqf")) != NULL; p++) {
        words++; /* each begins with the D */
    }
    size_t all = 0;
    for (const char *p = out.data; (p = strstr(p, "=?UTF-8?")) != NULL; p++) {
        all++;
    }
    assert_int_equal(words, all);
    pk_buf_free(&text);
    pk_buf_free(&out);
}

static void test_endless_cluster(void **state)
{
    (void)state;
    pk_buf text;
    pk_buf out;
    pk_buf_init(&text, ROOM);
    pk_buf_init(&out, ROOM);
    pk_buf_char(&text, 'a');
    for (int i = 0; i < 5000; i++) {
        pk_buf_str(&text, "\u0301");
    }
    subject_survives(&out, text.data);
    pk_buf_free(&text);
    pk_buf_free(&out);
}

static void test_controls_never_pass(void **state)
{
    (void)state;
    static const uint32_t extra[] = {0x7f, 0x80, 0x85, 0x9f, 0x2028, 0x2029};
    pk_buf out;
    pk_buf_init(&out, ROOM);
    for (uint32_t i = 1; i < 0x20 + 6; i++) {
        uint32_t c = i < 0x20 ? i : extra[i - 0x20];
        char text[16] = "a";
        size_t n = 1;
        if (c < 0x80) {
            text[n++] = (char)c;
        } else if (c < 0x800) {
            text[n++] = (char)(0xc0 | c >> 6);
            text[n++] = (char)(0x80 | (c & 0x3f));
        } else {
            text[n++] = (char)0xe2;
            text[n++] = (char)0x80;
            text[n++] = (char)(0x80 | (c & 0x3f));
        }
        text[n] = 'b';
        pk_mailbox by_name = {text, "a@example.test"};
        pk_mailbox by_address = {"A", text};
        assert_int_equal(pk_header_text(&out, "Subject", text), PK_HEADER_CONTROL);
        assert_int_equal(pk_header_token(&out, "Message-ID", text), PK_HEADER_CONTROL);
        assert_int_equal(pk_header_mailboxes(&out, "To", &by_name, 1, PK_HEADER_7BIT),
                         PK_HEADER_CONTROL);
        assert_int_equal(pk_header_mailboxes(&out, "To", &by_address, 1, PK_HEADER_7BIT),
                         PK_HEADER_CONTROL);
        assert_int_equal(out.len, 0);
    }
    pk_buf_free(&out);
}

static void test_not_ascii_not_utf8(void **state)
{
    (void)state;
    pk_buf out;
    pk_buf_init(&out, ROOM);
    pk_mailbox international = {"A", "zoé@example.test"};
    pk_mailbox broken = {"A\xff", "a@example.test"};
    assert_int_equal(pk_header_mailboxes(&out, "To", &international, 1, PK_HEADER_7BIT),
                     PK_HEADER_BAD);
    assert_int_equal(pk_header_mailboxes(&out, "To", &broken, 1, PK_HEADER_7BIT), PK_HEADER_BAD);
    pk_mailbox nobody = {"A", ""};
    assert_int_equal(pk_header_mailboxes(&out, "To", &nobody, 1, PK_HEADER_UTF8), PK_HEADER_BAD);
    assert_int_equal(pk_header_text(&out, "Subject", "\xc3"), PK_HEADER_BAD);
    assert_int_equal(pk_header_token(&out, "Message-ID", "<é@x>"), PK_HEADER_BAD);
    char endless[1001];
    memset(endless, 'x', 1000);
    endless[1000] = '\0';
    assert_int_equal(pk_header_token(&out, "Message-ID", endless), PK_HEADER_BAD);
    assert_int_equal(out.len, 0);
    pk_buf_free(&out);
}

static const char *to(pk_buf *out, const pk_mailbox *mailboxes, size_t count)
{
    pk_buf_reset(out);
    assert_int_equal(pk_header_mailboxes(out, "To", mailboxes, count, PK_HEADER_7BIT),
                     PK_HEADER_OK);
    return pk_buf_text(out);
}

static void expect_name(const char *name, const char *written)
{
    char expected[256];
    pk_buf out;
    pk_buf_init(&out, ROOM);
    pk_mailbox mailbox = {name, "a@b.test"};
    (void)snprintf(expected, sizeof expected, "To: %s <a@b.test>\r\n", written);
    assert_string_equal(to(&out, &mailbox, 1), expected);
    pk_buf_free(&out);
}

/* RFC 6532: the address as it is; the name in words that every reader knows. */
static void test_international_addresses(void **state)
{
    (void)state;
    pk_buf out;
    pk_buf_init(&out, ROOM);
    pk_mailbox two[] = {{"Zoé", "zoé@example.test"}, {"", "ζωή@example.test"}};
    pk_mailbox bad = {"A", "zo\xc3@example.test"};
    pk_mailbox control = {"A", "zoé\r\nBcc: x@example.test"};
    assert_int_equal(pk_header_mailboxes(&out, "To", two, 2, PK_HEADER_UTF8), PK_HEADER_OK);
    assert_string_equal(out.data,
                        "To: =?UTF-8?Q?Zo=C3=A9?= <zoé@example.test>, ζωή@example.test\r\n");
    pk_buf_reset(&out);
    assert_int_equal(pk_header_mailboxes(&out, "To", &bad, 1, PK_HEADER_UTF8), PK_HEADER_BAD);
    assert_int_equal(pk_header_mailboxes(&out, "To", &control, 1, PK_HEADER_UTF8),
                     PK_HEADER_CONTROL);
    assert_int_equal(out.len, 0);
    pk_buf_free(&out);
}

/* How many bytes what people see as one character has there. */
static size_t cluster_len(const char *begins, size_t len, size_t at)
{
    size_t from = at;
    size_t to = at + 1;
    while (from > 0 && !begins[from]) {
        from--;
    }
    while (to < len && !begins[to]) {
        to++;
    }
    return to - from;
}

/* The words of a subject, decoded one by one: each ends where what people see as one character ends
 * (UAX #29), as long as that fits into a word of either kind. */
static void words_end_between_characters(const char *text, const char *field)
{
    static char begins[ROOM];
    char word[256];
    size_t len = strlen(text);
    size_t at = 0;
    u8_grapheme_breaks((const uint8_t *)text, len, begins);
    for (const char *p = strstr(field, "=?"); p; p = strstr(p, "=?")) {
        size_t taken = decode_word(p, &p, word);
        assert_memory_equal(text + at, word, taken);
        at += taken;
        assert_true(at == len || begins[at] || cluster_len(begins, len, at) > 63 / 3);
    }
    assert_int_equal(at, len);
}

static void test_every_script(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "कृपया ध्यान दें: कॉफ़ी मशीन टूट गई है, क्षमा करें! ", /* conjuncts and vowel signs */
        "ใครทำเครื่องชงกาแฟพังกันแน่ น้ำท่วมห้องครัวแล้ว ",    /* Thai: no blanks, tone marks */
        "咖啡机坏了，请大家不要惊慌。コーヒーメーカーが壊れました。", /* Han, kana */
        "커피 머신이 고장났습니다 ㅋㅋㅋ 한국어 ",                    /* Hangul */
        "آلة القهوة معطلة اليوم، نعتذر عن الإزعاج ",                  /* right to left */
        "מכונת הקפה התקלקלה, נִקּוּד מָלֵא ",                              /* with points */
                                                                      /* Joined, toned, flags. */
        "👩‍👩‍👧‍👦👍🏽🇩🇪", "🏴‍☠️❤️‍🔥🧑🏿‍🚀",
        "Z̴̛a̷͝l̸͠g̴̕o̶͘ e\u0301\u0323 o\u0308\u0304 ",     /* marks on marks */
        "தமிழ் நாட்டு காபி இயந்திரம் ",               /* Tamil */
        "កាហ្វេ ម៉ាស៊ីនខូចហើយ ",                       /* Khmer */
        "Ȁ\u200dB\u200cC \u2067עברית\u2069 abc ", /* joiners, isolates */
    };
    pk_buf out;
    pk_buf text;
    pk_buf_init(&out, ROOM);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (size_t shift = 0; shift < 60; shift++) {
            pk_buf_init(&text, ROOM);
            for (size_t n = 0; n < shift; n++) {
                pk_buf_char(&text, 'x');
            }
            pk_buf_str(&text, texts[i]);
            pk_buf_str(&text, texts[i]);
            subject_survives(&out, text.data);
            words_end_between_characters(text.data, out.data);
            pk_buf_free(&text);
        }
    }
    pk_buf_free(&out);
}

static void test_display_names(void **state)
{
    (void)state;
    expect_name("Anna", "Anna");
    expect_name("Anna Maria Smith-Jones", "Anna Maria Smith-Jones");
    expect_name("John Q. Public", "\"John Q. Public\"");
    expect_name("Smith, John", "\"Smith, John\"");
    expect_name("The \"Boss\"", "\"The \\\"Boss\\\"\"");
    expect_name("back\\slash", "\"back\\\\slash\"");
    expect_name("a@b", "\"a@b\"");
    expect_name("x <y@z>", "\"x <y@z>\"");
    expect_name("Zoé", "=?UTF-8?Q?Zo=C3=A9?=");
    expect_name("Müller, Zoé", "=?UTF-8?B?TcO8bGxlciwgWm/DqQ==?=");
    expect_name("=?x", "=?UTF-8?B?PT94?=");
    expect_name("a  b", "=?UTF-8?Q?a__b?=");
    expect_name("دانا", "=?UTF-8?B?2K/Yp9mG2Kc=?=");
}

static void test_names_survive(void **state)
{
    (void)state;
    static const char *const units[] = {"a ", "ü", "😀", "e\u0301", "\"", "\\", ", ", "=?", "דנה "};
    pk_buf out;
    pk_buf name;
    pk_buf_init(&out, ROOM);
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
        pk_buf_init(&name, ROOM);
        for (int n = 1; n <= 200; n++) {
            pk_buf_str(&name, units[u]);
            pk_mailbox mailbox = {name.data, "somebody@example.test"};
            (void)to(&out, &mailbox, 1);
            read_field(out.data, out.len, 76, decoded, sizeof decoded);
            size_t len = strlen(decoded);
            assert_string_equal(decoded + len - 24, " <somebody@example.test>");
            decoded[len - 24] = '\0';
            if (decoded[0] != '"' || out.data[4] != '"') {
                assert_string_equal(decoded, name.data);
            }
        }
        pk_buf_free(&name);
    }
    pk_buf_free(&out);
}

static void test_lists(void **state)
{
    (void)state;
    pk_buf out;
    pk_buf_init(&out, ROOM);
    pk_mailbox three[] = {{"Anna", "anna@example.test"},
                          {"", "bob@example.test"},
                          {"Zoé Müller", "zoe@example.test"}};
    assert_string_equal(to(&out, three, 0), "");
    assert_string_equal(to(&out, three, 2), "To: Anna <anna@example.test>, bob@example.test\r\n");
    assert_string_equal(to(&out, three, 3), "To: Anna <anna@example.test>,\r\n"
                                            " bob@example.test,\r\n"
                                            " =?UTF-8?B?Wm/DqSBNw7xsbGVy?= <zoe@example.test>\r\n");
    pk_buf_free(&out);
}

static void test_long_addresses(void **state)
{
    (void)state;
    char address[256];
    pk_buf out;
    pk_buf_init(&out, ROOM);
    for (size_t n = 10; n <= 254; n++) {
        memset(address, 'x', n);
        address[n] = '\0';
        address[5] = '@';
        pk_mailbox pair[] = {{"Zoé, the \"Zebra\"", address}, {"", address}};
        (void)to(&out, pair, 2);
        read_field(out.data, out.len, n + 4 > 76 ? n + 4 : 76, decoded, sizeof decoded);
        (void)to(&out, pair + 1, 1);
        read_field(out.data, out.len, n + 1 > 76 ? n + 1 : 76, decoded, sizeof decoded);
        assert_string_equal(decoded, address);
    }
    pk_buf_free(&out);
}

static void test_tokens(void **state)
{
    (void)state;
    pk_buf out;
    pk_buf_init(&out, ROOM);
    assert_int_equal(pk_header_token(&out, "Message-ID", "<a@b>"), PK_HEADER_OK);
    assert_string_equal(out.data, "Message-ID: <a@b>\r\n");
    char value[71];
    memset(value, 'x', 70);
    value[70] = '\0';
    pk_buf_reset(&out);
    assert_int_equal(pk_header_token(&out, "Message-ID", value), PK_HEADER_OK);
    assert_memory_equal(out.data, "Message-ID:\r\n xxx", 17);
    pk_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_subjects_stay), cmocka_unit_test(test_subjects_of_every_length),
        cmocka_unit_test(test_unbreakable_words),   cmocka_unit_test(test_clusters_stay_together),
        cmocka_unit_test(test_endless_cluster),     cmocka_unit_test(test_controls_never_pass),
        cmocka_unit_test(test_not_ascii_not_utf8),  cmocka_unit_test(test_display_names),
        cmocka_unit_test(test_every_script),        cmocka_unit_test(test_international_addresses),
        cmocka_unit_test(test_names_survive),       cmocka_unit_test(test_lists),
        cmocka_unit_test(test_long_addresses),      cmocka_unit_test(test_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
