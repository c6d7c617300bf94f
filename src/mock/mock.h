/* The whole of prankmock: what its parts share. One thread, one event loop. */
#ifndef PM_MOCK_H
#define PM_MOCK_H

#include "mock/certificate.h"
#include "mock/faults.h"
#include "mock/session.h"
#include "mock/store.h"

#include <event2/event.h>
#include <event2/listener.h>

typedef struct pm_connection pm_connection;
typedef struct pm_web pm_web;

/* Start with PM_CONFIG_INIT. Texts are lent. */
typedef struct pm_config {
    const char *smtp;  /* ADDR:PORT; port 0: a free one */
    const char *smtps; /* NULL: none */
    const char *http;
    const char *tls_dir; /* NULL: pm_certificate_folder() */
    const char *user;    /* NULL: anybody */
    const char *password;
    const char *faults; /* file; NULL: none */
    const char *store;  /* folder; NULL: only memory */
    uint64_t max_messages;
    uint64_t max_bytes;
    uint64_t max_message; /* bytes */
    uint64_t max_recipients;
    uint64_t max_connections;
    int idle_s; /* a client that says nothing for so long is sent away */
    bool lenient;
    bool json;
    bool quiet;
    bool verbose;
} pm_config;

#define PM_CONFIG_INIT                                                                             \
    {                                                                                              \
        .smtp = "127.0.0.1:2525", .http = "127.0.0.1:8282", .max_messages = 1000,                  \
        .max_bytes = 256 << 20, .max_message = 32 << 20, .max_recipients = 1000,                   \
        .max_connections = 1000, .idle_s = 300                                                     \
    }

enum { PM_MAX_ADDRESS = 80 }; /* "[IPv6%zone]:port" */

typedef struct pm_mock {
    const pm_config *config; /* lent */
    struct event_base *base;
    SSL_CTX *tls;
    char ca_path[PM_TLS_PATH];
    char host[256]; /* what it calls itself */
    pm_faults faults;
    pm_store store;
    pm_rules rules;
    struct evconnlistener *smtp, *smtps;
    char smtp_address[PM_MAX_ADDRESS], smtps_address[PM_MAX_ADDRESS];
    char http_address[PM_MAX_ADDRESS];
    pm_web *web;
    pm_connection *connections; /* all that are open */
    uint64_t open_count;
    uint64_t connection_count; /* since the start */
    uint64_t message_count;    /* MAIL commands since the start */
    int64_t started_ms;
    struct timeval idle;   /* config's, in a form libevent is quick with */
    char chunk[64 * 1024]; /* what is being read */
} pm_mock;

/* Gets everything ready and listens. *out is the caller's, pm_mock_free(). */
prankcurl_status pm_mock_new(const pm_config *config, pm_mock **out, prankcurl_errors *errors);
void pm_mock_free(pm_mock *mock);
/* Runs until pm_mock_stop(). */
prankcurl_status pm_mock_run(pm_mock *mock);
void pm_mock_stop(pm_mock *mock);

/* Replaces the rules; they are taken over. */
void pm_mock_set_faults(pm_mock *mock, pm_faults *faults);

#endif
