#include "base/domain.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_DOMAIN = 255, /* RFC 5321 §4.5.3.1.2 */
    MAX_LABEL = 63,   /* RFC 1035 §2.3.4 */
};

static pk_address_status bad(const char **why, const char *reason)
{
    *why = reason;
    return PK_ADDRESS_BAD;
}

static bool is_number(const char *text, size_t len)
{
    size_t i = 0;
    while (i < len && text[i] >= '0' && text[i] <= '9') {
        i++;
    }
    return i == len;
}

const char *pk_domain_fault(const char *domain)
{
    size_t label = 0;
    for (const char *p = domain;; p++) {
        if (*p == '.' || !*p) {
            if (label == 0) {
                return "has an empty part in its domain (a dot too many)";
            }
            if (label > MAX_LABEL) {
                return "has a part of more than 63 characters in its domain";
            }
            if (p[-1] == '-' || p[-(long)label] == '-') {
                return "has a hyphen at an end of a part of its domain";
            }
            if (!*p) {
                return is_number(p - label, label)
                           ? "ends in a number; an IP address stands in brackets, as [192.0.2.1]"
                           : NULL;
            }
            label = 0;
            continue;
        }
        bool letter = (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '-';
        if (!letter) {
            return "has a character in its domain that no domain may have";
        }
        label++;
    }
}

static void lower(char *text)
{
    for (; *text; text++) {
        *text = pk_ascii_lower(*text);
    }
}

/* To lower-case A-labels; *out is for free(). */
static pk_address_status to_ascii(const char *text, char **out, const char **why)
{
    uint8_t *ascii = NULL;
    if (pk_is_ascii(text)) {
        *out = strdup(text);
        return *out ? PK_ADDRESS_OK : PK_ADDRESS_NO_MEMORY;
    }
    int rc = idn2_lookup_u8((const uint8_t *)text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (rc == IDN2_MALLOC) {
        return PK_ADDRESS_NO_MEMORY;
    }
    if (rc != IDN2_OK) {
        return bad(why, "has a domain that is not a valid international domain name");
    }
    *out = strdup((const char *)ascii);
    idn2_free(ascii);
    return *out ? PK_ADDRESS_OK : PK_ADDRESS_NO_MEMORY;
}

pk_address_status pk_domain_parse(pk_arena *arena, const char *text, const char **out,
                                  const char **why)
{
    char *ascii = NULL;
    if (!*text) {
        return bad(why, "has no domain");
    }
    pk_address_status status = to_ascii(text, &ascii, why);
    if (status != PK_ADDRESS_OK) {
        return status;
    }
    lower(ascii);
    const char *reason = strlen(ascii) > MAX_DOMAIN ? "has a domain of more than 255 characters"
                                                    : pk_domain_fault(ascii);
    if (!reason) {
        *out = pk_arena_strdup(arena, ascii);
        status = *out ? PK_ADDRESS_OK : PK_ADDRESS_NO_MEMORY;
    } else {
        status = bad(why, reason);
    }
    free(ascii);
    return status;
}

void pk_address_add_unicode(pk_buf *out, const char *address)
{
    const char *at = strrchr(address, '@');
    char *domain = NULL;
    bool is_decoded = at && pk_is_ascii(at) && strlen(at + 1) <= MAX_DOMAIN &&
                      idn2_to_unicode_8z8z(at + 1, &domain, 0) == IDN2_OK;
    if (is_decoded) {
        pk_buf_add(out, address, (size_t)(at + 1 - address));
        pk_buf_str(out, domain);
    } else {
        pk_buf_str(out, address);
    }
    idn2_free(domain);
}

pk_address_status pk_literal_parse(pk_arena *arena, const char *text, const char **out,
                                   const char **why)
{
    unsigned char bytes[16];
    char inside[64];
    size_t len = strlen(text);
    if (len < 3 || text[len - 1] != ']' || len - 2 >= sizeof inside) {
        return bad(why, "has an address literal that is not closed by ]");
    }
    memcpy(inside, text + 1, len - 2);
    inside[len - 2] = '\0';
    bool six = pk_ascii_equal_nocase(inside, "IPv6:", 5);
    if (inet_pton(six ? AF_INET6 : AF_INET, inside + (six ? 5 : 0), bytes) != 1) {
        return bad(why, "has an address literal that is neither [1.2.3.4] nor [IPv6:…]");
    }
    *out = pk_arena_strdup(arena, text);
    return *out ? PK_ADDRESS_OK : PK_ADDRESS_NO_MEMORY;
}
