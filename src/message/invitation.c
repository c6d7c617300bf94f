/* A message that is an invitation too: the author's meeting, to which everybody is asked who gets
 * the message. */
#include "message/calendar.h"
#include "message/composer.h"

#include <string.h>

/* The Message-ID without its brackets: the same meeting however often it is sent. */
static void add_uid(pk_buf *out, const char *message_id)
{
    size_t len = strlen(message_id);
    bool has_brackets = len > 2 && message_id[0] == '<' && message_id[len - 1] == '>';
    pk_buf_reset(out);
    pk_buf_add(out, message_id + (has_brackets ? 1 : 0), len - (has_brackets ? 2 : 0));
}

static const char *sender(const pk_spot *spot)
{
    const prankcurl_person *organiser = spot->composer->campaign->organiser;
    bool is_author = strcmp(organiser->address.key, spot->prank->author->address.key) == 0;
    return is_author ? NULL : organiser->address.text;
}

static bool gather(const prankcurl_prank *prank, prankcurl_message *message)
{
    size_t count = prankcurl_prank_person_count(prank);
    if (!pk_message_make_room(message, count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const prankcurl_person *person = prankcurl_prank_person(prank, i);
        message->mailboxes[i] = (pk_mailbox){person->name, person->address.text};
    }
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
    bool has_room = gather(prank, message);
    const pk_invitation invitation = {
        .uid = pk_buf_text(&message->uid),
        .summary = pk_buf_text(&message->subject),
        .description = pk_buf_text(&message->text),
        .location = pk_buf_text(&message->line),
        .start_s = meeting->start_s,
        .end_s = meeting->end_s,
        .stamp_s = spot->date_s,
        .organiser = {prank->author->name, prank->author->address.text},
        .sent_by = sender(spot),
        .attendees = message->mailboxes,
        .attendee_count = prankcurl_prank_person_count(prank),
    };
    if (!has_room || !pk_buf_ok(&message->uid) || !pk_calendar(&message->calendar, &invitation)) {
        pk_report_buffer(spot, &message->calendar);
    }
}
