/* A message that is an invitation too: the author's meeting, to which everybody is asked who gets
 * the message. */
#include "message/calendar.h"
#include "message/composer.h"
#include "message/html_text.h"
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

/* The organiser, where the meeting's address is another one. */
static const char *sender(const pk_spot *spot, const pk_mailbox *author)
{
    const pk_address *organiser = &spot->composer->campaign->organiser->address;
    bool is_theirs = pk_address_is_same(organiser, &spot->prank->author->address) ||
                     strcmp(organiser->text, author->address) == 0;
    return is_theirs ? NULL : organiser->text;
}

/* Those who get the message in this form, as in To and Cc. */
static bool gather(const prankcurl_prank *prank, prankcurl_message *message, size_t *shown)
{
    size_t count = prankcurl_prank_person_count(prank);
    if (!pk_message_make_room(message, count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const prankcurl_person *person = prankcurl_prank_person(prank, i);
        if (pk_can_stand(message, person)) {
            message->mailboxes[(*shown)++] = (pk_mailbox){person->name, person->address.text};
        }
    }
    return true;
}

/* What the meeting is about: the text. One that was made from html is made anew, for a calendar
 * wraps lines itself. */
static bool describe(const pk_spot *spot, prankcurl_message *message)
{
    pk_buf *out = &message->description;
    pk_buf_reset(out);
    if (spot->message->text.text || message->html.len == 0) {
        pk_buf_add(out, pk_buf_text(&message->text), message->text.len);
        return pk_buf_ok(out);
    }
    return pk_html_to_text(out, pk_buf_text(&message->html), message->html.len, PK_TEXT_TO_FLOW);
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
    size_t attendee_count = 0;
    bool has_room = gather(prank, message, &attendee_count) && describe(spot, message);
    const pk_mailbox author = pk_author_of(spot, message);
    const pk_invitation invitation = {
        .uid = pk_buf_text(&message->uid),
        .summary = pk_buf_text(&message->subject),
        .description = pk_buf_text(&message->description),
        .location = pk_buf_text(&message->line),
        .start_s = meeting->start_s,
        .end_s = meeting->end_s,
        .stamp_s = spot->date_s,
        .organiser = author,
        .sent_by = sender(spot, &author),
        .attendees = message->mailboxes,
        .attendee_count = attendee_count,
    };
    if (!has_room || !pk_buf_ok(&message->uid) || !pk_calendar(&message->calendar, &invitation)) {
        pk_report_buffer(spot, &message->calendar);
    }
}
