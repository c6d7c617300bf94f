#include "mock/listen.h"

#include "mock/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BACKLOG = 1024 };

typedef struct listen_address {
    struct sockaddr_storage socket;
    int len;
    bool is_loopback;
} listen_address;

static bool is_loopback(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)address;
        return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
    }
    const struct sockaddr_in *in = (const void *)address;
    return ntohl(in->sin_addr.s_addr) >> 24 == 127;
}

/* Up to 65535. False: it is no port. */
static bool read_port(const char *text, in_port_t *out)
{
    char *end = NULL;
    unsigned long port = strtoul(text, &end, 10);
    *out = htons((uint16_t)port);
    return text[0] >= '0' && text[0] <= '9' && !*end && port <= UINT16_MAX;
}

static bool read_host(const char *host, listen_address *out)
{
    struct sockaddr_in *in = (void *)&out->socket;
    if (strcmp(host, "localhost") == 0) {
        host = "127.0.0.1";
    }
    in->sin_family = AF_INET;
    out->len = (int)sizeof *in;
    return inet_pton(AF_INET, host, &in->sin_addr) == 1;
}

static bool read_host6(const char *host, listen_address *out)
{
    struct sockaddr_in6 *in6 = (void *)&out->socket;
    in6->sin6_family = AF_INET6;
    out->len = (int)sizeof *in6;
    return inet_pton(AF_INET6, host, &in6->sin6_addr) == 1;
}

static bool read_address(const char *text, listen_address *out)
{
    char host[PM_MAX_ADDRESS];
    in_port_t port = 0;
    const char *colon = strrchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : 0;
    if (!len || len >= sizeof host || !read_port(colon + 1, &port)) {
        return false;
    }
    memcpy(host, text, len);
    host[len] = '\0';
    if (host[0] == '[' && host[len - 1] == ']') {
        host[len - 1] = '\0';
        ((struct sockaddr_in6 *)(void *)&out->socket)->sin6_port = port;
        return read_host6(host + 1, out);
    }
    ((struct sockaddr_in *)(void *)&out->socket)->sin_port = port;
    return read_host(host, out);
}

/* option names it in errors. */
static prankcurl_status parse(const char *option, const char *text, listen_address *out,
                              prankcurl_error *error)
{
    *out = (listen_address){.len = 0};
    if (!read_address(text, out)) {
        int example = strcmp(option, "http") == 0 ? 8282 : 2525;
        return pk_error_set(error, PRANKCURL_USAGE, NULL,
                            "--%s: \"%s\" is no ADDRESS:PORT; 127.0.0.1:%d, [::1]:%d or, for a "
                            "free port, 127.0.0.1:0 is expected; a port is 0 to 65535",
                            option, text, example, example);
    }
    out->is_loopback = is_loopback(&out->socket);
    return PRANKCURL_OK;
}

static void name_bound(struct evconnlistener *listener, char bound[PM_MAX_ADDRESS])
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    char host[INET6_ADDRSTRLEN] = "";
    (void)getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&address, &len);
    if (address.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)&address;
        (void)inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
        (void)snprintf(bound, PM_MAX_ADDRESS, "[%s]:%d", host, ntohs(in6->sin6_port));
    } else {
        const struct sockaddr_in *in = (const void *)&address;
        (void)inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
        (void)snprintf(bound, PM_MAX_ADDRESS, "%s:%d", host, ntohs(in->sin_port));
    }
}

static void on_pause_over(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)evconnlistener_enable(context);
}

/* Too many open files, most likely. To try again at once would keep us busy with nothing else. */
static void on_accept_error(struct evconnlistener *listener, void *context)
{
    static const struct timeval pause = {.tv_usec = 500000};
    (void)context;
    pm_log_warning("cannot take a connection: %s; trying again soon", strerror(errno));
    if (event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT, on_pause_over, listener,
                        &pause) == 0) {
        (void)evconnlistener_disable(listener);
    }
}

prankcurl_status pm_listen_start(const char *option, const char *text, struct event_base *base,
                                 evconnlistener_cb callback, void *context,
                                 struct evconnlistener **out, char bound[PM_MAX_ADDRESS],
                                 prankcurl_error *error)
{
    listen_address address;
    prankcurl_status status = parse(option, text, &address, error);
    if (status != PRANKCURL_OK) {
        return status;
    }
    *out = evconnlistener_new_bind(
        base, callback, context, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
        BACKLOG, (struct sockaddr *)&address.socket, address.len);
    if (!*out) {
        return pk_error_set(error, PRANKCURL_UNAVAILABLE, NULL,
                            "cannot listen on %s: %s; --%s ADDRESS:PORT says where, port 0 takes a "
                            "free one",
                            text, strerror(errno), option);
    }
    evconnlistener_set_error_cb(*out, on_accept_error);
    name_bound(*out, bound);
    if (!address.is_loopback) {
        pm_log_warning(
            "--%s %s can be reached from other machines; prankmock is made for this one alone",
            option, bound);
    }
    return PRANKCURL_OK;
}
