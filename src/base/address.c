#include "base/address.h"

#include "base/buf.h"
#include "base/domain.h"
#include "base/text.h"

#include <idn2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

enum {
    MAX_LOCAL = 64,    /* RFC 5321 §4.5.3.1.1 */
    MAX_ADDRESS = 254, /* §4.5.3.1.3: a path of 256 less its brackets */
};

static pk_address_status bad(const char **why, const char *reason)
{
    *why = reason;
    return PK_ADDRESS_BAD;
}

static bool is_atext(unsigned char c) /* RFC 5322 §3.2.3, RFC 6531 §3.3 */
{
    return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* Of these the letters and digits with the signs that stand in most addresses. */
static bool is_plain_atext(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '+';
}

static bool is_dot_atom(const char *text, size_t len)
{
    if (len == 0 || text[0] == '.' || text[len - 1] == '.') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        bool is_dot = text[i] == '.' && text[i - 1] != '.';
        if (!is_dot && !is_atext((unsigned char)text[i])) {
            return false;
        }
    }
    return true;
}

static const char *why_not_dot_atom(pk_arena *arena, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '.' || is_atext((unsigned char)text[i])) {
            continue;
        }
        if (text[i] == ' ') {
            return "has a space before the @; that has to be \"quoted\"";
        }
        if (text[i] == '@') {
            return "has more than one @";
        }
        char reason[] = "has a '?' before the @; that has to be \"quoted\"";
        reason[7] = text[i];
        const char *copy = pk_arena_strdup(arena, reason);
        return copy ? copy : "has a character before the @ that has to be \"quoted\"";
    }
    return "has a dot at an end of the part before the @, or two in a row";
}

/* The length of the quoted string that text begins with (RFC 5321 §4.1.2), its content appended to
 * out; 0: it isn't one. */
static size_t read_quoted(const char *text, pk_buf *out)
{
    size_t i = 1;
    while (text[i] && text[i] != '"') {
        i += text[i] == '\\' ? 1 : 0;
        if (!text[i]) {
            return 0;
        }
        pk_buf_char(out, text[i++]);
    }
    return text[i] ? i + 1 : 0;
}

static void add_local(pk_buf *out, const char *local, size_t len)
{
    if (is_dot_atom(local, len)) {
        pk_buf_add(out, local, len);
        return;
    }
    pk_buf_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (local[i] == '"' || local[i] == '\\') {
            pk_buf_char(out, '\\');
        }
        pk_buf_char(out, local[i]);
    }
    pk_buf_char(out, '"');
}

/* Splits before the @ that ends the local part, whose content (unquoted) goes to local. */
static const char *split(pk_arena *arena, const char *text, pk_buf *local, const char **why)
{
    size_t len = 0;
    if (text[0] == '"') {
        len = read_quoted(text, local);
        if (!len || (text[len] && text[len] != '@')) {
            *why = "has a quoted part that does not end right before the @";
            return NULL;
        }
    } else {
        const char *at = strrchr(text, '@');
        len = at ? (size_t)(at - text) : strlen(text);
        pk_buf_add(local, text, len);
    }
    if (text[len] != '@') {
        *why = "has no @";
    } else if (local->len == 0) {
        *why = "has nothing before the @";
    } else if (local->len > MAX_LOCAL) {
        *why = "has more than 64 bytes before the @";
    } else if (text[0] != '"' && !is_dot_atom(text, len)) {
        *why = why_not_dot_atom(arena, text, len);
    } else {
        return text + len + 1;
    }
    return NULL;
}

/* local@domain in the arena; NULL: no memory, or *too_long. */
static const char *join(pk_arena *arena, const pk_buf *local, const char *domain, bool *too_long)
{
    pk_buf text;
    pk_buf_init(&text, 2048);
    add_local(&text, local->data, local->len);
    pk_buf_char(&text, '@');
    pk_buf_str(&text, domain);
    *too_long = text.len > MAX_ADDRESS;
    const char *kept = pk_buf_ok(&text) ? pk_arena_strdup(arena, text.data) : NULL;
    pk_buf_free(&text);
    return kept;
}

