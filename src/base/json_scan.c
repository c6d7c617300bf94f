#include "base/json_scan_cursor.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int pk_cursor_peek(const pk_cursor *cursor)
{
    return cursor->at < cursor->scan->len ? (unsigned char)cursor->scan->json[cursor->at] : -1;
}

void pk_cursor_place(pk_cursor *cursor, size_t offset, unsigned *line, unsigned *column)
{
    for (; cursor->mark < offset; cursor->mark++) {
        unsigned char c = (unsigned char)cursor->scan->json[cursor->mark];
        if (c == '\n') {
            cursor->line++;
            cursor->column = 1;
        } else if ((c & 0xc0) != 0x80) {
            cursor->column++;
        }
    }
    *line = cursor->line;
    *column = cursor->column;
}

void pk_cursor_complain(pk_cursor *cursor, size_t offset, const char *format, ...)
{
    pk_scan *scan = cursor->scan;
    pk_buf pointer;
    pk_buf_init(&pointer, 4096);
    if (scan->count) {
        pk_scan_pointer(scan, cursor->node, &pointer);
        scan->nodes[cursor->node].is_bad = true;
    }
    pk_place place = {.file = scan->file, .pointer = pk_buf_text(&pointer)};
    pk_cursor_place(cursor, offset, &place.line, &place.column);
    va_list args;
    va_start(args, format);
    char text[512];
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    pk_errors_addf(scan->errors, PRANKCURL_CAMPAIGN, &place, "%s", text);
    pk_buf_free(&pointer);
}

const char *pk_cursor_found(const pk_cursor *cursor, char *out, size_t size)
{
    int c = pk_cursor_peek(cursor);
    if (c < 0) {
        pk_text_copy(out, size, "the end of the file");
    } else if (c < 0x20 || c == 0x7f) {
        (void)snprintf(out, size, "a raw %s", pk_control_name((uint32_t)c));
    } else if (c >= 0x80) {
        pk_text_copy(out, size, "a character outside ASCII");
    } else {
        (void)snprintf(out, size, "'%c'", c);
    }
    return out;
}

static bool scan_value(pk_cursor *cursor, size_t parent, size_t position, const pk_node *key);

static void skip_blank(pk_cursor *cursor)
{
    int c = pk_cursor_peek(cursor);
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        cursor->at++;
        c = pk_cursor_peek(cursor);
    }
}

static bool expected(pk_cursor *cursor, const char *what)
{
    char found[64];
    const char *hint = "";
    switch (pk_cursor_peek(cursor)) {
    case '/':
    case '#':
        hint = " (JSON has no comments)";
        break;
    case '\'':
        hint = " (strings stand in double quotes)";
        break;
    default:
        break;
    }
    pk_cursor_complain(cursor, cursor->at, "%s is expected, found %s%s", what,
                       pk_cursor_found(cursor, found, sizeof found), hint);
    return false;
}

/* `"key" :` of a member; false: nothing more to be said. */
static bool scan_key(pk_cursor *cursor, pk_node *key)
{
    if (pk_cursor_peek(cursor) != '"') {
        return expected(cursor, "a key in double quotes");
    }
    key->key_offset = cursor->at;
    pk_cursor_place(cursor, cursor->at, &key->key_line, &key->key_column);
    if (!pk_scan_string(cursor)) {
        return false;
    }
    key->key_len = cursor->at - key->key_offset;
    skip_blank(cursor);
    if (pk_cursor_peek(cursor) != ':') {
        return expected(cursor, "a ':' after the key");
    }
    cursor->at++;
    return true;
}

/* The members or elements of a container, from its opening bracket to its closing one. */
static bool scan_members(pk_cursor *cursor, size_t self, char close)
{
    cursor->at++;
    skip_blank(cursor);
    if (pk_cursor_peek(cursor) == close) {
        cursor->at++;
        return true;
    }
    const char *separator = close == '}' ? "',' or '}'" : "',' or ']'";
    for (size_t position = 0;; position++) {
        pk_node key = {0};
        if (close == '}' && !scan_key(cursor, &key)) {
            return false;
        }
        if (!scan_value(cursor, self, position, &key)) {
            return false;
        }
        cursor->node = self;
        skip_blank(cursor);
        size_t comma = cursor->at;
        if (pk_cursor_peek(cursor) == close) {
            cursor->at++;
            return true;
        }
        if (pk_cursor_peek(cursor) != ',') {
            return expected(cursor, separator);
        }
        cursor->at++;
        skip_blank(cursor);
        if (pk_cursor_peek(cursor) == close) {
            pk_cursor_complain(cursor, comma, "a comma stands before the closing '%c'; take it out",
                               close);
            return false;
        }
    }
}

static bool scan_word(pk_cursor *cursor)
{
    static const char *const words[] = {"true", "false", "null"};
    const char *text = cursor->scan->json + cursor->at;
    size_t left = cursor->scan->len - cursor->at;
    size_t len = 0;
    while (len < left && ((text[len] >= 'a' && text[len] <= 'z') ||
                          (text[len] >= 'A' && text[len] <= 'Z') || text[len] == '_')) {
        len++;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (len == strlen(words[i]) && memcmp(text, words[i], len) == 0) {
            cursor->at += len;
            return true;
        }
    }
    if (len == 0) {
        return expected(cursor, "a value");
    }
    pk_cursor_complain(cursor, cursor->at,
                       "a word without quotes is no JSON value; a string stands in double "
                       "quotes, and true, false, null are lower case");
    return false;
}

