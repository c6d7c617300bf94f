/* How programs print: data to stdout, messages to stderr. */
#ifndef PK_BASE_OUTPUT_H
#define PK_BASE_OUTPUT_H

#include "base/buf.h"
#include "base/error.h"

#include <cjson/cJSON.h>
#include <stdio.h>

/* The error on stderr: its place begins the line, or else the program's name. */
void pk_print_error(const char *program, const prankcurl_error *error);
void pk_print_errors(const char *program, const prankcurl_errors *errors);

/* One line on out, made harmless for a terminal: it may name files of the user. */
void pk_print_line(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Makes sure that all of stdout arrived; IO, and told, if it didn't. */
prankcurl_status pk_flush_output(const char *program);

/* A string of unknown origin: what JSON can't carry is replaced. False: out of memory. */
bool pk_json_add_text(cJSON *object, const char *key, const char *text);
/* The same as JSON text, in its quotes, appended to out: for objects too many for cJSON. */
void pk_json_add_string(pk_buf *out, const char *text);
/* Prints the object on one line of stdout, with `end` behind it, and deletes it. NULL, or no
 * memory, is told and NO_MEMORY. */
prankcurl_status pk_json_print(const char *program, cJSON *object, const char *end);

#endif
