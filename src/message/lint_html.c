/* What html has in it that mail programs don't show, and pictures that are not there. */
#include "message/lint.h"

#include "base/random.h"
#include "base/text.h"
#include "message/html_element.h"
#include "message/html_parse.h"

#include <ctype.h>
#include <string.h>

enum {
    MAX_STYLE = 1 << 20,
    MAX_SHOWN = 100,      /* bytes of a URL */
    MAX_SEEN = 256 << 20, /* of all html together: it is much the same again and again */
};

/* Words before and behind what was found. */
static const struct {
    const char *before;
    const char *after;
} words[PK_HTML_FINDINGS] = {
    [PK_FOUND_ELSEWHERE] = {"it loads ", ", which many programs don't show, and which tells that "
                                         "server who reads; put a picture into \"inline\" and "
                                         "show it as cid:NAME"},
    [PK_FOUND_LOCAL] = {"it shows ", ", a file that does not come with the message; put it into "
                                     "\"inline\" and show it as cid:NAME"},
    [PK_FOUND_DATA] = {"it holds a file itself, ", ", which many programs don't show; put it into "
                                                   "\"inline\" and show it as cid:NAME"},
    [PK_FOUND_STYLE] = {"it loads a style sheet, ", ", which most programs don't; write the rules "
                                                    "into a <style> or into style=\"…\""},
    [PK_FOUND_SCRIPT] = {"it has a ", ", which no mail program runs; take it out"},
    [PK_FOUND_FORM] = {"it has a ", ", which most programs don't send; write a link to a page that "
                                    "has the form, or ask for an answer"},
    [PK_FOUND_EMBEDDED] = {"it has an element ", ", which most programs don't show; put a picture "
                                                 "or a link in its place"},
    [PK_FOUND_NO_ALT] = {"its picture ", " has no alt=\"…\"; say there what it shows, for those "
                                         "who don't see it"},
};

/* Elements that are found by their name alone. */
static const struct {
    const char *name;
    pk_html_finding finding;
} elements[] = {
    {"script", PK_FOUND_SCRIPT},   {"form", PK_FOUND_FORM},       {"iframe", PK_FOUND_EMBEDDED},
    {"frame", PK_FOUND_EMBEDDED},  {"object", PK_FOUND_EMBEDDED}, {"embed", PK_FOUND_EMBEDDED},
    {"applet", PK_FOUND_EMBEDDED}, {"audio", PK_FOUND_EMBEDDED},  {"video", PK_FOUND_EMBEDDED},
};

/* Attributes whose value is loaded to be shown. */
static const char *const loaded[] = {"src", "background", "poster"};

typedef struct html_look {
    pk_linter *linter;
    const pk_template *message;
    pk_seen *seen;
    const char *group;
    xmlParserCtxt *parser; /* lent */
    size_t depth;
    bool is_cut; /* the rest is not seen */
    bool is_in_style;
    pk_buf style;
} html_look;

static pk_lint_place place(const html_look *look)
{
    return (pk_lint_place){look->message, pk_html_source(look->message), NULL, look->group};
}

static void found(html_look *look, pk_html_finding finding, const char *what, size_t len)
{
    if (look->seen->found[finding]) {
        return;
    }
    char shown[MAX_SHOWN];
    pk_lint_place where = place(look);
    size_t size = len < sizeof shown ? len + 1 : sizeof shown;
    pk_text_copy(shown, size, what);
    look->seen->found[finding] = true;
    pk_warn(look->linter, &where, "%s\"%s%s\"%s", words[finding].before, shown,
            len < sizeof shown ? "" : "…", words[finding].after);
}

static bool was_told_broken(pk_seen *seen, const char *id)
{
    uint64_t hash = pk_hash(0, id);
    for (size_t i = 0; i < seen->broken_count; i++) {
        if (seen->broken[i] == hash) {
            return true;
        }
    }
    if (seen->broken_count == PK_MAX_BROKEN) {
        return true;
    }
    seen->broken[seen->broken_count++] = hash;
    return false;
}

static void look_at_cid(html_look *look, const char *id, size_t len)
{
    const pk_template *message = look->message;
    for (size_t i = 0; i < message->picture_count; i++) {
        const char *known = message->pictures[i].id;
        if (strlen(known) == len && memcmp(known, id, len) == 0) {
            look->seen->shown[i] = true;
            return;
        }
    }
    char name[65]; /* an id's length at most */
    pk_lint_place where = place(look);
    size_t kept = len < sizeof name ? len : sizeof name - 1;
    memcpy(name, id, kept);
    name[kept] = '\0';
    if (!was_told_broken(look->seen, name)) {
        pk_warn(look->linter, &where,
                "cid:%s shows as a broken picture: \"inline\" has none of that name; put one "
                "there, or correct the name",
                name);
    }
}

static bool begins_with(const char *text, size_t len, const char *word)
{
    size_t word_len = strlen(word);
    return len >= word_len && pk_ascii_equal_nocase(text, word, word_len);
}

