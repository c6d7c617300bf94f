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
