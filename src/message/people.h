/* The header fields that name people: From, Sender, To, Cc. */
#ifndef PK_MESSAGE_PEOPLE_H
#define PK_MESSAGE_PEOPLE_H

#include "message/composer.h"

/* Whether the prank's envelope holds an international address. An author's alone does not count:
 * libcurl says SMTPUTF8 only for the envelope's sake. */
bool pk_needs_utf8(const prankcurl_campaign *campaign, const prankcurl_prank *prank);

/* Whether the person's address can stand in the message, in the form that is set in it. */
bool pk_can_stand(const prankcurl_message *message, const prankcurl_person *person);

/* Whom the message comes from, as From says it: the author. Where their address can't stand in the
 * message, the organiser's does under their name (RFC 6854 would allow none; large servers don't).
 */
pk_mailbox pk_author_of(const pk_spot *spot, const prankcurl_message *message);

/* Appends the fields to the message, in the form that is set in it. */
void pk_add_people(const pk_spot *spot, prankcurl_message *message);

#endif
