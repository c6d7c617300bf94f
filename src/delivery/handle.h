/* What a libcurl handle is told of the server: address, TLS, login, timeouts. */
#ifndef PK_DELIVERY_HANDLE_H
#define PK_DELIVERY_HANDLE_H

#include "campaign/model.h"

#include <curl/curl.h>
#include <prankcurl/delivery.h>

/* For a fresh handle, once: libcurl would reuse a connection made with other settings
 * (CVE-2026-4873). secret is NULL without a login. */
CURLcode pk_handle_set_up(CURL *easy, const pk_server *server, const prankcurl_secret *secret,
                          const prankcurl_delivery_options *options);

#endif
