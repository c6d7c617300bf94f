#include "mock/web_guard.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { MAX_HOST = 256 };

/* The host without its port, and an IPv6 address without its brackets. False: it is no host. */
static bool split_host(const char *host, char out[MAX_HOST])
{
    size_t start = host[0] == '[' ? 1 : 0;
    size_t len = strcspn(host + start, start ? "]" : ":");
    const char *rest = host + start + len + (start && host[start + len] ? 1 : 0);
    bool has_port = rest[0] == ':' && rest[1] && !rest[1 + strspn(rest + 1, "0123456789")];
    bool is_closed = !start || host[start + len] == ']';
    if (!len || len >= MAX_HOST || !is_closed || (*rest && !has_port)) {
        return false;
    }
    memcpy(out, host + start, len);
    out[len] = '\0';
    return true;
}

static bool is_same_name(const char *a, const char *b)
{
    return strlen(a) == strlen(b) && pk_ascii_equal_nocase(a, b, strlen(a));
}

bool pm_guard_host_is_ours(const char *host, const char *own_name)
{
    char name[MAX_HOST];
    unsigned char bytes[16];
    if (!host || !split_host(host, name)) {
        return false;
    }
    return inet_pton(AF_INET, name, bytes) == 1 || inet_pton(AF_INET6, name, bytes) == 1 ||
           is_same_name(name, "localhost") || is_same_name(name, own_name);
}

bool pm_guard_is_foreign(const struct evkeyvalq *headers)
{
    const char *origin = evhttp_find_header(headers, "Origin");
    const char *host = evhttp_find_header(headers, "Host");
    const char *site = evhttp_find_header(headers, "Sec-Fetch-Site");
    if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0) {
        return true;
    }
    static const char scheme[] = "http://";
    size_t len = sizeof scheme - 1;
    return origin &&
           !(host && strncmp(origin, scheme, len) == 0 && is_same_name(origin + len, host));
}
