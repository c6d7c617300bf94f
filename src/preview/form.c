#include "preview/form.h"

#include "base/text.h"
#include "preview/markup.h"

#include <string.h>

typedef enum state {
    IN_TEXT,
    IN_COMMENT,
    IN_TAG,
    IN_VALUE, /* of an attribute */
} state;

/* A walk over the html. What was read and needs no change is written in one go. */
typedef struct walk {
    FILE *out;
    const prankcurl_message *message;
    pk_pictures *pictures;
    size_t *remote;
    const char *begin; /* of what is not written yet */
    const char *at;
    state state;
    char quote; /* around the value; 0: none */
} walk;

static bool starts(const char *text, const char *word)
{
    for (; *word; word++, text++) {
        if (pk_ascii_lower(*text) != *word) {
            return false;
        }
    }
    return true;
}

static bool is_letter(char c)
{
    return pk_ascii_lower(c) >= 'a' && pk_ascii_lower(c) <= 'z';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void flush(walk *w)
{
    pk_put_bytes(w->out, w->begin, (size_t)(w->at - w->begin));
    w->begin = w->at;
}

/* What is read from here on takes the place of the bytes up to `end`. */
static void skip_to(walk *w, const char *end)
{
    w->at = end;
    w->begin = end;
}

/* The name that such an element gets: void ones that of a void one that does nothing, those whose
 * content nobody is to see that of one that hides it. NULL: it may keep its own. */
static const char *harmless_name(const char *name, size_t len)
{
    static const struct {
        const char *name;
        const char *instead;
    } elements[] = {
        {"applet", "x-applet"},     {"base", "param"},      {"embed", "param"},
        {"fencedframe", "x-frame"}, {"frame", "param"},     {"frameset", "x-frames"},
        {"iframe", "template"},     {"link", "param"},      {"meta", "param"},
        {"object", "x-object"},     {"portal", "x-portal"}, {"script", "template"},
    };
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
        if (strlen(elements[i].name) == len && starts(name, elements[i].name)) {
            return elements[i].instead;
        }
    }
    return NULL;
}

/* At a "<": wherever it stands, so that no odd quote before it can hide it. */
static bool read_tag(walk *w)
{
    const char *name = w->at + (w->at[1] == '/' ? 2 : 1);
    const char *end = name;
    if (!is_letter(*name)) {
        return false;
    }
    while (*end && !is_blank(*end) && !strchr("/<>", *end)) {
        end++;
    }
    const char *instead = harmless_name(name, (size_t)(end - name));
    w->at = name;
    if (instead) {
        flush(w);
        (void)fputs(instead, w->out);
        skip_to(w, end);
    } else if (w->state == IN_TEXT) {
        w->at = end;
    }
    return true;
}

static const char *value_end(const walk *w, const char *closing)
{
    const char *end = w->at;
    while (*end && (*closing ? !strchr(closing, *end) : !is_blank(*end) && *end != '>')) {
        end++;
    }
    return end;
}

/* A Content-ID in a URL may be percent-encoded (RFC 2392 §2). */
static bool is_id(const char *id, const char *url, size_t len)
{
    for (size_t i = 0; i < len; i++, id++) {
        char c = url[i];
        if (c == '%' && i + 2 < len && pk_hex_byte(url + i + 1, &c)) {
            i += 2;
        }
        if (*id != c) {
            return false;
        }
    }
    return *id == '\0';
}

static bool find_picture(const walk *w, const char *id, size_t len, prankcurl_file *file)
{
    for (size_t i = 0; i < prankcurl_message_file_count(w->message); i++) {
        *file = prankcurl_message_file(w->message, i);
        if (file->content_id && is_id(file->content_id, id, len)) {
            return true;
        }
    }
    return false;
}

static void put_cid(walk *w, const char *end)
{
    prankcurl_file file;
    const char *id = w->at + strlen("cid:");
    if (!find_picture(w, id, (size_t)(end - id), &file)) {
        return; /* it shows as broken, as to the recipient */
    }
    flush(w);
    if (!pk_is_picture(&file)) {
        pk_put_placeholder(w->out, "a picture that browsers do not show");
    } else if (pk_pictures_take(w->pictures, &file)) {
        pk_put_picture(w->out, &file);
    } else {
        pk_put_placeholder(w->out, "a picture left out here to keep the page small");
    }
    skip_to(w, end);
}

