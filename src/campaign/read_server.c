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

static void read_url_text(pk_reader *reader, const pk_node *node, const char *url,
                          pk_server *server)
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

static void read_url(pk_reader *reader, const pk_node *node, void *target)
{
    if (!pk_loading_of(reader)->options->server_url) {
        read_url_text(reader, node, node->json->valuestring, target);
    }
}

static void read_starttls(pk_reader *reader, const pk_node *node, void *target)
{
    pk_server *server = target;
    const char *text = node->json->valuestring;
    if (strcmp(text, "never") == 0) {
        server->plaintext = true;
    } else if (strcmp(text, "required") != 0) {
        pk_complain(reader, node, "is neither \"required\" nor \"never\"");
    }
}

static void read_username(pk_reader *reader, const pk_node *node, void *target)
{
    ((pk_server *)target)->username = pk_node_line(reader, node, "a user's name");
}

static const struct {
    const char *name;
    pk_auth auth;
} mechanisms[] = {
    {"plain", PK_AUTH_PLAIN},
    {"login", PK_AUTH_LOGIN},
    {"cram-md5", PK_AUTH_CRAM_MD5},
    {"xoauth2", PK_AUTH_XOAUTH2},
    {"oauthbearer", PK_AUTH_OAUTHBEARER},
};

static void read_auth(pk_reader *reader, const pk_node *node, void *target)
{
    for (size_t i = 0; i < sizeof mechanisms / sizeof mechanisms[0]; i++) {
        if (strcmp(node->json->valuestring, mechanisms[i].name) == 0) {
            ((pk_server *)target)->auth = mechanisms[i].auth;
            return;
        }
    }
    pk_complain(reader, node,
                "is no mechanism known here; plain, login, cram-md5, xoauth2 or oauthbearer is "
                "expected");
}

static void read_ca_file(pk_reader *reader, const pk_node *node, void *target)
{
    ((pk_server *)target)->ca_file = pk_reader_path(reader, node);
}

