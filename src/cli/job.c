#include "cli/job.h"

#include "base/error.h"
#include "base/text.h"
#include "cli/ledger_path.h"
#include "cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static prankcurl_status tell(const prankcurl_error *error)
{
    pk_print_error(PK_PROGRAM, error);
    return error->status;
}

/* Now, or what SOURCE_DATE_EPOCH says (reproducible-builds.org). */
static prankcurl_status read_date(pk_job *job)
{
    const char *text = getenv("SOURCE_DATE_EPOCH");
    prankcurl_error error;
    if (!text) {
        job->date_s = (int64_t)time(NULL);
        return PRANKCURL_OK;
    }
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    bool in_range = value >= 0 && value <= 253402300799LL; /* the year 9999 */
    if (errno || end == text || *end || !in_range) {
        (void)pk_error_set(&error, PRANKCURL_CONFIG, NULL,
                           "SOURCE_DATE_EPOCH is \"%s\"; seconds since 1970 are expected", text);
        return tell(&error);
    }
    job->date_s = value;
    job->has_fixed_date = true;
    return PRANKCURL_OK;
}

static const char *keep(pk_job *job, const char *text)
{
    return pk_arena_strdup(&job->arena, text ? text : "");
}

static prankcurl_status no_memory(prankcurl_error *error)
{
    (void)pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    return tell(error);
}

/* The ledger's last run: which run the plan is of, and what it was begun with. */
static prankcurl_status read_last_run(pk_job *job)
{
    prankcurl_error error;
    prankcurl_status status = prankcurl_ledger_last_run(job->ledger, &job->last, &error);
    if (status != PRANKCURL_OK) {
        return tell(&error);
    }
    job->last.campaign = keep(job, job->last.campaign);
    job->last.server = keep(job, job->last.server);
    job->run = job->last.number > 1 ? job->last.number : 1;
    job->run += job->options->new_run && job->last.number ? 1 : 0;
    return job->last.campaign && job->last.server ? PRANKCURL_OK : no_memory(&error);
}

static prankcurl_status open_ledger(pk_job *job, prankcurl_ledger_mode mode)
{
    prankcurl_error error;
    prankcurl_status status = prankcurl_ledger_open(job->ledger_path, mode, &job->ledger, &error);
    if (status == PRANKCURL_NO_INPUT) {
        return PRANKCURL_OK; /* nothing was sent yet */
    }
    return status == PRANKCURL_OK ? read_last_run(job) : tell(&error);
}

/* Who sends holds the ledger from here on, so that what is shown stays true. One that is not there
 * is made only when something is about to be sent. */
static prankcurl_status look_at_ledger(pk_job *job)
{
    const pk_options *options = job->options;
    bool sends = options->command == PK_SEND && !options->dry_run;
    pk_buf path;
    prankcurl_error error;
    pk_buf_init(&path, 16384);
    pk_ledger_path(options->campaign, options->ledger, &path);
    job->ledger_path = pk_buf_ok(&path) ? keep(job, path.data) : NULL;
    pk_buf_free(&path);
    job->run = 1;
    if (!job->ledger_path) {
        return no_memory(&error);
    }
    if (options->command == PK_CHECK || (sends && access(job->ledger_path, F_OK) != 0)) {
        return PRANKCURL_OK;
    }
    return open_ledger(job, sends ? PRANKCURL_LEDGER_WRITE : PRANKCURL_LEDGER_READ);
}

prankcurl_status pk_job_hold_ledger(pk_job *job)
{
    if (job->ledger) {
        return PRANKCURL_OK;
    }
    prankcurl_status status = open_ledger(job, PRANKCURL_LEDGER_WRITE);
    if (status == PRANKCURL_OK && job->last.number) {
        prankcurl_error error;
        (void)pk_error_set(&error, PRANKCURL_TEMPORARY, NULL,
                           "another process has begun with \"%s\" meanwhile; run the same command "
                           "again",
                           job->ledger_path);
        status = tell(&error);
    }
    return status;
}

