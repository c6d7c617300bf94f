#include "delivery/handle.h"

#include "base/buf.h"
#include "delivery/secret.h"

#include <string.h>

static const char *login_options(pk_auth auth)
{
    switch (auth) {
    case PK_AUTH_PLAIN:
        return "AUTH=PLAIN";
    case PK_AUTH_LOGIN:
        return "AUTH=LOGIN";
    case PK_AUTH_CRAM_MD5:
        return "AUTH=CRAM-MD5";
    case PK_AUTH_XOAUTH2:
        return "AUTH=XOAUTH2";
    case PK_AUTH_OAUTHBEARER:
        return "AUTH=OAUTHBEARER";
    case PK_AUTH_DEFAULT:
        break;
    }
    return "AUTH=PLAIN;AUTH=LOGIN"; /* else libcurl would try GSSAPI, NTLM and more first */
}

static CURLcode set_login(CURL *easy, const pk_server *server, const char *secret)
{
    bool is_token = server->auth == PK_AUTH_XOAUTH2 || server->auth == PK_AUTH_OAUTHBEARER;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_USERNAME, server->username);
    if (!code) {
        code = curl_easy_setopt(easy, is_token ? CURLOPT_XOAUTH2_BEARER : CURLOPT_PASSWORD, secret);
    }
    if (!code) {
        code = curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, login_options(server->auth));
    }
    return code ? code : curl_easy_setopt(easy, CURLOPT_SASL_IR, 1L);
}

/* Behind the host stands the name for EHLO: always the same, so that a dry run can show it, and so
 * that this machine's own name stays at home. */
static CURLcode set_url(CURL *easy, const pk_server *server)
{
    pk_buf url;
    pk_buf_init(&url, 1024);
    bool is_six = strchr(server->host, ':') != NULL;
    pk_buf_str(&url, server->implicit_tls ? "smtps://" : "smtp://");
    pk_buf_fmt(&url, is_six ? "[%s]:%u/" : "%s:%u/", server->host, server->port);
    pk_buf_str(&url, PRANKCURL_EHLO_NAME);
    CURLcode code =
        pk_buf_ok(&url) ? curl_easy_setopt(easy, CURLOPT_URL, url.data) : CURLE_OUT_OF_MEMORY;
    pk_buf_free(&url);
    return code;
}

static CURLcode set_tls(CURL *easy, const pk_server *server)
{
    CURLcode code = curl_easy_setopt(easy, CURLOPT_USE_SSL,
                                     (long)(server->plaintext ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    if (!code) {
        code = curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    }
    if (!code && server->ca_file) {
        code = curl_easy_setopt(easy, CURLOPT_CAINFO, server->ca_file);
        code = code ? code : curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    return code;
}

static CURLcode set_connection(CURL *easy, const prankcurl_delivery_options *options)
{
    CURLcode code = CURLE_OK;
    code = code ? code : curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    code = code ? code : curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* none from the environment */
    code = code ? code : curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    code = code ? code : curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    code = code ? code : curl_easy_setopt(easy, CURLOPT_MAXCONNECTS, 1L);
    code = code ? code
                : curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, options->connect_timeout_ms);
    code = code ? code
                : curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT,
                                   (options->reply_timeout_ms + 999) / 1000);
    /* INFILESIZE stays unset: with it, stuffed dots cut the message short (libcurl before 8.17). */
    return code ? code : curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
}

CURLcode pk_handle_set_up(CURL *easy, const pk_server *server, const prankcurl_secret *secret,
                          const prankcurl_delivery_options *options)
{
    CURLcode code = set_url(easy, server);
    code = code ? code : set_tls(easy, server);
    code = code ? code : set_connection(easy, options);
    if (!code && secret) {
        code = set_login(easy, server, pk_secret_text(secret));
    }
    return code;
}
