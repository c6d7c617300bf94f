/* Where it listens: addresses as people write them. */
#ifndef PM_LISTEN_H
#define PM_LISTEN_H

#include "mock/mock.h"

/* Listens at "127.0.0.1:2525", "[::1]:0", "localhost:2525", "0.0.0.0:2525"; what the socket is
 * really bound to goes to bound. option names it in errors. *out is the caller's,
 * evconnlistener_free(). USAGE: it is no address. */
prankcurl_status pm_listen_start(const char *option, const char *text, struct event_base *base,
                                 evconnlistener_cb callback, void *context,
                                 struct evconnlistener **out, char bound[PM_MAX_ADDRESS],
                                 prankcurl_error *error);

#endif
