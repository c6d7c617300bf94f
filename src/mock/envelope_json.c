#include "mock/envelope_json.h"

#include "base/address.h"
#include "base/clock.h"
#include "base/text.h"

#include <string.h>

bool pm_json_put(cJSON *object, const char *key, cJSON *item)
{
    bool is_put = item && (cJSON_IsArray(object) ? cJSON_AddItemToArray(object, item)
                                                 : cJSON_AddItemToObject(object, key, item));
    if (!is_put) {
        cJSON_Delete(item);
    }
    return is_put;
}

cJSON *pm_json_finish(cJSON *item, bool is_whole)
{
    if (is_whole) {
        return item;
    }
    cJSON_Delete(item);
    return NULL;
}

cJSON *pm_text_json(const char *text, size_t len)
{
    static const char replacement[] = "\xef\xbf\xbd";
    pk_buf clean;
    pk_buf_init(&clean, 3 * len + 1);
    while (len) {
        size_t good = pk_utf8_valid_len(text, len);
        const char *nul = memchr(text, '\0', good);
        good = nul ? (size_t)(nul - text) : good;
        pk_buf_add(&clean, text, good);
        if (good < len) {
            pk_buf_str(&clean, replacement);
            good++;
        }
        text += good;
        len -= good;
    }
    cJSON *item = pk_buf_ok(&clean) ? cJSON_CreateString(pk_buf_text(&clean)) : NULL;
    pk_buf_free(&clean);
    return item;
}

cJSON *pm_text_or_null_json(const char *text)
{
    return text && *text ? pm_text_json(text, strlen(text)) : cJSON_CreateNull();
}

static cJSON *text_json(const char *text)
{
    return pm_text_json(text, strlen(text));
}

cJSON *pm_time_json(int64_t time_ms)
{
    pk_buf text;
    pk_buf_init(&text, 80);
    pk_add_utc_iso(&text, time_ms);
    cJSON *json = pk_buf_ok(&text) ? cJSON_CreateString(text.data) : NULL;
    pk_buf_free(&text);
    return json;
}

/* Words parted by blanks. */
static cJSON *words_json(const char *text)
{
    cJSON *list = cJSON_CreateArray();
    while (list && *text) {
        size_t len = strcspn(text, " ");
        if (len && !pm_json_put(list, NULL, pm_text_json(text, len))) {
            cJSON_Delete(list);
            return NULL;
        }
        text += len + (text[len] ? 1 : 0);
    }
    return list;
}

/* Header fields are shown decoded, so whoever compares needs the same of the envelope. */
static bool add_unicode(cJSON *object, const char *address)
{
    pk_buf shown;
    pk_buf_init(&shown, 4 * strlen(address) + 1);
    pk_address_add_unicode(&shown, address);
    const char *text = pk_buf_text(&shown);
    bool is_same = strcmp(text, address) == 0;
    bool is_whole =
        pk_buf_ok(&shown) && (is_same || pm_json_put(object, "unicode", text_json(text)));
    pk_buf_free(&shown);
    return is_whole;
}

static cJSON *path_json(const pm_path *path)
{
    cJSON *object = cJSON_CreateObject();
    return pm_json_finish(object,
                          pm_json_put(object, "address", text_json(path->address)) &&
                              add_unicode(object, path->address) &&
                              pm_json_put(object, "parameters", words_json(path->parameters)));
}

static cJSON *paths_json(const pm_path *paths, size_t count)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; list && i < count; i++) {
        if (!pm_json_put(list, NULL, path_json(&paths[i]))) {
            cJSON_Delete(list);
            return NULL;
        }
    }
    return list;
}

cJSON *pm_envelope_json(const pm_mail *mail)
{
    cJSON *object = cJSON_CreateObject();
    return pm_json_finish(
        object, pm_json_put(object, "from", path_json(&mail->sender)) &&
                    pm_json_put(object, "to", paths_json(mail->recipients, mail->recipient_count)));
}

static cJSON *tls_json(const pm_client *client)
{
    if (!client->tls_version || !client->tls_version[0]) {
        return cJSON_CreateNull();
    }
    cJSON *object = cJSON_CreateObject();
    return pm_json_finish(object, pm_json_put(object, "version", text_json(client->tls_version)) &&
                                      pm_json_put(object, "cipher", text_json(client->tls_cipher)));
}

cJSON *pm_client_json(const pm_mail *mail)
{
    const pm_client *client = &mail->client;
    cJSON *object = cJSON_CreateObject();
    return pm_json_finish(
        object,
        pm_json_put(object, "address", text_json(client->address)) &&
            pm_json_put(object, "port", cJSON_CreateNumber(client->port)) &&
            pm_json_put(object, "name", text_json(client->name)) &&
            pm_json_put(object, "protocol", text_json(client->protocol)) &&
            pm_json_put(object, "user", pm_text_or_null_json(client->user)) &&
            pm_json_put(object, "mechanism", pm_text_or_null_json(client->mechanism)) &&
            pm_json_put(object, "tls", tls_json(client)) &&
            pm_json_put(object, "connected", pm_time_json(client->connected_ms)) &&
            pm_json_put(object, "connection", cJSON_CreateNumber((double)client->connection)) &&
            pm_json_put(object, "message", cJSON_CreateNumber((double)client->message)));
}

static cJSON *line_json(const char *line, size_t len)
{
    const char *who = line[0] == 'C' ? "client" : line[0] == 'S' ? "server" : "note";
    cJSON *object = cJSON_CreateObject();
    return pm_json_finish(object, pm_json_put(object, "who", cJSON_CreateString(who)) &&
                                      pm_json_put(object, "line", pm_text_json(line + 1, len - 1)));
}

