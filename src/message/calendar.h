/* An invitation to a meeting: RFC 5545 (iCalendar), RFC 5546 §3.2.2 (REQUEST). It goes into a part
 * `text/calendar; method=REQUEST; charset=utf-8` (RFC 6047 §2.4). */
#ifndef PK_MESSAGE_CALENDAR_H
#define PK_MESSAGE_CALENDAR_H

#include "base/buf.h"
#include "message/header.h"

#include <stdbool.h>
#include <stdint.h>

/* All lent, all UTF-8; times are seconds since 1970 in UTC. Any text may hold anything: it can't
 * leave its place. */
typedef struct pk_invitation {
    const char *uid; /* the same whenever the same meeting is sent */
    const char *summary;
    const char *description; /* "" for none */
    const char *location;    /* "" for none */
    int64_t start_s;
    int64_t end_s;
    int64_t stamp_s;      /* when the invitation was made */
    pk_mailbox organiser; /* whose meeting it is: the author */
    const char *sent_by;  /* the address of who sends it for them; NULL: they do themselves */
    const pk_mailbox *attendees;
    size_t attendee_count;
} pk_invitation;

/* Appends it, in lines of at most 75 octets that end with CRLF. False: out of memory, or out is
 * full. */
bool pk_calendar(pk_buf *out, const pk_invitation *invitation);

#endif
