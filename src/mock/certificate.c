#include "mock/certificate.h"

#include "base/file.h"
#include "mock/certificate_make.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    DAY_S = 86400,
    MAX_NAME = 256,
    LOCK_S = 5,        /* making two keys takes far less */
    LOCK_TRIES_S = 20, /* a second */
};

/* Whether we made it. *is_old: it has run out, or soon will. */
static bool is_ours(const char *path, bool *is_old)
{
    char made_by[MAX_NAME] = "";
    FILE *file = fopen(path, "re");
    X509 *certificate = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    time_t tomorrow = time(NULL) + DAY_S;
    *is_old = certificate && X509_cmp_time(X509_get0_notAfter(certificate), &tomorrow) < 0;
    if (certificate) {
        (void)X509_NAME_get_text_by_NID(X509_get_issuer_name(certificate), NID_organizationName,
                                        made_by, sizeof made_by);
    }
    X509_free(certificate);
    if (file) {
        (void)fclose(file);
    }
    ERR_clear_error();
    return strcmp(made_by, PM_CERTIFICATE_MAKER) == 0;
}

/* A pipe would keep us waiting: it is no file. */
static prankcurl_status look_at(const char *path, bool *exists, prankcurl_error *error)
{
    struct stat info;
    *exists = stat(path, &info) == 0;
    if (*exists && !S_ISREG(info.st_mode)) {
        return pk_error_set(error, PRANKCURL_CANNOT_CREATE, NULL,
                            "\"%s\" is no file; a key or a certificate is expected there", path);
    }
    return PRANKCURL_OK;
}

static prankcurl_status load(const char *server_path, SSL_CTX **out, prankcurl_error *error)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION)) {
        SSL_CTX_free(context);
        return pm_certificate_fail(error, "start TLS", NULL);
    }
    (void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    (void)SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                        SSL_MODE_RELEASE_BUFFERS);
    bool is_loaded = SSL_CTX_use_certificate_chain_file(context, server_path) == 1 &&
                     SSL_CTX_use_PrivateKey_file(context, server_path, SSL_FILETYPE_PEM) == 1 &&
                     SSL_CTX_check_private_key(context) == 1;
    if (!is_loaded) {
        prankcurl_status status =
            pm_certificate_fail(error, "use key and certificate in", server_path);
        SSL_CTX_free(context);
        return status;
    }
    *out = context;
    return PRANKCURL_OK;
}

static prankcurl_status tell_missing(const char *path, prankcurl_error *error)
{
    return pk_error_set(error, PRANKCURL_CANNOT_CREATE, NULL,
                        "cannot find \"%s\": %s; remove ca.pem and server.pem from this folder, "
                        "and both are made anew",
                        path, strerror(ENOENT));
}

/* In the folder, which nobody else uses at this time. What somebody else made is never replaced. */
static prankcurl_status open_locked(const char *ca_path, const char *server_path, SSL_CTX **out,
                                    prankcurl_error *error)
{
    bool has_ca = false;
    bool has_server = false;
    bool is_old = false;
    prankcurl_status status = look_at(ca_path, &has_ca, error);
    status = status == PRANKCURL_OK ? look_at(server_path, &has_server, error) : status;
    if (status != PRANKCURL_OK) {
        return status;
    }
    bool may_replace =
        (!has_ca && !has_server) || is_ours(has_server ? server_path : ca_path, &is_old);
    if (may_replace && (!has_ca || !has_server || is_old)) {
        status = pm_certificate_make(ca_path, server_path, error);
    } else if (!has_ca || !has_server) {
        status = tell_missing(has_ca ? server_path : ca_path, error);
    }
    return status == PRANKCURL_OK ? load(server_path, out, error) : status;
}

/* Two that start at the same time must not mix their files. Closing unlocks. */
static prankcurl_status lock_folder(const char *folder, int *lock, prankcurl_error *error)
{
    static const struct timespec pause = {.tv_nsec = 1000000000 / LOCK_TRIES_S};
    *lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; *lock >= 0 && i < LOCK_S * LOCK_TRIES_S; i++) {
        if (flock(*lock, LOCK_EX | LOCK_NB) == 0) {
            return PRANKCURL_OK;
        }
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return pm_certificate_fail(error, "lock", folder);
        }
        (void)nanosleep(&pause, NULL);
    }
    return *lock < 0 ? pm_certificate_fail(error, "open", folder)
                     : pk_error_set(error, PRANKCURL_CANNOT_CREATE, NULL,
                                    "another program keeps \"%s\" locked; end it, or give another "
                                    "folder with --tls-dir",
                                    folder);
}

prankcurl_status pm_certificate_context(const char *folder, SSL_CTX **out,
                                        char ca_path[PM_TLS_PATH], prankcurl_error *error)
{
    char server_path[PM_TLS_PATH];
    *out = NULL;
    if (snprintf(ca_path, PM_TLS_PATH, "%s/ca.pem", folder) >= PM_TLS_PATH ||
        snprintf(server_path, PM_TLS_PATH, "%s/server.pem", folder) >= PM_TLS_PATH) {
        return pk_error_set(error, PRANKCURL_CANNOT_CREATE, NULL, "the name of \"%s\" is too long",
                            folder);
    }
    prankcurl_status status = pk_folder_make(folder, error);
    if (status != PRANKCURL_OK) {
        return status;
    }
    int lock = -1;
    status = lock_folder(folder, &lock, error);
    if (status == PRANKCURL_OK) {
        status = open_locked(ca_path, server_path, out, error);
    }
    if (lock >= 0) {
        (void)close(lock);
    }
    return status;
}

prankcurl_status pm_certificate_folder(char out[PM_TLS_PATH], prankcurl_error *error)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    int len = -1;
    if (state && state[0] == '/') {
        len = snprintf(out, PM_TLS_PATH, "%s/prankmock", state);
    } else if (home && home[0] == '/') {
        len = snprintf(out, PM_TLS_PATH, "%s/.local/state/prankmock", home);
    }
    if (len < 0 || len >= PM_TLS_PATH) {
        return pk_error_set(error, PRANKCURL_CONFIG, NULL,
                            "there is no home folder to keep a certificate in; say where with "
                            "--tls-dir DIR");
    }
    return PRANKCURL_OK;
}
