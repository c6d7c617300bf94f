#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "cli/commands.h"
#include "cli/output.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { LETTER_MAX = 256 << 20 }; /* more than any message, each of its lines quoted */

/* A message with its envelope, ready to be written in some form. */
typedef struct letter {
    const prankcurl_prank *prank;
    prankcurl_envelope envelope;
    const char *bytes;
    size_t len;
    const char *mbox_date;
} letter;

/* The lines of a message, one after the other, with their CRLF. */
static const char *next_line(const letter *l, const char *line, size_t *len)
{
    const char *end = l->bytes + l->len;
    const char *next = line ? line + *len : l->bytes;
    if (next >= end) {
        return NULL;
    }
    const char *newline = memchr(next, '\n', (size_t)(end - next));
    *len = (size_t)((newline ? newline + 1 : end) - next);
    return next;
}

static void add_eml(pk_buf *out, const letter *l)
{
    pk_buf_add(out, l->bytes, l->len);
}

static bool is_quoted_from(const char *line, size_t len)
{
    size_t quotes = 0;
    while (quotes < len && line[quotes] == '>') {
        quotes++;
    }
    return len - quotes >= 5 && memcmp(line + quotes, "From ", 5) == 0;
}

/* mboxrd (RFC 4155, with every "From " line quoted so that it can be unquoted without loss). */
static void add_mbox(pk_buf *out, const letter *l)
{
    pk_buf_str(out, "From ");
    pk_buf_str(out, l->envelope.sender);
    pk_buf_char(out, ' ');
    pk_buf_str(out, l->mbox_date);
    pk_buf_char(out, '\n');
    size_t len = 0;
    for (const char *line = next_line(l, NULL, &len); line; line = next_line(l, line, &len)) {
        if ((line[0] == 'F' || line[0] == '>') && is_quoted_from(line, len)) {
            pk_buf_char(out, '>');
        }
        pk_buf_add(out, line, len - 2);
        pk_buf_char(out, '\n');
    }
    pk_buf_char(out, '\n');
}

/* Batch SMTP: the commands of RFC 5321 in a file, so that the envelope shows. */
static void add_bsmtp(pk_buf *out, const letter *l)
{
    pk_buf_fmt(out, "MAIL FROM:<%s>\r\n", l->envelope.sender);
    for (size_t i = 0; i < l->envelope.recipient_count; i++) {
        pk_buf_fmt(out, "RCPT TO:<%s>\r\n", l->envelope.recipients[i]);
    }
    pk_buf_str(out, "DATA\r\n");
    size_t len = 0;
    for (const char *line = next_line(l, NULL, &len); line; line = next_line(l, line, &len)) {
        if (line[0] == '.') {
            pk_buf_char(out, '.'); /* RFC 5321 §4.5.2 */
        }
        pk_buf_add(out, line, len);
    }
    pk_buf_str(out, ".\r\n");
}

typedef struct form {
    const char *name;
    const char *before;
    void (*add)(pk_buf *out, const letter *l);
    const char *after;
} form;

static const form forms[] = {
    {"mbox", "", add_mbox, ""},
    {"eml", "", add_eml, ""},
    {"bsmtp", "EHLO " PRANKCURL_EHLO_NAME "\r\n", add_bsmtp, "QUIT\r\n"},
};

static const form *find_form(const char *name)
{
    size_t i = 0;
    while (name && strcmp(forms[i].name, name) != 0) {
        i++;
    }
    return &forms[i];
}

static prankcurl_status cannot(prankcurl_status status, const char *what, const char *path)
{
    prankcurl_error error;
    (void)pk_error_set(&error, status, NULL, "cannot %s \"%s\": %s", what, path, strerror(errno));
    pk_print_error(PK_PROGRAM, &error);
    return status;
}

