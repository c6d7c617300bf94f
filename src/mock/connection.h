/* One SMTP client: drives a session over a stream, and carries faults out. */
#ifndef PM_CONNECTION_H
#define PM_CONNECTION_H

#include "mock/mock.h"

#include <sys/socket.h>

/* Takes a socket that was accepted. is_secure: TLS from the start. */
void pm_connection_start(pm_mock *mock, int fd, const struct sockaddr *peer, bool is_secure);
/* Ends them all, at once. */
void pm_connection_end_all(pm_mock *mock);

#endif
