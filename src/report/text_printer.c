#include "report/printer.h"

#include "base/clock.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_LINE = 1024 * 1024, FIRST_FEW = 3, STATE_WIDTH = 9, ATTEMPTS_WIDTH = 11 };

/* What people read of a state: its name, and what stands over its pranks. */
static const struct {
    const char *name;
    const char *title;
} words[] = {
    [PRANKCURL_STATE_PLANNED] = {"planned", "Not tried yet"},
    [PRANKCURL_STATE_IN_FLIGHT] = {"in flight", "Being handed over"},
    [PRANKCURL_STATE_ACCEPTED] = {"accepted", "Accepted"},
    [PRANKCURL_STATE_REFUSED] = {"refused", "Refused for good"},
    [PRANKCURL_STATE_DEFERRED] = {"deferred", "Not delivered yet"},
    [PRANKCURL_STATE_UNCERTAIN] = {"uncertain", "May have arrived or not"},
};

static const prankcurl_state order_of_totals[] = {
    PRANKCURL_STATE_ACCEPTED, PRANKCURL_STATE_IN_FLIGHT, PRANKCURL_STATE_UNCERTAIN,
    PRANKCURL_STATE_DEFERRED, PRANKCURL_STATE_REFUSED,   PRANKCURL_STATE_PLANNED,
};

static const prankcurl_state order_of_sections[] = {
    PRANKCURL_STATE_IN_FLIGHT, PRANKCURL_STATE_UNCERTAIN, PRANKCURL_STATE_DEFERRED,
    PRANKCURL_STATE_REFUSED,   PRANKCURL_STATE_PLANNED,   PRANKCURL_STATE_ACCEPTED,
};

/* Text of unknown origin. */
static void add_text(pk_buf *line, const char *text)
{
    pk_add_printable(line, text, strlen(text));
}

/* The same, with blanks behind it up to width terminal cells. */
static void add_padded(pk_buf *line, const char *text, size_t width)
{
    size_t start = line->len;
    add_text(line, text);
    size_t used = pk_buf_ok(line) ? pk_display_width(pk_buf_text(line) + start) : width;
    for (; used < width; used++) {
        pk_buf_char(line, ' ');
    }
}

/* "1 prank", "2 pranks" */
static void add_count(pk_buf *line, size_t count, const char *what)
{
    pk_buf_fmt(line, "%zu %s%s", count, what, count == 1 ? "" : "s");
}

/* Prints the line, without blanks at its end, and frees it. */
static prankcurl_status put(pk_report *report, pk_buf *line)
{
    bool is_whole = pk_buf_ok(line);
    while (line->len && line->data[line->len - 1] == ' ') {
        pk_buf_cut(line, line->len - 1);
    }
    if (is_whole) {
        (void)fprintf(report->out, "%s\n", pk_buf_text(line));
    }
    pk_buf_free(line);
    return is_whole ? PRANKCURL_OK : pk_report_no_memory(report);
}

static prankcurl_status put_holder(pk_report *report)
{
    pk_buf line;
    pk_buf_init(&line, MAX_LINE);
    pk_buf_str(&line, "being sent now by ");
    add_text(&line, report->options->holder);
    return put(report, &line);
}

static void add_run(pk_buf *line, const prankcurl_run *run)
{
    add_text(line, run->campaign);
    pk_buf_fmt(line, ", run %" PRId64 ", begun ", run->number);
    pk_add_utc(line, run->started_ms);
    pk_buf_str(line, " through ");
    add_text(line, run->server);
    pk_buf_fmt(line, ", seed %" PRIu64, run->seed);
}

static prankcurl_status begin(pk_report *report)
{
    pk_buf line;
    pk_buf_init(&line, MAX_LINE);
    if (report->run.number) {
        add_run(&line, &report->run);
    } else {
        pk_buf_str(&line, report->has_ledger ? "nothing was sent yet: there is no run in "
                                             : "nothing was sent yet: there is no ");
        add_text(&line, report->options->path);
    }
    prankcurl_status status = put(report, &line);
    return status == PRANKCURL_OK && *report->options->holder ? put_holder(report) : status;
}

static prankcurl_status totals(pk_report *report)
{
    const pk_totals *totals = &report->totals;
    if (report->run.number == 0) {
        return PRANKCURL_OK;
    }
    (void)fprintf(report->out, "\n%-*s  %8s  %10s\n", STATE_WIDTH, "", "pranks", "recipients");
    for (size_t i = 0; i < sizeof order_of_totals / sizeof order_of_totals[0]; i++) {
        prankcurl_state state = order_of_totals[i];
        if (totals->pranks[state] || totals->recipients[state]) {
            (void)fprintf(report->out, "%-*s  %8zu  %10zu\n", STATE_WIDTH, words[state].name,
                          totals->pranks[state], totals->recipients[state]);
        }
    }
    return PRANKCURL_OK;
}

static prankcurl_status section(pk_report *report)
{
    pk_buf line;
    pk_buf_init(&line, MAX_LINE);
    pk_buf_fmt(&line, "\n%s: ", words[report->section].title);
    add_count(&line, report->totals.open[report->section], "prank");
    if (report->section == PRANKCURL_STATE_IN_FLIGHT && !*report->options->holder) {
        pk_buf_str(&line, "; prankcurl ended meanwhile, so it may have arrived or not");
    }
    return put(report, &line);
}

