/* Rules from JSON. */
#include "base/duration.h"
#include "base/json_reader.h"
#include "base/text.h"
#include "mock/faults.h"

#include <string.h>

enum { MAX_RULES = 1000, MAX_REPLY = 2000 };

static const uint64_t max_number = UINT64_C(1) << 53;

static const char *const step_names[] = {
#define STEP_NAME(name, text) text,
    PM_STEP_MAP(STEP_NAME)
#undef STEP_NAME
};

enum { STEP_COUNT = sizeof step_names / sizeof step_names[0] };

static void read_step(pk_reader *reader, const pk_node *node, void *target)
{
    pm_rule *rule = target;
    for (size_t i = 0; i < STEP_COUNT; i++) {
        if (strcmp(node->json->valuestring, step_names[i]) == 0) {
            rule->step = (pm_step)i;
            return;
        }
    }
    pk_complain(reader, node,
                "is no step; connect, ehlo, starttls, auth, mail, rcpt, data, body, final or quit "
                "is expected");
}

static const char *read_pattern(pk_reader *reader, const pk_node *node)
{
    return pk_node_line(reader, node, "an address or a pattern such as \"tom@*\"");
}

static void read_sender(pk_reader *reader, const pk_node *node, void *target)
{
    pm_rule *rule = target;
    /* "" is the null sender. */
    rule->sender = node->json->valuestring[0] ? read_pattern(reader, node) : "";
    if (rule->step < PM_STEP_MAIL) {
        pk_complain(reader, node, "is not known yet at this step; from \"mail\" on it is");
    }
}

static void read_recipient(pk_reader *reader, const pk_node *node, void *target)
{
    pm_rule *rule = target;
    rule->recipient = read_pattern(reader, node);
    if (rule->step < PM_STEP_RCPT) {
        pk_complain(reader, node, "is not known yet at this step; from \"rcpt\" on it is");
    }
}

static void read_connection(pk_reader *reader, const pk_node *node, void *target)
{
    (void)pk_node_integer(reader, node, 1, max_number, &((pm_rule *)target)->connection);
}

static void read_message(pk_reader *reader, const pk_node *node, void *target)
{
    pm_rule *rule = target;
    (void)pk_node_integer(reader, node, 1, max_number, &rule->message);
    if (rule->step < PM_STEP_MAIL) {
        pk_complain(reader, node, "is not begun yet at this step; from \"mail\" on it is");
    }
}

static void read_attempt(pk_reader *reader, const pk_node *node, void *target)
{
    (void)pk_node_integer(reader, node, 1, max_number, &((pm_rule *)target)->attempt);
}

static void read_after(pk_reader *reader, const pk_node *node, void *target)
{
    (void)pk_node_integer(reader, node, 0, max_number, &((pm_rule *)target)->after_messages);
}

static void read_times(pk_reader *reader, const pk_node *node, void *target)
{
    (void)pk_node_integer(reader, node, 1, max_number, &((pm_rule *)target)->times);
}

/* Three digits, a blank, and text in one line or more. */
static bool is_reply(const char *text)
{
    return text[0] >= '2' && text[0] <= '5' && strspn(text, "0123456789") == 3 && text[3] == ' ' &&
           strlen(text) <= MAX_REPLY && !pk_find_control(text, "\n");
}

static void read_reply(pk_reader *reader, const pk_node *node, void *target)
{
    if (!is_reply(node->json->valuestring)) {
        pk_complain(reader, node,
                    "is no SMTP reply; three digits from 200 to 599, a blank and a text are "
                    "expected, as \"451 4.7.1 try again later\"");
        return;
    }
    ((pm_rule *)target)->fault.reply = pk_node_text(reader, node);
}

static void read_time(pk_reader *reader, const pk_node *node, int64_t *out_ms)
{
    if (!pk_duration_parse(node->json->valuestring, out_ms)) {
        pk_complain(reader, node, "is no duration; 500ms, 30s, 1m or 2h is expected");
    }
}

static void read_delay(pk_reader *reader, const pk_node *node, void *target)
{
    read_time(reader, node, &((pm_rule *)target)->fault.delay_ms);
}

static void read_drip(pk_reader *reader, const pk_node *node, void *target)
{
    read_time(reader, node, &((pm_rule *)target)->fault.drip_ms);
}

static void read_garbage(pk_reader *reader, const pk_node *node, void *target)
{
    pm_rule *rule = target;
    rule->fault.garbage = cJSON_IsTrue(node->json);
    if (rule->fault.garbage && rule->fault.reply) {
        pk_complain(reader, node, "does not go with a reply; keep one of them");
    }
}

