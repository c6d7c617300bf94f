/* Bounded growable bytes. A failed append (no memory, or over the maximum) is remembered: append
 * freely, ask pk_buf_ok() once at the end. data is NUL-terminated whenever it is not NULL. */
#ifndef PK_BASE_BUF_H
#define PK_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct pk_buf {
    char *data; /* owned; NULL until the first append */
    size_t len;
    size_t capacity; /* at most max and the NUL */
    size_t max;      /* len never exceeds it */
    bool failed;
} pk_buf;

void pk_buf_init(pk_buf *buf, size_t max);
void pk_buf_free(pk_buf *buf);
/* Empties it and forgets a failure; keeps the memory for the next use. */
void pk_buf_reset(pk_buf *buf);
bool pk_buf_ok(const pk_buf *buf);
/* What it holds as a C string: "" when nothing was ever added. Lent. */
const char *pk_buf_text(const pk_buf *buf);
/* Keeps only the first len bytes, when there are more. */
void pk_buf_cut(pk_buf *buf, size_t len);
/* Hands the bytes to the caller (free() them) and leaves the buffer empty. NULL after a failure. */
char *pk_buf_take(pk_buf *buf);

/* pk_buf_reserve() where there may be no room. */
bool pk_buf_grow(pk_buf *buf, size_t extra);

/* Makes room for extra bytes and the NUL. False: the buffer has failed. */
static inline bool pk_buf_reserve(pk_buf *buf, size_t extra)
{
    return (!buf->failed && extra < buf->capacity - buf->len) || pk_buf_grow(buf, extra);
}

/* pk_buf_add() where there may be no room. */
void pk_buf_add_growing(pk_buf *buf, const void *data, size_t len);

/* Inline, as a message is made of some hundred of these. */
static inline void pk_buf_add(pk_buf *buf, const void *data, size_t len)
{
    if (buf->failed || len >= buf->capacity - buf->len || len == 0) {
        pk_buf_add_growing(buf, data, len);
        return;
    }
    memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

static inline void pk_buf_str(pk_buf *buf, const char *text)
{
    pk_buf_add(buf, text, strlen(text));
}

static inline void pk_buf_char(pk_buf *buf, char c)
{
    pk_buf_add(buf, &c, 1);
}

void pk_buf_fmt(pk_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void pk_buf_vfmt(pk_buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

#endif
