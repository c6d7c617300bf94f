/* Whole messages: the exact bytes, the context that templates see, errors with their places, the
 * envelope. Models are built by hand, so that things get in which the loader refuses. */
#include "unit.h"

#include "base/text.h"
#include "message/composer.h"
#include "plan/plan_model.h"
#include "rfc2047.h"

#include <prankcurl/message.h>
#include <stdlib.h>
#include <string.h>

static pk_var zoe_vars[] = {{"desk", "4.12", true}, {"boss", "false", false}};
static prankcurl_person nadia = {.name = "Nadia Rossi",
                                 .address = {.text = "nadia@example.test",
                                             .domain = "",
                                             .shown = "nadia@example.test",
                                             .key = "nadia@example.test"}};
static prankcurl_person zoe = {.name = "Zoé Müller",
                               .address = {.text = "zoe@example.test",
                                           .domain = "",
                                           .shown = "zoe@example.test",
                                           .key = "zoe@example.test"},
                               .vars = zoe_vars,
                               .var_count = 2};
static prankcurl_person bob = {.name = "Bob \"B\" O'Neil",
                               .address = {.text = "bob@example.test",
                                           .domain = "",
                                           .shown = "bob@example.test",
                                           .key = "bob@example.test"}};
static prankcurl_person dana = {.name = "דנה",
                                .address = {.text = "dana@example.test",
                                            .domain = "",
                                            .shown = "dana@example.test",
                                            .key = "dana@example.test"}};
static prankcurl_person teacher = {.name = "The teacher",
                                   .address = {.text = "teacher@example.test",
                                               .domain = "",
                                               .shown = "teacher@example.test",
                                               .key = "teacher@example.test"}};

static const char *var_names[] = {"boss", "desk", "phone"};
static const prankcurl_person *recipients[] = {&bob, &dana};
static prankcurl_person *cc[] = {&teacher};

static pk_template template;
static prankcurl_campaign campaign;
static prankcurl_prank prank;
static prankcurl_plan plan;
static prankcurl_composer *composer;
static prankcurl_message *message;
static prankcurl_error error;

static pk_arena arena;

static void complain(void *user, unsigned line, unsigned column, const char *told)
{
    (void)user;
    fail_msg("line %u, column %u: %s", line, column, told);
}

static pk_source parsed(pk_source source)
{
    pk_mustache *mustache = NULL;
    assert_int_equal(
        pk_mustache_parse(source.text, strlen(source.text), &arena, complain, NULL, &mustache),
        PK_MUSTACHE_OK);
    source.parsed = mustache;
    return source;
}

static pk_source inline_source(const char *text)
{
    return parsed((pk_source){text, {"c.json", "messages[0].x", 7, 9}, true, NULL});
}

static int set_up(void **state)
{
    (void)state;
    nadia.name = "Nadia Rossi";
    bob.name = "Bob \"B\" O'Neil";
    zoe_vars[0].value = "4.12";
    template = (pk_template){.name = "coffee", .subject = inline_source("Hello")};
    campaign = (prankcurl_campaign){.name = "april",
                                    .organiser = &nadia,
                                    .messages = &template,
                                    .message_count = 1,
                                    .var_names = var_names,
                                    .var_name_count = 3};
    prank = (prankcurl_prank){.id = "0123456789abcdef",
                              .message_id = "<0123456789abcdef.april@example.test>",
                              .group = "Blue & co",
                              .message = &template,
                              .author = &zoe,
                              .recipients = recipients,
                              .recipient_count = 2};
    plan = (prankcurl_plan){.campaign = &campaign, .pranks = &prank, .count = 1};
    composer = NULL;
    message = prankcurl_message_new();
    error = (prankcurl_error){0};
    return message ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    prankcurl_composer_free(composer);
    prankcurl_message_free(message);
    pk_arena_free(&arena);
    return 0;
}

static prankcurl_status compose(void)
{
    prankcurl_errors errors = PRANKCURL_ERRORS_INIT;
    prankcurl_composer_free(composer);
    assert_int_equal(prankcurl_composer_new(&campaign, &composer, &errors), PRANKCURL_OK);
    assert_false(pk_errors_any(&errors));
    return prankcurl_compose(composer, &prank, 1775000000, message, &error);
}

