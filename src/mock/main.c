#include "base/output.h"
#include "mock/log.h"
#include "mock/options.h"

#include <cjson/cJSON.h>
#include <gmime/gmime.h>
#include <prankcurl/version.h>
#include <signal.h>
#include <sys/resource.h>

static const char program[] = "prankmock";

static void print_version(void)
{
    (void)printf("prankmock %s\nlibevent/%s GMime/%u.%u.%u cJSON/%s %s\n", PRANKCURL_VERSION,
                 event_get_version(), gmime_major_version, gmime_minor_version, gmime_micro_version,
                 cJSON_Version(), OpenSSL_version(OPENSSL_VERSION));
}

/* Passwords and private mail must not end in a core file; a closed pipe is an error, not an end. */
static void guard_process(void)
{
    struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)signal(SIGPIPE, SIG_IGN);
}

static void on_signal(evutil_socket_t number, short what, void *context)
{
    (void)number;
    (void)what;
    pm_mock_stop(context);
}

static prankcurl_status run(pm_mock *mock)
{
    struct event *interrupt = evsignal_new(mock->base, SIGINT, on_signal, mock);
    struct event *terminate = evsignal_new(mock->base, SIGTERM, on_signal, mock);
    prankcurl_status status = PRANKCURL_NO_MEMORY;
    if (interrupt && terminate && evsignal_add(interrupt, NULL) == 0 &&
        evsignal_add(terminate, NULL) == 0) {
        status = pm_log_listening(mock);
    }
    if (status == PRANKCURL_OK) {
        status = pm_mock_run(mock);
    }
    if (interrupt) {
        event_free(interrupt);
    }
    if (terminate) {
        event_free(terminate);
    }
    return status;
}

static prankcurl_status serve(const pm_config *config)
{
    pm_mock *mock = NULL;
    prankcurl_errors errors = PRANKCURL_ERRORS_INIT;
    g_mime_init();
    prankcurl_status status = pm_mock_new(config, &mock, &errors);
    pk_print_errors(program, &errors);
    prankcurl_errors_free(&errors);
    if (status == PRANKCURL_OK) {
        status = run(mock);
    }
    pm_mock_free(mock);
    g_mime_shutdown();
    libevent_global_shutdown();
    return status;
}

int main(int argc, char **argv)
{
    pm_options options;
    prankcurl_error error;
    guard_process();
    prankcurl_status status = pm_options_parse(argc, argv, &options, &error);
    if (status != PRANKCURL_OK) {
        pk_print_error(program, &error);
        (void)fputs("prankmock: --help shows all options\n", stderr);
    } else if (options.help) {
        pm_options_print_help();
        status = pk_flush_output(program);
    } else if (options.version) {
        print_version();
        status = pk_flush_output(program);
    } else {
        status = serve(&options.config);
    }
    return prankcurl_status_exit_code(status);
}
