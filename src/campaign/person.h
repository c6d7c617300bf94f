/* What holds for every person, whether a JSON object or a row of a CSV file says who it is. */
#ifndef PK_CAMPAIGN_PERSON_H
#define PK_CAMPAIGN_PERSON_H

#include "campaign/reader.h"

/* A cell of a CSV file. */
typedef struct pk_cell {
    const char *file;
    const char *column_name; /* NULL: the row as a whole */
    size_t row;              /* the header is row 1 */
    unsigned line, column;
} pk_cell;

/* Where a value stands: one of the two. It becomes a place only when there is something to tell. */
typedef struct pk_at {
    const pk_node *node;
    const pk_cell *cell;
} pk_at;

enum { PK_POINTER_MAX = 256 };

/* A complaint about the value there, as pk_complain(). */
void pk_complain_at(pk_reader *reader, const pk_at *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Where a person's address stands; its pointer is written to `pointer`. */
pk_place pk_person_place(const pk_reader *reader, const prankcurl_person *person,
                         char pointer[PK_POINTER_MAX]);

/* Each checks a text, and puts it into the person or complains. */
void pk_person_set_name(pk_reader *reader, const pk_at *at, const char *text,
                        prankcurl_person *person);
void pk_person_set_address(pk_reader *reader, const pk_at *at, const char *text,
                           prankcurl_person *person);
void pk_person_set_opted_in(pk_reader *reader, const pk_at *at, const char *text,
                            prankcurl_person *person);

/* Whether everybody has a value of that name without a variable. */
bool pk_is_taken_var_name(const char *name);
/* Whether a {{tag}} can name it: `[A-Za-z_]` and everything beyond ASCII, then digits and hyphens
 * too. */
bool pk_is_var_name(const char *name);
/* The name as it is kept, once for the campaign; NULL: out of memory (remembered). */
const char *pk_keep_var_name(pk_reader *reader, const char *name);
/* Sorts the names that were kept into the campaign. */
void pk_sort_var_names(pk_reader *reader);

#endif
