#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static prankcurl_status cannot(const char *path, const char *what, const pk_place *place,
                               prankcurl_error *error)
{
    int code = errno;
    bool missing = code == ENOENT || code == ENOTDIR;
    return pk_error_set(error, missing ? PRANKCURL_NO_INPUT : PRANKCURL_IO, place,
                        "cannot %s \"%s\": %s", what, path, strerror(code));
}

long pk_file_read_block(int fd, const char *path, const pk_place *place, char *block, size_t size,
                        prankcurl_error *error)
{
    ssize_t got = read(fd, block, size);
    while (got < 0 && errno == EINTR) {
        got = read(fd, block, size);
    }
    if (got < 0) {
        (void)cannot(path, "read", place, error);
    }
    return (long)got;
}

static prankcurl_status read_all(int fd, const char *path, const pk_place *place, pk_buf *out,
                                 prankcurl_error *error)
{
    char chunk[16384];
    for (;;) {
        long got = pk_file_read_block(fd, path, place, chunk, sizeof chunk, error);
        if (got <= 0) {
            return got == 0 ? PRANKCURL_OK : error->status;
        }
        pk_buf_add(out, chunk, (size_t)got);
        if (!pk_buf_ok(out)) {
            return pk_error_set(error, PRANKCURL_CAMPAIGN, place,
                                "\"%s\" is larger than %zu MiB, which is as much as can be read",
                                path, out->max >> 20);
        }
    }
}

/* No pipe to which nobody writes, and no device. */
enum { REGULAR = O_NONBLOCK };

/* Opens a file that is no folder; with REGULAR a regular one. *fd is the caller's to close; -1:
 * it could not be opened. */
static prankcurl_status open_file(const char *path, int flags, const pk_place *place, int *fd,
                                  prankcurl_error *error)
{
    struct stat info;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
    if (*fd < 0) {
        return cannot(path, "open", place, error);
    }
    if (fstat(*fd, &info) != 0) {
        return cannot(path, "look at", place, error);
    }
    if (S_ISDIR(info.st_mode)) {
        return pk_error_set(error, PRANKCURL_NO_INPUT, place,
                            "\"%s\" is a folder; a file is expected", path);
    }
    if (flags & REGULAR && !S_ISREG(info.st_mode)) {
        return pk_error_set(error, PRANKCURL_NO_INPUT, place,
                            "\"%s\" is a pipe or a device; a file is expected", path);
    }
    return PRANKCURL_OK;
}

static void close_file(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
}

static prankcurl_status read_file(const char *path, int flags, const pk_place *place, pk_buf *out,
                                  prankcurl_error *error)
{
    int fd = -1;
    prankcurl_status status = open_file(path, flags, place, &fd, error);
    if (status == PRANKCURL_OK) {
        status = read_all(fd, path, place, out, error);
    }
    close_file(fd);
    return status;
}

prankcurl_status pk_file_read(const char *path, const pk_place *place, pk_buf *out,
                              prankcurl_error *error)
{
    return read_file(path, 0, place, out, error);
}

prankcurl_status pk_file_read_untrusted(const char *path, pk_buf *out, prankcurl_error *error)
{
    return read_file(path, REGULAR | O_NOFOLLOW, NULL, out, error);
}

prankcurl_status pk_file_read_regular(const char *path, const pk_place *place, pk_buf *out,
                                      prankcurl_error *error)
{
    return read_file(path, REGULAR, place, out, error);
}

prankcurl_status pk_file_open(const char *path, const pk_place *place, int *fd,
                              prankcurl_error *error)
{
    prankcurl_status status = open_file(path, 0, place, fd, error);
    if (status != PRANKCURL_OK) {
        close_file(*fd);
        *fd = -1;
    }
    return status;
}

prankcurl_status pk_file_check(const char *path, const pk_place *place, prankcurl_error *error)
{
    int fd = -1;
    prankcurl_status status = open_file(path, 0, place, &fd, error);
    close_file(fd);
    return status;
}

prankcurl_status pk_folder_make(const char *path, prankcurl_error *error)
{
    char *copy = strdup(path);
    if (!copy) {
        return pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    for (char *slash = *copy ? strchr(copy + 1, '/') : NULL; slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(copy, 0700); /* the last one tells whether it worked */
        *slash = '/';
    }
    free(copy);
    if (mkdir(path, 0700) == 0 || errno == EEXIST) {
        return PRANKCURL_OK;
    }
    return pk_error_set(error, PRANKCURL_CANNOT_CREATE, NULL, "cannot make the folder \"%s\": %s",
                        path, strerror(errno));
}

void pk_file_folder(const char *path, pk_buf *out)
{
    const char *slash = strrchr(path, '/');
    if (!slash) {
        pk_buf_str(out, ".");
    } else {
        pk_buf_add(out, path, slash == path ? 1 : (size_t)(slash - path));
    }
}

static bool is_below(const char *folder, const char *path)
{
    size_t len = strlen(folder);
    if (len == 1) {
        return true; /* "/" */
    }
    return strncmp(folder, path, len) == 0 && path[len] == '/';
}

prankcurl_status pk_file_resolve(const char *folder, const char *name, bool allow_outside,
                                 const pk_place *place, pk_buf *out, prankcurl_error *error)
{
    if (name[0] != '/' && strcmp(folder, ".") != 0) {
        pk_buf_fmt(out, "%s/", folder);
    }
    pk_buf_str(out, name);
    if (!pk_buf_ok(out)) {
        return pk_error_set(error, PRANKCURL_NO_MEMORY, place, "out of memory");
    }
    char *real_folder = realpath(folder, NULL);
    char *real_path = realpath(out->data, NULL);
    prankcurl_status status = PRANKCURL_OK;
    if (!real_folder || !real_path) {
        status = cannot(name, "open", place, error);
    } else if (!allow_outside && !is_below(real_folder, real_path)) {
        status = pk_error_set(error, PRANKCURL_CAMPAIGN, place,
                              "\"%s\" lies outside the campaign's folder; move it there, or give "
                              "--allow-outside if you trust this campaign",
                              name);
    }
    free(real_folder);
    free(real_path);
    return status;
}
