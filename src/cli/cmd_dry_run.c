#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "cli/commands.h"
#include "cli/output.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* A message with its envelope, ready to be written in some form. */
typedef struct letter {
    const prankcurl_prank *prank;
    prankcurl_envelope envelope;
    const prankcurl_piece *pieces;
    size_t piece_count;
    int64_t date_s;
    bool needs_utf8;
} letter;

/* Writes the lines of a message, which come with their CRLF, one after the other. */
static void write_lines(FILE *out, const letter *l,
                        void (*write_line)(FILE *out, const char *line, size_t len))
{
    for (size_t i = 0; i < l->piece_count; i++) {
        const char *line = l->pieces[i].bytes;
        const char *end = line + l->pieces[i].len;
        while (line < end) {
            const char *newline = memchr(line, '\n', (size_t)(end - line));
            const char *next = newline ? newline + 1 : end;
            write_line(out, line, (size_t)(next - line));
            line = next;
        }
    }
}

static void write_eml(FILE *out, const letter *l)
{
    for (size_t i = 0; i < l->piece_count; i++) {
        (void)fwrite(l->pieces[i].bytes, 1, l->pieces[i].len, out);
    }
}

/* mboxrd (RFC 4155, with every "From " line quoted so that it can be unquoted without loss). */
static void write_mbox_line(FILE *out, const char *line, size_t len)
{
    size_t quotes = 0;
    while (quotes < len && line[quotes] == '>') {
        quotes++;
    }
    if (len - quotes >= 5 && memcmp(line + quotes, "From ", 5) == 0) {
        (void)fputc('>', out);
    }
    (void)fwrite(line, 1, len - 2, out);
    (void)fputc('\n', out);
}

static void write_mbox(FILE *out, const letter *l)
{
    pk_buf date;
    pk_buf_init(&date, 64);
    pk_add_mbox_date(&date, l->date_s);
    (void)fprintf(out, "From %s %s\n", l->envelope.sender, pk_buf_text(&date));
    pk_buf_free(&date);
    write_lines(out, l, write_mbox_line);
    (void)fputc('\n', out);
}

static void write_stuffed_line(FILE *out, const char *line, size_t len)
{
    if (line[0] == '.') {
        (void)fputc('.', out); /* RFC 5321 §4.5.2 */
    }
    (void)fwrite(line, 1, len, out);
}

/* Batch SMTP: the commands of RFC 5321 in a file, so that the envelope shows. */
static void write_bsmtp(FILE *out, const letter *l)
{
    (void)fprintf(out, "MAIL FROM:<%s>%s\r\n", l->envelope.sender,
                  l->needs_utf8 ? " SMTPUTF8" : ""); /* RFC 6531 §3.4 */
    for (size_t i = 0; i < l->envelope.recipient_count; i++) {
        (void)fprintf(out, "RCPT TO:<%s>\r\n", l->envelope.recipients[i]);
    }
    (void)fputs("DATA\r\n", out);
    write_lines(out, l, write_stuffed_line);
    (void)fputs(".\r\n", out);
}

typedef struct form {
    const char *name;
    const char *before;
    void (*write)(FILE *out, const letter *l);
    const char *after;
} form;

static const form forms[] = {
    {"mbox", "", write_mbox, ""},
    {"eml", "", write_eml, ""},
    {"bsmtp", "EHLO " PRANKCURL_EHLO_NAME "\r\n", write_bsmtp, "QUIT\r\n"},
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
        write_eml(file, l);
        bool failed = ferror(file) != 0;
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
} dry_run;

static prankcurl_status put_out(dry_run *run, const prankcurl_prank *prank)
{
    const char *folder = run->job->options->output;
    letter l = {.prank = prank, .date_s = run->job->date_s};
    prankcurl_error error;
    prankcurl_status status =
        prankcurl_compose(run->job->composer, prank, l.date_s, run->message, &error);
    if (status != PRANKCURL_OK) {
        pk_print_error(PK_PROGRAM, &error);
        return status;
    }
    status = prankcurl_envelope_init(&l.envelope, run->job->campaign, prank);
    if (status != PRANKCURL_OK) {
        return status;
    }
    l.needs_utf8 = prankcurl_message_needs_utf8(run->message);
    l.pieces = prankcurl_message_pieces(run->message, &l.piece_count);
    if (folder) {
        status = write_file(folder, &l);
    } else {
        run->form->write(stdout, &l);
    }
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
    if (run.form->write == write_eml && !options->output && job->count != 1) {
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
    run.message = prankcurl_message_new();
    prankcurl_status status = run.message ? put_out_all(&run) : PRANKCURL_NO_MEMORY;
    prankcurl_message_free(run.message);
    if (status == PRANKCURL_OK && options->output && !options->quiet) {
        pk_print_line(stderr, "prankcurl: wrote %zu messages to %s", job->count, options->output);
    }
    return status;
}