static void read_long(pk_reader *reader, const pk_node *node, void *target)
{
    pm_rule *rule = target;
    rule->fault.is_long = cJSON_IsTrue(node->json);
    if (rule->fault.is_long && rule->fault.garbage) {
        pk_complain(reader, node, "does not go with garbage; keep one of them");
    } else if (rule->fault.is_long && rule->step == PM_STEP_BODY && !rule->fault.reply) {
        pk_complain(reader, node, "needs a reply here, since nothing is said at \"body\"");
    }
}

static void read_then(pk_reader *reader, const pk_node *node, void *target)
{
    static const char *const names[] = {"close", "reset", "hang"};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(node->json->valuestring, names[i]) == 0) {
            ((pm_rule *)target)->fault.then = (pm_then)(PM_THEN_CLOSE + i);
            return;
        }
    }
    pk_complain(reader, node, "is none of \"close\", \"reset\" and \"hang\"");
}

static void read_stored(pk_reader *reader, const pk_node *node, void *target)
{
    pm_rule *rule = target;
    rule->fault.stored = cJSON_IsTrue(node->json) ? PM_STORED_YES : PM_STORED_NO;
    if (rule->step != PM_STEP_FINAL) {
        pk_complain(reader, node, "is for the step \"final\" only, where a message is complete");
    }
}

/* step comes first: what others may say depends on it. */
static const pk_field fields[] = {
    {"step", PK_STRING, true, read_step},
    {"sender", PK_STRING, false, read_sender},
    {"recipient", PK_STRING, false, read_recipient},
    {"connection", PK_NUMBER, false, read_connection},
    {"message", PK_NUMBER, false, read_message},
    {"attempt", PK_NUMBER, false, read_attempt},
    {"after_messages", PK_NUMBER, false, read_after},
    {"times", PK_NUMBER, false, read_times},
    {"reply", PK_STRING, false, read_reply},
    {"delay", PK_STRING, false, read_delay},
    {"drip", PK_STRING, false, read_drip},
    {"garbage", PK_BOOL, false, read_garbage},
    {"long", PK_BOOL, false, read_long},
    {"then", PK_STRING, false, read_then},
    {"stored", PK_BOOL, false, read_stored},
};

/* A drip is how something is said; at "body" nothing is, so there it is no action of its own. */
static bool does_something(const pk_document *document, const pk_node *node, const pm_rule *rule)
{
    static const char *const actions[] = {"reply", "delay",  "garbage", "long",
                                          "then",  "stored", "drip"};
    size_t count = sizeof actions / sizeof actions[0] - (rule->step == PM_STEP_BODY ? 1 : 0);
    for (size_t i = 0; i < count; i++) {
        if (pk_node_member(document, node, actions[i])) {
            return true;
        }
    }
    return false;
}

static void read_rule(pk_reader *reader, const pk_node *node, pm_rule *rule)
{
    if (!pk_check_type(reader, node, PK_OBJECT)) {
        return;
    }
    /* Where every field may stand: a wrong step is one error, not one for each field behind it. */
    rule->step = PM_STEP_FINAL;
    pk_read_object(reader, node, fields, sizeof fields / sizeof fields[0], rule);
    if (!does_something(&reader->document, node, rule)) {
        pk_complain(reader, node,
                    "does not say what happens; reply, delay, drip, garbage, long, then or stored "
                    "is expected");
    }
    rule->json =
        pk_arena_strndup(reader->arena, reader->document.scan.json + node->offset, node->len);
    reader->no_memory = reader->no_memory || !rule->json;
}

static void read_rules(pk_reader *reader, pm_faults *faults)
{
    const pk_document *document = &reader->document;
    const pk_node *root = pk_document_root(document);
    if (!pk_check_type(reader, root, PK_ARRAY)) {
        return;
    }
    size_t count = pk_node_count(root);
    if (count > MAX_RULES) {
        pk_complain(reader, root, "has %zu rules; %d are the limit", count, MAX_RULES);
        return;
    }
    faults->rules = pk_reader_alloc(reader, count + 1, sizeof *faults->rules);
    for (const pk_node *n = pk_node_first(document, root); n && faults->rules;
         n = pk_node_next(document, n)) {
        pm_rule *rule = &faults->rules[faults->count++];
        read_rule(reader, n, rule);
        faults->counted |= rule->attempt ? 1U << rule->step : 0;
    }
}

prankcurl_status pm_faults_parse(pm_faults *out, const char *json, size_t len, const char *file,
                                 prankcurl_errors *errors)
{
    *out = (pm_faults)PM_FAULTS_INIT;
    pk_reader reader = {
        .file = file, .what = "list of rules", .arena = &out->arena, .errors = errors};
    if (pk_reader_parse(&reader, json, len)) {
        read_rules(&reader, out);
    }
    if (reader.no_memory) {
        pk_errors_addf(errors, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    pk_document_free(&reader.document);
    pk_errors_sort(errors);
    prankcurl_status status = pk_errors_status(errors);
    if (status != PRANKCURL_OK) {
        pm_faults_free(out);
    }
    return status;
}
