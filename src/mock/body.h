/* The message after DATA (RFC 5321 §4.5.2): a push parser that takes dot-stuffing away and ends at
 * CRLF.CRLF and nothing else, however the bytes are cut. */
#ifndef PM_BODY_H
#define PM_BODY_H

#include "base/buf.h"

typedef enum pm_body_state {
    PM_BODY_LINE_START,
    PM_BODY_TEXT,
    PM_BODY_CR,     /* a CR that is not in the text yet */
    PM_BODY_DOT,    /* a dot at the start of a line that is not in the text yet */
    PM_BODY_DOT_CR, /* … with a CR behind it */
    PM_BODY_END,
} pm_body_state;

typedef struct pm_body {
    pm_body_state state;
    pk_buf text;        /* what came so far; its maximum is the largest message */
    bool has_bare_line; /* a CR or LF stood alone (RFC 5321 §2.3.8) */
    bool is_too_large;  /* the rest is read and thrown away */
} pm_body;

void pm_body_init(pm_body *body, size_t max);
void pm_body_free(pm_body *body);
/* For the next message; large memory is given back. */
void pm_body_reset(pm_body *body);
/* Takes bytes until the message ends; returns how many. state tells whether it did. */
size_t pm_body_feed(pm_body *body, const char *bytes, size_t len);

#endif
