#include "cli/commands.h"
#include "cli/output.h"

#include <curl/curl.h>
#include <idn2.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>
#include <unistring/version.h>

static void print_version(void)
{
    (void)printf("prankcurl %s\n%s\ncJSON/%s libidn2/%s libunistring/%d.%d\n", PRANKCURL_VERSION,
                 curl_version(), cJSON_Version(), idn2_check_version(NULL),
                 _libunistring_version >> 16, (_libunistring_version >> 8) & 0xff);
}

/* A password must not end in a core file; a closed pipe or a full quota is an error to be told, not
 * an end. */
static void guard_process(void)
{
    struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
    /* A file must not come to be what somebody prints into. Printing fails, and is told. */
    int fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO) {
        fd = open("/dev/null", O_RDONLY);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
}

static prankcurl_status run_command(const pk_options *options)
{
    if (options->command == PK_STATUS) {
        return pk_cmd_status(options);
    }
    pk_job job;
    prankcurl_status status = pk_job_open(&job, options);
    if (status == PRANKCURL_OK) {
        switch (options->command) {
        case PK_SEND:
            status = options->dry_run ? pk_cmd_dry_run(&job) : pk_cmd_send(&job);
            break;
        case PK_PLAN:
            status = pk_cmd_plan(&job);
            break;
        case PK_PREVIEW:
            status = pk_cmd_preview(&job);
            break;
        case PK_CHECK:
            status = pk_cmd_check(&job);
            break;
        case PK_STATUS: /* needs no job */
            break;
        }
    }
    pk_job_free(&job);
    return status;
}

static prankcurl_status run(int argc, char **argv)
{
    pk_options options;
    prankcurl_error error;
    if (argc < 2) {
        pk_options_print_hint();
        return PRANKCURL_USAGE;
    }
    prankcurl_status status = pk_options_parse(argc, argv, &options, &error);
    if (status != PRANKCURL_OK) {
        pk_print_error(PK_PROGRAM, &error);
        (void)fputs("prankcurl: --help shows all options\n", stderr);
    } else if (options.help) {
        pk_options_print_help();
        status = pk_flush_output(PK_PROGRAM);
    } else if (options.version) {
        print_version();
        status = pk_flush_output(PK_PROGRAM);
    } else {
        status = run_command(&options);
    }
    pk_options_free(&options);
    return status;
}

int main(int argc, char **argv)
{
    guard_process();
    return prankcurl_status_exit_code(run(argc, argv));
}
