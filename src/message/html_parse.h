/* HTML as libxml2 reads it: events, no tree. Each call has its own parser: it may run in any
 * thread. Nothing is fetched, and nothing is told to anybody. */
#ifndef PK_MESSAGE_HTML_PARSE_H
#define PK_MESSAGE_HTML_PARSE_H

#include <libxml/HTMLparser.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    PK_HTML_MAX = 8 << 20,    /* bytes */
    PK_HTML_MAX_DEPTH = 1000, /* elements inside elements; who hears of more stops the parser */
};

/* Parses len bytes of UTF-8, a document or a fragment, as a body. The handler's functions get user;
 * *parser, for xmlStopParser(), is set before the first is called. False: out of memory, or the
 * html is bigger than PK_HTML_MAX, or has a tag with thousands of attributes. */
bool pk_html_parse(const char *html, size_t len, const htmlSAXHandler *handler, void *user,
                   xmlParserCtxt **parser);

#endif