/* Whoever wrote a domain in their own letters reads it in these, lower-case and composed. */
static pk_address_status show(pk_arena *arena, const pk_buf *local, const char *given,
                              pk_address *out)
{
    char *domain = NULL;
    bool too_long = false; /* nobody minds: it goes nowhere */
    out->shown = out->text;
    if (pk_is_ascii(given)) {
        return PK_ADDRESS_OK;
    }
    int rc = idn2_to_unicode_8z8z(out->domain, &domain, 0);
    if (rc == IDN2_OK) {
        out->shown = join(arena, local, domain, &too_long);
    }
    idn2_free(domain);
    return out->shown && rc != IDN2_MALLOC ? PK_ADDRESS_OK : PK_ADDRESS_NO_MEMORY;
}

static pk_address_status assemble(pk_arena *arena, const pk_buf *local, pk_address *out,
                                  const char **why)
{
    bool too_long = false;
    size_t domain_len = strlen(out->domain);
    out->text = join(arena, local, out->domain, &too_long);
    if (too_long) {
        return bad(why, "is longer than 254 bytes");
    }
    out->domain = out->text ? out->text + strlen(out->text) - domain_len : NULL;
    return out->text ? PK_ADDRESS_OK : PK_ADDRESS_NO_MEMORY;
}

/* The key of an ASCII address is the address itself where it has no capital letter. */
static pk_address_status make_ascii_key(pk_arena *arena, pk_address *out)
{
    const char *p = out->text;
    while (*p && pk_ascii_lower(*p) == *p) {
        p++;
    }
    char *key = *p ? pk_arena_strdup(arena, out->text) : NULL;
    for (char *c = key; c && *c; c++) {
        *c = pk_ascii_lower(*c);
    }
    out->key = *p ? key : out->text;
    return out->key ? PK_ADDRESS_OK : PK_ADDRESS_NO_MEMORY;
}

/* People do not tell Bob@ from bob@, nor composed from decomposed letters: case-folded NFC. */
static pk_address_status make_key(pk_arena *arena, pk_address *out)
{
    if (!out->international) {
        return make_ascii_key(arena, out);
    }
    size_t len = 0;
    uint8_t *folded =
        u8_casefold((const uint8_t *)out->text, strlen(out->text), NULL, UNINORM_NFC, NULL, &len);
    out->key = folded ? pk_arena_strndup(arena, (const char *)folded, len) : NULL;
    free(folded);
    return out->key ? PK_ADDRESS_OK : PK_ADDRESS_NO_MEMORY;
}

/* Composes what people typed in pieces. False: out of memory. */
static bool compose_local(pk_buf *local)
{
    if (!pk_buf_ok(local) || pk_is_ascii(pk_buf_text(local))) {
        return pk_buf_ok(local);
    }
    size_t len = 0;
    uint8_t *composed =
        u8_normalize(UNINORM_NFC, (const uint8_t *)local->data, local->len, NULL, &len);
    pk_buf_reset(local);
    if (composed) {
        pk_buf_add(local, composed, len);
    }
    free(composed);
    return composed && pk_buf_ok(local);
}

static pk_address_status parse_domain_part(pk_arena *arena, const char *text, pk_address *out,
                                           const char **why)
{
    return text[0] == '[' ? pk_literal_parse(arena, text, &out->domain, why)
                          : pk_domain_parse(arena, text, &out->domain, why);
}

/* What nobody sees, and copying brings along. */
static const struct {
    const char *bytes;
    const char *fault;
} unseen[] = {
    {"\u00a0", "holds a no-break space (U+00A0); take it out"},
    {"\u00ad", "holds a soft hyphen (U+00AD); take it out"},
    {"\u200b", "holds a zero-width space (U+200B); take it out"},
    {"\u202f", "holds a narrow no-break space (U+202F); take it out"},
    {"\u2060", "holds a word joiner (U+2060); take it out"},
    {"\ufeff", "holds a byte order mark (U+FEFF); take it out"},
};

