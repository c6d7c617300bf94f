/* Markdown (CommonMark with GitHub's tables, ~~strikethrough~~ and links that are found) to HTML.
 */
#ifndef PK_MESSAGE_MARKDOWN_H
#define PK_MESSAGE_MARKDOWN_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends markdown (UTF-8) as an HTML document. HTML in it stays as its author wrote it; values of
 * variables come in by pk_add_markdown_escaped(). It may run in any thread; the parsing itself is
 * done by one at a time. False: out is full, the Markdown is
 * bigger than 256 KiB, or a table of it could have more than 100,000 cells. Without memory
 * cmark ends the program, as GLib does. */
bool pk_markdown_to_html(pk_buf *out, const char *markdown, size_t len);

/* Appends text (UTF-8) so that pk_markdown_to_html() makes just this text of it: neither Markdown
 * nor HTML nor a link, and no line end that begins something new. It holds in attributes of HTML
 * that the author wrote, too. In `code` the reader sees it escaped, but it can't get out. */
void pk_add_markdown_escaped(pk_buf *out, const char *text, size_t len);

#endif