static void put_remote(walk *w, const char *host, const char *end)
{
    char what[128];
    int len = 0;
    while (host + len < end && len < 40 && !strchr("/?#:@", host[len])) {
        len++;
    }
    (void)snprintf(what, sizeof what, "picture from %.*s - not loaded", len, host);
    flush(w);
    pk_put_placeholder(w->out, what);
    (*w->remote)++;
    skip_to(w, end);
}

/* At the begin of what may be the URL of a picture. */
static void read_url(walk *w, const char *closing)
{
    const char *end = value_end(w, closing);
    const char *slashes = w->at + (starts(w->at, "https:") ? 6 : starts(w->at, "http:") ? 5 : 0);
    if (starts(w->at, "cid:")) {
        put_cid(w, end);
    } else if (starts(slashes, "//")) {
        put_remote(w, slashes + 2, end);
    }
}

/* At "url(" of a style. */
static void read_css_url(walk *w)
{
    char closing[2] = ")";
    w->at += strlen("url(");
    while (is_blank(*w->at)) {
        w->at++;
    }
    bool ends = w->state == IN_VALUE && *w->at == w->quote;
    if (*w->at && strchr("\"'", *w->at) && !ends) {
        closing[0] = *w->at++;
    }
    read_url(w, closing);
}

/* Whether the attribute whose "=" is at `equals` has this name. */
static bool is_attribute(const walk *w, const char *equals, const char *name)
{
    const char *end = equals;
    size_t len = strlen(name);
    while (end > w->begin && is_blank(end[-1])) {
        end--;
    }
    if ((size_t)(end - w->begin) <= len) {
        return false;
    }
    const char *begin = end - len;
    return starts(begin, name) && (is_blank(begin[-1]) || strchr("/\"':", begin[-1]));
}

static bool loads(const walk *w, const char *equals)
{
    static const char *const names[] = {"src", "srcset", "background", "poster"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (is_attribute(w, equals, names[i])) {
            return true;
        }
    }
    return false;
}

/* At the "=" behind an attribute's name. */
static void read_value(walk *w)
{
    const char *equals = w->at++;
    while (is_blank(*w->at)) {
        w->at++;
    }
    w->quote = '\0';
    w->state = IN_VALUE;
    if (*w->at == '"' || *w->at == '\'') {
        w->quote = *w->at++;
    }
    while (is_blank(*w->at) && w->quote) {
        w->at++;
    }
    const char closing[2] = {w->quote, '\0'};
    if (loads(w, equals)) {
        read_url(w, closing);
    } else if (is_attribute(w, equals, "href") && *w->at != '#') {
        /* A browser connects to where a link leads as soon as a mouse button goes down. */
        flush(w);
        (void)fputs("#", w->out);
    }
}

static bool ends_value(const walk *w)
{
    return w->quote ? *w->at == w->quote : is_blank(*w->at) || *w->at == '>';
}

static void step_in_tag(walk *w)
{
    if (*w->at == '=') {
        read_value(w);
    } else {
        w->state = *w->at == '>' ? IN_TEXT : IN_TAG;
        w->at++;
    }
}

static void step(walk *w)
{
    bool may_style = w->state == IN_TEXT || w->state == IN_VALUE;
    if (w->state == IN_TEXT && strncmp(w->at, "<!--", 4) == 0) {
        w->state = IN_COMMENT;
        w->at += 4;
    } else if (*w->at == '<' && read_tag(w)) {
        w->state = w->state == IN_TEXT ? IN_TAG : w->state;
    } else if (may_style && starts(w->at, "url(")) {
        read_css_url(w);
    } else if (w->state == IN_TAG) {
        step_in_tag(w);
    } else if (w->state == IN_VALUE && ends_value(w)) {
        w->state = IN_TAG;
        w->at += w->quote ? 1 : 0;
    } else if (w->state == IN_COMMENT && strncmp(w->at, "-->", 3) == 0) {
        w->state = IN_TEXT;
        w->at += 3;
    } else {
        w->at++;
    }
}

void pk_put_form(FILE *out, const prankcurl_message *message, pk_pictures *pictures, size_t *remote)
{
    const char *html = prankcurl_message_html(message);
    walk w = {.out = out,
              .message = message,
              .pictures = pictures,
              .remote = remote,
              .begin = html,
              .at = html};
    /* What mail programs do: no serifs where the message does not ask for them, and nothing wider
     * than a phone. */
    pk_put_text(out, "<!DOCTYPE html><style>:where(html){font-family:system-ui,sans-serif;"
                     "line-height:1.45;overflow-wrap:break-word}:where(body){margin:1rem}"
                     "@media(max-width:30rem){:where(img){max-width:100%}}</style>");
    while (*w.at) {
        step(&w);
    }
    flush(&w);
}
