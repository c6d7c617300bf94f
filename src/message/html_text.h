/* The text that stands beside an html part whose author wrote none. */
#ifndef PK_MESSAGE_HTML_TEXT_H
#define PK_MESSAGE_HTML_TEXT_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* For whom a text is. */
typedef enum pk_text_use {
    PK_TEXT_TO_READ, /* a mail: lines of 72 columns, pictures as [alt] */
    PK_TEXT_TO_FLOW, /* what wraps lines itself, as a calendar does: paragraphs, no pictures */
} pk_text_use;

/* Appends html (UTF-8, a document or a fragment) as text for people: paragraphs, lists, quotations,
 * links as `text <url>`; LF line ends, one at the end.
 * Nothing is fetched. Each call has its own parser: it may run in any thread. False: out of memory,
 * out is full, or the html is bigger than 8 MiB, nested deeper than 1000
 * elements, or has a tag with thousands of attributes; then out may
 * hold a part. */
bool pk_html_to_text(pk_buf *out, const char *html, size_t len, pk_text_use use);

#endif
