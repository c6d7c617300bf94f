#include "mock/path.h"

#include "base/text.h"

#include <string.h>

enum { MAX_PATH_TEXT = PM_MAX_PATH - 2 };

static bool is_atom(unsigned char c)
{
    return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z') || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* Length of atoms joined by single dots; 0: there are none. */
static size_t dot_atom_len(const char *text)
{
    size_t i = 0;
    while (is_atom((unsigned char)text[i]) ||
           (text[i] == '.' && i > 0 && text[i - 1] != '.' && is_atom((unsigned char)text[i + 1]))) {
        i++;
    }
    return i;
}

/* Length of a quoted string with its quotes; 0: it has no end. */
static size_t quoted_len(const char *text)
{
    size_t i = 1;
    while (text[i] && text[i] != '"') {
        i += text[i] == '\\' && text[i + 1] ? 2 : 1;
    }
    return text[i] == '"' ? i + 1 : 0;
}

static size_t local_part_len(const char *text)
{
    return text[0] == '"' ? quoted_len(text) : dot_atom_len(text);
}

static bool is_label(unsigned char c)
{
    return c >= 0x80 || c == '-' || c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z');
}

/* Labels joined by single dots, or an address literal; 0: neither. */
static size_t domain_len(const char *text)
{
    if (text[0] == '[') {
        size_t len = strspn(text + 1, "0123456789abcdefABCDEFIPv:.");
        return len && text[len + 1] == ']' ? len + 2 : 0;
    }
    size_t i = 0;
    while (is_label((unsigned char)text[i]) || (text[i] == '.' && i > 0 && text[i - 1] != '.' &&
                                                is_label((unsigned char)text[i + 1]))) {
        i++;
    }
    return i;
}

/* "@a.example,@b.example:" must be taken and ignored (RFC 5321 §4.1.1.3). */
static const char *skip_source_route(const char *text)
{
    const char *p = text;
    while (*p == '@') {
        size_t len = domain_len(p + 1);
        p += len + 1;
        if (!len || (*p != ',' && *p != ':')) {
            return text;
        }
        if (*p++ == ':') {
            return p;
        }
    }
    return text;
}

/* Mailbox, "Postmaster" without a domain, or nothing. */
static size_t mailbox_len(const char *text)
{
    size_t local = local_part_len(text);
    if (!local || text[local] != '@') {
        bool is_postmaster = local == 10 && pk_ascii_equal_nocase(text, "postmaster", 10);
        return is_postmaster ? local : 0;
    }
    size_t domain = domain_len(text + local + 1);
    return domain ? local + 1 + domain : 0;
}

/* Why there is no path at text, for somebody who types SMTP for the first time. */
static const char *explain_bad_address(const char *text)
{
    bool has_bracket = *text == '<';
    const char *close = strchr(text, '>');
    if (strchr(text, ',') && !strchr(text, '"')) {
        return "501 5.1.3 one address only; each recipient has a RCPT TO of its own";
    }
    if (has_bracket && !close) {
        return "501 5.1.3 the > behind the address is missing; <name@domain> is expected";
    }
    if (*text && !strchr(text, '@')) {
        return "501 5.1.3 that address has no @domain; <name@domain> is expected";
    }
    if (has_bracket && close[1] && close[1] != ' ') {
        return "501 5.1.3 nothing but a blank and parameters may stand behind <name@domain>";
    }
    return "501 5.1.3 that is no address; <name@domain> is expected";
}

static const char *explain_no_bracket(const char *text)
{
    return strchr(text, '<') ? "501 5.5.2 the address comes right behind the colon, as "
                               "<name@domain>; a person's name belongs into the header"
                             : "501 5.5.2 the address must stand in brackets, as <name@domain>";
}

const char *pm_path_parse(const char *text, bool lenient, pm_path_text *out)
{
    if (lenient) {
        text += strspn(text, " ");
    } else if (*text == ' ') {
        return "501 5.5.2 there is a blank before the path; FROM:<...> and TO:<...> have none";
    }
    bool has_bracket = *text == '<';
    if (!has_bracket && !lenient) {
        return explain_no_bracket(text);
    }
    const char *start = has_bracket ? skip_source_route(text + 1) : text;
    size_t len = mailbox_len(start);
    const char *end = start + len;
    if (has_bracket && *end++ != '>') {
        return explain_bad_address(text);
    }
    if ((*end && *end != ' ') || (!len && !has_bracket)) {
        return explain_bad_address(text);
    }
    if (len > MAX_PATH_TEXT) {
        return "501 5.1.3 that address is too long; 254 bytes are the limit";
    }
    memcpy(out->address, start, len);
    out->address[len] = '\0';
    out->international = !pk_is_ascii(out->address);
    out->parameters = end + strspn(end, " ");
    return NULL;
}

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
        is_plain = is_atom((unsigned char)name[i]) && (unsigned char)name[i] < 0x80;
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