static void read_env(pk_reader *reader, const pk_node *node, void *target)
{
    pk_password_source *password = target;
    const char *text = node->json->valuestring;
    bool is_name =
        (text[0] >= 'A' && text[0] <= 'Z') || (text[0] >= 'a' && text[0] <= 'z') || text[0] == '_';
    for (const char *p = text; *p; p++) {
        is_name = is_name && ((*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') ||
                              (*p >= 'a' && *p <= 'z') || *p == '_');
    }
    if (!is_name) {
        /* Not shown: it may be the password itself. */
        pk_complain(reader, node,
                    "is no name of an environment variable; letters, digits and _ are "
                    "expected");
        return;
    }
    password->kind = PK_PASSWORD_ENV;
    password->env = pk_node_text(reader, node);
}

static void read_password_file(pk_reader *reader, const pk_node *node, void *target)
{
    pk_password_source *password = target;
    password->kind = PK_PASSWORD_FILE;
    password->file = pk_reader_path(reader, node);
}

static void read_command(pk_reader *reader, const pk_node *node, void *target)
{
    pk_password_source *password = target;
    const pk_document *document = &reader->document;
    const char **words = pk_reader_alloc(reader, pk_node_count(node) + 1, sizeof *words);
    size_t count = 0;
    if (pk_node_count(node) == 0) {
        pk_complain(reader, node,
                    "is empty; a program and its arguments are expected, as "
                    "[\"pass\", \"show\", \"mail\"]");
    }
    for (const pk_node *n = pk_node_first(document, node); words && n;
         n = pk_node_next(document, n)) {
        if (!pk_check_type(reader, n, PK_STRING)) {
            continue;
        }
        words[count] = pk_node_text(reader, n);
        if (count == 0 && words[0] && !words[0][0]) {
            pk_complain(reader, n, "is empty; a program's name is expected");
        }
        count++;
    }
    password->kind = PK_PASSWORD_COMMAND;
    password->command = words;
}

static const pk_field password_fields[] = {
    {"env", PK_STRING, false, read_env},
    {"command", PK_ARRAY, false, read_command},
    {"file", PK_STRING, false, read_password_file},
};

static void read_password(pk_reader *reader, const pk_node *node, void *target)
{
    if (cJSON_IsString(node->json)) {
        pk_complain(reader, node,
                    "a password must never stand in a campaign; say where it is: "
                    "{\"env\": \"NAME\"}, {\"command\": [...]} or {\"file\": \"...\"}");
        return;
    }
    const pk_node *first = pk_node_first(&reader->document, node);
    bool is_known = false;
    for (size_t i = 0; first && i < 3; i++) {
        is_known = is_known || strcmp(first->json->string, password_fields[i].key) == 0;
    }
    if (first && !is_known) {
        /* The key is not shown: it may be the password itself. */
        pk_complain(reader, node, "has a key that is not known here; known are env, command, file");
        return;
    }
    pk_read_object(reader, node, password_fields, 3, &((pk_server *)target)->password);
    if (pk_node_count(node) != 1) {
        pk_complain(reader, node, "has %zu sources; one of env, command and file is expected",
                    pk_node_count(node));
    }
}

static const pk_field server_fields[] = {
    {"url", PK_STRING, true, read_url},
    {"starttls", PK_STRING, false, read_starttls},
    {"username", PK_STRING, false, read_username},
    {"password", PK_OBJECT | PK_STRING, false, read_password},
    {"auth", PK_STRING, false, read_auth},
    {"ca_file", PK_STRING, false, read_ca_file},
};

static void check_login(pk_reader *reader, const pk_node *node, const pk_server *server)
{
    const pk_document *document = &reader->document;
    bool has_password = pk_node_member(document, node, "password") != NULL;
    bool has_username = pk_node_member(document, node, "username") != NULL;
    const pk_node *auth = pk_node_member(document, node, "auth");
    if (has_username && !has_password) {
        pk_complain_as(reader, PRANKCURL_CONFIG, node,
                       "has a username but no password; say where it is: \"password\": {\"env\": "
                       "\"PRANKCURL_PASSWORD\"}");
    } else if (has_password && !has_username) {
        pk_complain_as(reader, PRANKCURL_CONFIG, node, "has a password but no username");
    } else if (!has_username && auth) {
        pk_complain_as(reader, PRANKCURL_CONFIG, auth, "needs a username and a password");
    } else if (!has_username && !server->is_loopback && server->host) {
        pk_complain_as(
            reader, PRANKCURL_CONFIG, node,
            "has no username and no password; off this machine, pranks go only through a "
            "server that you log in to");
    }
}

static void check_tls(pk_reader *reader, const pk_node *node, const pk_server *server)
{
    const pk_node *starttls = pk_node_member(&reader->document, node, "starttls");
    if (server->plaintext && server->implicit_tls) {
        pk_complain(reader, starttls,
                    "\"never\" does not go with smtps://, which is TLS from the "
                    "start");
    } else if (server->plaintext && server->host && !server->is_loopback) {
        pk_complain_as(
            reader, PRANKCURL_CONFIG, starttls,
            "\"never\" is for a server on this machine only (127.0.0.1, ::1, localhost); "
            "\"%s\" needs TLS: take this out",
            server->host);
    }
}

void pk_read_server(pk_reader *reader, const pk_node *node, void *target)
{
    const prankcurl_campaign_options *options = pk_loading_of(reader)->options;
    pk_server *server = &((prankcurl_campaign *)target)->server;
    pk_read_object(reader, node, server_fields, sizeof server_fields / sizeof server_fields[0],
                   server);
    if (options->server_url) {
        read_url_text(reader, NULL, options->server_url, server);
    }
    check_tls(reader, node, server);
    check_login(reader, node, server);
}
