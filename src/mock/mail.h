/* A message that was received: its envelope, who brought it, the dialogue, and its bytes. */
#ifndef PM_MAIL_H
#define PM_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An address of the envelope. */
typedef struct pm_path {
    const char *address;    /* "" for the null sender */
    const char *parameters; /* as they came, blanks between */
} pm_path;

/* Who brought it. Texts are "" where there is nothing to say. */
typedef struct pm_client {
    const char *address;
    unsigned port;
    const char *name;     /* what EHLO or HELO said */
    const char *protocol; /* "ESMTPSA" (RFC 3848) */
    const char *user;
    const char *mechanism;
    const char *tls_version;
    const char *tls_cipher;
    int64_t connected_ms; /* since 1970, UTC */
    uint64_t connection;  /* number since the start */
    uint64_t message;     /* number on its connection */
} pm_client;

typedef struct pm_mail {
    uint64_t id;         /* counts up, from 1 */
    int64_t received_ms; /* since 1970, UTC */
    pm_path sender;
    const pm_path *recipients;
    size_t recipient_count;
    pm_client client;
    const char *dialogue; /* lines: 'C', 'S' or 'N', what was said, \n */
    size_t dialogue_len;
    const char *raw; /* as it came, without dot-stuffing; any bytes */
    size_t raw_len;
    const char *file; /* its name in the Maildir; "" without one */
    size_t footprint; /* bytes of memory that it takes */
} pm_mail;

/* Bytes of memory that a copy of the draft takes. */
size_t pm_mail_footprint(const pm_mail *draft);
/* A copy of everything that `draft` lends, in one block that the caller frees with free(). NULL:
 * out of memory. */
pm_mail *pm_mail_keep(const pm_mail *draft);

#endif
