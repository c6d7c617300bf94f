/* A certificate authority and a certificate for this machine, made on the spot and used again. */
#ifndef PM_CERTIFICATE_H
#define PM_CERTIFICATE_H

#include "base/error.h"

#include <openssl/ssl.h>

enum { PM_TLS_PATH = 4096 };

/* The server's side of TLS, with what `folder` holds: ca.pem (to be trusted by clients) and
 * server.pem (key and certificate). Both are made when neither is there, and made anew when ours
 * have run out or one of ours is lost. They name this machine's addresses of the time. *out is the
 * caller's, SSL_CTX_free(). ca_path gets the path of ca.pem. */
prankcurl_status pm_certificate_context(const char *folder, SSL_CTX **out,
                                        char ca_path[PM_TLS_PATH], prankcurl_error *error);

/* Where they are kept unless one says otherwise: below $XDG_STATE_HOME or ~/.local/state. */
prankcurl_status pm_certificate_folder(char out[PM_TLS_PATH], prankcurl_error *error);

#endif
