#include "cli/ask.h"

#include "base/error.h"
#include "cli/output.h"

#include <string.h>
#include <unistd.h>

enum { SHOWN_MAX = 20 }; /* pranks of a question */

/* What is there already, and where it went: a rehearsal at another server is no prank. */
static void show_before(const pk_job *job, const pk_resume *resume)
{
    const char *server = prankcurl_campaign_server_url(job->campaign);
    size_t before = resume->accepted_before;
    if (!before) {
        return;
    }
    pk_print_line(stderr,
                  "prankcurl: %zu of %zu pranks %s accepted before, through %s, and %s not "
                  "sent again",
                  before, job->count, before == 1 ? "was" : "were", job->last.server,
                  before == 1 ? "is" : "are");
    if (strcmp(server, job->last.server) != 0) {
        pk_print_line(stderr,
                      "prankcurl: that is another server than %s; if it was only a rehearsal, "
                      "--new-run sends to everybody",
                      server);
    }
}

static void show_tasks(const pk_resume *resume)
{
    for (size_t i = 0; i < resume->count && i < SHOWN_MAX; i++) {
        const prankcurl_task *task = &resume->tasks[i];
        const prankcurl_prank *prank = task->prank;
        pk_print_line(
            stderr, "  %s: %s from %s to %zu", prankcurl_prank_group(prank),
            prankcurl_prank_message(prank), prankcurl_person_name(prankcurl_prank_author(prank)),
            task->recipients ? task->recipient_count : prankcurl_prank_person_count(prank));
    }
    if (resume->count > SHOWN_MAX) {
        (void)fprintf(stderr, "  … and %zu more\n", resume->count - SHOWN_MAX);
    }
}

prankcurl_status pk_ask(const pk_job *job, const pk_resume *resume, pk_answer *answer)
{
    const pk_options *options = job->options;
    bool can_ask = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
    if (!options->json && !options->quiet) {
        show_before(job, resume);
    }
    *answer = PK_ANSWER_YES;
    if (options->new_run && !options->yes && !can_ask) {
        prankcurl_error error;
        (void)pk_error_set(&error, PRANKCURL_USAGE, NULL,
                           "--new-run sends to everybody again, and nobody is there to be asked; "
                           "add --yes if that is meant");
        pk_print_error(PK_PROGRAM, &error);
        return error.status;
    }
    if (options->yes || !can_ask || resume->count == 0) {
        return PRANKCURL_OK;
    }
    show_tasks(resume);
    if (options->resend_uncertain) {
        (void)fputs("What is uncertain may have arrived already, and comes again then.\n", stderr);
    }
    (void)fprintf(stderr, "%sSend %zu prank%s to %zu people through %s? [y/N] ",
                  job->run > 1 && options->new_run ? "Everybody gets one again. " : "",
                  resume->count, resume->count == 1 ? "" : "s", resume->recipient_count,
                  prankcurl_campaign_server_url(job->campaign));
    char line[16] = "";
    (void)fgets(line, sizeof line, stdin);
    if (line[0] != 'y' && line[0] != 'Y') {
        *answer = PK_ANSWER_NO;
        (void)fputs("Nothing was sent.\n", stderr);
    }
    return PRANKCURL_OK;
}