static const char *composed(void)
{
    size_t count = 0;
    if (compose() != PRANKCURL_OK) {
        fail_msg("%s", error.message);
    }
    const prankcurl_piece *pieces = prankcurl_message_pieces(message, &count);
    assert_int_equal(count, 1);
    assert_int_equal(strlen(pieces[0].bytes), pieces[0].len);
    assert_int_equal(prankcurl_message_size(message), pieces[0].len);
    return pieces[0].bytes;
}

static const char *body(void)
{
    const char *at = strstr(composed(), "\r\n\r\n");
    assert_non_null(at);
    return at + 4;
}

#define HEAD                                                                                       \
    "From: =?UTF-8?B?Wm/DqSBNw7xsbGVy?= <zoe@example.test>\r\n"                                    \
    "Sender: Nadia Rossi <nadia@example.test>\r\n"                                                 \
    "To: \"Bob \\\"B\\\" O'Neil\" <bob@example.test>,\r\n"                                         \
    " =?UTF-8?B?15PXoNeU?= <dana@example.test>\r\n"

#define MIDDLE                                                                                     \
    "Subject: Hello\r\n"                                                                           \
    "Date: Tue, 31 Mar 2026 23:33:20 +0000\r\n"                                                    \
    "Message-ID: <0123456789abcdef.april@example.test>\r\n"                                        \
    "MIME-Version: 1.0\r\n"

static void test_exact_bytes(void **state)
{
    (void)state;
    template.text = inline_source("see desk {{author.desk}}");
    assert_string_equal(composed(), HEAD MIDDLE "Content-Type: text/plain; charset=utf-8\r\n"
                                                "Content-Transfer-Encoding: 7bit\r\n"
                                                "X-Prank-Campaign: april\r\n"
                                                "\r\n"
                                                "see desk 4.12\r\n");
    template.html = inline_source("<p>{{group}}</p>");
    prank.cc = cc;
    prank.cc_count = 1;
    assert_string_equal(composed(), HEAD "Cc: The teacher <teacher@example.test>\r\n" MIDDLE
                                         "Content-Type: multipart/alternative;\r\n"
                                         " boundary=\"=_0123456789abcdef_1\"\r\n"
                                         "Content-Transfer-Encoding: 7bit\r\n"
                                         "X-Prank-Campaign: april\r\n"
                                         "\r\n"
                                         "--=_0123456789abcdef_1\r\n"
                                         "Content-Type: text/plain; charset=utf-8\r\n"
                                         "Content-Transfer-Encoding: 7bit\r\n"
                                         "\r\n"
                                         "see desk 4.12\r\n"
                                         "\r\n"
                                         "--=_0123456789abcdef_1\r\n"
                                         "Content-Type: text/html; charset=utf-8\r\n"
                                         "Content-Transfer-Encoding: 7bit\r\n"
                                         "\r\n"
                                         "<p>Blue &amp; co</p>\r\n"
                                         "\r\n"
                                         "--=_0123456789abcdef_1--\r\n");
}

static void test_sender_only_for_others(void **state)
{
    (void)state;
    template.text = inline_source("x");
    prank.author = &nadia;
    assert_null(strstr(composed(), "\r\nSender:"));
    assert_memory_equal(composed(), "From: Nadia Rossi <nadia@example.test>\r\nTo:", 43);
    /* Who only reads alike is somebody else. */
    prankcurl_person other = {.name = "Nadia",
                              .address = {.text = "nadja@example.test",
                                          .domain = "",
                                          .shown = "nadja@example.test",
                                          .key = nadia.address.key}};
    prank.author = &other;
    assert_non_null(strstr(composed(), "\r\nSender: Nadia Rossi <nadia@example.test>\r\n"));
}

static void expect_body(const char *text, const char *expected)
{
    template.text = inline_source(text);
    assert_string_equal(body(), expected);
}

