/* CSV as RFC 4180 has it, with its line ends as people write them (CRLF, LF, CR), parsed by libcsv
 * block by block. What libcsv does not keep is added: where every field stands. */
#ifndef PK_CAMPAIGN_CSV_ROWS_H
#define PK_CAMPAIGN_CSV_ROWS_H

#include <stdbool.h>
#include <stddef.h>

/* A row of more fields is a fault. */
enum { PK_CSV_MAX_FIELDS = 1000 };

typedef struct pk_csv_field {
    char *text; /* NUL behind it; whoever gets it may change it */
    size_t len;
    unsigned line, column; /* of its first byte, from 1; columns in characters */
} pk_csv_field;

/* Lent until the callback returns. Any bytes: not even UTF-8 was looked at. */
typedef struct pk_csv_row {
    size_t number; /* from 1; empty lines are counted, and left out */
    const pk_csv_field *fields;
    size_t count;     /* at least 1 */
    const char *text; /* all of its fields, a NUL behind each */
    size_t len;
} pk_csv_row;

/* What breaks the grammar. The row is left out. */
typedef struct pk_csv_fault {
    size_t row;
    size_t field; /* from 0 */
    unsigned line, column;
    const char *message;
} pk_csv_fault;

typedef struct pk_csv_source {
    /* Fills the block with up to size bytes, and returns how many; 0: the end; -1: it failed, and
     * whoever reads knows why. */
    long (*read)(void *user, char *block, size_t size);
    /* False: no more rows are wanted. */
    bool (*row)(void *user, const pk_csv_row *row);
    void (*fault)(void *user, const pk_csv_fault *fault);
    void *user;
    char delimiter;    /* '\0': comma, semicolon, tab or bar, as a first line `sep=;` says, or the
                          first row shows */
    size_t block_size; /* 0: 64 KiB. The first block has to hold the first row */
} pk_csv_source;

typedef enum pk_csv_status {
    PK_CSV_WHOLE,   /* read to its end, though there may have been faults */
    PK_CSV_STOPPED, /* no row was wanted any more, or after a fault nothing makes sense */
    PK_CSV_READ_FAILED,
    PK_CSV_NO_MEMORY,
} pk_csv_status;

pk_csv_status pk_csv_read(const pk_csv_source *source);

#endif
