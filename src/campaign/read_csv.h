/* The columns of a CSV file of people. */
#ifndef PK_CAMPAIGN_READ_CSV_H
#define PK_CAMPAIGN_READ_CSV_H

#include "campaign/csv_rows.h"
#include "campaign/person.h"

typedef enum pk_column_kind {
    PK_COLUMN_NAME,
    PK_COLUMN_ADDRESS,
    PK_COLUMN_OPTED_IN,
    PK_COLUMN_KNOWN_COUNT, /* those before are the known ones */
    PK_COLUMN_VAR = PK_COLUMN_KNOWN_COUNT,
    PK_COLUMN_NONE, /* wrong, and told: its cells are not looked at */
} pk_column_kind;

typedef struct pk_column {
    pk_column_kind kind;
    const char *name; /* as the header has it, without blanks around; in the arena */
} pk_column;

/* Reads the header's fields into columns, of which there must be room for row->count. *count gets
 * how many there are, without empty ones at the end. False, and told: there are no names or no
 * addresses. */
bool pk_read_csv_header(pk_reader *reader, const char *file, const pk_csv_row *row,
                        pk_column *columns, size_t *count);

/* Reads people from bytes into the campaign's victims. node: what names the file, for complaints
 * about it as a whole; read and user: as in pk_csv_source, after a failure the errors have why. */
void pk_read_csv(pk_reader *reader, const pk_node *node, const char *file, char delimiter,
                 long (*read)(void *user, char *block, size_t size), void *user);

#endif
