/* Making a certificate authority, and a certificate for this machine. */
#ifndef PM_CERTIFICATE_MAKE_H
#define PM_CERTIFICATE_MAKE_H

#include "base/error.h"

/* The organisation in what we make: by it we know our own. */
#define PM_CERTIFICATE_MAKER "prankmock"

/* Writes both files, each whole or not at all. The authority's key is thrown away: nobody can sign
 * anything else with it. */
prankcurl_status pm_certificate_make(const char *ca_path, const char *server_path,
                                     prankcurl_error *error);
/* "cannot WHAT "PATH": why", with OpenSSL's reason or else the system's; path may be NULL. */
prankcurl_status pm_certificate_fail(prankcurl_error *error, const char *what, const char *path);

#endif
