/* What a ledger knows, for people and for programs: one walk over its last run, several printers.
 */
#ifndef PK_REPORT_REPORT_H
#define PK_REPORT_REPORT_H

#include <prankcurl/ledger.h>
#include <stdio.h>

typedef struct pk_report_options {
    const char *format; /* "text" or "json"; NULL: text */
    const char *path;   /* the ledger's, as the user named it */
    const char *holder; /* who writes it now; "": nobody does */
    bool all;           /* also what was accepted, recipient by recipient */
} pk_report_options;

/* Prints the last run of a ledger to out; the caller flushes, and sees whether it arrived.
 * ledger NULL: there is none yet, so nothing was sent.
 * Needs the memory of one prank, whatever the run holds. IO: the ledger can't be read; NO_MEMORY.
 */
prankcurl_status pk_report_print(prankcurl_ledger *ledger, const pk_report_options *options,
                                 FILE *out, prankcurl_error *error);

#endif
