/* Which header fields a message may add. Names are the same whatever their case (RFC 5322 §1.2.2).
 */
#ifndef PK_CAMPAIGN_FIELD_NAMES_H
#define PK_CAMPAIGN_FIELD_NAMES_H

#include <stdbool.h>

bool pk_is_field(const char *name, const char *known);
/* X- with letters, digits and hyphens behind it, 60 characters at most. */
bool pk_is_x_field(const char *name);
/* Servers, filters, lists or prankcurl itself speak by it. */
bool pk_is_reserved_field(const char *name);
/* Of a saved mail: whether a field goes into the messages made from it. Importance, Organization
 * and X-…, but not what tells how the mail travelled, who sent it with what, what was thought of
 * it, or where a program keeps it. Reply-To is not kept: it is that of somebody who has no part
 * here. */
bool pk_eml_keeps_field(const char *name);

#endif
