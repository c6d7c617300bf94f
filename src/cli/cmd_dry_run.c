#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "cli/commands.h"
#include "cli/output.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum {
    WRITE_SIZE = 64 * 1024,
    ROOM = 2 * WRITE_SIZE, /* for the line that passes it, too */
};

/* A message with its envelope, ready to be written in some form. */
typedef struct letter {
    const prankcurl_prank *prank;
    prankcurl_envelope envelope;
    const prankcurl_piece *pieces;
    size_t piece_count;
    const char *mbox_date;
    bool needs_utf8;
} letter;

/* What is still to be written to stdout. Whether that works is told by pk_flush_output(). */
static void write_out(pk_buf *out)
{
    if (pk_buf_ok(out)) {
        (void)fwrite(pk_buf_text(out), 1, out->len, stdout);
        pk_buf_reset(out);
    }
}

static void write_when_full(pk_buf *out)
{
    if (out->len >= WRITE_SIZE) {
        write_out(out);
    }
}

static void add_line(pk_buf *out, const char *line, size_t len)
{
    pk_buf_add(out, line, len);
}

/* Adds the lines of a message, which come with their CRLF, one after the other. */
static void add_lines(pk_buf *out, const letter *l,
                      void (*add)(pk_buf *out, const char *line, size_t len))
{
    for (size_t i = 0; i < l->piece_count; i++) {
        const char *line = l->pieces[i].bytes;
        const char *end = line + l->pieces[i].len;
        while (line < end) {
            const char *newline = memchr(line, '\n', (size_t)(end - line));
            const char *next = newline ? newline + 1 : end;
            add(out, line, (size_t)(next - line));
            line = next;
            write_when_full(out);
        }
    }
}

static void add_eml(pk_buf *out, const letter *l)
{
    add_lines(out, l, add_line);
}

static bool is_from_line(const char *line, size_t len)
{
    size_t quotes = 0;
    while (quotes < len && line[quotes] == '>') {
        quotes++;
    }
    return len - quotes >= 5 && memcmp(line + quotes, "From ", 5) == 0;
}

/* Whole lines, in mboxrd (RFC 4155, with every "From " line quoted so that it can be unquoted
 * without loss). They go straight into their room: a line loses its CR and wins one ">" at most. */
static void add_mbox_lines(pk_buf *out, const char *line, size_t len)
{
    const char *end = line + len;
    if (!pk_buf_reserve(out, len)) {
        return;
    }
    char *to = out->data + out->len;
    while (line < end) {
        const char *cr = memchr(line, '\r', (size_t)(end - line));
        size_t line_len = (size_t)(cr - line);
        if ((*line == 'F' || *line == '>') && is_from_line(line, line_len)) {
            *to++ = '>';
        }
        memcpy(to, line, line_len);
        to[line_len] = '\n';
        to += line_len + 1;
        line = cr + 2;
    }
    out->len = (size_t)(to - out->data);
    *to = '\0';
}

/* How many bytes of a piece make whole lines, and are no more than are written at once. */
static size_t take_lines(const char *bytes, size_t len)
{
    if (len <= WRITE_SIZE) {
        return len;
    }
    size_t taken = WRITE_SIZE;
    while (bytes[taken - 1] != '\n') {
        taken--; /* no line has more than 998 bytes */
    }
    return taken;
}

static void add_mbox(pk_buf *out, const letter *l)
{
    pk_buf_fmt(out, "From %s %s\n", l->envelope.sender, l->mbox_date);
    for (size_t i = 0; i < l->piece_count; i++) {
        const prankcurl_piece *piece = &l->pieces[i];
        size_t taken = 0;
        for (size_t at = 0; at < piece->len; at += taken) {
            write_when_full(out);
            taken = take_lines(piece->bytes + at, piece->len - at);
            add_mbox_lines(out, piece->bytes + at, taken);
        }
    }
    pk_buf_char(out, '\n');
}

static void add_stuffed_line(pk_buf *out, const char *line, size_t len)
{
    if (line[0] == '.') {
        pk_buf_char(out, '.'); /* RFC 5321 §4.5.2 */
    }
    pk_buf_add(out, line, len);
}

/* Batch SMTP: the commands of RFC 5321 in a file, so that the envelope shows. */
static void add_bsmtp(pk_buf *out, const letter *l)
{
    pk_buf_fmt(out, "MAIL FROM:<%s>%s\r\n", l->envelope.sender,
               l->needs_utf8 ? " SMTPUTF8" : ""); /* RFC 6531 §3.4 */
    for (size_t i = 0; i < l->envelope.recipient_count; i++) {
        pk_buf_fmt(out, "RCPT TO:<%s>\r\n", l->envelope.recipients[i]);
        write_when_full(out);
    }
    pk_buf_str(out, "DATA\r\n");
    add_lines(out, l, add_stuffed_line);
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
        for (size_t i = 0; i < l->piece_count; i++) {
            (void)fwrite(l->pieces[i].bytes, 1, l->pieces[i].len, file);
        }
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
    pk_buf mbox_date;           /* the same for all */
    pk_buf out;                 /* for stdout */
} dry_run;

static prankcurl_status no_memory(void)
{
    prankcurl_error error;
    prankcurl_status status = pk_error_set(&error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    pk_print_error(PK_PROGRAM, &error);
    return status;
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
    l.needs_utf8 = prankcurl_message_needs_utf8(run->message);
    l.pieces = prankcurl_message_pieces(run->message, &l.piece_count);
    if (folder) {
        status = write_file(folder, &l);
    } else {
        run->form->add(&run->out, &l);
        status = pk_buf_ok(&run->out) ? PRANKCURL_OK : no_memory();
    }
    prankcurl_envelope_free(&l.envelope);
    return status;
}

static prankcurl_status put_out_all(dry_run *run)
{
    const pk_job *job = run->job;
    bool to_stdout = !job->options->output;
    prankcurl_status status = PRANKCURL_OK;
    pk_buf_str(&run->out, to_stdout ? run->form->before : "");
    for (size_t i = 0; i < job->count && status == PRANKCURL_OK; i++) {
        status = put_out(run, job->pranks[i]);
    }
    pk_buf_str(&run->out, to_stdout && status == PRANKCURL_OK ? run->form->after : "");
    write_out(&run->out);
    return status == PRANKCURL_OK ? pk_flush_output(PK_PROGRAM) : status;
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
    pk_buf_init(&run.out, ROOM);
    pk_buf_init(&run.mbox_date, 64);
    pk_add_mbox_date(&run.mbox_date, job->date_s);
    run.message = prankcurl_message_new();
    prankcurl_status status = run.message ? put_out_all(&run) : no_memory();
    prankcurl_message_free(run.message);
    pk_buf_free(&run.mbox_date);
    pk_buf_free(&run.out);
    if (status == PRANKCURL_OK && options->output && !options->quiet) {
        pk_print_line(stderr, "prankcurl: wrote %zu message%s to %s", job->count,
                      job->count == 1 ? "" : "s", options->output);
    }
    return status;
}
