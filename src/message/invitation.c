/* A message that is an invitation too: the author's meeting, to which everybody is asked who gets
 * the message. */
#include "message/calendar.h"
#include "message/composer.h"
#include "message/people.h"

#include <string.h>

/* The Message-ID without its brackets: the same meeting however often it is sent. */
static void add_uid(pk_buf *out, const char *message_id)
{
    size_t len = strlen(message_id);
    bool has_brackets = len > 2 && message_id[0] == '<' && message_id[len - 1] == '>';
    pk_buf_reset(out);
    pk_buf_add(out, message_id + (has_brackets ? 1 : 0), len - (has_brackets ? 2 : 0));
}

/* The author, as From has them: see people.c for an address that can't stand there. */
static void set_organiser(const pk_spot *spot, const prankcurl_message *message,
                          pk_invitation *invitation)
{
    const prankcurl_person *author = spot->prank->author;
    const prankcurl_person *organiser = spot->composer->campaign->organiser;
    bool is_author = pk_address_is_same(&organiser->address, &author->address);
    bool can_stand = pk_can_stand(message, author);
    invitation->organiser =
        (pk_mailbox){author->name, can_stand ? author->address.text : organiser->address.text};
    invitation->sent_by = is_author || !can_stand ? NULL : organiser->address.text;
}

/* Everybody who gets the message. False: out of memory. */
static bool set_attendees(const prankcurl_prank *prank, prankcurl_message *message,
                          pk_invitation *invitation)
{
    size_t count = prankcurl_prank_person_count(prank);
    if (!pk_message_make_room(message, count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const prankcurl_person *person = prankcurl_prank_person(prank, i);
        if (pk_can_stand(message, person)) {
            message->mailboxes[invitation->attendee_count++] =
                (pk_mailbox){person->name, person->address.text};
        }
    }
    invitation->attendees = message->mailboxes;
    return true;
}

void pk_make_invitation(pk_spot *spot, prankcurl_message *message)
{
    const prankcurl_prank *prank = spot->prank;
    const pk_meeting *meeting = spot->message->meeting;
    pk_buf_reset(&message->line);
    if (meeting->location.text) {
        pk_render_line(spot, &meeting->location, "place", &message->line);
    }
    add_uid(&message->uid, prank->message_id);
    pk_invitation invitation = {
        .uid = pk_buf_text(&message->uid),
        .summary = pk_buf_text(&message->subject),
        .description = pk_buf_text(&message->text),
        .location = pk_buf_text(&message->line),
        .start_s = meeting->start_s,
        .end_s = meeting->end_s,
        .stamp_s = spot->date_s,
    };
    set_organiser(spot, message, &invitation);
    if (!set_attendees(prank, message, &invitation) || !pk_buf_ok(&message->uid) ||
        !pk_calendar(&message->calendar, &invitation)) {
        pk_report_buffer(spot, &message->calendar);
    }
}
