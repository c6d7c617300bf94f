#include "mock/parameters.h"

#include "base/text.h"

#include <string.h>

static bool is_one_of(const char *value, size_t len, const char *const *words)
{
    for (; *words; words++) {
        if (strlen(*words) == len && pk_ascii_equal_nocase(value, *words, len)) {
            return true;
        }
    }
    return false;
}

static bool is_hex(char c)
{
    return c && strchr("0123456789ABCDEF", c);
}

/* RFC 3461 §4. */
static bool is_xtext(const char *value, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool is_code =
            value[i] == '+' && i + 2 < len && is_hex(value[i + 1]) && is_hex(value[i + 2]);
        if (value[i] == '=' || (value[i] == '+' && !is_code)) {
            return false;
        }
    }
    return len > 0;
}

static bool read_size(const char *value, size_t len, pm_parameters *out)
{
    out->size = 0;
    for (size_t i = 0; i < len; i++) {
        if (value[i] < '0' || value[i] > '9') {
            return false;
        }
        out->size = out->size * 10 + (unsigned long long)(value[i] - '0');
    }
    return len > 0 && len <= 18; /* RFC 1870 §4 allows 20 digits; 18 fit */
}

static bool read_body(const char *value, size_t len, pm_parameters *out)
{
    static const char *const words[] = {"7BIT", "8BITMIME", NULL};
    (void)out;
    return is_one_of(value, len, words);
}

static bool read_smtputf8(const char *value, size_t len, pm_parameters *out)
{
    (void)len;
    out->smtputf8 = true;
    return !value;
}

static bool read_ret(const char *value, size_t len, pm_parameters *out)
{
    static const char *const words[] = {"FULL", "HDRS", NULL};
    (void)out;
    return is_one_of(value, len, words);
}

static bool read_xtext(const char *value, size_t len, pm_parameters *out)
{
    (void)out;
    return is_xtext(value, len);
}

static bool read_notify(const char *value, size_t len, pm_parameters *out)
{
    static const char *const never[] = {"NEVER", NULL};
    static const char *const events[] = {"SUCCESS", "FAILURE", "DELAY", NULL};
    (void)out;
    if (is_one_of(value, len, never)) {
        return true;
    }
    const char *end = value + len;
    while (value < end) {
        const char *comma = memchr(value, ',', (size_t)(end - value));
        const char *stop = comma ? comma : end;
        if (!is_one_of(value, (size_t)(stop - value), events) || comma == end - 1) {
            return false;
        }
        value = comma ? comma + 1 : end;
    }
    return len > 0;
}

static bool read_orcpt(const char *value, size_t len, pm_parameters *out)
{
    const char *semicolon = memchr(value, ';', len);
    (void)out;
    return semicolon && semicolon > value &&
           is_xtext(semicolon + 1, len - (size_t)(semicolon + 1 - value));
}

typedef struct parameter {
    const char *name;
    unsigned whose;
    bool has_value;
    const char *form; /* how it is written, for people */
    bool (*read)(const char *value, size_t len, pm_parameters *out);
} parameter;

static const parameter parameters[] = {
    {"SIZE", PM_FOR_MAIL, true, "SIZE=<number of bytes>", read_size},
    {"BODY", PM_FOR_MAIL, true, "BODY=7BIT or BODY=8BITMIME", read_body},
    {"SMTPUTF8", PM_FOR_MAIL, false, "SMTPUTF8 without a value", read_smtputf8},
    {"AUTH", PM_FOR_MAIL, true, "AUTH=<> or AUTH=<address as xtext>", read_xtext},
    {"RET", PM_FOR_MAIL, true, "RET=FULL or RET=HDRS", read_ret},
    {"ENVID", PM_FOR_MAIL, true, "ENVID=<identifier as xtext>", read_xtext},
    {"NOTIFY", PM_FOR_RCPT, true, "NOTIFY=NEVER, or some of SUCCESS,FAILURE,DELAY", read_notify},
    {"ORCPT", PM_FOR_RCPT, true, "ORCPT=rfc822;<address as xtext>", read_orcpt},
};

enum { PARAMETER_COUNT = sizeof parameters / sizeof parameters[0] };

static size_t find_parameter(const char *name, size_t len, pm_for whose)
{
    size_t i = 0;
    while (i < PARAMETER_COUNT &&
           !(strlen(parameters[i].name) == len && (parameters[i].whose & whose) &&
             pk_ascii_equal_nocase(parameters[i].name, name, len))) {
        i++;
    }
    return i;
}

/* Only what is plain is said back. */
static void add_unknown_reply(pk_buf *reply, const char *name, size_t len, pm_for whose)
{
    enum { MAX_NAME_SAID = 40 };
    bool is_plain = len && len <= MAX_NAME_SAID;
    for (size_t i = 0; i < len && is_plain; i++) {
        is_plain = name[i] > ' ' && name[i] < 0x7f;
    }
    const char *said = is_plain ? name : "that";
    pk_buf_fmt(reply, "555 5.5.4 %s has no parameter %.*s; it takes",
               whose == PM_FOR_MAIL ? "MAIL FROM" : "RCPT TO", (int)(is_plain ? len : 4), said);
    for (size_t i = 0; i < PARAMETER_COUNT; i++) {
        if (parameters[i].whose & whose) {
            pk_buf_fmt(reply, " %s", parameters[i].name);
        }
    }
}

/* Takes one of them, len bytes. False: reply says what is wrong. */
static bool read_parameter(const char *text, size_t len, pm_for whose, bool *seen, pk_buf *reply,
                           pm_parameters *out)
{
    const char *equals = memchr(text, '=', len);
    size_t name_len = equals ? (size_t)(equals - text) : len;
    size_t i = find_parameter(text, name_len, whose);
    if (i == PARAMETER_COUNT) {
        add_unknown_reply(reply, text, name_len, whose);
        return false;
    }
    const parameter *found = &parameters[i];
    const char *value = equals ? equals + 1 : NULL;
    if (seen[i]) {
        pk_buf_fmt(reply, "501 5.5.4 %s was given twice", found->name);
        return false;
    }
    if ((value != NULL) != found->has_value ||
        !found->read(value, value ? len - name_len - 1 : 0, out)) {
        pk_buf_fmt(reply, "501 5.5.4 %s is expected", found->form);
        return false;
    }
    seen[i] = true;
    return true;
}

const char *pm_parameters_parse(const char *text, pm_for whose, pk_buf *reply, pm_parameters *out)
{
    bool seen[PARAMETER_COUNT] = {false};
    *out = (pm_parameters){false, 0};
    pk_buf_reset(reply);
    while (*text) {
        size_t len = strcspn(text, " ");
        if (!read_parameter(text, len, whose, seen, reply, out)) {
            return pk_buf_ok(reply) ? pk_buf_text(reply) : "501 5.5.4 a parameter is wrong";
        }
        text += len;
        text += strspn(text, " ");
    }
    return NULL;
}
