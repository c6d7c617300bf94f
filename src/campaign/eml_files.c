#include "campaign/eml_parts.h"

#include "base/text.h"

#include <string.h>

enum { MAX_LINE = 998 }; /* RFC 5322 §2.1.1 */

static const char octets[] = "application/octet-stream";

const char pk_eml_no_memory[] = "there is no memory left to read it";

const char *pk_eml_keep(pk_eml_reading *r, const char *text, size_t len)
{
    const char *kept = pk_arena_strndup(r->arena, text, len);
    r->why = kept ? r->why : pk_eml_no_memory;
    return kept ? kept : "";
}

const char *pk_eml_keep_line(pk_eml_reading *r, const char *text)
{
    pk_buf line;
    pk_buf_init(&line, (size_t)4 * MAX_LINE);
    pk_buf clean;
    pk_buf_init(&clean, (size_t)4 * MAX_LINE);
    pk_eml_add_clean(&clean, text, strnlen(text, MAX_LINE));
    const char *from = pk_buf_text(&clean);
    while (*from) {
        uint32_t character = 0;
        size_t len = pk_utf8_next(from, &character);
        bool is_control = pk_is_control(character);
        pk_buf_add(&line, is_control ? " " : from, is_control ? 1 : len);
        from += len;
    }
    const char *kept = pk_eml_keep(r, pk_buf_text(&line), line.len);
    pk_buf_free(&clean);
    pk_buf_free(&line);
    return kept;
}

bool pk_eml_is_type(GMimeObject *part, const char *type, const char *subtype)
{
    return g_mime_content_type_is_type(g_mime_object_get_content_type(part), type, subtype);
}

const char *pk_eml_filename(GMimeObject *part)
{
    const char *name = GMIME_IS_PART(part) ? g_mime_part_get_filename(GMIME_PART(part)) : NULL;
    return name ? name : "";
}

/* Two tokens (RFC 6838 §4.2), and nothing that base64 is forbidden for (RFC 2045 §6.4). */
static bool is_fit_type(const char *type)
{
    static const char signs[] = "!#$&-^_.+";
    enum { LONGEST = 127 };
    size_t slashes = 0;
    size_t len = 0;
    for (; len <= LONGEST && type[len]; len++) {
        slashes += type[len] == '/' ? 1 : 0;
        if (!g_ascii_isalnum(type[len]) && type[len] != '/' && !strchr(signs, type[len])) {
            return false;
        }
    }
    return slashes == 1 && len <= LONGEST && strncmp(type, "message/", 8) != 0 &&
           strncmp(type, "multipart/", 10) != 0;
}

/* "" for none, and for one that could not stand in a header field. */
static const char *content_id_of(GMimeObject *part)
{
    enum { LONGEST = 250 };
    const char *id = g_mime_object_get_content_id(part);
    size_t len = 0;
    while (id && id[len] > ' ' && id[len] < 0x7f && id[len] != '<' && id[len] != '>') {
        len++;
    }
    return id && !id[len] && len <= LONGEST ? id : "";
}

/* Whether the html shows it: as `cid:ID`, or with the id percent-encoded (RFC 2392). */
static bool is_shown(const pk_eml_reading *r, const char *content_id)
{
    if (!*content_id || !r->has_html) {
        return false;
    }
    char *escaped = g_uri_escape_string(content_id, "@", FALSE);
    char *raw_url = g_strconcat("cid:", content_id, NULL);
    char *escaped_url = g_strconcat("cid:", escaped, NULL);
    bool shown =
        strstr(pk_buf_text(&r->html), raw_url) || strstr(pk_buf_text(&r->html), escaped_url);
    g_free(escaped);
    g_free(raw_url);
    g_free(escaped_url);
    return shown;
}

/* A name for a part that has none. */
static const char *default_name(GMimeObject *part, bool shown)
{
    if (GMIME_IS_MESSAGE_PART(part)) {
        return "message.eml";
    }
    if (pk_eml_is_type(part, "text", "calendar")) {
        return "invite.ics";
    }
    return shown ? "picture" : "attachment";
}

static const char *name_of(pk_eml_reading *r, GMimeObject *part, bool shown)
{
    const char *name = pk_eml_filename(part);
    for (const char *c = name; *c; c++) {
        name = *c == '/' || *c == '\\' ? c + 1 : name;
    }
    const char *kept = pk_eml_keep_line(r, name);
    return *kept ? kept : default_name(part, shown);
}

static void keep_file(pk_eml_reading *r, GMimeObject *part, pk_eml_part *out, bool shown)
{
    char *type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(part));
    char *lower = g_ascii_strdown(type, -1);
    GByteArray *bytes = pk_eml_content(part);
    *out = (pk_eml_part){
        .name = name_of(r, part, shown),
        .type = is_fit_type(lower) ? pk_eml_keep(r, lower, strlen(lower)) : octets,
        .content_id = pk_eml_keep(r, content_id_of(part), strlen(content_id_of(part))),
        .bytes = pk_eml_keep(r, bytes->data ? (const char *)bytes->data : "", bytes->len),
        .len = bytes->len};
    g_byte_array_unref(bytes);
    g_free(lower);
    g_free(type);
}

void pk_eml_keep_files(pk_eml_reading *r)
{
    guint count = r->files->len;
    pk_eml_part *inlines = pk_arena_alloc(r->arena, count + 1, sizeof *inlines);
    pk_eml_part *attachments = pk_arena_alloc(r->arena, count + 1, sizeof *attachments);
    if (!inlines || !attachments) {
        r->why = pk_eml_no_memory;
        return;
    }
    for (guint i = 0; i < count; i++) {
        GMimeObject *part = r->files->pdata[i];
        bool shown = is_shown(r, content_id_of(part));
        pk_eml_part *place =
            shown ? &inlines[r->eml->inline_count++] : &attachments[r->eml->attachment_count++];
        keep_file(r, part, place, shown);
    }
    r->eml->inlines = inlines;
    r->eml->attachments = attachments;
}
