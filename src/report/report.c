#include "report/printer.h"

#include "base/error.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ADDRESS_WIDTH = 40 };

static const pk_printer *const printers[] = {&pk_text_printer, &pk_json_printer};

/* What is most urgent comes first. */
static const prankcurl_state urgency[] = {
    PRANKCURL_STATE_IN_FLIGHT, PRANKCURL_STATE_UNCERTAIN, PRANKCURL_STATE_DEFERRED,
    PRANKCURL_STATE_REFUSED,   PRANKCURL_STATE_PLANNED,
};

enum { URGENCY_COUNT = sizeof urgency / sizeof urgency[0] };

static bool has_any(const prankcurl_entry *entry, prankcurl_state state)
{
    size_t i = 0;
    while (i < entry->recipient_count && entry->recipients[i].state != state) {
        i++;
    }
    return i < entry->recipient_count;
}

prankcurl_state pk_open_state(const prankcurl_entry *entry)
{
    size_t i = 0;
    while (i < URGENCY_COUNT && !has_any(entry, urgency[i])) {
        i++;
    }
    return i < URGENCY_COUNT ? urgency[i] : PRANKCURL_STATE_ACCEPTED;
}

prankcurl_state pk_prank_state(const prankcurl_entry *entry)
{
    return has_any(entry, PRANKCURL_STATE_ACCEPTED) ? PRANKCURL_STATE_ACCEPTED
                                                    : pk_open_state(entry);
}

prankcurl_status pk_report_no_memory(pk_report *report)
{
    return pk_error_set(report->error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
}

static void count_recipient(pk_report *report, const prankcurl_entry_recipient *recipient)
{
    pk_totals *totals = &report->totals;
    size_t width = pk_display_width(recipient->address);
    width = width < MAX_ADDRESS_WIDTH ? width : MAX_ADDRESS_WIDTH;
    totals->recipients[recipient->state]++;
    if (width > totals->address_width &&
        (report->options->all || recipient->state != PRANKCURL_STATE_ACCEPTED)) {
        totals->address_width = width;
    }
}

static prankcurl_status count(void *context, const prankcurl_entry *entry)
{
    pk_report *report = context;
    report->totals.pranks[pk_prank_state(entry)]++;
    report->totals.open[pk_open_state(entry)]++;
    for (size_t i = 0; i < entry->recipient_count; i++) {
        count_recipient(report, &entry->recipients[i]);
    }
    return PRANKCURL_OK;
}

/* A report, and who prints it: what the second walk knows. */
typedef struct walk {
    const pk_printer *printer;
    pk_report *report;
} walk;

static prankcurl_status print_prank(void *context, const prankcurl_entry *entry)
{
    const walk *w = context;
    prankcurl_state open = pk_open_state(entry);
    bool is_wanted = w->printer->sections
                         ? open == w->report->section
                         : w->report->options->all || open != PRANKCURL_STATE_ACCEPTED;
    if (!is_wanted) {
        return PRANKCURL_OK;
    }
    prankcurl_status status = w->printer->prank(w->report, entry);
    w->report->seen++;
    return status;
}

static prankcurl_status print_pranks(prankcurl_ledger *ledger, walk *w)
{
    return prankcurl_ledger_walk(ledger, w->report->run.number, print_prank, w, w->report->error);
}

static bool is_shown(const pk_report *report, prankcurl_state section)
{
    return report->totals.open[section] > 0 &&
           (report->options->all || section != PRANKCURL_STATE_ACCEPTED);
}

/* A walk a section costs time, and no memory. */
static prankcurl_status print_sections(prankcurl_ledger *ledger, walk *w)
{
    pk_report *report = w->report;
    prankcurl_status status = PRANKCURL_OK;
    for (size_t i = 0; status == PRANKCURL_OK && i < w->printer->section_count; i++) {
        report->section = w->printer->sections[i];
        report->seen = 0;
        if (!is_shown(report, report->section)) {
            continue;
        }
        status = w->printer->section(report);
        if (status == PRANKCURL_OK) {
            status = print_pranks(ledger, w);
        }
    }
    return status;
}

static prankcurl_status print_run(prankcurl_ledger *ledger, walk *w)
{
    pk_report *report = w->report;
    bool has_run = report->run.number != 0;
    prankcurl_status status = w->printer->begin(report);
    if (status == PRANKCURL_OK && has_run) {
        status = prankcurl_ledger_walk(ledger, report->run.number, count, report, report->error);
    }
    if (status == PRANKCURL_OK) {
        status = w->printer->totals(report);
    }
    if (status == PRANKCURL_OK && has_run) {
        status = w->printer->sections ? print_sections(ledger, w) : print_pranks(ledger, w);
    }
    return status == PRANKCURL_OK ? w->printer->end(report) : status;
}

static const pk_printer *find_printer(const char *name)
{
    size_t i = sizeof printers / sizeof printers[0] - 1;
    while (i > 0 && !(name && strcmp(printers[i]->name, name) == 0)) {
        i--;
    }
    return printers[i];
}

prankcurl_status pk_report_print(prankcurl_ledger *ledger, const pk_report_options *options,
                                 FILE *out, prankcurl_error *error)
{
    pk_report report = {
        .options = options, .out = out, .has_ledger = ledger != NULL, .error = error};
    prankcurl_status status =
        ledger ? prankcurl_ledger_last_run(ledger, &report.run, error) : PRANKCURL_OK;
    if (status != PRANKCURL_OK) {
        return status;
    }
    if (report.run.number == 0) {
        report.run = (prankcurl_run){.campaign = "", .server = ""};
    }
    /* The ledger lends them only until its next call. */
    char *campaign = strdup(report.run.campaign);
    char *server = strdup(report.run.server);
    walk w = {find_printer(options->format), &report};
    if (campaign && server) {
        report.run.campaign = campaign;
        report.run.server = server;
        status = print_run(ledger, &w);
    } else {
        status = pk_report_no_memory(&report);
    }
    free(campaign);
    free(server);
    return status;
}