static void test_context(void **state)
{
    (void)state;
    expect_body("", "");
    expect_body("{{campaign}} {{campaign.name}} {{group}} {{group.name}}",
                "april april Blue & co Blue & co\r\n");
    expect_body("{{organiser.name}} {{organiser.address}}", "Nadia Rossi nadia@example.test\r\n");
    expect_body("{{author.address}} {{author.desk}} {{author.vars.desk}} {{author.boss}}",
                "zoe@example.test 4.12 4.12 false\r\n");
    expect_body("{{#recipients}}{{address}} {{/recipients}}.",
                "bob@example.test dana@example.test .\r\n");
    expect_body("{{#author}}{{desk}}{{/author}}{{#author.boss}}B{{/author.boss}}"
                "{{^author.boss}}b{{/author.boss}}",
                "4.12b\r\n");
    expect_body("{{#author.phone}}P{{/author.phone}}{{^author.vars.phone}}p{{/author.vars.phone}}",
                "p\r\n");
    expect_body("{{#recipients}}{{#desk}}D{{/desk}}{{^desk}}d{{/desk}}{{/recipients}}", "dd\r\n");
    expect_body("{{#author.vars}}{{desk}}{{/author.vars}} {{#group}}{{name}}{{/group}}",
                "4.12 Blue & co\r\n");
    expect_body("{{#recipients}}{{author.desk}}{{/recipients}}", "4.124.12\r\n");
}

static void test_first_names(void **state)
{
    (void)state;
    expect_body("{{organiser.first_name}} {{#recipients}}{{#first_name}}y{{/first_name}}"
                "{{^first_name}}-{{/first_name}}{{/recipients}}",
                "Nadia yy\r\n");
    zoe_vars[0] = (pk_var){"first_name", "Zo", true};
    expect_body("{{author.first_name}}", "Zo\r\n");
    zoe_vars[0] = (pk_var){"desk", "4.12", true};
    bob.name = "王小明";
    expect_body("{{#recipients}}{{^first_name}}-{{/first_name}}{{/recipients}}.", "-.\r\n");
}

static bool note_value(void *user, const char *name, const char *value)
{
    pk_buf_fmt(user, "%s=%s ", name ? name : "-", value);
    return true;
}

static bool note_begin(void *user, const char *name, const char *value, bool is_list)
{
    pk_buf_fmt(user, "%s%s%s%s ", name ? name : "-", value ? "=" : "", value ? value : "",
               is_list ? "[" : "{");
    return true;
}

static void note_end(void *user)
{
    pk_buf_str(user, "} ");
}

static void test_context_is_shown_whole(void **state)
{
    (void)state;
    pk_buf shown;
    prankcurl_context_visitor visitor = {note_value, note_begin, note_end, &shown};
    pk_buf_init(&shown, 1 << 16);
    template.text = inline_source("x");
    assert_int_equal(compose(), PRANKCURL_OK);
    assert_int_equal(prankcurl_context_visit(composer, &prank, &visitor), PRANKCURL_OK);
    assert_string_equal(
        pk_buf_text(&shown),
        "campaign=april{ name=april } organiser{ name=Nadia Rossi first_name=Nadia "
        "address=nadia@example.test vars{ } } group=Blue & co{ name=Blue & co } "
        "author{ name=Zoé Müller first_name=Zoé address=zoe@example.test desk=4.12 boss=false "
        "vars{ desk=4.12 boss=false } } recipients[ -{ name=Bob \"B\" O'Neil first_name=Bob "
        "address=bob@example.test vars{ } } -{ name=דנה first_name=דנה address=dana@example.test "
        "vars{ } } } ");
    pk_buf_free(&shown);
}

static void expect_fault(const char *text, const char *expected)
{
    template.text = inline_source(text);
    assert_int_equal(compose(), PRANKCURL_CAMPAIGN);
    assert_int_equal(error.status, PRANKCURL_CAMPAIGN);
    if (!strstr(error.message, expected)) {
        fail_msg("\"%s\" is not in \"%s\"", expected, error.message);
    }
}

#define ROOT "campaign, organiser, group, author and recipients"