static bool scan_content(pk_cursor *cursor, size_t self)
{
    int c = pk_cursor_peek(cursor);
    if (c == '{' || c == '[') {
        if (cursor->depth >= PK_SCAN_MAX_DEPTH) {
            pk_cursor_complain(cursor, cursor->at, "values are nested more than %d deep",
                               PK_SCAN_MAX_DEPTH);
            return false;
        }
        cursor->depth++;
        bool ok = scan_members(cursor, self, c == '{' ? '}' : ']');
        cursor->depth--;
        return ok;
    }
    if (c == '"') {
        return pk_scan_string(cursor);
    }
    if (c == '-' || c == '+' || c == '.' || (c >= '0' && c <= '9')) {
        pk_scan_number(cursor);
        return true;
    }
    return scan_word(cursor);
}

/* A new node for the value at the cursor; NULL: out of memory. */
static pk_node *add_node(pk_cursor *cursor, size_t parent, size_t position, const pk_node *key)
{
    pk_scan *scan = cursor->scan;
    if (scan->count == scan->capacity) {
        size_t capacity = scan->capacity ? scan->capacity * 2 : 64;
        pk_node *nodes = realloc(scan->nodes, capacity * sizeof *nodes);
        if (!nodes) {
            pk_errors_addf(scan->errors, PRANKCURL_NO_MEMORY, NULL, "out of memory");
            return NULL;
        }
        scan->nodes = nodes;
        scan->capacity = capacity;
    }
    pk_node *node = &scan->nodes[scan->count++];
    *node = *key;
    node->parent = parent;
    node->position = position;
    node->offset = cursor->at;
    return node;
}

static bool scan_value(pk_cursor *cursor, size_t parent, size_t position, const pk_node *key)
{
    skip_blank(cursor);
    size_t self = cursor->scan->count;
    pk_node *node = add_node(cursor, parent, position, key);
    if (!node) {
        return false;
    }
    cursor->node = self;
    pk_cursor_place(cursor, cursor->at, &node->line, &node->column);
    if (!scan_content(cursor, self)) {
        return false;
    }
    node = &cursor->scan->nodes[self]; /* the array may have moved */
    node->len = cursor->at - node->offset;
    node->end = cursor->scan->count;
    return true;
}

/* What the first bytes say about the encoding; false: this is no UTF-8. */
static bool scan_start(pk_cursor *cursor)
{
    const char *json = cursor->scan->json;
    size_t len = cursor->scan->len;
    if (len >= 2 && (memcmp(json, "\xff\xfe", 2) == 0 || memcmp(json, "\xfe\xff", 2) == 0)) {
        pk_cursor_complain(cursor, 0, "the file is UTF-16; save it as UTF-8");
        return false;
    }
    if (len >= 3 && memcmp(json, "\xef\xbb\xbf", 3) == 0) {
        pk_cursor_complain(cursor, 0,
                           "the file begins with a byte order mark; save it as UTF-8 without one");
        cursor->at = 3;
        cursor->mark = 3;
    }
    skip_blank(cursor);
    if (pk_cursor_peek(cursor) < 0) {
        pk_cursor_complain(cursor, cursor->at, "the file is empty; a %s is expected",
                           cursor->scan->what);
        return false;
    }
    return true;
}

bool pk_scan_run(pk_scan *scan, const char *json, size_t len, const char *file, const char *what,
                 prankcurl_errors *errors)
{
    *scan = (pk_scan){.json = json, .len = len, .file = file, .what = what, .errors = errors};
    pk_cursor cursor = {.scan = scan, .line = 1, .column = 1};
    pk_node no_key = {0};
    if (!scan_start(&cursor) || !scan_value(&cursor, 0, 0, &no_key)) {
        return false;
    }
    cursor.node = 0;
    skip_blank(&cursor);
    if (pk_cursor_peek(&cursor) >= 0) {
        char found[64];
        pk_cursor_complain(&cursor, cursor.at, "the %s has ended, but %s follows", what,
                           pk_cursor_found(&cursor, found, sizeof found));
        return false;
    }
    return true;
}

void pk_scan_free(pk_scan *scan)
{
    free(scan->nodes);
    *scan = (pk_scan){0};
}

static bool is_plain_key(const char *key, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = pk_ascii_lower(key[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
              c == '$')) {
            return false;
        }
    }
    return len > 0;
}

void pk_scan_pointer(const pk_scan *scan, size_t index, pk_buf *out)
{
    size_t path[PK_SCAN_MAX_DEPTH + 1];
    size_t depth = 0;
    for (size_t i = index; scan->nodes[i].parent != i && depth <= PK_SCAN_MAX_DEPTH;
         i = scan->nodes[i].parent) {
        path[depth++] = i;
    }
    while (depth > 0) {
        const pk_node *node = &scan->nodes[path[--depth]];
        const char *key = scan->json + node->key_offset + 1;
        if (!node->key_len) {
            pk_buf_fmt(out, "[%zu]", node->position);
        } else if (is_plain_key(key, node->key_len - 2)) {
            pk_buf_str(out, out->len ? "." : "");
            pk_buf_add(out, key, node->key_len - 2);
        } else {
            pk_buf_str(out, "[\"");
            pk_add_printable(out, key, node->key_len - 2);
            pk_buf_str(out, "\"]");
        }
    }
}
