#include "campaign/reader.h"

#include "base/file.h"

#include <string.h>

static void read_url(pk_reader *reader, const pk_node *node, void *target)
{
    if (!pk_loading_of(reader)->options->server_url) {
        pk_read_server_url(reader, node, node->json->valuestring, target);
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
    if (!pk_loading_of(reader)->options->ca_file) {
        ((pk_server *)target)->ca_file = pk_reader_path(reader, node);
    }
}

/* The user's own word, so the file may lie anywhere. */
static void take_ca_file(pk_reader *reader, const char *path, pk_server *server)
{
    static const pk_place place = {.file = "", .pointer = "--ca-file"};
    prankcurl_error error;
    if (pk_file_check(path, &place, &error) != PRANKCURL_OK) {
        error.status = PRANKCURL_NO_INPUT; /* whatever stands in the way */
        pk_errors_add(reader->errors, &error);
    }
    server->ca_file = pk_reader_keep(reader, path);
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
        pk_read_server_url(reader, NULL, options->server_url, server);
    }
    if (options->ca_file) {
        take_ca_file(reader, options->ca_file, server);
    }
    check_tls(reader, node, server);
    check_login(reader, node, server);
}