static void test_faults(void **state)
{
    (void)state;
    expect_fault("{{athor.name}}",
                 "{{athor.name}}: there is no \"athor\"; did you mean \"author\"? " ROOT
                 " are there");
    expect_fault("{{author.phone}}",
                 "author \"Zoé Müller\" has no \"phone\"; name, first_name, address, desk "
                 "and boss are there (group \"Blue & co\")");
    expect_fault("{{#author.dsk}}{{/author.dsk}}",
                 "{{#author.dsk}}: author \"Zoé Müller\" has no "
                 "\"dsk\"; did you mean \"desk\"? name, first_name, address, desk and boss are");
    expect_fault("{{^ author.dsk}}{{/author.dsk}}", "{{^author.dsk}}: author");
    expect_fault("{{{ author.dsk }}}", "{{{author.dsk}}}: author");
    expect_fault("{{& author.dsk}}", "{{&author.dsk}}: author");
    expect_fault("{{organiser.desk}}", "organiser \"Nadia Rossi\" has no \"desk\"; name, "
                                       "first_name and address are there");
    bob.name = "王小明";
    expect_fault(
        "{{#recipients}}{{first_name}}{{/recipients}}",
        "recipient \"王小明\" has no \"first_name\" that can be told from the name; give a "
        "\"first_name\" among the person's vars (group");
    bob.name = "Bob \"B\" O'Neil";
    expect_fault("{{organiser.vars.desk}}",
                 "organiser \"Nadia Rossi\" has no \"desk\"; no variable "
                 "is there");
    expect_fault(
        "{{#recipients}}{{desk}}{{/recipients}}",
        "recipient \"Bob \"B\" O'Neil\" has no \"desk\"; name, first_name and address are there, "
        "and "
        "outside " ROOT " (group");
    expect_fault("{{#recipients}}{{nme}}{{/recipients}}",
                 "has no \"nme\"; did you mean \"name\"? name, first_name and address");
    expect_fault("{{recipients.name}}", "recipients are a list; write "
                                        "{{#recipients}}{{name}} {{/recipients}}");
    expect_fault("{{recipients.0.name}}",
                 "recipients are a list; write {{#recipients}}{{name}} {{/recipients}}");
    expect_fault("{{recipients.length}}",
                 "recipients are a list; write {{#recipients}}{{name}} {{/recipients}}");
    expect_fault("{{recipients[0].name}}",
                 "recipients are a list; write {{#recipients}}{{name}} {{/recipients}}");
    expect_fault("{{name}}", "there is no \"name\" here; write {{author.name}}, or "
                             "{{#recipients}}{{name}} {{/recipients}}");
    expect_fault("{{group.size}}", "group \"Blue & co\" has no \"size\"; name is there");
    expect_fault("{{campaign.x}}", "campaign \"april\" has no \"x\"; name is there");
    expect_fault("{{author.name.first}}", "\"author.name\" is a text, which has no \"first\"");
    expect_fault("{{author}}", "{{author}}: this is a person; write {{author.name}}");
    expect_fault("{{#recipients}}{{.}}{{/recipients}}", "this is a person; write {{name}}");
    expect_fault("{{recipients}}", "a list; write {{#recipients}}{{name}} {{/recipients}}");
    expect_fault("{{author.vars}}", "all the variables of a person; write {{author.vars.NAME}}");
    expect_fault("{{.}}", "this is everything there is; write the name of a part: " ROOT);
    expect_fault("{{#recipients}}{{#recipients}}{{#recipients}}{{#recipients}}{{#recipients}}"
                 "{{#recipients}}{{#recipients}}{{#recipients}}{{#recipients}}{{#recipients}}"
                 "{{#recipients}}{{#recipients}}{{#recipients}}{{#recipients}}{{#recipients}}"
                 "{{#recipients}}{{#recipients}}{{#recipients}}{{#recipients}}{{#recipients}}"
                 "{{#recipients}}{{#recipients}}{{#recipients}}{{#recipients}}{{#recipients}}"
                 "{{/recipients}}{{/recipients}}{{/recipients}}{{/recipients}}{{/recipients}}"
                 "{{/recipients}}{{/recipients}}{{/recipients}}{{/recipients}}{{/recipients}}"
                 "{{/recipients}}{{/recipients}}{{/recipients}}{{/recipients}}{{/recipients}}"
                 "{{/recipients}}{{/recipients}}{{/recipients}}{{/recipients}}{{/recipients}}"
                 "{{/recipients}}{{/recipients}}{{/recipients}}{{/recipients}}{{/recipients}}",
                 "lists inside lists make this endless");
}

static void test_fault_places(void **state)
{
    (void)state;
    expect_fault("a\né {{author.phone}}", "message \"coffee\", text, line 2, column 3: "
                                          "{{author.phone}}: author \"Zoé Müller\" has no");
    assert_string_equal(error.file, "c.json");
    assert_string_equal(error.pointer, "messages[0].x");
    assert_int_equal(error.line, 7);
    assert_int_equal(error.column, 9);
    template.text = inline_source("");
    template.html = parsed((pk_source){"a\né {{author.phone}}", {"t.html", "", 1, 1}, false, NULL});
    assert_int_equal(compose(), PRANKCURL_CAMPAIGN);
    assert_memory_equal(error.message, "message \"coffee\", html: {{author.phone}}: ", 42);
    assert_string_equal(error.file, "t.html");
    assert_int_equal(error.line, 2);
    assert_int_equal(error.column, 3);
}

