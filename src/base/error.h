/* Filling prankcurl_error and the list of them. */
#ifndef PK_BASE_ERROR_H
#define PK_BASE_ERROR_H

#include <prankcurl/error.h>
#include <stdarg.h>
#include <stdbool.h>

/* Where in a file an error is. All may be "" or 0. */
typedef struct pk_place {
    const char *file;
    const char *pointer;
    unsigned line;
    unsigned column;
} pk_place;

/* Fills *error (NULL: nobody wants it) and returns status, so that `return pk_error_set(…)` works.
 */
prankcurl_status pk_error_set(prankcurl_error *error, prankcurl_status status,
                              const pk_place *place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Copies text into out, cut between characters where it does not fit. */
void pk_text_copy(char *out, size_t size, const char *text);

/* Adds an error; past the list's limit, or without memory, it is counted in left_out. */
void pk_errors_add(prankcurl_errors *errors, const prankcurl_error *error);
void pk_errors_addf(prankcurl_errors *errors, prankcurl_status status, const pk_place *place,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));
/* How many were added, kept or not. */
size_t pk_errors_total(const prankcurl_errors *errors);
bool pk_errors_any(const prankcurl_errors *errors);
/* By file, line and column, errors of one place in the order they were found. */
void pk_errors_sort(prankcurl_errors *errors);
/* The list's status as a whole: OK when empty; the first that is not CONFIG, else CONFIG. */
prankcurl_status pk_errors_status(const prankcurl_errors *errors);

#endif
