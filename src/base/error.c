#include "base/error.h"

#include "base/buf.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ERRORS = 1000 };

typedef struct status_entry {
    const char *name;
    int exit_code;
    const char *text;
} status_entry;

static const status_entry statuses[] = {
#define STATUS_ENTRY(name, exit_code, text) {#name, exit_code, text},
    PRANKCURL_STATUS_MAP(STATUS_ENTRY)
#undef STATUS_ENTRY
};

static const status_entry *entry(prankcurl_status status)
{
    size_t i = (size_t)status;
    return &statuses[i < sizeof statuses / sizeof statuses[0] ? i : PRANKCURL_INTERNAL];
}

const char *prankcurl_status_name(prankcurl_status status)
{
    return entry(status)->name;
}

const char *prankcurl_status_text(prankcurl_status status)
{
    return entry(status)->text;
}

int prankcurl_status_exit_code(prankcurl_status status)
{
    return entry(status)->exit_code;
}

void pk_text_copy(char *out, size_t size, const char *text)
{
    size_t len = strlen(text);
    if (len >= size) {
        len = size - 1;
        while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80) {
            len--;
        }
    }
    memcpy(out, text, len);
    out[len] = '\0';
}

/* What comes from files and servers can't harm a terminal: see pk_add_printable(). */
static void copy_printable(char *out, size_t size, const char *text)
{
    pk_buf printable;
    pk_buf_init(&printable, 64 * 1024);
    pk_add_printable(&printable, text, strlen(text));
    pk_text_copy(out, size, pk_buf_text(&printable));
    pk_buf_free(&printable);
}

__attribute__((format(printf, 4, 0))) static void fill(prankcurl_error *error,
                                                       prankcurl_status status,
                                                       const pk_place *place, const char *format,
                                                       va_list args)
{
    *error = (prankcurl_error){.status = status};
    if (place) {
        error->line = place->line;
        error->column = place->column;
        copy_printable(error->file, sizeof error->file, place->file ? place->file : "");
        copy_printable(error->pointer, sizeof error->pointer, place->pointer ? place->pointer : "");
    }
    char message[2 * sizeof error->message];
    (void)vsnprintf(message, sizeof message, format, args);
    copy_printable(error->message, sizeof error->message, message);
}

prankcurl_status pk_error_set(prankcurl_error *error, prankcurl_status status,
                              const pk_place *place, const char *format, ...)
{
    if (error) {
        va_list args;
        va_start(args, format);
        fill(error, status, place, format, args);
        va_end(args);
    }
    return status;
}

static bool grow(prankcurl_errors *errors)
{
    if (errors->count >= MAX_ERRORS) {
        return false;
    }
    if (errors->count < errors->capacity) {
        return true;
    }
    size_t capacity = errors->capacity ? errors->capacity * 2 : 4;
    prankcurl_error *items = realloc(errors->items, capacity * sizeof *items);
    if (!items) {
        return false;
    }
    errors->items = items;
    errors->capacity = capacity;
    return true;
}

void pk_errors_add(prankcurl_errors *errors, const prankcurl_error *error)
{
    if (grow(errors)) {
        errors->items[errors->count++] = *error;
    } else {
        errors->left_out++;
    }
}

void pk_errors_addf(prankcurl_errors *errors, prankcurl_status status, const pk_place *place,
                    const char *format, ...)
{
    prankcurl_error error;
    va_list args;
    va_start(args, format);
    fill(&error, status, place, format, args);
    va_end(args);
    pk_errors_add(errors, &error);
}

size_t pk_errors_total(const prankcurl_errors *errors)
{
    return errors->count + errors->left_out;
}

bool pk_errors_any(const prankcurl_errors *errors)
{
    return pk_errors_total(errors) > 0;
}

static bool is_before(const prankcurl_error *a, const prankcurl_error *b)
{
    int files = strcmp(a->file, b->file);
    if (files != 0) {
        return files < 0;
    }
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

void pk_errors_sort(prankcurl_errors *errors)
{
    for (size_t i = 1; i < errors->count; i++) {
        prankcurl_error moving = errors->items[i];
        size_t j = i;
        for (; j > 0 && is_before(&moving, &errors->items[j - 1]); j--) {
            errors->items[j] = errors->items[j - 1];
        }
        errors->items[j] = moving;
    }
}

prankcurl_status pk_errors_status(const prankcurl_errors *errors)
{
    for (size_t i = 0; i < errors->count; i++) {
        if (errors->items[i].status != PRANKCURL_CONFIG) {
            return errors->items[i].status;
        }
    }
    if (errors->count) {
        return PRANKCURL_CONFIG;
    }
    return errors->left_out ? PRANKCURL_NO_MEMORY : PRANKCURL_OK;
}

void prankcurl_errors_free(prankcurl_errors *errors)
{
    if (errors) {
        free(errors->items);
        *errors = (prankcurl_errors)PRANKCURL_ERRORS_INIT;
    }
}

size_t prankcurl_error_format(const prankcurl_error *error, char *out, size_t size)
{
    char place[64] = "";
    if (error->line) {
        (void)snprintf(place, sizeof place, ":%u:%u", error->line, error->column);
    }
    int len = snprintf(out, size, "%s%s%s%s%s%s", error->file, place, error->file[0] ? ": " : "",
                       error->pointer, error->pointer[0] ? ": " : "", error->message);
    return len < 0 ? 0 : (size_t)len;
}
