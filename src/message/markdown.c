#include "message/markdown.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_MARKDOWN = 256 << 10,
    MAX_COLUMNS = 1000,     /* of a table */
    MAX_CELLS = 100 * 1000, /* cmark fills every row of a table up to its header */
};

static const char *const extensions[] = {"table", "strikethrough", "autolink"};

/* cmark-gfm registers extensions in a global list, and while it parses, the characters that they
 * want are in global tables: one thread would take them away from another. */
static pthread_once_t extensions_once = PTHREAD_ONCE_INIT;
static pthread_mutex_t parsing = PTHREAD_MUTEX_INITIALIZER;

/* U+FDD0, which is no character and free for internal use: it stands where extensions would find a
 * link in a value, whose entities they see as plain characters. It is taken out of the HTML, also
 * as part of a URL. */
static const char guard[] = "\xef\xb7\x90";
static const char guard_in_url[] = "%EF%B7%90";

static const char document_begin[] =
    "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n";
static const char document_end[] = "</body></html>\n";

static cmark_node *parse(cmark_parser *parser, const char *markdown, size_t len)
{
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
        cmark_syntax_extension *extension = cmark_find_syntax_extension(extensions[i]);
        if (extension) {
            (void)cmark_parser_attach_syntax_extension(parser, extension);
        }
    }
    (void)pthread_mutex_lock(&parsing);
    cmark_parser_feed(parser, markdown, len);
    cmark_node *document = cmark_parser_finish(parser);
    (void)pthread_mutex_unlock(&parsing);
    return document;
}

/* How long the guard is that text begins with; 0: it does not. */
static size_t guard_len(const char *text)
{
    if (strncmp(text, guard, sizeof guard - 1) == 0) {
        return sizeof guard - 1;
    }
    return strncmp(text, guard_in_url, sizeof guard_in_url - 1) == 0 ? sizeof guard_in_url - 1 : 0;
}

static void add_without_guards(pk_buf *out, const char *html)
{
    while (*html) {
        size_t len = strcspn(html, "\xef%");
        pk_buf_add(out, html, len);
        html += len;
        size_t skipped = guard_len(html);
        if (skipped == 0 && *html) {
            pk_buf_char(out, *html);
            skipped = 1;
        }
        html += skipped;
    }
}

/* More cells than a table may have, were the whole text one. */
static bool has_endless_table(const char *markdown, size_t len)
{
    size_t lines = 1;
    size_t bars = 0;
    size_t widest = 0;
    for (size_t i = 0; i < len; i++) {
        bars += markdown[i] == '|' ? 1 : 0;
        widest = bars > widest ? bars : widest;
        lines += markdown[i] == '\n' ? 1 : 0;
        bars = markdown[i] == '\n' ? 0 : bars;
    }
    return widest > MAX_COLUMNS || widest * lines > MAX_CELLS;
}

bool pk_markdown_to_html(pk_buf *out, const char *markdown, size_t len)
{
    if (len > MAX_MARKDOWN || has_endless_table(markdown, len)) {
        return false;
    }
    (void)pthread_once(&extensions_once, cmark_gfm_core_extensions_ensure_registered);
    int options = CMARK_OPT_UNSAFE | CMARK_OPT_VALIDATE_UTF8;
    cmark_parser *parser = cmark_parser_new(options);
    cmark_node *document = parse(parser, markdown, len);
    char *html = cmark_render_html(document, options, cmark_parser_get_syntax_extensions(parser));
    pk_buf_str(out, document_begin);
    add_without_guards(out, html);
    pk_buf_str(out, document_end);
    free(html);
    cmark_node_free(document);
    cmark_parser_free(parser);
    return pk_buf_ok(out);
}

static bool is_punctuation(char c)
{
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
}

/* A blank that Markdown would look at: at the beginning or end of a line, or beside another. */
static bool is_telling_blank(const char *text, size_t i, size_t len)
{
    return (text[i] == ' ' && (i == 0 || i + 1 == len || text[i - 1] <= ' ')) || text[i] == '\t';
}

/* Entities, not backslashes: they are text everywhere, and never syntax (CommonMark 0.29 §6.2). */
static void add_entity(pk_buf *out, char c)
{
    if (c == '.' || c == ':' || c == '@') {
        pk_buf_str(out, guard);
    }
    pk_buf_fmt(out, "&#%d;", c);
}

void pk_add_markdown_escaped(pk_buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '\r' && i + 1 < len && text[i + 1] == '\n') {
            continue;
        }
        if (c == '\r' || c == '\n') {
            add_entity(out, '\n');
        } else if (is_punctuation(c) || is_telling_blank(text, i, len)) {
            add_entity(out, c);
        } else {
            pk_buf_char(out, c);
        }
    }
}
