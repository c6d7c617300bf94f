#include "preview/invitation.h"

#include "base/text.h"

#include <string.h>

enum { MAX_LINE = 1 << 20 };

void pk_invitation_init(pk_invitation *invitation)
{
    pk_buf_init(&invitation->summary, MAX_LINE);
    pk_buf_init(&invitation->start, MAX_LINE);
    pk_buf_init(&invitation->end, MAX_LINE);
    pk_buf_init(&invitation->location, MAX_LINE);
}

void pk_invitation_free(pk_invitation *invitation)
{
    pk_buf_free(&invitation->summary);
    pk_buf_free(&invitation->start);
    pk_buf_free(&invitation->end);
    pk_buf_free(&invitation->location);
}

/* §3.3.11: a backslash before what would mean something; \n is a line's end. */
static void add_text(pk_buf *out, const char *value)
{
    for (; *value; value++) {
        char c = *value;
        if (c == '\\' && value[1]) {
            c = *++value;
            if (c == 'n' || c == 'N') {
                c = ' ';
            }
        }
        pk_buf_char(out, c);
    }
}

static bool are_digits(const char *text, size_t count)
{
    size_t i = 0;
    while (i < count && text[i] >= '0' && text[i] <= '9') {
        i++;
    }
    return i == count;
}

/* §3.3.5: 20270401T100000Z, or a day alone. What is neither is shown as it is. */
static void add_when(pk_buf *out, const char *value, const char *zone)
{
    if (!are_digits(value, 8)) {
        pk_buf_str(out, value);
        return;
    }
    pk_buf_fmt(out, "%.4s-%.2s-%.2s", value, value + 4, value + 6);
    if (value[8] == 'T' && are_digits(value + 9, 6)) {
        pk_buf_fmt(out, " %.2s:%.2s%s", value + 9, value + 11, value[15] == 'Z' ? " UTC" : "");
        pk_buf_fmt(out, "%s%s", *zone ? " " : "", zone);
    }
}

/* The value of the parameter TZID in the len bytes before a property's value. */
static void add_zone(pk_buf *out, const char *property, size_t len)
{
    static const char name[] = ";TZID=";
    for (size_t i = 0; i + sizeof name - 1 <= len; i++) {
        if (pk_ascii_equal_nocase(property + i, name, sizeof name - 1)) {
            const char *zone = property + i + sizeof name - 1;
            size_t rest = len - i - (sizeof name - 1);
            const char *end = memchr(zone, ';', rest);
            pk_buf_add(out, zone, end ? (size_t)(end - zone) : rest);
            return;
        }
    }
}

/* A line of the event: NAME;PARAMETERS:VALUE. A colon within quoted parameters is not looked for:
 * none of those read here has any. */
static void read_property(pk_invitation *invitation, const char *line)
{
    const struct {
        const char *name;
        pk_buf *to;
        bool is_time;
    } properties[] = {
        {"SUMMARY", &invitation->summary, false},
        {"DTSTART", &invitation->start, true},
        {"DTEND", &invitation->end, true},
        {"LOCATION", &invitation->location, false},
    };
    const char *colon = strchr(line, ':');
    size_t len = strcspn(line, ";:");
    for (size_t i = 0; colon && i < sizeof properties / sizeof properties[0]; i++) {
        pk_buf *to = properties[i].to;
        if (strlen(properties[i].name) != len || to->len > 0 ||
            !pk_ascii_equal_nocase(line, properties[i].name, len)) {
            continue;
        }
        if (!properties[i].is_time) {
            add_text(to, colon + 1);
            continue;
        }
        pk_buf zone;
        pk_buf_init(&zone, MAX_LINE);
        add_zone(&zone, line, (size_t)(colon - line));
        add_when(to, colon + 1, pk_buf_text(&zone));
        pk_buf_free(&zone);
    }
}

/* Appends the line at `at`, unfolded (§3.1); returns what is behind it. */
static const char *read_line(const char *at, pk_buf *line)
{
    bool goes_on = true;
    while (goes_on) {
        size_t len = strcspn(at, "\r\n");
        pk_buf_add(line, at, len);
        at += len;
        at += *at == '\r' ? 1 : 0;
        at += *at == '\n' ? 1 : 0;
        goes_on = len > 0 && (*at == ' ' || *at == '\t');
        at += goes_on ? 1 : 0;
    }
    return at;
}

bool pk_invitation_read(pk_invitation *invitation, const char *calendar)
{
    bool in_event = false;
    bool ok = true;
    pk_buf line;
    pk_buf_init(&line, MAX_LINE);
    while (*calendar && ok) {
        pk_buf_reset(&line);
        calendar = read_line(calendar, &line);
        ok = pk_buf_ok(&line);
        const char *text = pk_buf_text(&line);
        if (strcmp(text, "BEGIN:VEVENT") == 0) {
            in_event = true;
        } else if (strcmp(text, "END:VEVENT") == 0) {
            break;
        } else if (in_event) {
            read_property(invitation, text);
        }
    }
    pk_buf_free(&line);
    return ok && pk_buf_ok(&invitation->summary) && pk_buf_ok(&invitation->start) &&
           pk_buf_ok(&invitation->end) && pk_buf_ok(&invitation->location);
}
