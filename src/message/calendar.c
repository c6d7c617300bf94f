#include "message/calendar.h"

#include "base/clock.h"

#include <string.h>

enum { LINE_OCTETS = 75 }; /* RFC 5545 §3.1, without the line end */

static bool is_control(char c)
{
    return (c >= 0 && c < ' ') || c == 0x7f;
}

/* The length of the line end at text; 0: there is none. */
static size_t line_end_len(const char *text)
{
    if (text[0] == '\r') {
        return text[1] == '\n' ? 2 : 1;
    }
    return text[0] == '\n' ? 1 : 0;
}

/* A value of type TEXT (§3.3.11). Control characters may be in none: they are left out. */
static void add_text(pk_buf *line, const char *text)
{
    while (*text) {
        size_t end_len = line_end_len(text);
        if (end_len > 0) {
            pk_buf_str(line, "\\n");
            text += end_len;
            continue;
        }
        if (*text == '\\' || *text == ';' || *text == ',') {
            pk_buf_char(line, '\\');
        }
        if (!is_control(*text) || *text == '\t') {
            pk_buf_char(line, *text);
        }
        text++;
    }
}

/* A parameter's value, in quotes (§3.2), with the escapes of RFC 6868 §3.1. */
static void add_parameter(pk_buf *line, const char *text)
{
    pk_buf_char(line, '"');
    while (*text) {
        size_t end_len = line_end_len(text);
        if (end_len > 0) {
            pk_buf_str(line, "^n");
            text += end_len;
            continue;
        }
        if (*text == '^' || *text == '"') {
            pk_buf_str(line, *text == '^' ? "^^" : "^'");
        } else if (!is_control(*text)) {
            pk_buf_char(line, *text);
        }
        text++;
    }
    pk_buf_char(line, '"');
}

static bool is_literal_in_uri(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c && strchr("-._~!$'*+@", c));
}

/* RFC 6068 §2. */
static void add_mailto(pk_buf *line, const char *address)
{
    pk_buf_str(line, "mailto:");
    for (; *address; address++) {
        if (is_literal_in_uri(*address)) {
            pk_buf_char(line, *address);
        } else {
            pk_buf_fmt(line, "%%%02X", (unsigned char)*address);
        }
    }
}

/* Moves the line to out, folded; never inside a character. */
static void end_line(pk_buf *out, pk_buf *line)
{
    const char *text = pk_buf_text(line);
    size_t len = line->len;
    size_t room = LINE_OCTETS;
    while (len > room) {
        size_t cut = room;
        while (cut > 1 && ((unsigned char)text[cut] & 0xc0) == 0x80) {
            cut--;
        }
        pk_buf_add(out, text, cut);
        pk_buf_str(out, "\r\n ");
        text += cut;
        len -= cut;
        room = LINE_OCTETS - 1; /* the blank is one of them */
    }
    pk_buf_add(out, text, len);
    pk_buf_str(out, "\r\n");
    pk_buf_cut(line, 0);
}

static void add_text_property(pk_buf *out, pk_buf *line, const char *name, const char *text)
{
    if (*text) {
        pk_buf_str(line, name);
        pk_buf_char(line, ':');
        add_text(line, text);
        end_line(out, line);
    }
}

static void add_time_property(pk_buf *out, pk_buf *line, const char *name, int64_t time_s)
{
    pk_buf_str(line, name);
    pk_buf_char(line, ':');
    pk_add_utc_basic(line, time_s);
    end_line(out, line);
}

static void add_name(pk_buf *line, const pk_mailbox *person)
{
    if (*person->name) {
        pk_buf_str(line, ";CN=");
        add_parameter(line, person->name);
    }
}

static void add_organiser(pk_buf *out, pk_buf *line, const pk_invitation *invitation)
{
    pk_buf_str(line, "ORGANIZER");
    add_name(line, &invitation->organiser);
    if (invitation->sent_by) {
        pk_buf_str(line, ";SENT-BY=\"");
        add_mailto(line, invitation->sent_by);
        pk_buf_char(line, '"');
    }
    pk_buf_char(line, ':');
    add_mailto(line, invitation->organiser.address);
    end_line(out, line);
}

static void add_attendee(pk_buf *out, pk_buf *line, const pk_mailbox *attendee)
{
    pk_buf_str(line, "ATTENDEE");
    add_name(line, attendee);
    pk_buf_str(line, ";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:");
    add_mailto(line, attendee->address);
    end_line(out, line);
}

static void add_event(pk_buf *out, pk_buf *line, const pk_invitation *invitation)
{
    pk_buf_str(out, "BEGIN:VEVENT\r\n");
    add_text_property(out, line, "UID", invitation->uid);
    add_time_property(out, line, "DTSTAMP", invitation->stamp_s);
    add_time_property(out, line, "DTSTART", invitation->start_s);
    add_time_property(out, line, "DTEND", invitation->end_s);
    add_text_property(out, line, "SUMMARY", invitation->summary);
    add_text_property(out, line, "DESCRIPTION", invitation->description);
    add_text_property(out, line, "LOCATION", invitation->location);
    add_organiser(out, line, invitation);
    for (size_t i = 0; i < invitation->attendee_count; i++) {
        add_attendee(out, line, &invitation->attendees[i]);
    }
    pk_buf_str(out, "SEQUENCE:0\r\nSTATUS:CONFIRMED\r\nEND:VEVENT\r\n");
}

bool pk_calendar(pk_buf *out, const pk_invitation *invitation)
{
    pk_buf line;
    pk_buf_init(&line, out->max);
    pk_buf_str(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//prankcurl//prankcurl//EN\r\n"
                    "METHOD:REQUEST\r\n");
    add_event(out, &line, invitation);
    pk_buf_str(out, "END:VCALENDAR\r\n");
    bool is_whole = pk_buf_ok(&line) && pk_buf_ok(out);
    pk_buf_free(&line);
    return is_whole;
}
