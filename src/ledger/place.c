#include "ledger/place.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The file is missing: its folder resolved, and its name. */
static prankcurl_status resolve_folder(const char *path, char **out, prankcurl_error *error)
{
    pk_buf joined;
    pk_buf_init(&joined, PATH_MAX);
    pk_file_folder(path, &joined);
    char *folder = pk_buf_ok(&joined) ? realpath(joined.data, NULL) : NULL;
    prankcurl_status status = PRANKCURL_OK;
    if (!folder) {
        status = pk_error_set(error, PRANKCURL_CANNOT_CREATE, NULL,
                              "cannot make the ledger \"%s\": its folder: %s; make it, or name "
                              "another place",
                              path, strerror(errno));
    } else {
        pk_buf_reset(&joined);
        pk_buf_fmt(&joined, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, base_name(path));
        *out = pk_buf_take(&joined);
        status =
            *out ? PRANKCURL_OK : pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    free(folder);
    pk_buf_free(&joined);
    return status;
}

prankcurl_status pk_place_resolve(const char *path, char **out, prankcurl_error *error)
{
    struct stat info;
    *out = realpath(path, NULL);
    if (*out) {
        return PRANKCURL_OK;
    }
    if (errno != ENOENT || !*base_name(path)) {
        return pk_error_set(error, errno == ENOMEM ? PRANKCURL_NO_MEMORY : PRANKCURL_CANNOT_CREATE,
                            NULL, "cannot make the ledger \"%s\": %s; name another place", path,
                            strerror(errno));
    }
    if (lstat(path, &info) == 0) {
        return pk_error_set(error, PRANKCURL_CANNOT_CREATE, NULL,
                            "\"%s\" is a link that leads nowhere; remove it, or name the ledger "
                            "itself",
                            path);
    }
    return resolve_folder(path, out, error);
}

static prankcurl_status check_regular(const struct stat *info, const char *name,
                                      prankcurl_error *error)
{
    if (S_ISREG(info->st_mode)) {
        return PRANKCURL_OK;
    }
    return pk_error_set(error, PRANKCURL_IO, NULL,
                        "\"%s\" is a %s; the ledger is a file: name another place", name,
                        S_ISDIR(info->st_mode) ? "folder" : "pipe or a device");
}

prankcurl_status pk_place_make(const char *real_path, const char *name, prankcurl_error *error)
{
    struct stat info;
    int fd = open(real_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) {
        (void)close(fd);
        return PRANKCURL_OK;
    }
    if (errno != EEXIST) {
        return pk_error_set(error, PRANKCURL_CANNOT_CREATE, NULL,
                            "cannot make the ledger \"%s\": %s", name, strerror(errno));
    }
    if (stat(real_path, &info) != 0) {
        return pk_error_set(error, PRANKCURL_IO, NULL, "cannot look at the ledger \"%s\": %s", name,
                            strerror(errno));
    }
    if (S_ISREG(info.st_mode) &&
        info.st_nlink > 1) { /* each would have a log of changes of its own */
        return pk_error_set(
            error, PRANKCURL_IO, NULL,
            "the ledger \"%s\" has a second name (a hard link), under which it could "
            "be changed as well; nothing was sent: remove one of the names",
            name);
    }
    return check_regular(&info, name, error);
}

prankcurl_status pk_place_check(const char *path, prankcurl_error *error)
{
    struct stat info;
    if (stat(path, &info) == 0) {
        return check_regular(&info, path, error);
    }
    if (errno == ENOENT || errno == ENOTDIR) {
        return pk_error_set(error, PRANKCURL_NO_INPUT, NULL,
                            "there is no ledger \"%s\"; it is made when something is sent", path);
    }
    return pk_error_set(error, PRANKCURL_IO, NULL, "cannot look at the ledger \"%s\": %s", path,
                        strerror(errno));
}

void pk_place_immutable_uri(const char *real_path, pk_buf *out)
{
    pk_buf_str(out, "file:");
    for (const char *c = real_path; *c; c++) {
        if (strchr("%?#", *c)) {
            pk_buf_fmt(out, "%%%02X", (unsigned)(unsigned char)*c);
        } else {
            pk_buf_char(out, *c);
        }
    }
    pk_buf_str(out, "?immutable=1");
}

bool pk_place_is_frozen(const char *real_path)
{
    struct stat info;
    pk_buf beside;
    pk_buf_init(&beside, 2 * PATH_MAX);
    pk_file_folder(real_path, &beside);
    bool is_writable = !pk_buf_ok(&beside) || access(beside.data, W_OK) == 0;
    pk_buf_reset(&beside);
    pk_buf_fmt(&beside, "%s-wal", real_path);
    bool is_waiting =
        !pk_buf_ok(&beside) || (stat(beside.data, &info) == 0 ? info.st_size > 0 : errno != ENOENT);
    pk_buf_free(&beside);
    return !is_writable && !is_waiting;
}
