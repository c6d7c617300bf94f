/* Where a link leads, as plain text shows it. */
#ifndef PK_MESSAGE_HTML_LINK_H
#define PK_MESSAGE_HTML_LINK_H

#include "base/buf.h"

#include <stdbool.h>

/* Appends the URL of an href, fit to stand between < and >; of a mailto: or tel: only the address.
 * Nothing for what leads nowhere outside a browser: anchors of the page, parts of the message,
 * scripts, data. */
void pk_html_link_url(pk_buf *out, const char *href);

/* Whether the link's text says the url already. */
bool pk_html_link_shows(const char *text, const char *url);

#endif