static const char *find_unseen(const char *text)
{
    for (size_t i = 0; i < sizeof unseen / sizeof unseen[0]; i++) {
        if (strstr(text, unseen[i].bytes)) {
            return unseen[i].fault;
        }
    }
    return NULL;
}

static const char *first_look(const char *text)
{
    if (!*text) {
        return "is empty";
    }
    if (strlen(text) > 4UL * MAX_ADDRESS) {
        return "is longer than 254 bytes";
    }
    if (pk_find_control(text, "")) {
        return "has a control character";
    }
    if (text[0] == ' ' || text[strlen(text) - 1] == ' ') {
        return "has a space at one of its ends; take it out";
    }
    if (pk_ascii_equal_nocase(text, "mailto:", strlen("mailto:"))) {
        return "begins with \"mailto:\"; leave that out";
    }
    if (strchr(text, '<') && text[strlen(text) - 1] == '>') {
        return "has a display name or brackets; only the bare address belongs here";
    }
    return find_unseen(text);
}

/* Whether the address is as nearly all are: dot-atom@domain in lower-case ASCII letters, digits and
 * hyphens. Others are not bad, they only take the long way. *at gets the length before the @. */
static bool is_plain(const char *text, size_t *at)
{
    size_t len = 0;
    while (text[len] != '@' && (text[len] == '.' || is_plain_atext(text[len]))) {
        len++;
    }
    if (text[len] != '@' || len > MAX_LOCAL || !is_dot_atom(text, len)) {
        return false;
    }
    const char *domain = text + len + 1;
    *at = len;
    return *domain && strlen(domain) <= MAX_ADDRESS - len - 1 && !pk_domain_fault(domain);
}

static pk_address_status parse_plain(pk_arena *arena, const char *text, size_t at, pk_address *out)
{
    out->text = pk_arena_strdup(arena, text);
    out->domain = out->text ? out->text + at + 1 : NULL;
    out->shown = out->text;
    return out->text ? make_ascii_key(arena, out) : PK_ADDRESS_NO_MEMORY;
}

pk_address_status pk_address_parse(pk_arena *arena, const char *text, pk_address *out,
                                   const char **why)
{
    size_t at = 0;
    *out = (pk_address){0};
    if (is_plain(text, &at)) {
        return parse_plain(arena, text, at, out);
    }
    const char *reason = first_look(text);
    if (reason) {
        return bad(why, reason);
    }
    pk_buf local;
    pk_buf_init(&local, 1024);
    const char *domain = split(arena, text, &local, why);
    pk_address_status status = PK_ADDRESS_BAD;
    if (!compose_local(&local)) {
        status = PK_ADDRESS_NO_MEMORY;
    } else if (domain && local.len > MAX_LOCAL) { /* composing makes few texts longer */
        *why = "has more than 64 bytes before the @";
    } else if (domain) {
        status = parse_domain_part(arena, domain, out, why);
    }
    if (status == PK_ADDRESS_OK) {
        out->international = !pk_is_ascii(local.data);
        status = assemble(arena, &local, out, why);
    }
    if (status == PK_ADDRESS_OK) {
        status = show(arena, &local, domain, out);
    }
    pk_buf_free(&local);
    return status == PK_ADDRESS_OK ? make_key(arena, out) : status;
}

bool pk_address_is_same(const pk_address *a, const pk_address *b)
{
    size_t len = strlen(a->text);
    return strlen(b->text) == len && pk_ascii_equal_nocase(a->text, b->text, len);
}

const char *pk_address_shown_domain(const pk_address *address)
{
    return strrchr(address->shown, '@') + 1; /* no domain holds an @ */
}

void pk_address_complaint(char *out, size_t size, const char *text, const char *why,
                          const char *expected)
{
    if (!*text) {
        (void)snprintf(out, size, "%s; %s", why, expected);
        return;
    }
    bool has_advice = strchr(why, ';');
    (void)snprintf(out, size, "\"%.300s\" %s%s%s", text, why, has_advice ? "" : "; ",
                   has_advice ? "" : expected);
}
