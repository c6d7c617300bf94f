#include "mock/certificate_make.h"

#include "base/buf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    VALID_DAYS = 825,
    DAY_S = 86400,
    MAX_NAME = 256,
    MAX_PATH = 4096,
    MAX_ADDRESSES = 64, /* of this machine that are in a certificate */
    MAX_NAMES = 8192,   /* bytes */
};

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

prankcurl_status pm_certificate_fail(prankcurl_error *error, const char *what, const char *path)
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
           X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
                                      (const unsigned char *)PM_CERTIFICATE_MAKER, -1, -1, 0) &&
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

static bool is_local_only(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET6) {
        const struct in6_addr *six =
            &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
        return IN6_IS_ADDR_LINKLOCAL(six) || IN6_IS_ADDR_LOOPBACK(six);
    }
    uint32_t four = ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr);
    return four >> 24 == IN_LOOPBACKNET || four >> 16 == 0xa9fe; /* 169.254, RFC 3927 */
}

/* Other machines may know this one by address only, and `--smtp 0.0.0.0:2525` is for them. */
static void add_addresses(pk_buf *names)
{
    struct ifaddrs *all = NULL;
    size_t count = 0;
    if (getifaddrs(&all) != 0) {
        return;
    }
    for (const struct ifaddrs *one = all; one && count < MAX_ADDRESSES; one = one->ifa_next) {
        const struct sockaddr *address = one->ifa_addr;
        int family = address ? address->sa_family : AF_UNSPEC;
        socklen_t len =
            family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
        char text[INET6_ADDRSTRLEN];
        if ((family == AF_INET || family == AF_INET6) && !is_local_only(address) &&
            getnameinfo(address, len, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0) {
            pk_buf_fmt(names, ",IP:%s", text);
            count++;
        }
    }
    freeifaddrs(all);
}

/* What clients on this machine, and on its network, call it. */
static void list_names(pk_buf *names)
{
    char host[MAX_NAME] = "";
    pk_buf_str(names, "DNS:localhost,IP:127.0.0.1,IP:::1");
    if (gethostname(host, sizeof host - 1) == 0 && host[0] &&
        strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                     "0123456789.-") == strlen(host)) {
        pk_buf_fmt(names, ",DNS:%s", host);
    }
    add_addresses(names);
}

static bool add_names(X509 *certificate, X509 *issuer)
{
    pk_buf names;
    pk_buf_init(&names, MAX_NAMES);
    list_names(&names);
    bool is_added = pk_buf_ok(&names) &&
                    add_extension(certificate, issuer, NID_subject_alt_name, pk_buf_text(&names));
    pk_buf_free(&names);
    return is_added;
}

static bool make_server(issued *out, const issued *authority)
{
    return begin(out, "localhost") &&
           X509_set_issuer_name(out->certificate, X509_get_subject_name(authority->certificate)) &&
           add_extension(out->certificate, authority->certificate, NID_basic_constraints,
                         "critical,CA:FALSE") &&
           add_extension(out->certificate, authority->certificate, NID_key_usage,
                         "critical,digitalSignature") &&
           add_extension(out->certificate, authority->certificate, NID_ext_key_usage,
                         "serverAuth") &&
           add_names(out->certificate, authority->certificate) &&
           add_extension(out->certificate, authority->certificate, NID_authority_key_identifier,
                         "keyid") &&
           X509_sign(out->certificate, authority->key, EVP_sha256());
}

/* Key (NULL: none) and certificate; whole or not at all. */
static prankcurl_status write_pem(const char *path, mode_t mode, EVP_PKEY *key, X509 *certificate,
                                  prankcurl_error *error)
{
    char temporary[MAX_PATH + 8];
    (void)snprintf(temporary, sizeof temporary, "%s.new", path);
    (void)unlink(temporary);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return pm_certificate_fail(error, "create", temporary);
    }
    bool is_written = (!key || PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1) &&
                      PEM_write_X509(file, certificate) == 1;
    is_written = fclose(file) == 0 && is_written;
    if (is_written && rename(temporary, path) == 0) {
        return PRANKCURL_OK;
    }
    (void)unlink(temporary);
    return pm_certificate_fail(error, "write", path);
}

prankcurl_status pm_certificate_make(const char *ca_path, const char *server_path,
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
        status = pm_certificate_fail(error, "make a certificate", NULL);
    }
    issued_free(&authority);
    issued_free(&server);
    return status;
}