static void expect_bad_subject(const char *subject, const char *expected)
{
    template.subject = inline_source(subject);
    assert_int_equal(compose(), PRANKCURL_CAMPAIGN);
    if (!strstr(error.message, expected)) {
        fail_msg("\"%s\" is not in \"%s\"", expected, error.message);
    }
}

static void test_subjects(void **state)
{
    (void)state;
    char decoded[4096];
    template.text = inline_source("x");
    template.subject = inline_source("{{author.name}} <3 {{{author.desk}}} & {{&group}}");
    const char *at = strstr(composed(), "Subject: ");
    size_t len = (size_t)(strstr(at, "\r\nDate: ") + 2 - at);
    read_field(at, len, 76, decoded, sizeof decoded);
    assert_string_equal(decoded, "Zoé Müller <3 4.12 & Blue & co");
    expect_bad_subject("{{#author.boss}}x{{/author.boss}}", "nothing is left of it");
    expect_bad_subject(" \u00a0\u3000{{! nothing }}", "nothing is left of it");
    expect_bad_subject("{{author.phone}}", "message \"coffee\", subject, line 1, column 1: ");
    zoe_vars[0].value = "4.12\r\nBcc: eve@example.test";
    expect_bad_subject("At {{author.desk}}",
                       "message \"coffee\", subject: a variable or a partial puts a "
                       "carriage return into it, but a subject is one line");
    assert_null(strchr(error.message, '\r'));
    zoe_vars[0].value = "a\u2028b";
    expect_bad_subject("At {{author.desk}}",
                       "a variable or a partial puts a line separator into it");
    zoe_vars[0].value = "a\tb";
    expect_bad_subject("At {{author.desk}}", "a variable or a partial puts a tab into it");
}

static void test_controls_in_each_place(void **state)
{
    (void)state;
    template.text = inline_source("{{author.desk}}");
    zoe_vars[0].value = "a\r\nb\rc\nd"; /* line ends are no harm in a body */
    assert_string_equal(body(), "a\r\nb\r\nc\r\nd\r\n");
    zoe_vars[0].value = "a\x1b[1m";
    expect_fault("{{author.desk}}", "message \"coffee\", text: a control character is in it");
    zoe_vars[0].value = "x";
    bob.name = "Bob\r\nBcc: eve@example.test";
    expect_fault("x", "a control character would get into To; take it out of the campaign");
    bob.name = "Bob";
    nadia.name = "N\n";
    expect_fault("x", "a control character would get into Sender");
    nadia.name = "N";
    campaign.name = "x\r\ny";
    expect_fault("x", "a control character would get into X-Prank-Campaign");
    campaign.name = "april";
    prank.message_id = "<a\nb>";
    expect_fault("x", "a control character would get into Message-ID");
    prank.message_id = "<é@x>";
    assert_int_equal(compose(), PRANKCURL_INTERNAL);
    size_t count = 1;
    (void)prankcurl_message_pieces(message, &count);
    assert_int_equal(count, 0);
    assert_int_equal(prankcurl_message_size(message), 0);
}

static void test_boundary_collision(void **state)
{
    (void)state;
    template.text = inline_source("--=_0123456789abcdef_1--\n");
    template.html = inline_source("<p>=_0123456789abcdef_2</p>");
    assert_non_null(strstr(composed(), " boundary=\"=_0123456789abcdef_3\"\r\n"));
}

static void test_check_tells_each_place_once(void **state)
{
    (void)state;
    prankcurl_errors errors = PRANKCURL_ERRORS_INIT;
    prankcurl_prank pranks[3] = {prank, prank, prank};
    pranks[1].group = "Red";
    pranks[2].group = "Green";
    plan.pranks = pranks;
    plan.count = 3;
    template.subject = inline_source("{{author.phone}}");
    template.text = inline_source("{{author.phone}} {{author.desk}} {{author.phone}} {{x}}");
    assert_int_equal(prankcurl_composer_new(&campaign, &composer, &errors), PRANKCURL_OK);
    assert_int_equal(prankcurl_composer_check(composer, &plan, &errors), PRANKCURL_CAMPAIGN);
    assert_int_equal(errors.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_non_null(strstr(errors.items[i].message, "(group \"Blue & co\")"));
    }
    prankcurl_errors_free(&errors);
    prankcurl_composer_free(composer);
    template.subject = template.text = inline_source("fine");
    assert_int_equal(prankcurl_composer_new(&campaign, &composer, &errors), PRANKCURL_OK);
    assert_int_equal(prankcurl_composer_check(composer, &plan, &errors), PRANKCURL_OK);
    assert_int_equal(errors.count, 0);
}

