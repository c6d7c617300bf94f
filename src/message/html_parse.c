#include "message/html_parse.h"

#include "base/buf.h"

#include <pthread.h>

static pthread_once_t parser_once = PTHREAD_ONCE_INIT;

enum { MAX_MARKS = 4000 };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A tag with so many attributes that libxml2, which compares each with all others, would take
 * seconds over it. Blanks and equals signs are counted: no attribute comes without either. */
static bool has_endless_tag(const char *html, size_t len)
{
    size_t marks = 0;
    bool is_tag = false;
    for (size_t i = 0; i < len && marks <= MAX_MARKS; i++) {
        char c = html[i];
        if (c == '<' || c == '>') {
            is_tag = c == '<' && i + 1 < len && is_letter(html[i + 1]);
            marks = 0;
        } else if (is_tag) {
            marks += c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '=' ? 1 : 0;
        }
    }
    return marks > MAX_MARKS;
}

static bool parse(const pk_buf *html, const htmlSAXHandler *handler, void *user,
                  xmlParserCtxt **parser)
{
    (void)pthread_once(&parser_once, xmlInitParser); /* libxml2 has global tables */
    *parser = htmlNewParserCtxt();
    if (!*parser) {
        return false;
    }
    *(*parser)->sax = *handler;
    (*parser)->userData = user;
    int options = HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
                  HTML_PARSE_RECOVER | HTML_PARSE_NOIMPLIED | HTML_PARSE_IGNORE_ENC;
    xmlDoc *document =
        htmlCtxtReadMemory(*parser, html->data, (int)html->len, NULL, "UTF-8", options);
    xmlFreeDoc(document); /* NULL, as nothing makes one */
    bool has_memory = (*parser)->errNo != XML_ERR_NO_MEMORY;
    htmlFreeParserCtxt(*parser);
    *parser = NULL;
    return has_memory;
}

bool pk_html_parse(const char *html, size_t len, const htmlSAXHandler *handler, void *user,
                   xmlParserCtxt **parser)
{
    if (len > PK_HTML_MAX || has_endless_tag(html, len)) {
        return false;
    }
    /* In a body: text that stands in no element would begin a paragraph. */
    pk_buf body;
    pk_buf_init(&body, PK_HTML_MAX + sizeof "<body>");
    pk_buf_str(&body, "<body>");
    pk_buf_add(&body, html, len);
    bool is_read = pk_buf_ok(&body) && parse(&body, handler, user, parser);
    pk_buf_free(&body);
    return is_read;
}
