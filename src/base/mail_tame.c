#include "base/mail_tame.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>

enum {
    MAX_COLONS = 100,      /* in an address field: GMime reads groups by recursion */
    MAX_BOUNDARIES = 5000, /* each part costs memory and time, */
    MAX_MULTIPARTS = 250,  /* and each line is compared with every boundary that is open */
};

/* Fields in which addresses stand; any field whose name ends so (Resent-To). */
static const char *const address_fields[] = {
    "from:", "to:", "cc:", "bcc:", "reply-to:", "sender:", "mail-followup-to:"};

static bool begins_with(const char *line, const char *end, const char *word)
{
    size_t len = strlen(word);
    return (size_t)(end - line) >= len && pk_ascii_equal_nocase(line, word, len);
}

const char *pk_mail_field_end(const char *text, const char *end)
{
    const char *next = text;
    do {
        const char *lf = memchr(next, '\n', (size_t)(end - next));
        next = lf ? lf + 1 : end;
    } while (next < end && (*next == ' ' || *next == '\t'));
    return next;
}

static bool is_address_field(const char *line, const char *end)
{
    line += begins_with(line, end, "resent-") ? strlen("resent-") : 0;
    line += begins_with(line, end, "disposition-notification-") ? 25 : 0;
    for (size_t i = 0; i < sizeof address_fields / sizeof address_fields[0]; i++) {
        if (begins_with(line, end, address_fields[i])) {
            return true;
        }
    }
    return false;
}

static void tame_address_field(char *line, const char *field_end)
{
    size_t colons = 0;
    for (char *p = line; p < field_end; p++) {
        if (*p == ':' && ++colons > MAX_COLONS) {
            *p = ' ';
        }
    }
}

/* "--" and what may begin a part behind it: a header field or an empty line. */
static bool is_boundary(const char *line, const char *next, const char *end)
{
    if (!begins_with(line, end, "--") || next == end) {
        return false;
    }
    const char *colon = memchr(next, ':', (size_t)(end - next) < 80 ? (size_t)(end - next) : 80);
    const char *lf = memchr(next, '\n', (size_t)(end - next) < 80 ? (size_t)(end - next) : 80);
    bool is_empty = *next == '\n' || *next == '\r' || *next == '-';
    return is_empty || (colon && (!lf || colon < lf));
}

size_t pk_mail_tame(char *bytes, size_t len)
{
    const char *end = bytes + len;
    size_t boundaries = 0;
    size_t multiparts = 0;
    for (char *line = bytes; line < end;) {
        const char *lf = memchr(line, '\n', (size_t)(end - line));
        const char *next = lf ? lf + 1 : end;
        boundaries += is_boundary(line, next, end) ? 1 : 0;
        multiparts += begins_with(line, end, "content-type: multipart/") ? 1 : 0;
        if (boundaries > MAX_BOUNDARIES || multiparts > MAX_MULTIPARTS) {
            return (size_t)(line - bytes);
        }
        if (is_address_field(line, end)) {
            next = pk_mail_field_end(line, end);
            tame_address_field(line, next);
        }
        line += next - line;
    }
    return len;
}
