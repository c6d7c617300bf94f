#include "message/people.h"

bool pk_needs_utf8(const prankcurl_campaign *campaign, const prankcurl_prank *prank)
{
    bool needs = campaign->organiser->address.international;
    for (size_t i = 0; i < prankcurl_prank_person_count(prank) && !needs; i++) {
        needs = prankcurl_prank_person(prank, i)->address.international;
    }
    return needs;
}

bool pk_can_stand(const prankcurl_message *message, const prankcurl_person *person)
{
    return message->is_utf8 || !person->address.international;
}

static void add(const pk_spot *spot, prankcurl_message *message, const char *field, size_t count)
{
    pk_header_form form = message->is_utf8 ? PK_HEADER_UTF8 : PK_HEADER_7BIT;
    pk_report_field(spot, field,
                    pk_header_mailboxes(&message->out.own, field, message->mailboxes, count, form));
}

/* Who has an address that can't stand in the message does not get it either, and is left out: RFC
 * 6857 would write an empty group there, which readers show as anything. Returns how many are in.
 */
static size_t add_list(const pk_spot *spot, prankcurl_message *message, const char *field,
                       const prankcurl_person *const *people, size_t count)
{
    size_t shown = 0;
    if (!pk_message_make_room(message, count)) {
        pk_report_spot(spot, PRANKCURL_NO_MEMORY, "out of memory");
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (pk_can_stand(message, people[i])) {
            message->mailboxes[shown++] = (pk_mailbox){people[i]->name, people[i]->address.text};
        }
    }
    add(spot, message, field, shown);
    return shown;
}

pk_mailbox pk_author_of(const pk_spot *spot, const prankcurl_message *message)
{
    const prankcurl_person *author = spot->prank->author;
    if (pk_can_stand(message, author)) {
        return (pk_mailbox){author->name, author->address.text};
    }
    const char *name = author->name[0] ? author->name : author->address.text;
    return (pk_mailbox){name, spot->composer->campaign->organiser->address.text};
}

/* From and, where that is someone else, Sender (RFC 5322 §3.6.2). */
static void add_author(const pk_spot *spot, prankcurl_message *message)
{
    const prankcurl_person *author = spot->prank->author;
    const prankcurl_person *organiser = spot->composer->campaign->organiser;
    if (!pk_message_make_room(message, 1)) {
        pk_report_spot(spot, PRANKCURL_NO_MEMORY, "out of memory");
        return;
    }
    message->mailboxes[0] = pk_author_of(spot, message);
    add(spot, message, "From", 1);
    if (pk_can_stand(message, author) &&
        !pk_address_is_same(&organiser->address, &author->address)) {
        (void)add_list(spot, message, "Sender", &organiser, 1);
    }
}

void pk_add_people(const pk_spot *spot, prankcurl_message *message)
{
    const prankcurl_prank *prank = spot->prank;
    add_author(spot, message);
    size_t shown = add_list(spot, message, "To", (const prankcurl_person *const *)prank->recipients,
                            prank->recipient_count);
    if (shown == 0 && prank->recipient_count > 0) {
        /* A message without To looks like spam to many. */
        pk_report_field(spot, "To",
                        pk_header_token(&message->out.own, "To", "undisclosed-recipients:;"));
    }
    (void)add_list(spot, message, "Cc", (const prankcurl_person *const *)prank->cc,
                   prank->cc_count);
}