static prankcurl_status load(pk_job *job)
{
    const pk_options *options = job->options;
    prankcurl_campaign_options how = {.allow_outside = options->allow_outside,
                                      .server_url = options->server,
                                      .rate = options->rate,
                                      .ca_file = options->ca_file,
                                      .connections = options->connections};
    if (options->trace && !options->connections) {
        how.connections = 1; /* one dialogue after the other can be read */
    }
    prankcurl_errors errors = PRANKCURL_ERRORS_INIT;
    prankcurl_error error;
    prankcurl_status status =
        prankcurl_campaign_load(options->campaign, &how, &job->campaign, &errors);
    if (status == PRANKCURL_OK) {
        status = prankcurl_plan_new(job->campaign, options->has_seed ? &options->seed : NULL,
                                    (uint64_t)job->run, &job->plan, &error);
        if (status != PRANKCURL_OK) {
            pk_errors_add(&errors, &error);
        }
    }
    if (status == PRANKCURL_OK) {
        status = prankcurl_composer_new(job->campaign, &job->composer, &errors);
    }
    if (status == PRANKCURL_OK) {
        job->composed =
            options->command == PK_CHECK
                ? prankcurl_composer_lint(job->composer, job->plan, &errors, &job->warnings)
                : prankcurl_composer_check(job->composer, job->plan, &errors);
        /* Who misses a name wants to see those that are there. */
        status = options->context ? PRANKCURL_OK : job->composed;
    }
    pk_print_errors(PK_PROGRAM, &errors);
    prankcurl_errors_free(&errors);
    return status;
}

static bool is_asked_for(const pk_options *options, const prankcurl_prank *prank, bool *found)
{
    if (options->group_count == 0) {
        return true;
    }
    bool asked = false;
    for (size_t i = 0; i < options->group_count; i++) {
        if (strcmp(options->groups[i], prankcurl_prank_group(prank)) == 0) {
            found[i] = true;
            asked = true;
        }
    }
    return asked;
}

static prankcurl_status complain_groups(const pk_job *job, const bool *found)
{
    for (size_t i = 0; i < job->options->group_count; i++) {
        if (!found[i]) {
            prankcurl_error error;
            (void)pk_error_set(
                &error, PRANKCURL_USAGE, NULL,
                "--group: there is no group \"%s\"; \"prankcurl plan %s\" shows them",
                job->options->groups[i], job->options->campaign);
            return tell(&error);
        }
    }
    return PRANKCURL_OK;
}

static prankcurl_status choose(pk_job *job)
{
    size_t all = prankcurl_plan_count(job->plan);
    bool *found = calloc(job->options->group_count + 1, sizeof *found);
    job->pranks = calloc(all + 1, sizeof(void *));
    if (!found || !job->pranks) {
        prankcurl_error error;
        free(found);
        (void)pk_error_set(&error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
        return tell(&error);
    }
    for (size_t i = 0; i < all; i++) {
        const prankcurl_prank *prank = prankcurl_plan_prank(job->plan, i);
        if (is_asked_for(job->options, prank, found)) {
            job->pranks[job->count++] = prank;
        }
    }
    if (job->options->limit && job->count > job->options->limit) {
        job->count = job->options->limit;
    }
    prankcurl_status status = complain_groups(job, found);
    free(found);
    return status;
}

/* Of the chosen pranks; who is in several counts as often. */
static size_t count_international(const pk_job *job)
{
    size_t count = 0;
    for (size_t i = 0; i < job->count; i++) {
        for (size_t j = 0; j < prankcurl_prank_person_count(job->pranks[i]); j++) {
            const prankcurl_person *person = prankcurl_prank_person(job->pranks[i], j);
            count += pk_is_ascii(prankcurl_person_address(person)) ? 0 : 1;
        }
    }
    return count;
}

static void tell_notes(const pk_job *job)
{
    if (job->options->quiet || job->options->json) {
        return;
    }
    size_t international = count_international(job);
    if (international) {
        (void)fprintf(stderr,
                      "prankcurl: %zu recipient%s SMTPUTF8, for letters outside ASCII before the "
                      "@; where the server does not offer it they are refused\n",
                      international, international == 1 ? " needs" : "s need");
    }
    size_t opted_out = prankcurl_campaign_opted_out_count(job->campaign);
    if (opted_out) {
        (void)fprintf(stderr, "prankcurl: %zu %s opted out and take%s no part\n", opted_out,
                      opted_out == 1 ? "person has" : "people have", opted_out == 1 ? "s" : "");
    }
}

prankcurl_status pk_job_open(pk_job *job, const pk_options *options)
{
    *job = (pk_job){.options = options};
    prankcurl_status status = read_date(job);
    if (status == PRANKCURL_OK) {
        status = look_at_ledger(job);
    }
    if (status == PRANKCURL_OK) {
        status = load(job);
    }
    if (status == PRANKCURL_OK) {
        status = choose(job);
    }
    if (status == PRANKCURL_OK) {
        tell_notes(job);
    }
    return status;
}

void pk_job_free(pk_job *job)
{
    prankcurl_errors_free(&job->warnings);
    prankcurl_ledger_close(job->ledger);
    free((void *)job->pranks);
    prankcurl_composer_free(job->composer);
    prankcurl_plan_free(job->plan);
    prankcurl_campaign_free(job->campaign);
    pk_arena_free(&job->arena);
}