static void test_messages_are_reused(void **state)
{
    (void)state;
    template.text = inline_source("é{{#recipients}}{{name}}{{/recipients}}");
    template.html = inline_source("<p>{{author.name}}</p>");
    char *first = strdup(composed());
    assert_non_null(first);
    const char *place = message->out.own.data;
    assert_int_equal(prankcurl_compose(composer, &prank, 1775000000, message, &error),
                     PRANKCURL_OK);
    assert_string_equal(message->out.own.data, first);
    assert_ptr_equal(message->out.own.data, place);
    free(first);
}

static void test_too_large(void **state)
{
    (void)state;
    pk_buf text;
    pk_buf_init(&text, 32 << 20);
    pk_buf_str(&text, "{{#recipients}}{{#recipients}}{{#recipients}}");
    char *long_line = calloc(1, (16 << 20) + 1);
    assert_non_null(long_line);
    memset(long_line, 'x', 16 << 20);
    pk_buf_str(&text, long_line);
    pk_buf_str(&text, "{{/recipients}}{{/recipients}}{{/recipients}}");
    expect_fault(text.data, "message \"coffee\", text: it becomes larger than 64 MiB; make it "
                            "shorter");
    free(long_line);
    pk_buf_free(&text);
}

static void test_foreign_prank(void **state)
{
    (void)state;
    pk_template other = template;
    prank.message = &other;
    assert_int_equal(compose(), PRANKCURL_INTERNAL);
    assert_non_null(strstr(error.message, "not of the campaign"));
}

static void test_envelope(void **state)
{
    (void)state;
    prankcurl_envelope envelope;
    prank.cc = cc;
    prank.cc_count = 1;
    assert_int_equal(prankcurl_envelope_init(&envelope, &campaign, &prank), PRANKCURL_OK);
    assert_string_equal(envelope.sender, "nadia@example.test");
    assert_int_equal(envelope.recipient_count, 3);
    assert_string_equal(envelope.recipients[0], "bob@example.test");
    assert_string_equal(envelope.recipients[1], "dana@example.test");
    assert_string_equal(envelope.recipients[2], "teacher@example.test");
    prankcurl_envelope_free(&envelope);
    assert_int_equal(envelope.recipient_count, 0);
    prankcurl_envelope_free(NULL);
}

static const char *composed_ascii(void)
{
    size_t count = 0;
    assert_int_equal(compose(), PRANKCURL_OK);
    assert_int_equal(prankcurl_compose_ascii(composer, &prank, 1775000000, message, &error),
                     PRANKCURL_OK);
    assert_false(prankcurl_message_needs_utf8(message));
    const char *bytes = prankcurl_message_pieces(message, &count)[0].bytes;
    assert_true(pk_is_ascii(bytes));
    return bytes;
}

static void starts_with(const char *bytes, const char *start)
{
    char head[512] = "";
    strncpy(head, bytes, strlen(start));
    assert_string_equal(head, start);
}

