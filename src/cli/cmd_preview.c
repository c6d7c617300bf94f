#include "preview/preview.h"

#include "base/buf.h"
#include "base/error.h"
#include "cli/commands.h"
#include "cli/ledger_path.h"
#include "cli/output.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_PATH = 16384 };

static prankcurl_status cannot(prankcurl_status status, const char *what, const char *path,
                               prankcurl_error *error)
{
    return pk_error_set(error, status, NULL, "cannot %s \"%s\": %s", what, path, strerror(errno));
}

static bool begins_as_ours(const char *path)
{
    static const char mark[] = PK_PREVIEW_MARK;
    char begin[sizeof mark] = "";
    FILE *file = fopen(path, "re");
    size_t len = file ? fread(begin, 1, sizeof mark - 1, file) : 0;
    if (file) {
        (void)fclose(file);
    }
    return len == sizeof mark - 1 && memcmp(begin, mark, len) == 0;
}

/* Only a page that this command made gives way to another. */
static prankcurl_status check_place(const char *path, prankcurl_error *error)
{
    struct stat info;
    if (lstat(path, &info) != 0) {
        return errno == ENOENT ? PRANKCURL_OK
                               : cannot(PRANKCURL_CANNOT_CREATE, "create", path, error);
    }
    if (S_ISREG(info.st_mode) && begins_as_ours(path)) {
        return PRANKCURL_OK;
    }
    return pk_error_set(error, PRANKCURL_CANNOT_CREATE, NULL,
                        "\"%s\" is there and is no page of \"prankcurl preview\", so it is not "
                        "overwritten; name another file with --output",
                        path);
}

/* Ctrl-C and its kin wait while a page is written: they are to leave no half of one. */
static void hold_signals(sigset_t *before)
{
    sigset_t held;
    (void)sigemptyset(&held);
    (void)sigaddset(&held, SIGINT);
    (void)sigaddset(&held, SIGTERM);
    (void)sigaddset(&held, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &held, before);
}

static bool signal_waits(void)
{
    sigset_t waiting;
    return sigpending(&waiting) == 0 &&
           (sigismember(&waiting, SIGINT) == 1 || sigismember(&waiting, SIGTERM) == 1 ||
            sigismember(&waiting, SIGHUP) == 1);
}

static prankcurl_status fill(const pk_job *job, FILE *file, const char *path, size_t *left_out,
                             prankcurl_error *error)
{
    bool is_bounded = !job->options->limit && job->count > PK_PREVIEW_PRANKS;
    pk_preview preview = {.campaign = job->campaign,
                          .plan = job->plan,
                          .composer = job->composer,
                          .pranks = job->pranks,
                          .count = is_bounded ? PK_PREVIEW_PRANKS : job->count,
                          .asked_for = job->count,
                          .date_s = job->date_s,
                          .has_fixed_date = job->has_fixed_date,
                          .is_over = signal_waits};
    prankcurl_status status = pk_preview_write(&preview, file, left_out, error);
    if (status == PRANKCURL_OK && (fflush(file) != 0 || ferror(file) || fsync(fileno(file)) != 0)) {
        status = cannot(PRANKCURL_IO, "write", path, error);
    }
    return status;
}

/* The page gets its name when it is whole. Until then, and for good, it is the user's alone: what
 * is in it is to be a surprise. */
static prankcurl_status write_page(const pk_job *job, const char *path, size_t *left_out,
                                   prankcurl_error *error)
{
    pk_buf name;
    pk_buf_init(&name, MAX_PATH);
    pk_buf_fmt(&name, "%s.XXXXXX", path);
    int fd = pk_buf_ok(&name) ? mkstemp(name.data) : -1;
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    prankcurl_status status = PRANKCURL_OK;
    if (!file) {
        status = cannot(PRANKCURL_CANNOT_CREATE, "create", path, error);
    } else {
        status = fill(job, file, path, left_out, error);
        if (fclose(file) != 0 && status == PRANKCURL_OK) {
            status = cannot(PRANKCURL_IO, "write", path, error);
        }
    }
    if (status == PRANKCURL_OK) {
        status = check_place(path, error); /* somebody may have been quicker */
    }
    if (status == PRANKCURL_OK && rename(name.data, path) != 0) {
        status = cannot(PRANKCURL_CANNOT_CREATE, "create", path, error);
    }
    if (status != PRANKCURL_OK && fd >= 0) {
        (void)unlink(name.data);
    }
    pk_buf_free(&name);
    return status;
}

static void tell_left_out(const pk_job *job, size_t left_out)
{
    if (job->options->quiet) {
        return;
    }
    if (!job->options->limit && job->count > PK_PREVIEW_PRANKS) {
        pk_print_line(stderr,
                      "prankcurl: the page shows the first %d of %zu pranks; choose others with "
                      "--group, or more with --limit",
                      PK_PREVIEW_PRANKS, job->count);
    }
    if (left_out) {
        pk_print_line(stderr,
                      "prankcurl: pictures were left out %zu times to keep the page small; --group "
                      "or --limit leave room for all",
                      left_out);
    }
}

static prankcurl_status preview(const pk_job *job, const char *path, prankcurl_error *error)
{
    size_t left_out = 0;
    sigset_t before;
    prankcurl_status status = check_place(path, error);
    if (status != PRANKCURL_OK) {
        return status;
    }
    hold_signals(&before);
    status = write_page(job, path, &left_out, error);
    (void)sigprocmask(SIG_SETMASK, &before, NULL); /* what waited ends the program here */
    if (status == PRANKCURL_OK) {
        tell_left_out(job, left_out);
        (void)puts(path);
    }
    return status;
}

prankcurl_status pk_cmd_preview(const pk_job *job)
{
    prankcurl_error error;
    prankcurl_status status = PRANKCURL_NO_MEMORY;
    pk_buf path;
    pk_buf_init(&path, MAX_PATH);
    if (job->options->output) {
        pk_buf_str(&path, job->options->output);
    } else {
        pk_path_beside(job->options->campaign, ".preview.html", &path);
    }
    if (pk_buf_ok(&path)) {
        status = preview(job, path.data, &error);
    } else {
        (void)pk_error_set(&error, status, NULL, "out of memory");
    }
    pk_buf_free(&path);
    return pk_end_command(status, &error);
}
