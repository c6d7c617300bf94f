#include "delivery/secret.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"
#include "campaign/model.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_SECRET = 64 * 1024 }; /* OAuth tokens are long */

struct prankcurl_secret {
    size_t len;
    char text[MAX_SECRET + 1]; /* one block, never moved: no copy stays behind */
};

extern char **environ;

const char *pk_secret_text(const prankcurl_secret *secret)
{
    return secret->text;
}

/* volatile: a compiler may not leave it out, as it may memset() before free(). */
static void wipe(char *text, size_t len)
{
    volatile char *p = text;
    while (len-- > 0) {
        *p++ = 0;
    }
}

void prankcurl_secret_free(prankcurl_secret *secret)
{
    if (secret) {
        wipe(secret->text, sizeof secret->text);
        free(secret);
    }
}

static prankcurl_status from_env(const char *name, prankcurl_secret *secret, prankcurl_error *error)
{
    const char *value = getenv(name);
    if (!value || !*value) {
        return pk_error_set(
            error, PRANKCURL_CONFIG, NULL,
            "no password: the environment variable %s is not set; set it and run the "
            "command again",
            name);
    }
    secret->len = strlen(value);
    if (secret->len <= MAX_SECRET) {
        memcpy(secret->text, value, secret->len);
    }
    return PRANKCURL_OK;
}

/* Reads to the end of fd; a length over MAX_SECRET says that there was more. False: errno tells. */
static bool read_secret(int fd, prankcurl_secret *secret)
{
    char surplus;
    for (;;) {
        bool full = secret->len == MAX_SECRET;
        ssize_t got = full ? read(fd, &surplus, 1)
                           : read(fd, secret->text + secret->len, MAX_SECRET - secret->len);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got == 0;
        }
        secret->len += (size_t)got;
        if (full) {
            return true;
        }
    }
}

static prankcurl_status from_file(const char *path, prankcurl_secret *secret,
                                  prankcurl_error *error)
{
    struct stat info = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || fstat(fd, &info) != 0) {
        int code = errno;
        if (fd >= 0) {
            (void)close(fd);
        }
        return pk_error_set(error, PRANKCURL_CONFIG, NULL, "no password: cannot open \"%s\": %s",
                            path, strerror(code));
    }
    prankcurl_status status = PRANKCURL_OK;
    if (info.st_mode & (S_IRWXG | S_IRWXO)) {
        status = pk_error_set(
            error, PRANKCURL_CONFIG, NULL,
            "the password file \"%s\" can be read by others; run: chmod 600 \"%s\"", path, path);
    } else if (!read_secret(fd, secret)) {
        status = pk_error_set(error, PRANKCURL_CONFIG, NULL, "no password: cannot read \"%s\": %s",
                              path, strerror(errno));
    }
    (void)close(fd);
    return status;
}

static int spawn(const char *const *command, int out, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    int code = posix_spawn_file_actions_init(&actions);
    if (code) {
        return code;
    }
    code = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (!code) {
        /* posix_spawnp() changes none of the words; its type is older than const. */
        code = posix_spawnp(child, command[0], &actions, NULL, (char *const *)command, environ);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return code;
}

static int wait_for(pid_t child)
{
    int state = 0;
    while (waitpid(child, &state, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

static prankcurl_status from_command(const char *const *command, prankcurl_secret *secret,
                                     prankcurl_error *error)
{
    int ends[2];
    pid_t child = -1;
    if (pipe(ends) != 0) {
        return pk_error_set(error, PRANKCURL_CONFIG, NULL, "no password: no pipe: %s",
                            strerror(errno));
    }
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    int code = spawn(command, ends[1], &child);
    (void)close(ends[1]);
    bool read_all = !code && read_secret(ends[0], secret);
    (void)close(ends[0]);
    if (code) {
        return pk_error_set(error, PRANKCURL_CONFIG, NULL, "no password: cannot run \"%s\": %s",
                            command[0], strerror(code));
    }
    int exit_code = wait_for(child);
    if (!read_all || exit_code != 0) {
        return pk_error_set(error, PRANKCURL_CONFIG, NULL,
                            "no password: \"%s\" failed (exit code %d); run it by hand to see why",
                            command[0], exit_code);
    }
    return PRANKCURL_OK;
}

static prankcurl_status fetch(const pk_password_source *source, prankcurl_secret *secret,
                              prankcurl_error *error)
{
    switch (source->kind) {
    case PK_PASSWORD_ENV:
        return from_env(source->env, secret, error);
    case PK_PASSWORD_COMMAND:
        return from_command(source->command, secret, error);
    case PK_PASSWORD_FILE:
        return from_file(source->file, secret, error);
    case PK_PASSWORD_NONE:
        break;
    }
    return PRANKCURL_OK;
}

/* Less the line end that files and commands put behind it. */
static prankcurl_status check(const pk_password_source *source, prankcurl_secret *secret,
                              prankcurl_error *error)
{
    const char *from = source->env ? source->env : source->file ? source->file : source->command[0];
    if (secret->len > MAX_SECRET) {
        return pk_error_set(error, PRANKCURL_CONFIG, NULL, "the password is longer than %d bytes",
                            MAX_SECRET);
    }
    if (secret->len && secret->text[secret->len - 1] == '\n') {
        secret->len--;
    }
    if (secret->len && secret->text[secret->len - 1] == '\r') {
        secret->len--;
    }
    secret->text[secret->len] = '\0';
    if (!secret->len) {
        return pk_error_set(error, PRANKCURL_CONFIG, NULL,
                            "no password: \"%s\" (server.password) gave an empty text", from);
    }
    for (size_t i = 0; i < secret->len; i++) {
        if ((unsigned char)secret->text[i] < 0x20 || secret->text[i] == 0x7f) {
            return pk_error_set(error, PRANKCURL_CONFIG, NULL,
                                "the password holds a line break or control character; \"%s\" "
                                "(server.password) has to give the password alone",
                                from);
        }
    }
    return PRANKCURL_OK;
}

prankcurl_status prankcurl_secret_read(const prankcurl_campaign *campaign, prankcurl_secret **out,
                                       prankcurl_error *error)
{
    *out = NULL;
    if (!campaign->server.username) {
        return PRANKCURL_OK;
    }
    prankcurl_secret *secret = calloc(1, sizeof *secret);
    if (!secret) {
        return pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    prankcurl_status status = fetch(&campaign->server.password, secret, error);
    if (status == PRANKCURL_OK) {
        status = check(&campaign->server.password, secret, error);
    }
    if (status != PRANKCURL_OK) {
        prankcurl_secret_free(secret);
        return status;
    }
    *out = secret;
    return PRANKCURL_OK;
}