/* What a URL that is loaded refers to. */
static void look_at_url(html_look *look, const char *url, size_t len)
{
    while (len > 0 && isspace((unsigned char)*url)) {
        url++;
        len--;
    }
    while (len > 0 && isspace((unsigned char)url[len - 1])) {
        len--;
    }
    if (len == 0 || *url == '#') {
        return; /* nothing, or a part of the message itself */
    }
    if (begins_with(url, len, "cid:")) {
        look_at_cid(look, url + 4, len - 4);
    } else if (begins_with(url, len, "data:")) {
        found(look, PK_FOUND_DATA, url, len < 20 ? len : 20);
    } else if (begins_with(url, len, "http:") || begins_with(url, len, "https:") ||
               begins_with(url, len, "ftp:") || begins_with(url, len, "//")) {
        found(look, PK_FOUND_ELSEWHERE, url, len);
    } else {
        found(look, PK_FOUND_LOCAL, url, len);
    }
}

/* The URL that begins behind `url(` or `@import`, in quotes or not. Returns its end. */
static const char *css_url(const char *css, const char **url)
{
    css += strspn(css, " \t\r\n");
    if (*css == '"' || *css == '\'') {
        const char quote[] = {*css, '\0'};
        *url = css + 1;
        return *url + strcspn(*url, quote);
    }
    *url = css;
    return css + strcspn(css, ");");
}

static void look_at_css(html_look *look, const char *css)
{
    const char *url = NULL;
    const char *css_end = css + strlen(css);
    while (*css) {
        if (begins_with(css, (size_t)(css_end - css), "url(")) {
            css = css_url(css + 4, &url);
            look_at_url(look, url, (size_t)(css - url));
        } else if (begins_with(css, (size_t)(css_end - css), "@import")) {
            css += strlen("@import");
            const char *end = css_url(css, &url);
            if (url[-1] == '"' || url[-1] == '\'') {
                found(look, PK_FOUND_STYLE, url, (size_t)(end - url));
                css = end;
            }
        } else {
            css++;
        }
    }
}

static void look_at_link(html_look *look, const xmlChar **attributes)
{
    const char *rel = pk_html_attribute(attributes, "rel");
    const char *href = pk_html_attribute(attributes, "href");
    if (rel && href && begins_with(rel, strlen(rel), "stylesheet")) {
        found(look, PK_FOUND_STYLE, href, strlen(href));
    }
}

static void look_at_picture(html_look *look, const xmlChar **attributes)
{
    const char *src = pk_html_attribute(attributes, "src");
    if (src && !pk_html_attribute(attributes, "alt")) {
        found(look, PK_FOUND_NO_ALT, src, strlen(src));
    }
}

static void look_at_attributes(html_look *look, const xmlChar **attributes)
{
    for (size_t i = 0; i < sizeof loaded / sizeof loaded[0]; i++) {
        const char *url = pk_html_attribute(attributes, loaded[i]);
        if (url) {
            look_at_url(look, url, strlen(url));
        }
    }
    const char *set = pk_html_attribute(attributes, "srcset"); /* `url 2x, url 3x` */
    if (set) {
        set += strspn(set, " \t\r\n");
        look_at_url(look, set, strcspn(set, " \t\r\n"));
    }
    const char *style = pk_html_attribute(attributes, "style");
    if (style) {
        look_at_css(look, style);
    }
}

static void on_start(void *context, const xmlChar *name, const xmlChar **attributes)
{
    html_look *look = context;
    const char *element = (const char *)name;
    if (++look->depth > PK_HTML_MAX_DEPTH) {
        look->is_cut = true;
        xmlStopParser(look->parser);
        return;
    }
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
        if (strcmp(element, elements[i].name) == 0) {
            found(look, elements[i].finding, element, strlen(element));
            return;
        }
    }
    look->is_in_style = strcmp(element, "style") == 0;
    if (strcmp(element, "link") == 0) {
        look_at_link(look, attributes);
    } else if (strcmp(element, "img") == 0) {
        look_at_picture(look, attributes);
    }
    look_at_attributes(look, attributes);
}

static void on_end(void *context, const xmlChar *name)
{
    (void)name;
    html_look *look = context;
    look->depth -= look->depth > 0;
    if (look->is_in_style) {
        look_at_css(look, pk_buf_text(&look->style));
        pk_buf_reset(&look->style);
        look->is_in_style = false;
    }
}

static void on_characters(void *context, const xmlChar *text, int len)
{
    html_look *look = context;
    if (look->is_in_style) {
        pk_buf_add(&look->style, text, (size_t)len);
    }
}

static const htmlSAXHandler handler = {.startElement = on_start,
                                       .endElement = on_end,
                                       .characters = on_characters,
                                       .cdataBlock = on_characters};

void pk_lint_html(pk_linter *linter, const pk_template *message, pk_seen *seen, const char *group)
{
    const pk_buf *html = &linter->message->html;
    if (linter->html_seen > MAX_SEEN) {
        return;
    }
    html_look look = {.linter = linter, .message = message, .seen = seen, .group = group};
    pk_buf_init(&look.style, MAX_STYLE);
    /* What can't be read has no warnings, but for memory: bigger html than that is nobody's. */
    bool is_read =
        html->len == 0 || pk_html_parse(html->data, html->len, &handler, &look, &look.parser);
    linter->no_memory = !is_read && html->len <= PK_HTML_MAX;
    linter->html_seen += html->len;
    seen->is_html_seen = seen->is_html_seen || (is_read && !look.is_cut);
    pk_buf_free(&look.style);
}
