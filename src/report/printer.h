/* Between the walk and those who print it. */
#ifndef PK_REPORT_PRINTER_H
#define PK_REPORT_PRINTER_H

#include "base/buf.h"
#include "report/report.h"

typedef struct pk_totals {
    size_t pranks[PRANKCURL_STATE_COUNT]; /* by pk_prank_state() */
    size_t recipients[PRANKCURL_STATE_COUNT];
    size_t open[PRANKCURL_STATE_COUNT]; /* pranks by pk_open_state() */
    size_t address_width;               /* terminal cells, of those that are shown */
} pk_totals;

/* A report on its way. */
typedef struct pk_report {
    const pk_report_options *options;
    FILE *out;
    bool has_ledger;
    prankcurl_run run; /* number 0: none; its texts are here to stay */
    pk_totals totals;
    prankcurl_state section; /* the one being printed */
    size_t seen;             /* pranks of it so far; without sections, of all */
    prankcurl_error *error;
} pk_report;

/* A form of the report. Its functions return OK, or NO_MEMORY by pk_report_no_memory(). */
typedef struct pk_printer {
    const char *name;
    /* Pranks come grouped by pk_open_state(), a walk for each of these that has any; NULL: in one
     * walk, as they lie. */
    const prankcurl_state *sections;
    size_t section_count;
    prankcurl_status (*begin)(pk_report *report); /* what is known of the run */
    prankcurl_status (*totals)(pk_report *report);
    prankcurl_status (*section)(pk_report *report); /* NULL, when there are none */
    prankcurl_status (*prank)(pk_report *report, const prankcurl_entry *entry);
    prankcurl_status (*end)(pk_report *report);
} pk_printer;

extern const pk_printer pk_text_printer;
extern const pk_printer pk_json_printer;

/* A prank's own state: accepted when any recipient is; else in flight, uncertain, deferred, refused
 * or planned, in this order. */
prankcurl_state pk_prank_state(const prankcurl_entry *entry);
/* What is left to see to: the first of in flight, uncertain, deferred, refused and planned that any
 * recipient is in; accepted: nothing is. */
prankcurl_state pk_open_state(const prankcurl_entry *entry);

prankcurl_status pk_report_no_memory(pk_report *report);

#endif
