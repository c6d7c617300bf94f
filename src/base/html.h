/* Text in HTML. */
#ifndef PK_BASE_HTML_H
#define PK_BASE_HTML_H

#include <stddef.h>

/* What stands for a character, in text and in attributes; NULL: itself. Inline, as every character
 * of a value asks for it. */
static inline const char *pk_html_entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

#endif
