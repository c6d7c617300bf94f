#include "base/error.h"
#include "cli/commands.h"
#include "cli/ledger_path.h"
#include "cli/output.h"
#include "report/report.h"

#include <unistd.h>

enum { MAX_PATH = 16384 };

/* A ledger that is missing was not begun yet, as long as there is a campaign that can begin it. */
static prankcurl_status open_ledger(const pk_options *options, const char *path,
                                    prankcurl_ledger **ledger, prankcurl_error *error)
{
    prankcurl_status status = prankcurl_ledger_open(path, PRANKCURL_LEDGER_READ, ledger, error);
    if (status != PRANKCURL_NO_INPUT) {
        return status;
    }
    if (access(options->campaign, F_OK) == 0) {
        return PRANKCURL_OK;
    }
    return pk_error_set(error, PRANKCURL_NO_INPUT, NULL,
                        "there is neither a campaign \"%s\" nor a ledger \"%s\"; name the "
                        "campaign's JSON file",
                        options->campaign, path);
}

static prankcurl_status report(const pk_options *options, const char *path, prankcurl_error *error)
{
    char holder[256] = "";
    prankcurl_ledger *ledger = NULL;
    prankcurl_status status = open_ledger(options, path, &ledger, error);
    if (status != PRANKCURL_OK) {
        return status;
    }
    if (ledger) {
        prankcurl_ledger_holder(path, holder, sizeof holder);
    }
    pk_report_options how = {
        .format = options->format, .path = path, .holder = holder, .all = options->verbose};
    status = pk_report_print(ledger, &how, stdout, error);
    prankcurl_ledger_close(ledger);
    return status;
}

prankcurl_status pk_cmd_status(const pk_options *options)
{
    prankcurl_error error;
    prankcurl_status status = PRANKCURL_NO_MEMORY;
    pk_buf path;
    pk_buf_init(&path, MAX_PATH);
    pk_ledger_path(options->campaign, options->ledger, &path);
    if (pk_buf_ok(&path)) {
        status = report(options, path.data, &error);
    } else {
        (void)pk_error_set(&error, status, NULL, "out of memory");
    }
    pk_buf_free(&path);
    return pk_end_command(status, &error);
}
