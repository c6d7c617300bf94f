#include "campaign/reader.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

enum { SUBMISSION_PORT = 587, SUBMISSIONS_PORT = 465 }; /* RFC 6409 §3.1, RFC 8314 §7.3 */

/* An error about the URL stands where the URL was given: in the file, or on the command line. */
static void complain_url(pk_reader *reader, const pk_node *node, const char *what)
{
    /* The URL is not shown: people write passwords into URLs. */
    if (node) {
        pk_complain(reader, node, "%s", what);
    } else {
        pk_errors_addf(reader->errors, PRANKCURL_USAGE, NULL, "--server %s", what);
    }
}

static bool has_part(CURLU *parsed, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(parsed, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return has;
}

/* What a server URL must not carry; NULL: nothing of it. */
static const char *find_surplus(CURLU *parsed)
{
    char *path = NULL;
    bool has_path = curl_url_get(parsed, CURLUPART_PATH, &path, 0) == CURLUE_OK && path[0] &&
                    strcmp(path, "/") != 0;
    curl_free(path);
    if (has_part(parsed, CURLUPART_USER) || has_part(parsed, CURLUPART_PASSWORD)) {
        return "carries a user or password; they belong into \"username\" and \"password\"";
    }
    if (has_path || has_part(parsed, CURLUPART_QUERY) || has_part(parsed, CURLUPART_FRAGMENT)) {
        return "has something behind its host and port; smtp://HOST:PORT is expected";
    }
    if (has_part(parsed, CURLUPART_ZONEID)) {
        return "has a zone behind its address; give the address without it, or a name";
    }
    return NULL;
}

static bool is_loopback(const char *host)
{
    unsigned char bytes[16];
    if (inet_pton(AF_INET, host, bytes) == 1) {
        return bytes[0] == 127;
    }
    if (inet_pton(AF_INET6, host, bytes) == 1) {
        static const unsigned char loopback[16] = {[15] = 1};
        return memcmp(bytes, loopback, sizeof bytes) == 0;
    }
    return strcmp(host, "localhost") == 0; /* libcurl never asks DNS for it */
}

static const char *read_host(pk_reader *reader, const char *host, pk_server *server)
{
    unsigned char bytes[16];
    const char *why = NULL;
    size_t len = strlen(host);
    if (host[0] == '[' && host[len - 1] == ']') {
        char *bare = pk_arena_strndup(reader->arena, host + 1, len - 2);
        if (!bare || inet_pton(AF_INET6, bare, bytes) != 1) {
            return "has no valid IPv6 address between its brackets";
        }
        server->host = bare;
        return NULL;
    }
    if (inet_pton(AF_INET, host, bytes) == 1) {
        server->host = pk_reader_keep(reader, host);
        return NULL;
    }
    switch (pk_domain_parse(reader->arena, host, &server->host, &why)) {
    case PK_ADDRESS_NO_MEMORY:
        reader->no_memory = true;
        return NULL;
    case PK_ADDRESS_BAD:
        return "has a host that is no valid name or address";
    case PK_ADDRESS_OK:
        break;
    }
    return NULL;
}

static const char *read_url_parts(pk_reader *reader, CURLU *parsed, const char *url,
                                  pk_server *server)
{
    char *host = NULL;
    char *port = NULL;
    server->implicit_tls = pk_ascii_equal_nocase(url, "smtps://", 8);
    server->port = server->implicit_tls ? SUBMISSIONS_PORT : SUBMISSION_PORT;
    if (curl_url_get(parsed, CURLUPART_HOST, &host, 0) != CURLUE_OK) {
        return "has no host";
    }
    const char *fault = read_host(reader, host, server);
    curl_free(host);
    if (!fault && curl_url_get(parsed, CURLUPART_PORT, &port, 0) == CURLUE_OK) {
        server->port = (unsigned)strtoul(port, NULL, 10);
        fault = server->port == 0 ? "has port 0" : NULL;
    }
    curl_free(port);
    server->is_loopback = server->host && is_loopback(server->host);
    return fault ? fault : find_surplus(parsed);
}

void pk_read_server_url(pk_reader *reader, const pk_node *node, const char *url, pk_server *server)
{
    server->url = pk_reader_keep(reader, url);
    if (!pk_ascii_equal_nocase(url, "smtp://", 7) && !pk_ascii_equal_nocase(url, "smtps://", 8)) {
        complain_url(reader, node,
                     "names no server; smtp://HOST:587 or smtps://HOST:465 is "
                     "expected");
        return;
    }
    CURLU *parsed = curl_url();
    if (!parsed) {
        reader->no_memory = true;
        return;
    }
    const char *fault = "is no valid URL; smtp://HOST:PORT is expected";
    if (curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK) {
        fault = read_url_parts(reader, parsed, url, server);
    }
    if (fault) {
        complain_url(reader, node, fault);
    }
    curl_url_cleanup(parsed);
}
