/* What a calendar invitation (RFC 5545) says, for people. */
#ifndef PK_PREVIEW_INVITATION_H
#define PK_PREVIEW_INVITATION_H

#include "base/buf.h"

#include <stdbool.h>

typedef struct pk_invitation {
    pk_buf summary;
    pk_buf start; /* "2027-04-01 10:00 UTC" */
    pk_buf end;
    pk_buf location;
} pk_invitation;

void pk_invitation_init(pk_invitation *invitation);
void pk_invitation_free(pk_invitation *invitation);
/* Reads its first event; what it does not say stays "". False: out of memory. */
bool pk_invitation_read(pk_invitation *invitation, const char *calendar);

#endif