static prankcurl_status put_recipient(pk_report *report, const prankcurl_entry_recipient *recipient)
{
    pk_buf line;
    pk_buf attempts;
    pk_buf_init(&line, MAX_LINE);
    pk_buf_init(&attempts, 64);
    pk_buf_str(&line, "    ");
    add_padded(&line, words[recipient->state].name, STATE_WIDTH);
    pk_buf_str(&line, "  ");
    add_padded(&line, recipient->address, report->totals.address_width);
    if (recipient->attempts) {
        add_count(&attempts, recipient->attempts, "attempt");
        pk_buf_str(&line, "  ");
        add_padded(&line, pk_buf_text(&attempts), ATTEMPTS_WIDTH);
        pk_buf_str(&line, "  since ");
        pk_add_utc(&line, recipient->changed_ms);
    }
    bool is_in_doubt = recipient->state == PRANKCURL_STATE_UNCERTAIN && !*recipient->reply;
    if (*recipient->reply || is_in_doubt) {
        pk_buf_str(&line, "  ");
        add_text(&line, is_in_doubt ? "no reply to the message was recorded" : recipient->reply);
    }
    pk_buf_free(&attempts);
    return put(report, &line);
}

static prankcurl_status put_recipients(pk_report *report, const prankcurl_entry *entry)
{
    prankcurl_status status = PRANKCURL_OK;
    for (size_t i = 0; status == PRANKCURL_OK && i < entry->recipient_count; i++) {
        const prankcurl_entry_recipient *recipient = &entry->recipients[i];
        if (report->options->all || recipient->state != PRANKCURL_STATE_ACCEPTED) {
            status = put_recipient(report, recipient);
        }
    }
    return status;
}

static prankcurl_status put_prank(pk_report *report, const prankcurl_entry *entry)
{
    pk_buf line;
    pk_buf_init(&line, MAX_LINE);
    pk_buf_str(&line, "  ");
    add_text(&line, entry->group);
    pk_buf_str(&line, ": ");
    add_text(&line, entry->message);
    pk_buf_str(&line, " (Message-ID ");
    add_text(&line, entry->message_id);
    if (*entry->queue_id) {
        pk_buf_str(&line, ", queue id ");
        add_text(&line, entry->queue_id);
    }
    pk_buf_char(&line, ')');
    prankcurl_status status = put(report, &line);
    return status == PRANKCURL_OK ? put_recipients(report, entry) : status;
}

/* Of what was not tried there is little to tell, and there may be a lot of it. */
static prankcurl_status prank(pk_report *report, const prankcurl_entry *entry)
{
    bool is_short = report->section == PRANKCURL_STATE_PLANNED && !report->options->all;
    if (!is_short || report->seen < FIRST_FEW) {
        return put_prank(report, entry);
    }
    size_t all = report->totals.open[PRANKCURL_STATE_PLANNED];
    if (report->seen == FIRST_FEW && all > FIRST_FEW) {
        (void)fprintf(report->out, "  and %zu more; --verbose shows all\n", all - FIRST_FEW);
    }
    return PRANKCURL_OK;
}

/* What to do when a recipient is in any of these states. */
static const struct {
    prankcurl_state states[2];
    const char *text;
} advice[] = {
    {{PRANKCURL_STATE_UNCERTAIN, PRANKCURL_STATE_IN_FLIGHT},
     "What may have arrived: look into a mailbox for the Message-ID. --resend-uncertain sends it "
     "again."},
    {{PRANKCURL_STATE_DEFERRED, PRANKCURL_STATE_PLANNED},
     "What is left: the same command, with the same options, goes on with it."},
    {{PRANKCURL_STATE_REFUSED, PRANKCURL_STATE_REFUSED},
     "What was refused: --only-failed tries it once more. An address can be corrected as long as "
     "nobody else has the prank."},
};

static prankcurl_status put_advice(pk_report *report, size_t i)
{
    const size_t *recipients = report->totals.recipients;
    pk_buf line;
    if (!recipients[advice[i].states[0]] && !recipients[advice[i].states[1]]) {
        return PRANKCURL_OK;
    }
    pk_buf_init(&line, MAX_LINE);
    pk_buf_fmt(&line, "\n%s", advice[i].text);
    return put(report, &line);
}

static prankcurl_status end(pk_report *report)
{
    prankcurl_status status = PRANKCURL_OK;
    if (*report->options->holder) {
        return status; /* who is at work may see to all of it */
    }
    for (size_t i = 0; status == PRANKCURL_OK && i < sizeof advice / sizeof advice[0]; i++) {
        status = put_advice(report, i);
    }
    return status;
}

const pk_printer pk_text_printer = {
    .name = "text",
    .sections = order_of_sections,
    .section_count = sizeof order_of_sections / sizeof order_of_sections[0],
    .begin = begin,
    .totals = totals,
    .section = section,
    .prank = prank,
    .end = end,
};