static void test_international_people(void **state)
{
    (void)state;
    prankcurl_person zoe_utf8 = {.name = "Zoé",
                                 .address = {.text = "zoé@example.test",
                                             .shown = "zoé@example.test",
                                             .key = "zoé@example.test",
                                             .international = true}};
    const prankcurl_person *mixed[] = {&bob, &zoe_utf8};
    const prankcurl_person *alone[] = {&zoe_utf8};
    template.text = inline_source("text");
    assert_int_equal(compose(), PRANKCURL_OK);
    assert_false(prankcurl_message_needs_utf8(message));
    prank.recipients = mixed;
    starts_with(composed(), "From: =?UTF-8?B?Wm/DqSBNw7xsbGVy?= <zoe@example.test>\r\n"
                            "Sender: Nadia Rossi <nadia@example.test>\r\n"
                            "To: \"Bob \\\"B\\\" O'Neil\" <bob@example.test>,\r\n"
                            " =?UTF-8?Q?Zo=C3=A9?= <zoé@example.test>\r\nSubject");
    assert_true(prankcurl_message_needs_utf8(message));
    starts_with(composed_ascii(), "From: =?UTF-8?B?Wm/DqSBNw7xsbGVy?= <zoe@example.test>\r\n"
                                  "Sender: Nadia Rossi <nadia@example.test>\r\n"
                                  "To: \"Bob \\\"B\\\" O'Neil\" <bob@example.test>\r\nSubject");
    prank.recipients = alone;
    prank.recipient_count = 1;
    prank.cc = cc;
    prank.cc_count = 1;
    starts_with(strstr(composed_ascii(), "To: "), "To: undisclosed-recipients:;\r\n"
                                                  "Cc: The teacher <teacher@example.test>\r\n");
    /* An author alone does not make SMTPUTF8 possible; an organiser does. */
    prank.recipients = recipients;
    prank.author = &zoe_utf8;
    starts_with(composed(), "From: =?UTF-8?Q?Zo=C3=A9?= <nadia@example.test>\r\nTo: ");
    zoe_utf8.name = "";
    starts_with(composed(),
                "From: =?UTF-8?B?em/DqUBleGFtcGxlLnRlc3Q=?= <nadia@example.test>\r\nTo: ");
    prank.recipients = mixed;
    prank.recipient_count = 2;
    starts_with(composed(), "From: zoé@example.test\r\nSender: Nadia");
    campaign.organiser = &zoe_utf8;
    prank.recipients = recipients;
    starts_with(composed(), "From: zoé@example.test\r\nTo: ");
}

static void test_invitations_ask_who_gets_them(void **state)
{
    (void)state;
    prankcurl_person zoe_utf8 = {.name = "Zoé",
                                 .address = {.text = "zoé@example.test",
                                             .shown = "zoé@example.test",
                                             .key = "zoé@example.test",
                                             .international = true}};
    const prankcurl_person *mixed[] = {&bob, &zoe_utf8};
    pk_meeting meeting = {.start_s = 1800000000, .end_s = 1800003600};
    template.text = inline_source("Come.");
    template.meeting = &meeting;
    prank.recipients = mixed;
    (void)composed();
    const char *calendar = prankcurl_message_calendar(message);
    assert_non_null(strstr(calendar, "SENT-BY=\"mailto:nadia@example.test\""));
    assert_non_null(strstr(calendar, "mailto:bob@example.test"));
    assert_non_null(strstr(calendar, "CN=\"Zoé\";ROLE"));
    /* Who does not get it is not asked, and who can't stand in From is not named here. */
    prank.author = &zoe_utf8;
    mixed[1] = &dana;
    (void)composed_ascii();
    calendar = prankcurl_message_calendar(message);
    assert_non_null(strstr(calendar, "ORGANIZER;CN=\"Zoé\":mailto:nadia@example.test\r\n"));
    assert_null(strstr(calendar, "zo%"));
    prank.author = &zoe;
    mixed[1] = &zoe_utf8;
    (void)composed_ascii();
    assert_null(strstr(prankcurl_message_calendar(message), "CN=\"Zoé\";ROLE"));
}

static void test_subjects_are_composed(void **state)
{
    (void)state;
    template.text = inline_source("text");
    template.subject = inline_source("Zoe\u0301 und {{author.desk}}");
    zoe_vars[0].value = "u\u0308ber";
    assert_non_null(strstr(composed(), "\r\nSubject: =?UTF-8?B?Wm/DqSB1bmQgw7xiZXI=?=\r\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_exact_bytes),
        TEST(test_sender_only_for_others),
        TEST(test_context),
        TEST(test_first_names),
        TEST(test_context_is_shown_whole),
        TEST(test_faults),
        TEST(test_fault_places),
        TEST(test_subjects),
        TEST(test_controls_in_each_place),
        TEST(test_boundary_collision),
        TEST(test_check_tells_each_place_once),
        TEST(test_messages_are_reused),
        TEST(test_too_large),
        TEST(test_foreign_prank),
        TEST(test_envelope),
        TEST(test_international_people),
        TEST(test_invitations_ask_who_gets_them),
        TEST(test_subjects_are_composed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
