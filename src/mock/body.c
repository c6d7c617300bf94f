#include "mock/body.h"

#include <string.h>

enum { KEEP_CAPACITY = 16 * 1024 };

void pm_body_init(pm_body *body, size_t max)
{
    *body = (pm_body){.state = PM_BODY_LINE_START};
    pk_buf_init(&body->text, max);
}

void pm_body_free(pm_body *body)
{
    pk_buf_free(&body->text);
}

void pm_body_reset(pm_body *body)
{
    if (body->text.capacity > KEEP_CAPACITY) {
        pk_buf_free(&body->text);
    }
    pk_buf_reset(&body->text);
    body->state = PM_BODY_LINE_START;
    body->has_bare_line = false;
    body->is_too_large = false;
}

static void keep(pm_body *body, const char *bytes, size_t len)
{
    if (body->is_too_large) {
        return;
    }
    pk_buf_add(&body->text, bytes, len);
    if (!pk_buf_ok(&body->text)) {
        body->is_too_large = true;
        pk_buf_free(&body->text);
    }
}

/* Text up to the next CR or LF, and that one. Returns how many bytes it took, 1 or more. */
static size_t take_text(pm_body *body, const char *bytes, size_t len)
{
    const char *lf = memchr(bytes, '\n', len);
    size_t end = lf ? (size_t)(lf - bytes) : len;
    const char *cr = memchr(bytes, '\r', end);
    if (cr) {
        end = (size_t)(cr - bytes);
    }
    keep(body, bytes, end);
    body->state = PM_BODY_TEXT;
    if (cr) {
        body->state = PM_BODY_CR;
        return end + 1;
    }
    if (lf) {
        body->has_bare_line = true;
        keep(body, "\n", 1);
        return end + 1;
    }
    return end;
}

/* Behind a CR. A CR alone is text, and what follows it is not used up. */
static size_t take_after_cr(pm_body *body, char c)
{
    if (c == '\n') {
        keep(body, "\r\n", 2);
        body->state = PM_BODY_LINE_START;
        return 1;
    }
    body->has_bare_line = true;
    keep(body, "\r", 1);
    body->state = PM_BODY_TEXT;
    return 0;
}

/* Every arm moves on: it uses a byte up or changes the state. */
static size_t take(pm_body *body, const char *bytes, size_t len)
{
    switch (body->state) {
    case PM_BODY_LINE_START:
        body->state = bytes[0] == '.' ? PM_BODY_DOT : PM_BODY_TEXT;
        return body->state == PM_BODY_DOT ? 1 : 0;
    case PM_BODY_TEXT:
        return take_text(body, bytes, len);
    case PM_BODY_CR:
        return take_after_cr(body, bytes[0]);
    case PM_BODY_DOT:
        /* Unless the line ends here, the dot was stuffing. */
        body->state = bytes[0] == '\r' ? PM_BODY_DOT_CR : PM_BODY_TEXT;
        return body->state == PM_BODY_DOT_CR ? 1 : 0;
    case PM_BODY_DOT_CR:
        body->state = bytes[0] == '\n' ? PM_BODY_END : PM_BODY_CR;
        return body->state == PM_BODY_END ? 1 : 0;
    case PM_BODY_END:
        break;
    }
    return 0;
}

size_t pm_body_feed(pm_body *body, const char *bytes, size_t len)
{
    size_t used = 0;
    while (used < len && body->state != PM_BODY_END) {
        used += take(body, bytes + used, len - used);
    }
    return used;
}
