/* The header fields that name people: From, Sender, To, Cc. */
#ifndef PK_MESSAGE_PEOPLE_H
#define PK_MESSAGE_PEOPLE_H

#include "message/composer.h"

/* Whether the prank's envelope holds an international address. An author's alone does not count:
 * libcurl says SMTPUTF8 only for the envelope's sake. */
bool pk_needs_utf8(const prankcurl_campaign *campaign, const prankcurl_prank *prank);

/* Whether the person's address can stand in the message, in the form that is set in it. */
bool pk_can_stand(const prankcurl_message *message, const prankcurl_person *person);

/* Appends the fields to the message, in the form that is set in it. */
void pk_add_people(const pk_spot *spot, prankcurl_message *message);

#endif
