#include "mock/certificate.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VALID_DAYS = 825, DAY_S = 86400, MAX_NAME = 256 };

static const char maker[] = "prankmock";

typedef struct issued {
    EVP_PKEY *key;
    X509 *certificate;
} issued;

static void issued_free(issued *one)
{
    EVP_PKEY_free(one->key);
    X509_free(one->certificate);
    *one = (issued){NULL, NULL};
}

static prankcurl_status fail(prankcurl_error *error, const char *what, const char *path)
{
    int number = errno;
    unsigned long code = ERR_get_error();
    bool is_system = !code || ERR_SYSTEM_ERROR(code);
    const char *reason =
        is_system ? strerror(code ? ERR_GET_REASON(code) : number) : ERR_reason_error_string(code);
    ERR_clear_error();
    return pk_error_set(error, PRANKCURL_CANNOT_CREATE, NULL, "cannot %s%s%s%s: %s", what,
                        path ? " \"" : "", path ? path : "", path ? "\"" : "",
                        reason ? reason : "no reason given");
}

static bool set_name(X509_NAME *name, const char *common_name)
{
    return name &&
           X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)maker, -1,
                                      -1, 0) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name,
                                      -1, -1, 0);
}

static bool set_serial(X509 *certificate)
{
    unsigned char bytes[16];
    if (RAND_bytes(bytes, sizeof bytes) != 1) {
        return false;
    }
    bytes[0] = (bytes[0] & 0x7f) | 0x40; /* positive, and of full length */
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool is_set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return is_set;
}

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool is_added = extension && X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return is_added;
}

/* A key, and a certificate for it that is complete but for its issuer, extensions, signature. */
static bool begin(issued *out, const char *common_name)
{
    out->key = EVP_EC_gen("P-256");
    out->certificate = X509_new();
    X509 *certificate = out->certificate;
    return out->key && certificate && X509_set_version(certificate, X509_VERSION_3) &&
           set_serial(certificate) && X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY_S) &&
           X509_time_adj_ex(X509_getm_notAfter(certificate), VALID_DAYS, 0, NULL) &&
           X509_set_pubkey(certificate, out->key) &&
           set_name(X509_get_subject_name(certificate), common_name);
}

static bool make_authority(issued *out)
{
    return begin(out, "prankmock test CA") &&
           X509_set_issuer_name(out->certificate, X509_get_subject_name(out->certificate)) &&
           add_extension(out->certificate, out->certificate, NID_basic_constraints,
                         "critical,CA:TRUE,pathlen:0") &&
           add_extension(out->certificate, out->certificate, NID_key_usage,
                         "critical,keyCertSign,cRLSign") &&
           add_extension(out->certificate, out->certificate, NID_subject_key_identifier, "hash") &&
           X509_sign(out->certificate, out->key, EVP_sha256());
}

/* What clients on this machine, and on its network, call it. */
static void list_names(char out[2 * MAX_NAME])
{
    char host[MAX_NAME] = "";
    static const char always[] = "DNS:localhost,IP:127.0.0.1,IP:::1";
    bool has_host = gethostname(host, sizeof host - 1) == 0 && host[0] &&
                    strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789.-") == strlen(host);
    (void)snprintf(out, (size_t)2 * MAX_NAME, "%s%s%s", always, has_host ? ",DNS:" : "",
                   has_host ? host : "");
}

static bool make_server(issued *out, const issued *authority)
{
    char names[2 * MAX_NAME];
    list_names(names);
    return begin(out, "localhost") &&
           X509_set_issuer_name(out->certificate, X509_get_subject_name(authority->certificate)) &&
           add_extension(out->certificate, authority->certificate, NID_basic_constraints,
                         "critical,CA:FALSE") &&
           add_extension(out->certificate, authority->certificate, NID_key_usage,
                         "critical,digitalSignature") &&
           add_extension(out->certificate, authority->certificate, NID_ext_key_usage,
                         "serverAuth") &&
           add_extension(out->certificate, authority->certificate, NID_subject_alt_name, names) &&
           add_extension(out->certificate, authority->certificate, NID_authority_key_identifier,
                         "keyid") &&
           X509_sign(out->certificate, authority->key, EVP_sha256());
}

