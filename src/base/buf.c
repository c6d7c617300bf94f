#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pk_buf_init(pk_buf *buf, size_t max)
{
    *buf = (pk_buf){.max = max};
}

void pk_buf_free(pk_buf *buf)
{
    free(buf->data);
    pk_buf_init(buf, buf->max);
}

void pk_buf_reset(pk_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->data) {
        buf->data[0] = '\0';
    }
}

void pk_buf_cut(pk_buf *buf, size_t len)
{
    if (len < buf->len) {
        buf->len = len;
        buf->data[len] = '\0';
    }
}

bool pk_buf_ok(const pk_buf *buf)
{
    return !buf->failed;
}

const char *pk_buf_text(const pk_buf *buf)
{
    return buf->data ? buf->data : "";
}

/* Never more than max and the NUL: what fits the memory fits the maximum. */
static size_t grown(const pk_buf *buf, size_t needed)
{
    size_t capacity = buf->capacity ? buf->capacity : 64;
    while (capacity < needed) {
        capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
    }
    return capacity - 1 > buf->max ? buf->max + 1 : capacity;
}

bool pk_buf_grow(pk_buf *buf, size_t extra)
{
    if (buf->failed || extra > buf->max - buf->len) {
        buf->failed = true;
        return false;
    }
    size_t needed = buf->len + extra + 1;
    if (needed <= buf->capacity) {
        return true;
    }
    size_t capacity = grown(buf, needed);
    char *data = realloc(buf->data, capacity);
    if (!data) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

char *pk_buf_take(pk_buf *buf)
{
    if (!pk_buf_reserve(buf, 0)) {
        return NULL;
    }
    buf->data[buf->len] = '\0';
    char *data = buf->data;
    pk_buf_init(buf, buf->max);
    return data;
}

void pk_buf_add_growing(pk_buf *buf, const void *data, size_t len)
{
    if (!pk_buf_reserve(buf, len)) {
        return;
    }
    if (len) {
        memcpy(buf->data + buf->len, data, len);
    }
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void pk_buf_vfmt(pk_buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    size_t room = buf->failed ? 0 : buf->capacity - buf->len;
    int len = vsnprintf(room ? buf->data + buf->len : NULL, room, format, args);
    if (len >= 0 && (size_t)len >= room && pk_buf_reserve(buf, (size_t)len)) {
        len = vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
    }
    buf->failed = buf->failed || len < 0;
    buf->len += buf->failed ? 0 : (size_t)len;
    if (buf->data) {
        buf->data[buf->len] = '\0';
    }
    va_end(again);
}

void pk_buf_fmt(pk_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    pk_buf_vfmt(buf, format, args);
    va_end(args);
}
