/* Messages as files: a Maildir (cr.yp.to/proto/maildir.html) that mail programs can read, and
 * beside it `envelope/`, a JSON file a message with what no header field says. */
#ifndef PM_MAILDIR_H
#define PM_MAILDIR_H

#include "base/error.h"
#include "mock/mail.h"

enum { PM_MAILDIR_NAME = 256 + 4 }; /* "new/NAME" */

/* Gets a draft that is lent for the call, oldest first. False: out of memory. */
typedef bool pm_maildir_taker(void *context, const pm_mail *draft);

/* Makes the folders where they are missing, and gives the newest `max` messages to `take`. Files of
 * other programs are taken too, with an empty envelope. What can't be read is left out, with a
 * warning. */
prankcurl_status pm_maildir_open(const char *folder, size_t max, pm_maildir_taker *take,
                                 void *context, prankcurl_error *error);
/* Writes a message; its place, as "new/NAME", goes to `file`. It is there whole, or not at all. */
prankcurl_status pm_maildir_write(const char *folder, const pm_mail *mail,
                                  char file[PM_MAILDIR_NAME], prankcurl_error *error);
/* Removes a message, wherever a mail program has moved it. What can't be removed stays. */
void pm_maildir_remove(const char *folder, const char *file);

#endif
