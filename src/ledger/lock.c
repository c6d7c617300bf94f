#include "ledger/lock.h"

#include "base/buf.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Somebody who only asks for the holder has a shared lock for a moment: not a reason to give up. */
enum { TRIES = 20, PAUSE_NS = 10 * 1000 * 1000 };

static void add_path(const char *real_path, pk_buf *out)
{
    pk_buf_init(out, 2 * PATH_MAX);
    pk_buf_fmt(out, "%s.lock", real_path);
}

static int open_lock(const char *path, int flags)
{
    return open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
}

/* The file that was locked may have been removed by its former holder meanwhile, and be another. */
static bool is_still_there(int fd, const char *path)
{
    struct stat opened;
    struct stat there;
    return fstat(fd, &opened) == 0 && stat(path, &there) == 0 && S_ISREG(opened.st_mode) &&
           opened.st_dev == there.st_dev && opened.st_ino == there.st_ino;
}

static prankcurl_status cannot_lock(const char *name, const char *path, prankcurl_error *error)
{
    int code = errno;
    bool is_full = code == ENOSPC || code == EDQUOT || code == EIO || code == EFBIG;
    return pk_error_set(error, is_full ? PRANKCURL_IO : PRANKCURL_CANNOT_CREATE, NULL,
                        "cannot make \"%s\", which guards the ledger \"%s\": %s; nothing was sent",
                        path, name, strerror(code));
}

/* Locks a file of that path that is there afterwards. False with errno EWOULDBLOCK: another has
 * it. */
static bool try_lock(const char *path, int *out)
{
    int fd = open_lock(path, O_RDWR | O_CREAT);
    if (fd < 0) {
        return false;
    }
    bool is_locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (is_locked && is_still_there(fd, path)) {
        *out = fd;
        return true;
    }
    int code = is_locked ? EWOULDBLOCK : errno;
    (void)close(fd);
    errno = code;
    return false;
}

static bool lock_soon(const char *path, int *out)
{
    static const struct timespec pause = {.tv_nsec = PAUSE_NS};
    for (int i = 0; i < TRIES; i++) {
        if (try_lock(path, out)) {
            return true;
        }
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return false;
        }
        (void)nanosleep(&pause, NULL);
    }
    errno = EWOULDBLOCK;
    return false;
}

static void add_holder(pk_buf *out)
{
    char host[HOST_NAME_MAX + 1] = "";
    if (gethostname(host, sizeof host - 1) != 0 || !host[0]) {
        pk_text_copy(host, sizeof host, "this machine");
    }
    pk_buf_fmt(out, "process %ld on %s, since ", (long)getpid(), host);
    pk_add_utc(out, pk_wall_clock_ms());
    pk_buf_char(out, '\n');
}

/* Empty, or as write_holder() leaves it: what else bears that name is not ours to write over. */
static bool is_lock_of_ours(int fd)
{
    char begin[8];
    ssize_t got = pread(fd, begin, sizeof begin, 0);
    return got == 0 || (got == sizeof begin && memcmp(begin, "process ", sizeof begin) == 0);
}

/* Written over what a crashed one left, and cut then: whoever reads meanwhile finds a line. */
static bool write_holder(int fd)
{
    pk_buf text;
    pk_buf_init(&text, 1024);
    add_holder(&text);
    bool is_written = pk_buf_ok(&text) && pwrite(fd, text.data, text.len, 0) == (ssize_t)text.len &&
                      ftruncate(fd, (off_t)text.len) == 0;
    pk_buf_free(&text);
    return is_written;
}

static prankcurl_status in_use(const char *real_path, const char *name, prankcurl_error *error)
{
    char holder[512];
    pk_lock_holder(real_path, holder, sizeof holder);
    return pk_error_set(error, PRANKCURL_TEMPORARY, NULL,
                        "\"%s\" is in use by %s; wait until it has ended, or end it", name,
                        holder[0] ? holder : "another process");
}

prankcurl_status pk_lock_take(const char *real_path, const char *name, pk_lock *lock,
                              prankcurl_error *error)
{
    pk_buf path;
    add_path(real_path, &path);
    *lock = (pk_lock){.fd = -1, .ledger_fd = -1};
    if (!pk_buf_ok(&path)) {
        pk_buf_free(&path);
        return pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    prankcurl_status status = PRANKCURL_OK;
    if (!lock_soon(path.data, &lock->fd)) {
        status = errno == EWOULDBLOCK ? in_use(real_path, name, error)
                                      : cannot_lock(name, path.data, error);
    } else if (!is_lock_of_ours(lock->fd)) {
        status =
            pk_error_set(error, PRANKCURL_CANNOT_CREATE, NULL,
                         "\"%s\" would guard the ledger \"%s\", but is something else; move it "
                         "away, or name another --ledger",
                         path.data, name);
        (void)close(lock->fd);
        lock->fd = -1;
    } else if (!write_holder(lock->fd)) {
        status = cannot_lock(name, path.data, error);
        (void)unlink(path.data);
        (void)close(lock->fd);
        lock->fd = -1;
    } else {
        lock->path = pk_buf_take(&path);
    }
    pk_buf_free(&path);
    return status;
}

prankcurl_status pk_lock_ledger(const char *real_path, const char *name, pk_lock *lock,
                                prankcurl_error *error)
{
    lock->ledger_fd = open(real_path, O_RDONLY | O_CLOEXEC);
    if (lock->ledger_fd >= 0 && flock(lock->ledger_fd, LOCK_EX | LOCK_NB) == 0) {
        return PRANKCURL_OK;
    }
    return errno == EWOULDBLOCK
               ? pk_error_set(error, PRANKCURL_TEMPORARY, NULL,
                              "\"%s\" is in use by another process; wait until it "
                              "has ended, or end it",
                              name)
               : pk_error_set(error, PRANKCURL_IO, NULL,
                              "cannot lock the ledger \"%s\": %s; nothing was sent", name,
                              strerror(errno));
}

void pk_lock_release(pk_lock *lock)
{
    if (lock->ledger_fd >= 0) {
        (void)close(lock->ledger_fd);
    }
    if (lock->path) {
        (void)unlink(lock->path);
        (void)close(lock->fd);
        free(lock->path);
    }
    *lock = (pk_lock){.fd = -1, .ledger_fd = -1};
}

static void read_line(int fd, char *out, size_t size)
{
    ssize_t got = pread(fd, out, size - 1, 0);
    out[got > 0 ? got : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

void pk_lock_holder(const char *real_path, char *out, size_t size)
{
    pk_buf path;
    add_path(real_path, &path);
    int fd = pk_buf_ok(&path) ? open_lock(path.data, O_RDONLY) : -1;
    out[0] = '\0';
    if (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0) {
        char line[512];
        read_line(fd, line, sizeof line);
        pk_text_copy(out, size, line[0] ? line : "another process");
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    pk_buf_free(&path);
}
