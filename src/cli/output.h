/* Printing: data to stdout, messages to stderr. */
#ifndef PK_CLI_OUTPUT_H
#define PK_CLI_OUTPUT_H

#include <cjson/cJSON.h>
#include <prankcurl/prankcurl.h>
#include <stdio.h>

/* `prankcurl: error` on stderr. */
void pk_print_error(const prankcurl_error *error);
void pk_print_errors(const prankcurl_errors *errors);

/* One line on out, made harmless for a terminal: it may name files of the user. */
void pk_print_line(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Text on out, blanks behind it up to width terminal cells. */
void pk_print_padded(FILE *out, const char *text, size_t width);

/* Makes sure that all of stdout arrived; IO, and told, if it didn't. */
prankcurl_status pk_flush_output(void);

/* {"name", "address"}; NULL: out of memory. */
cJSON *pk_json_person(const prankcurl_person *person);
/* Prints the object on one line of stdout, with `end` behind it, and deletes it. NULL, or no
 * memory, is told and NO_MEMORY. */
prankcurl_status pk_json_print(cJSON *object, const char *end);
/* A string of unknown origin: what JSON can't carry is replaced. */
bool pk_json_add_text(cJSON *object, const char *key, const char *text);

#endif
