/* What an HTML element means for plain text. */
#ifndef PK_MESSAGE_HTML_ELEMENT_H
#define PK_MESSAGE_HTML_ELEMENT_H

#include <libxml/xmlstring.h>
#include <stdbool.h>

typedef enum pk_html_kind {
    PK_HTML_INLINE,
    PK_HTML_BLOCK,
    PK_HTML_PARAGRAPH,
    PK_HTML_HIDDEN, /* with all in it */
    PK_HTML_LINK,
    PK_HTML_IMAGE,
    PK_HTML_LINE_END,
    PK_HTML_RULE,
    PK_HTML_PRE,
    PK_HTML_QUOTE,
    PK_HTML_DEFINITION,
    PK_HTML_BULLETS,
    PK_HTML_NUMBERS,
    PK_HTML_ITEM,
    PK_HTML_CELL,
} pk_html_kind;

/* By its name, in lower case. */
pk_html_kind pk_html_kind_of(const char *name);

/* attributes: names and values in turn, then NULL, as libxml2's SAX interface has them; may be
 * NULL. The attribute's value, "" for one without; NULL: there is none. Lent. */
const char *pk_html_attribute(const xmlChar **attributes, const char *name);

/* Whether they say that the element is not shown. */
bool pk_html_is_hidden(const xmlChar **attributes);

#endif
