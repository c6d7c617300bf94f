#include "mock/mock.h"

#include "base/clock.h"
#include "base/file.h"
#include "mock/connection.h"
#include "mock/listen.h"
#include "mock/log.h"
#include "mock/web.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MAX_FAULTS_FILE = 1 << 20 };

static prankcurl_status no_memory(prankcurl_error *error)
{
    return pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
}

static prankcurl_status open_tls(pm_mock *mock, prankcurl_error *error)
{
    char folder[PM_TLS_PATH];
    const char *named = mock->config->tls_dir;
    prankcurl_status status = named ? PRANKCURL_OK : pm_certificate_folder(folder, error);
    if (status == PRANKCURL_OK) {
        status = pm_certificate_context(named ? named : folder, &mock->tls, mock->ca_path, error);
    }
    char *whole = status == PRANKCURL_OK ? realpath(mock->ca_path, NULL) : NULL;
    if (whole) {
        pk_text_copy(mock->ca_path, sizeof mock->ca_path, whole);
    }
    free(whole);
    return status;
}

static prankcurl_status read_faults(pm_mock *mock, prankcurl_errors *errors)
{
    const char *path = mock->config->faults;
    prankcurl_error error;
    pk_buf json;
    if (!path) {
        return PRANKCURL_OK;
    }
    pk_buf_init(&json, MAX_FAULTS_FILE);
    prankcurl_status status = pk_file_read(path, NULL, &json, &error);
    if (status != PRANKCURL_OK) {
        pk_errors_add(errors, &error);
    } else {
        pk_buf_add(&json, "", 0);
        status = pm_faults_parse(&mock->faults, pk_buf_text(&json), json.len, path, errors);
    }
    pk_buf_free(&json);
    return status;
}

void pm_mock_set_faults(pm_mock *mock, pm_faults *faults)
{
    pm_faults_free(&mock->faults);
    mock->faults = *faults;
    mock->faults.connections_before = mock->connection_count;
    mock->faults.messages_before = mock->message_count;
    *faults = (pm_faults)PM_FAULTS_INIT;
}

static void name_host(pm_mock *mock)
{
    if (gethostname(mock->host, sizeof mock->host - 1) != 0 || !mock->host[0]) {
        pk_text_copy(mock->host, sizeof mock->host, "localhost");
    }
}

static void set_rules(pm_mock *mock)
{
    const pm_config *config = mock->config;
    /* A message under way may need twice its size while it grows. */
    uint64_t largest = config->max_bytes / 2;
    mock->rules = (pm_rules){
        .host = mock->host,
        .max_message = config->max_message < largest ? config->max_message : largest,
        .max_recipients = config->max_recipients,
        .lenient = config->lenient,
        .has_tls = true,
        .user = config->user,
        .password = config->password,
        .decide = pm_faults_decide,
        .decide_context = &mock->faults,
    };
}

/* As many open files as the system lets us have. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void on_smtp(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer,
                    int len, void *context)
{
    (void)listener;
    (void)len;
    pm_connection_start(context, fd, peer, false);
}

static void on_smtps(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer,
                     int len, void *context)
{
    (void)listener;
    (void)len;
    pm_connection_start(context, fd, peer, true);
}

static prankcurl_status listen_all(pm_mock *mock, prankcurl_error *error)
{
    const pm_config *config = mock->config;
    prankcurl_status status = pm_listen_start("smtp", config->smtp, mock->base, on_smtp, mock,
                                              &mock->smtp, mock->smtp_address, error);
    if (status == PRANKCURL_OK && config->smtps) {
        status = pm_listen_start("smtps", config->smtps, mock->base, on_smtps, mock, &mock->smtps,
                                 mock->smtps_address, error);
    }
    return status == PRANKCURL_OK ? pm_web_new(mock, &mock->web, error) : status;
}

static prankcurl_status open_base(pm_mock *mock, prankcurl_error *error)
{
    mock->base = event_base_new();
    if (!mock->base) {
        return no_memory(error);
    }
    struct timeval idle = {.tv_sec = mock->config->idle_s};
    const struct timeval *common = event_base_init_common_timeout(mock->base, &idle);
    mock->idle = common ? *common : idle;
    return PRANKCURL_OK;
}

static prankcurl_status open_store(pm_mock *mock, prankcurl_error *error)
{
    const pm_config *config = mock->config;
    pm_store_init(&mock->store, (size_t)config->max_messages, (size_t)config->max_bytes);
    return config->store ? pm_store_open(&mock->store, config->store, error) : PRANKCURL_OK;
}

static prankcurl_status open_all(pm_mock *mock, prankcurl_errors *errors)
{
    prankcurl_error error;
    name_host(mock);
    raise_file_limit();
    prankcurl_status status = read_faults(mock, errors);
    if (status != PRANKCURL_OK) {
        return status;
    }
    status = open_base(mock, &error);
    if (status == PRANKCURL_OK) {
        status = open_tls(mock, &error);
    }
    if (status == PRANKCURL_OK) {
        status = open_store(mock, &error);
    }
    if (status == PRANKCURL_OK) {
        set_rules(mock);
        status = listen_all(mock, &error);
    }
    if (status != PRANKCURL_OK) {
        pk_errors_add(errors, &error);
    }
    return status;
}

prankcurl_status pm_mock_new(const pm_config *config, pm_mock **out, prankcurl_errors *errors)
{
    *out = NULL;
    pm_mock *mock = calloc(1, sizeof *mock);
    if (!mock) {
        prankcurl_error error;
        (void)no_memory(&error);
        pk_errors_add(errors, &error);
        return PRANKCURL_NO_MEMORY;
    }
    mock->config = config;
    mock->started_ms = pk_wall_clock_ms();
    prankcurl_status status = open_all(mock, errors);
    if (status != PRANKCURL_OK) {
        pm_mock_free(mock);
        return status;
    }
    *out = mock;
    return PRANKCURL_OK;
}

void pm_mock_free(pm_mock *mock)
{
    if (!mock) {
        return;
    }
    pm_connection_end_all(mock);
    pm_web_free(mock->web);
    if (mock->smtp) {
        evconnlistener_free(mock->smtp);
    }
    if (mock->smtps) {
        evconnlistener_free(mock->smtps);
    }
    pm_store_free(&mock->store);
    pm_faults_free(&mock->faults);
    SSL_CTX_free(mock->tls);
    if (mock->base) {
        event_base_free(mock->base);
    }
    free(mock);
}

prankcurl_status pm_mock_run(pm_mock *mock)
{
    return event_base_dispatch(mock->base) < 0 ? PRANKCURL_INTERNAL : PRANKCURL_OK;
}

void pm_mock_stop(pm_mock *mock)
{
    (void)event_base_loopbreak(mock->base);
}