static prankcurl_status write_file(const char *folder, const letter *l)
{
    pk_buf path;
    pk_buf_init(&path, 16384);
    pk_buf_fmt(&path, "%s/%s.eml", folder, prankcurl_prank_id(l->prank));
    prankcurl_status status = PRANKCURL_OK;
    FILE *file = pk_buf_ok(&path) ? fopen(path.data, "we") : NULL;
    if (!file) {
        status = cannot(PRANKCURL_CANNOT_CREATE, "create", pk_buf_text(&path));
    } else {
        bool failed = fwrite(l->bytes, 1, l->len, file) != l->len;
        if (fclose(file) != 0 || failed) {
            status = cannot(PRANKCURL_IO, "write", path.data);
        }
    }
    pk_buf_free(&path);
    return status;
}

typedef struct dry_run {
    const pk_job *job;
    const form *form;
    prankcurl_message *message; /* owned */
    pk_buf mbox_date;           /* the same for all */
    pk_buf letter;              /* the one at hand, in its form */
} dry_run;

static prankcurl_status write_letter(dry_run *run, const letter *l)
{
    pk_buf *out = &run->letter;
    pk_buf_reset(out);
    run->form->add(out, l);
    if (!pk_buf_ok(out)) {
        prankcurl_error error;
        (void)pk_error_set(&error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
        pk_print_error(PK_PROGRAM, &error);
        return PRANKCURL_NO_MEMORY;
    }
    (void)fwrite(out->data, 1, out->len, stdout); /* pk_flush_output() tells what failed */
    return PRANKCURL_OK;
}

static prankcurl_status put_out(dry_run *run, const prankcurl_prank *prank)
{
    const char *folder = run->job->options->output;
    letter l = {.prank = prank, .mbox_date = pk_buf_text(&run->mbox_date)};
    prankcurl_error error;
    prankcurl_status status =
        prankcurl_compose(run->job->composer, prank, run->job->date_s, run->message, &error);
    if (status != PRANKCURL_OK) {
        pk_print_error(PK_PROGRAM, &error);
        return status;
    }
    status = prankcurl_envelope_init(&l.envelope, run->job->campaign, prank);
    if (status != PRANKCURL_OK) {
        return status;
    }
    l.bytes = prankcurl_message_bytes(run->message, &l.len);
    status = folder ? write_file(folder, &l) : write_letter(run, &l);
    prankcurl_envelope_free(&l.envelope);
    return status;
}

static prankcurl_status put_out_all(dry_run *run)
{
    const pk_job *job = run->job;
    bool to_stdout = !job->options->output;
    (void)fputs(to_stdout ? run->form->before : "", stdout);
    for (size_t i = 0; i < job->count; i++) {
        prankcurl_status status = put_out(run, job->pranks[i]);
        if (status != PRANKCURL_OK) {
            return status;
        }
    }
    (void)fputs(to_stdout ? run->form->after : "", stdout);
    return pk_flush_output(PK_PROGRAM);
}

prankcurl_status pk_cmd_dry_run(const pk_job *job)
{
    const pk_options *options = job->options;
    dry_run run = {.job = job, .form = find_form(options->format)};
    if (run.form->add == add_eml && !options->output && job->count != 1) {
        prankcurl_error error;
        prankcurl_status status =
            pk_error_set(&error, PRANKCURL_USAGE, NULL,
                         "--format eml prints one message, and there are %zu; choose one with "
                         "--group or --limit 1, or give --output DIR",
                         job->count);
        pk_print_error(PK_PROGRAM, &error);
        return status;
    }
    if (options->output && mkdir(options->output, 0777) != 0 && errno != EEXIST) {
        return cannot(PRANKCURL_CANNOT_CREATE, "create", options->output);
    }
    pk_buf_init(&run.letter, LETTER_MAX);
    pk_buf_init(&run.mbox_date, 64);
    pk_add_mbox_date(&run.mbox_date, job->date_s);
    run.message = prankcurl_message_new();
    prankcurl_status status = run.message ? put_out_all(&run) : PRANKCURL_NO_MEMORY;
    pk_buf_free(&run.letter);
    pk_buf_free(&run.mbox_date);
    prankcurl_message_free(run.message);
    if (status == PRANKCURL_OK && options->output && !options->quiet) {
        pk_print_line(stderr, "prankcurl: wrote %zu messages to %s", job->count, options->output);
    }
    return status;
}
