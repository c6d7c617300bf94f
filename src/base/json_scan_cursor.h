/* What the parts of the scan share: where it reads, and how it complains. */
#ifndef PK_BASE_JSON_SCAN_CURSOR_H
#define PK_BASE_JSON_SCAN_CURSOR_H

#include "base/json_scan.h"

typedef struct pk_cursor {
    pk_scan *scan;
    size_t at;     /* the byte to read next */
    size_t mark;   /* a byte whose line and column are known … */
    unsigned line; /* … here */
    unsigned column;
    size_t node; /* what is being read */
    unsigned depth;
} pk_cursor;

/* The byte at the cursor; -1: the end. */
int pk_cursor_peek(const pk_cursor *cursor);
/* Line and column (in characters) of a byte not before the last one asked for. */
void pk_cursor_place(pk_cursor *cursor, size_t offset, unsigned *line, unsigned *column);
/* Adds an error at a byte and marks the node being read. */
void pk_cursor_complain(pk_cursor *cursor, size_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What stands at the cursor, for people, as `"}"` or `the end of the file`. */
const char *pk_cursor_found(const pk_cursor *cursor, char *out, size_t size);

/* Both begin at their first byte and end behind their last. False: nothing after it makes sense. */
bool pk_scan_string(pk_cursor *cursor);
void pk_scan_number(pk_cursor *cursor);

#endif