/* Key (NULL: none) and certificate; whole or not at all. */
static prankcurl_status write_pem(const char *path, mode_t mode, EVP_PKEY *key, X509 *certificate,
                                  prankcurl_error *error)
{
    char temporary[PM_TLS_PATH + 8];
    (void)snprintf(temporary, sizeof temporary, "%s.new", path);
    (void)unlink(temporary);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return fail(error, "create", temporary);
    }
    bool is_written = (!key || PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1) &&
                      PEM_write_X509(file, certificate) == 1;
    is_written = fclose(file) == 0 && is_written;
    if (is_written && rename(temporary, path) == 0) {
        return PRANKCURL_OK;
    }
    (void)unlink(temporary);
    return fail(error, "write", path);
}

/* The authority's key is thrown away: nobody can sign anything else with it. */
static prankcurl_status make_both(const char *ca_path, const char *server_path,
                                  prankcurl_error *error)
{
    issued authority = {NULL, NULL};
    issued server = {NULL, NULL};
    prankcurl_status status = PRANKCURL_INTERNAL;
    if (make_authority(&authority) && make_server(&server, &authority)) {
        status = write_pem(server_path, 0600, server.key, server.certificate, error);
        if (status == PRANKCURL_OK) {
            status = write_pem(ca_path, 0644, NULL, authority.certificate, error);
        }
    } else {
        status = fail(error, "make a certificate", NULL);
    }
    issued_free(&authority);
    issued_free(&server);
    return status;
}

/* Whether it is one of ours that has run out, or soon will. */
static bool is_ours_and_old(const char *path)
{
    char made_by[MAX_NAME] = "";
    FILE *file = fopen(path, "re");
    X509 *certificate = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    time_t tomorrow = time(NULL) + DAY_S;
    bool is_old = certificate && X509_cmp_time(X509_get0_notAfter(certificate), &tomorrow) < 0;
    if (certificate) {
        (void)X509_NAME_get_text_by_NID(X509_get_issuer_name(certificate), NID_organizationName,
                                        made_by, sizeof made_by);
    }
    X509_free(certificate);
    if (file) {
        (void)fclose(file);
    }
    ERR_clear_error();
    return is_old && strcmp(made_by, maker) == 0;
}

static bool exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

static prankcurl_status load(const char *ca_path, const char *server_path, SSL_CTX **out,
                             prankcurl_error *error)
{
    if (!exists(ca_path)) {
        return fail(error, "find the certificate authority", ca_path);
    }
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION)) {
        SSL_CTX_free(context);
        return fail(error, "start TLS", NULL);
    }
    (void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    (void)SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                        SSL_MODE_RELEASE_BUFFERS);
    bool is_loaded = SSL_CTX_use_certificate_chain_file(context, server_path) == 1 &&
                     SSL_CTX_use_PrivateKey_file(context, server_path, SSL_FILETYPE_PEM) == 1 &&
                     SSL_CTX_check_private_key(context) == 1;
    if (!is_loaded) {
        prankcurl_status status = fail(error, "use key and certificate in", server_path);
        SSL_CTX_free(context);
        return status;
    }
    *out = context;
    return PRANKCURL_OK;
}

/* In the folder, which nobody else uses at this time. */
static prankcurl_status open_locked(const char *ca_path, const char *server_path, SSL_CTX **out,
                                    prankcurl_error *error)
{
    bool is_missing = !exists(ca_path) && !exists(server_path);
    prankcurl_status status = PRANKCURL_OK;
    if (is_missing || is_ours_and_old(server_path)) {
        status = make_both(ca_path, server_path, error);
    }
    return status == PRANKCURL_OK ? load(ca_path, server_path, out, error) : status;
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
    /* Two that start at the same time must not mix their files. Closing unlocks. */
    int lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0 || flock(lock, LOCK_EX) != 0) {
        status = fail(error, "open", folder);
    } else {
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
