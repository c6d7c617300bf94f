#include "cli/resume.h"

#include "base/error.h"
#include "cli/changed.h"
#include "cli/output.h"
#include "cli/record.h"
#include "cli/served.h"

#include <stdlib.h>
#include <string.h>

typedef struct maker {
    pk_resume *resume;
    const pk_job *job;
    prankcurl_message *message; /* owned */
    size_t changed;             /* pranks that were sent and are others now */
    prankcurl_error error;
} maker;

static prankcurl_status no_memory(maker *m)
{
    return pk_error_set(&m->error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
}

/* date_s 0: it is not tried yet, or nobody has it. */
static void add_task(maker *m, const prankcurl_prank *prank, int64_t date_s, unsigned attempts)
{
    const pk_job *job = m->job;
    int64_t fixed_s = job->has_fixed_date ? job->date_s : 0;
    m->resume->tasks[m->resume->count++] =
        (prankcurl_task){.prank = prank, .date_s = date_s ? date_s : fixed_s, .attempts = attempts};
}

/* To everybody, as the campaign has it now. */
static void add_whole(maker *m, const prankcurl_prank *prank, unsigned attempts)
{
    add_task(m, prank, 0, attempts);
    m->resume->recipient_count += prankcurl_prank_person_count(prank);
}

/* Whether a recipient in this state is tried now. */
static bool is_wanted(const pk_options *options, prankcurl_state state)
{
    switch (state) {
    case PRANKCURL_STATE_PLANNED:
        return !options->only_failed;
    case PRANKCURL_STATE_DEFERRED:
        return true;
    case PRANKCURL_STATE_REFUSED:
        return options->only_failed;
    case PRANKCURL_STATE_UNCERTAIN:
    case PRANKCURL_STATE_IN_FLIGHT:
        return options->resend_uncertain;
    case PRANKCURL_STATE_ACCEPTED:
    case PRANKCURL_STATE_COUNT:
        break;
    }
    return false;
}

static const prankcurl_entry_recipient *find_recipient(const prankcurl_entry *entry,
                                                       const char *address)
{
    static const prankcurl_entry_recipient unknown = {.state = PRANKCURL_STATE_PLANNED,
                                                      .reply = ""};
    for (size_t i = 0; i < entry->recipient_count; i++) {
        if (strcmp(entry->recipients[i].address, address) == 0) {
            return &entry->recipients[i];
        }
    }
    return &unknown;
}

static prankcurl_recipient_result result_of(const prankcurl_entry_recipient *recipient,
                                            const char *address)
{
    prankcurl_recipient_result result = {
        .address = address,
        .verdict = pk_verdict_of(recipient->state),
        .reply = {.code = recipient->code},
    };
    size_t len = strlen(recipient->reply);
    size_t room = sizeof result.reply.text - 1;
    memcpy(result.reply.text, recipient->reply, len < room ? len : room);
    return result;
}

/* Parts a prank's recipients: some are tried now, of the others it is kept what is known. */
static prankcurl_status part(maker *m, const prankcurl_prank *prank, const prankcurl_entry *entry,
                             const prankcurl_envelope *envelope)
{
    pk_resume *resume = m->resume;
    size_t count = envelope->recipient_count;
    const char **wanted = pk_arena_alloc(&resume->arena, count, sizeof *wanted);
    pk_known *known = &resume->known[resume->known_count];
    *known = (pk_known){.prank = prank, .outcome = PRANKCURL_OUTCOME_INIT};
    known->outcome.recipients = calloc(count, sizeof *known->outcome.recipients);
    if (!wanted || !known->outcome.recipients) {
        free(known->outcome.recipients);
        return no_memory(m);
    }
    resume->known_count++; /* it is freed with the others from here on */
    known->outcome.attempts = entry->attempts;
    size_t wanted_count = 0;
    for (size_t i = 0; i < count; i++) {
        const char *address = envelope->recipients[i];
        const prankcurl_entry_recipient *recipient = find_recipient(entry, address);
        if (is_wanted(m->job->options, recipient->state)) {
            wanted[wanted_count++] = address;
        } else {
            known->outcome.recipients[known->outcome.recipient_count++] =
                result_of(recipient, address);
        }
    }
    prankcurl_outcome_judge(&known->outcome);
    known->is_tried = wanted_count > 0;
    if (known->is_tried) {
        add_task(m, prank, entry->date_s, entry->attempts);
        resume->tasks[resume->count - 1].recipients = wanted;
        resume->tasks[resume->count - 1].recipient_count = wanted_count;
        resume->recipient_count += wanted_count;
    }
    return PRANKCURL_OK;
}

static size_t count_sent(const prankcurl_entry *entry)
{
    size_t count = 0;
    for (size_t i = 0; i < entry->recipient_count; i++) {
        count += pk_state_is_sent(entry->recipients[i].state) ? 1 : 0;
    }
    return count;
}

static bool all_accepted(const prankcurl_entry *entry)
{
    size_t i = 0;
    while (i < entry->recipient_count && entry->recipients[i].state == PRANKCURL_STATE_ACCEPTED) {
        i++;
    }
    return i == entry->recipient_count;
}

/* Whether the prank's bytes are those that were handed over. */
static prankcurl_status is_same(maker *m, const prankcurl_prank *prank,
                                const prankcurl_entry *entry, bool *same)
{
    prankcurl_status status =
        prankcurl_compose(m->job->composer, prank, entry->date_s, m->message, &m->error);
    *same =
        status == PRANKCURL_OK && prankcurl_message_fingerprint(m->message) == entry->fingerprint;
    return status;
}

static prankcurl_status compare(maker *m, const prankcurl_prank *prank,
                                const prankcurl_entry *entry)
{
    bool same = false;
    prankcurl_envelope envelope;
    if (!entry->id || !entry->date_s) {
        if (!m->job->options->only_failed) {
            add_whole(m, prank, entry->id ? entry->attempts : 0);
        }
        return PRANKCURL_OK;
    }
    prankcurl_status status = is_same(m, prank, entry, &same);
    if (status != PRANKCURL_OK) {
        return status;
    }
    size_t sent = count_sent(entry);
    if (!same && sent) {
        pk_changed_tell(m->job, prank, entry, sent);
        m->changed++;
        return PRANKCURL_OK;
    }
    if (!same) { /* nobody has it: the new one counts, and what was refused may be right now */
        add_whole(m, prank, entry->attempts);
        return PRANKCURL_OK;
    }
    if (all_accepted(entry)) {
        m->resume->accepted_before++;
        return PRANKCURL_OK;
    }
    if (prankcurl_envelope_init(&envelope, m->job->campaign, prank) != PRANKCURL_OK) {
        return no_memory(m);
    }
    status = part(m, prank, entry, &envelope);
    prankcurl_envelope_free(&envelope);
    return status;
}

/* Ids and Message-IDs come from the campaign's name: under another name all would be sent again. */
static prankcurl_status check_campaign(maker *m)
{
    const pk_job *job = m->job;
    const char *name = prankcurl_campaign_name(job->campaign);
    if (job->options->new_run || !job->last.number || strcmp(job->last.campaign, name) == 0) {
        return PRANKCURL_OK;
    }
    return pk_error_set(&m->error, PRANKCURL_CAMPAIGN, NULL,
                        "\"%s\" is the record of the campaign \"%s\", and this one is \"%s\"; give "
                        "it its name back, or another --ledger, or begin anew with --new-run",
                        job->ledger_path, job->last.campaign, name);
}

static prankcurl_status make_all(maker *m)
{
    const pk_job *job = m->job;
    bool compares = job->ledger && job->last.number && !job->options->new_run;
    prankcurl_status status = check_campaign(m);
    for (size_t i = 0; i < job->count && status == PRANKCURL_OK; i++) {
        prankcurl_entry entry = {0};
        if (compares) {
            status = prankcurl_ledger_find(job->ledger, job->run,
                                           prankcurl_prank_id(job->pranks[i]), &entry, &m->error);
        }
        if (status == PRANKCURL_OK) {
            status = compare(m, job->pranks[i], &entry);
        }
    }
    if (status == PRANKCURL_OK && compares) {
        size_t twice = 0;
        status = pk_served_tell(job, m->resume, &twice, &m->error);
        m->changed += twice;
    }
    return status;
}

prankcurl_status pk_resume_make(pk_resume *resume, const pk_job *job)
{
    maker m = {.resume = resume, .job = job, .message = prankcurl_message_new()};
    *resume = (pk_resume){
        .tasks = calloc(job->count + 1, sizeof *resume->tasks),
        .known = calloc(job->count + 1, sizeof *resume->known),
    };
    bool has_memory = m.message && resume->tasks && resume->known;
    prankcurl_status status = has_memory ? make_all(&m) : no_memory(&m);
    prankcurl_message_free(m.message);
    if (status != PRANKCURL_OK) {
        pk_print_error(PK_PROGRAM, &m.error);
    }
    return status == PRANKCURL_OK && m.changed ? PRANKCURL_CAMPAIGN : status;
}

void pk_resume_free(pk_resume *resume)
{
    for (size_t i = 0; i < resume->known_count; i++) {
        prankcurl_outcome_free(&resume->known[i].outcome);
    }
    free(resume->known);
    free(resume->tasks);
    pk_arena_free(&resume->arena);
}

/* Pranks of a plan stand in its order in memory, too. */
static int compare_pranks(const void *prank, const void *known)
{
    uintptr_t a = (uintptr_t)prank;
    uintptr_t b = (uintptr_t)((const pk_known *)known)->prank;
    return (a > b) - (a < b);
}

bool pk_resume_join(const pk_resume *resume, const prankcurl_prank *prank,
                    const prankcurl_outcome *outcome, prankcurl_outcome *whole)
{
    const pk_known *known =
        bsearch(prank, resume->known, resume->known_count, sizeof *resume->known, compare_pranks);
    size_t before = known ? known->outcome.recipient_count : 0;
    size_t now = outcome->recipient_count;
    prankcurl_recipient_result *recipients =
        before && now ? calloc(before + now, sizeof *recipients) : NULL;
    if (!recipients) {
        return false;
    }
    memcpy(recipients, known->outcome.recipients, before * sizeof *recipients);
    memcpy(recipients + before, outcome->recipients, now * sizeof *recipients);
    *whole = *outcome;
    whole->recipients = recipients;
    whole->recipient_count = whole->recipient_capacity = before + now;
    prankcurl_outcome_judge(whole);
    return true;
}