cJSON *pm_dialogue_json(const pm_mail *mail)
{
    cJSON *list = cJSON_CreateArray();
    const char *text = mail->dialogue;
    const char *end = text + mail->dialogue_len;
    while (list && text < end) {
        const char *lf = memchr(text, '\n', (size_t)(end - text));
        size_t len = (size_t)((lf ? lf : end) - text);
        if (len && !pm_json_put(list, NULL, line_json(text, len))) {
            cJSON_Delete(list);
            return NULL;
        }
        text += len + 1;
    }
    return list;
}

cJSON *pm_mail_json(const pm_mail *mail)
{
    cJSON *object = cJSON_CreateObject();
    return pm_json_finish(
        object,
        pm_json_put(object, "id", cJSON_CreateNumber((double)mail->id)) &&
            pm_json_put(object, "received_ms", cJSON_CreateNumber((double)mail->received_ms)) &&
            pm_json_put(object, "connected_ms",
                        cJSON_CreateNumber((double)mail->client.connected_ms)) &&
            pm_json_put(object, "envelope", pm_envelope_json(mail)) &&
            pm_json_put(object, "client", pm_client_json(mail)) &&
            pm_json_put(object, "dialogue", pm_dialogue_json(mail)));
}

static const char *get_text(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return text ? text : "";
}

static double get_number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    bool is_good = cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble < 9e15;
    return is_good ? item->valuedouble : 0;
}

/* An arena's copy of the text; "" when there is no memory, which the arena's user sees by size. */
static const char *kept(pk_arena *arena, const cJSON *object, const char *key)
{
    const char *copy = pk_arena_strdup(arena, get_text(object, key));
    return copy ? copy : "";
}

/* A member that is a list; NULL, which has no elements, for anything else. */
static const cJSON *get_list(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsArray(item) ? item : NULL;
}

static bool read_path(const cJSON *object, pk_arena *arena, pm_path *path)
{
    pk_buf words;
    pk_buf_init(&words, 8192);
    const cJSON *word = NULL;
    cJSON_ArrayForEach(word, get_list(object, "parameters"))
    {
        const char *text = cJSON_GetStringValue(word);
        pk_buf_fmt(&words, "%s%s", words.len ? " " : "", text ? text : "");
    }
    path->address = kept(arena, object, "address");
    path->parameters = pk_arena_strdup(arena, pk_buf_text(&words));
    pk_buf_free(&words);
    return path->parameters != NULL;
}

static bool read_envelope(const cJSON *object, pk_arena *arena, pm_mail *draft)
{
    const cJSON *to = get_list(object, "to");
    size_t count = to ? (size_t)cJSON_GetArraySize(to) : 0;
    pm_path *paths = pk_arena_alloc(arena, count + 1, sizeof *paths);
    const cJSON *one = NULL;
    draft->recipients = paths;
    draft->recipient_count = 0;
    cJSON_ArrayForEach(one, to)
    {
        if (!paths || !read_path(one, arena, &paths[draft->recipient_count++])) {
            return false;
        }
    }
    return paths &&
           read_path(cJSON_GetObjectItemCaseSensitive(object, "from"), arena, &draft->sender);
}

static void read_client(const cJSON *object, pk_arena *arena, pm_client *client)
{
    const cJSON *tls = cJSON_GetObjectItemCaseSensitive(object, "tls");
    client->address = kept(arena, object, "address");
    client->port = (unsigned)get_number(object, "port");
    client->name = kept(arena, object, "name");
    client->protocol = kept(arena, object, "protocol");
    client->user = kept(arena, object, "user");
    client->mechanism = kept(arena, object, "mechanism");
    client->tls_version = kept(arena, tls, "version");
    client->tls_cipher = kept(arena, tls, "cipher");
    client->connection = (uint64_t)get_number(object, "connection");
    client->message = (uint64_t)get_number(object, "message");
}

static bool read_dialogue(const cJSON *list, pk_arena *arena, pm_mail *draft)
{
    pk_buf lines;
    pk_buf_init(&lines, 1024 * 1024);
    const cJSON *line = NULL;
    cJSON_ArrayForEach(line, list)
    {
        const char *who = get_text(line, "who");
        pk_buf_fmt(&lines, "%c%s\n",
                   *who == 'c'   ? 'C'
                   : *who == 's' ? 'S'
                                 : 'N',
                   get_text(line, "line"));
    }
    draft->dialogue_len = lines.len;
    draft->dialogue = pk_arena_strndup(arena, pk_buf_text(&lines), lines.len);
    pk_buf_free(&lines);
    return draft->dialogue != NULL;
}

bool pm_mail_from_json(const cJSON *object, pk_arena *arena, pm_mail *draft)
{
    const cJSON *envelope = cJSON_GetObjectItemCaseSensitive(object, "envelope");
    if (!cJSON_IsObject(object) || !cJSON_IsObject(envelope)) {
        return false;
    }
    draft->id = (uint64_t)get_number(object, "id");
    draft->received_ms = (int64_t)get_number(object, "received_ms");
    draft->client.connected_ms = (int64_t)get_number(object, "connected_ms");
    read_client(cJSON_GetObjectItemCaseSensitive(object, "client"), arena, &draft->client);
    return read_envelope(envelope, arena, draft) &&
           read_dialogue(get_list(object, "dialogue"), arena, draft);
}
