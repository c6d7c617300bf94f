#include "unit.h"

#include "base/buf.h"
#include "base/error.h"
#include "ledger/schema.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <prankcurl/ledger.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each test has a folder of its own, and a ledger in it. */
typedef struct fixture {
    char folder[64];
    char path[128];
    char lock[160];
} fixture;

static const char ID[] = "00000000000000aa";
static const char OTHER_ID[] = "00000000000000bb";

static int make_folder(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    pk_text_copy(f->folder, sizeof f->folder, "/tmp/prankcurl-ledger-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    (void)snprintf(f->path, sizeof f->path, "%s/april.ledger.db", f->folder);
    (void)snprintf(f->lock, sizeof f->lock, "%s.lock", f->path);
    *state = f;
    return 0;
}

static int count_files(const char *folder, bool remove_them)
{
    int count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *item = readdir(dir); item; item = readdir(dir)) {
        char path[512];
        if (item->d_name[0] == '.') {
            continue;
        }
        count++;
        (void)snprintf(path, sizeof path, "%s/%s", folder, item->d_name);
        if (remove_them) {
            assert_return_code(remove(path), 0);
        }
    }
    assert_return_code(closedir(dir), 0);
    return count;
}

static int remove_folder(void **state)
{
    fixture *f = *state;
    (void)chmod(f->folder, 0700);
    (void)count_files(f->folder, true);
    assert_return_code(rmdir(f->folder), 0);
    free(f);
    return 0;
}

static prankcurl_ledger *open_ledger(const fixture *f, prankcurl_ledger_mode mode)
{
    prankcurl_ledger *ledger = NULL;
    prankcurl_error error = {.status = PRANKCURL_OK};
    prankcurl_status status = prankcurl_ledger_open(f->path, mode, &ledger, &error);
    if (status != PRANKCURL_OK) {
        fail_msg("%s: %s", prankcurl_status_name(status), error.message);
    }
    return ledger;
}

static void assert_refused(const char *path, prankcurl_ledger_mode mode, prankcurl_status status,
                           const char *words)
{
    prankcurl_ledger *ledger = NULL;
    prankcurl_error error = {.status = PRANKCURL_OK};
    assert_int_equal(prankcurl_ledger_open(path, mode, &ledger, &error), status);
    assert_int_equal(error.status, status);
    assert_null(ledger);
    if (!strstr(error.message, words)) {
        fail_msg("\"%s\" is not in: %s", words, error.message);
    }
    assert_non_null(strstr(error.message, path));
}

static int64_t new_run(prankcurl_ledger *ledger)
{
    prankcurl_run run = {
        .campaign = "April", .server = "mail:587", .seed = 7, .started_ms = 1806566400000};
    assert_int_equal(prankcurl_ledger_new_run(ledger, &run, NULL), PRANKCURL_OK);
    return run.number;
}

/* A prank of ada and bob, in these states. */
static prankcurl_status put(prankcurl_ledger *ledger, int64_t run, size_t position, const char *id,
                            prankcurl_state ada, prankcurl_state bob)
{
    const prankcurl_entry_recipient recipients[] = {
        {.address = "bob@example.test", .state = bob, .reply = ""},
        {.address = "ada@example.test", .state = ada, .reply = ""},
    };
    const prankcurl_entry entry = {
        .id = id,
        .group = "team",
        .message = "coffee",
        .message_id = "<1@example.test>",
        .author = "eve@example.test",
        .fingerprint = UINT64_MAX - 1,
        .queue_id = "",
        .recipients = recipients,
        .recipient_count = 2,
    };
    return prankcurl_ledger_put(ledger, run, position, &entry, NULL);
}

static int64_t put_planned(prankcurl_ledger *ledger)
{
    int64_t run = new_run(ledger);
    assert_int_equal(put(ledger, run, 0, ID, PRANKCURL_STATE_PLANNED, PRANKCURL_STATE_PLANNED),
                     PRANKCURL_OK);
    return run;
}

static prankcurl_status record(prankcurl_ledger *ledger, int64_t run, const char *id,
                               unsigned attempt, prankcurl_state state, prankcurl_error *error)
{
    bool is_end = state != PRANKCURL_STATE_IN_FLIGHT;
    const prankcurl_entry_recipient recipients[] = {
        {.address = "ada@example.test",
         .state = state,
         .code = is_end ? 250 : 0,
         .reply = is_end ? "2.0.0 queued as 4F1" : ""},
        {.address = "bob@example.test",
         .state = state,
         .code = is_end ? 250 : 0,
         .reply = is_end ? "2.0.0 queued as 4F1" : ""},
    };
    const prankcurl_record step = {
        .run = run,
        .id = id,
        .attempt = attempt,
        .server = "mail:587",
        .date_s = 1806566400,
        .fingerprint = 0xfedcba9876543210,
        .phase = is_end ? "final" : "",
        .queue_id = is_end ? "4F1" : "",
        .reason = "",
        .at_ms = 1806566400000 + (is_end ? 60000 : 0),
        .recipients = recipients,
        .recipient_count = 2,
    };
    return prankcurl_ledger_record(ledger, &step, error);
}

static prankcurl_entry find(prankcurl_ledger *ledger, int64_t run, const char *id)
{
    prankcurl_entry entry;
    assert_int_equal(prankcurl_ledger_find(ledger, run, id, &entry, NULL), PRANKCURL_OK);
    return entry;
}

/* Both of its recipients. */
static void assert_state(prankcurl_ledger *ledger, int64_t run, const char *id,
                         prankcurl_state state, unsigned attempts)
{
    prankcurl_entry entry = find(ledger, run, id);
    assert_non_null(entry.id);
    assert_int_equal(entry.recipient_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(prankcurl_state_name(entry.recipients[i].state),
                            prankcurl_state_name(state));
        assert_int_equal(entry.recipients[i].attempts, attempts);
    }
}

/* The first column of the first row, by another connection. */
static void assert_sql(const fixture *f, const char *sql, const char *expected)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(statement, 0), expected);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void run_sql(const fixture *f, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(
        sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_return_code(fclose(file), 0);
}

static void a_new_ledger_is_for_its_owner_alone_and_has_no_run(void **state)
{
    fixture *f = *state;
    struct stat info;
    prankcurl_run run;
    prankcurl_ledger *ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE);
    assert_int_equal(prankcurl_ledger_last_run(ledger, &run, NULL), PRANKCURL_OK);
    assert_int_equal(run.number, 0);
    assert_return_code(stat(f->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_return_code(stat(f->lock, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    prankcurl_ledger_close(ledger);
    assert_int_equal(count_files(f->folder, false), 1);
    prankcurl_ledger_close(NULL);
}

static void the_last_run_is_found_again(void **state)
{
    fixture *f = *state;
    prankcurl_run run;
    prankcurl_ledger *ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE);
    assert_int_equal(new_run(ledger), 1);
    run = (prankcurl_run){.campaign = "April \xc3\xa4",
                          .server = "mail:465",
                          .seed = (UINT64_C(1) << 53) - 1,
                          .started_ms = 1806566400123};
    assert_int_equal(prankcurl_ledger_new_run(ledger, &run, NULL), PRANKCURL_OK);
    assert_int_equal(run.number, 2);
    prankcurl_ledger_close(ledger);
    ledger = open_ledger(f, PRANKCURL_LEDGER_READ);
    assert_int_equal(prankcurl_ledger_last_run(ledger, &run, NULL), PRANKCURL_OK);
    assert_int_equal(run.number, 2);
    assert_string_equal(run.campaign, "April \xc3\xa4");
    assert_string_equal(run.server, "mail:465");
    assert_true(run.seed == (UINT64_C(1) << 53) - 1);
    assert_true(run.started_ms == 1806566400123);
    prankcurl_ledger_close(ledger);
}

static void a_prank_is_found_as_it_was_put(void **state)
{
    prankcurl_ledger *ledger = open_ledger(*state, PRANKCURL_LEDGER_WRITE);
    int64_t run = new_run(ledger);
    const prankcurl_entry_recipient recipients[] = {
        {.address = "z@example.test",
         .state = PRANKCURL_STATE_REFUSED,
         .attempts = 2,
         .code = 550,
         .reply = "5.1.1 no such user \xf0\x9f\x90\x9f",
         .changed_ms = 1806566400123},
        {.address = "a@example.test", .state = PRANKCURL_STATE_DEFERRED, .reply = ""},
    };
    prankcurl_entry put_in = {.id = ID,
                              .group = "t\xc3\xa9"
                                       "am",
                              .message = "coffee",
                              .message_id = "<1@x>",
                              .author = "eve@example.test",
                              .attempts = 3,
                              .date_s = 1806566400,
                              .fingerprint = UINT64_MAX,
                              .queue_id = "4F1",
                              .recipients = recipients,
                              .recipient_count = 2};
    assert_int_equal(prankcurl_ledger_put(ledger, run, 5, &put_in, NULL), PRANKCURL_OK);
    prankcurl_entry got = find(ledger, run, ID);
    assert_string_equal(got.id, ID);
    assert_string_equal(got.group, put_in.group);
    assert_string_equal(got.message, "coffee");
    assert_string_equal(got.message_id, "<1@x>");
    assert_string_equal(got.author, "eve@example.test");
    assert_string_equal(got.queue_id, "4F1");
    assert_int_equal(got.attempts, 3);
    assert_true(got.date_s == 1806566400 && got.fingerprint == UINT64_MAX);
    assert_int_equal(got.recipient_count, 2);
    assert_string_equal(got.recipients[0].address, "z@example.test"); /* the envelope's order */
    assert_string_equal(got.recipients[0].reply, recipients[0].reply);
    assert_int_equal(got.recipients[0].state, PRANKCURL_STATE_REFUSED);
    assert_int_equal(got.recipients[0].attempts, 2);
    assert_int_equal(got.recipients[0].code, 550);
    assert_true(got.recipients[0].changed_ms == 1806566400123);
    assert_string_equal(got.recipients[1].address, "a@example.test");
    put_in.recipient_count = 1; /* in place of what was known */
    assert_int_equal(prankcurl_ledger_put(ledger, run, 5, &put_in, NULL), PRANKCURL_OK);
    assert_int_equal(find(ledger, run, ID).recipient_count, 1);
    assert_null(find(ledger, run, OTHER_ID).id);
    assert_null(find(ledger, run + 1, ID).id);
    prankcurl_ledger_close(ledger);
}

typedef struct walked {
    char ids[200];
    size_t count;
    size_t limit;
    prankcurl_ledger *ledger;
    int64_t run;
} walked;

static prankcurl_status note(void *context, const prankcurl_entry *entry)
{
    walked *w = context;
    size_t len = strlen(w->ids);
    (void)snprintf(w->ids + len, sizeof w->ids - len, "%s ", entry->id + 14);
    assert_int_equal(entry->recipient_count, 2);
    assert_string_equal(entry->recipients[0].address, "bob@example.test");
    assert_string_equal(find(w->ledger, w->run, ID).id, ID); /* the ledger can be used meanwhile */
    return ++w->count < w->limit ? PRANKCURL_OK : PRANKCURL_INTERRUPTED;
}

static void a_walk_follows_the_plan_and_ends_when_told(void **state)
{
    prankcurl_ledger *ledger = open_ledger(*state, PRANKCURL_LEDGER_WRITE);
    int64_t run = new_run(ledger);
    static const char *const ids[] = {OTHER_ID, ID, "0000000000000001", "00000000000000ff"};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(
            put(ledger, run, 3 - i, ids[i], PRANKCURL_STATE_PLANNED, PRANKCURL_STATE_PLANNED),
            PRANKCURL_OK);
    }
    assert_int_equal(put(ledger, new_run(ledger), 0, "0000000000000077", PRANKCURL_STATE_PLANNED,
                         PRANKCURL_STATE_PLANNED),
                     PRANKCURL_OK);
    walked w = {.limit = 100, .ledger = ledger, .run = run};
    assert_int_equal(prankcurl_ledger_walk(ledger, run, note, &w, NULL), PRANKCURL_OK);
    assert_string_equal(w.ids, "ff 01 aa bb ");
    w = (walked){.limit = 2, .ledger = ledger, .run = run};
    assert_int_equal(prankcurl_ledger_walk(ledger, run, note, &w, NULL), PRANKCURL_INTERRUPTED);
    assert_string_equal(w.ids, "ff 01 ");
    prankcurl_ledger_close(ledger);
}

static void changes_without_commit_are_undone(void **state)
{
    fixture *f = *state;
    prankcurl_ledger *ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE);
    int64_t run = put_planned(ledger);
    assert_int_equal(prankcurl_ledger_begin(ledger, NULL), PRANKCURL_OK);
    assert_int_equal(prankcurl_ledger_begin(ledger, NULL), PRANKCURL_INTERNAL);
    assert_int_equal(
        put(ledger, run, 1, OTHER_ID, PRANKCURL_STATE_PLANNED, PRANKCURL_STATE_PLANNED),
        PRANKCURL_OK);
    assert_int_equal(record(ledger, run, ID, 1, PRANKCURL_STATE_IN_FLIGHT, NULL),
                     PRANKCURL_INTERNAL); /* it would wait for its own caller */
    prankcurl_ledger_close(ledger);
    ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE);
    assert_null(find(ledger, run, OTHER_ID).id);
    assert_int_equal(prankcurl_ledger_commit(ledger, NULL), PRANKCURL_INTERNAL);
    assert_int_equal(prankcurl_ledger_begin(ledger, NULL), PRANKCURL_OK);
    assert_int_equal(
        put(ledger, run, 1, OTHER_ID, PRANKCURL_STATE_PLANNED, PRANKCURL_STATE_PLANNED),
        PRANKCURL_OK);
    assert_int_equal(prankcurl_ledger_commit(ledger, NULL), PRANKCURL_OK);
    assert_non_null(find(ledger, run, OTHER_ID).id);
    assert_int_equal(record(ledger, run, ID, 1, PRANKCURL_STATE_IN_FLIGHT, NULL), PRANKCURL_OK);
    prankcurl_ledger_close(ledger);
}

static void a_change_that_fails_undoes_the_others(void **state)
{
    prankcurl_ledger *ledger = open_ledger(*state, PRANKCURL_LEDGER_WRITE);
    int64_t run = new_run(ledger);
    assert_int_equal(prankcurl_ledger_begin(ledger, NULL), PRANKCURL_OK);
    assert_int_equal(put(ledger, run, 0, ID, PRANKCURL_STATE_PLANNED, PRANKCURL_STATE_PLANNED),
                     PRANKCURL_OK);
    assert_int_equal(put(ledger, run, 0, OTHER_ID, PRANKCURL_STATE_COUNT, PRANKCURL_STATE_PLANNED),
                     PRANKCURL_INTERNAL);
    assert_int_equal(prankcurl_ledger_commit(ledger, NULL), PRANKCURL_INTERNAL);
    assert_null(find(ledger, run, ID).id);
    assert_int_equal(put(ledger, run, 0, ID, PRANKCURL_STATE_PLANNED, PRANKCURL_STATE_PLANNED),
                     PRANKCURL_OK);
    prankcurl_ledger_close(ledger);
}

static void others_are_forgotten_unless_they_were_sent(void **state)
{
    static const char *const kept[] = {"0000000000000001", "0000000000000003"};
    static const char *const ids[] = {"0000000000000001", "0000000000000002", "0000000000000003",
                                      "0000000000000004", "0000000000000005", "0000000000000006"};
    static const prankcurl_state adas[] = {PRANKCURL_STATE_PLANNED,   PRANKCURL_STATE_REFUSED,
                                           PRANKCURL_STATE_ACCEPTED,  PRANKCURL_STATE_ACCEPTED,
                                           PRANKCURL_STATE_UNCERTAIN, PRANKCURL_STATE_DEFERRED};
    prankcurl_ledger *ledger = open_ledger(*state, PRANKCURL_LEDGER_WRITE);
    int64_t run = new_run(ledger);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(put(ledger, run, i, ids[i], adas[i], PRANKCURL_STATE_REFUSED),
                         PRANKCURL_OK);
    }
    assert_int_equal(prankcurl_ledger_forget_others(ledger, run, kept, 2, NULL), PRANKCURL_OK);
    for (size_t i = 0; i < 6; i++) {
        bool is_kept = i != 1 && i != 5;
        assert_int_equal(find(ledger, run, ids[i]).id != NULL, is_kept);
    }
    assert_int_equal(prankcurl_ledger_forget_others(ledger, run, NULL, 0, NULL), PRANKCURL_OK);
    assert_null(find(ledger, run, ids[0]).id);
    assert_sql(*state, "SELECT count(*) FROM recipient", "6");
    prankcurl_ledger_close(ledger);
}

static void a_prank_goes_from_planned_to_accepted(void **state)
{
    fixture *f = *state;
    prankcurl_ledger *ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE);
    int64_t run = put_planned(ledger);
    assert_int_equal(record(ledger, run, ID, 1, PRANKCURL_STATE_DEFERRED, NULL), PRANKCURL_OK);
    assert_state(ledger, run, ID, PRANKCURL_STATE_DEFERRED, 1);
    assert_int_equal(record(ledger, run, ID, 2, PRANKCURL_STATE_IN_FLIGHT, NULL), PRANKCURL_OK);
    assert_state(ledger, run, ID, PRANKCURL_STATE_IN_FLIGHT, 1);
    assert_sql(f, "SELECT group_concat(state) FROM recipient", "in_flight,in_flight");
    assert_sql(f, "SELECT count(*) FROM attempt WHERE number = 2 AND ended_ms IS NULL", "1");
    assert_int_equal(record(ledger, run, ID, 2, PRANKCURL_STATE_ACCEPTED, NULL), PRANKCURL_OK);
    assert_state(ledger, run, ID, PRANKCURL_STATE_ACCEPTED, 2);
    prankcurl_entry entry = find(ledger, run, ID);
    assert_int_equal(entry.attempts, 2);
    assert_string_equal(entry.queue_id, "4F1");
    assert_true(entry.date_s == 1806566400 && entry.fingerprint == 0xfedcba9876543210);
    assert_true(entry.recipients[0].changed_ms == 1806566460000);
    assert_sql(f, "SELECT result FROM attempt WHERE number = 1", "deferred 2");
    assert_sql(f,
               "SELECT started_ms || ' ' || ended_ms || ' ' || phase || ' ' || code || ' ' || reply"
               " || ' ' || result FROM attempt WHERE number = 2",
               "1806566400000 1806566460000 final 250 2.0.0 queued as 4F1 accepted 2");
    assert_sql(f,
               "SELECT recipient || ' ' || state || ' ' || since || ' ' || reply"
               " FROM who_got_what",
               "bob@example.test accepted 2027-04-01 08:01:00 UTC 2.0.0 queued as 4F1");
    prankcurl_ledger_close(ledger);
}

static void accepted_never_changes(void **state)
{
    prankcurl_ledger *ledger = open_ledger(*state, PRANKCURL_LEDGER_WRITE);
    prankcurl_error error;
    int64_t run = put_planned(ledger);
    assert_int_equal(record(ledger, run, ID, 1, PRANKCURL_STATE_ACCEPTED, NULL), PRANKCURL_OK);
    assert_int_equal(record(ledger, run, ID, 2, PRANKCURL_STATE_IN_FLIGHT, &error),
                     PRANKCURL_INTERNAL);
    assert_non_null(strstr(error.message, "accepted"));
    assert_int_equal(find(ledger, run, ID).attempts, 1);
    for (int s = 0; s < PRANKCURL_STATE_COUNT; s++) {
        (void)record(ledger, run, ID, 3, (prankcurl_state)s, NULL);
        assert_state(ledger, run, ID, PRANKCURL_STATE_ACCEPTED, 1);
        if (s != PRANKCURL_STATE_ACCEPTED) {
            assert_int_equal(put(ledger, run, 0, ID, PRANKCURL_STATE_ACCEPTED, (prankcurl_state)s),
                             PRANKCURL_INTERNAL);
        }
    }
    assert_int_equal(put(ledger, run, 9, ID, PRANKCURL_STATE_ACCEPTED, PRANKCURL_STATE_ACCEPTED),
                     PRANKCURL_OK);
    prankcurl_ledger_close(ledger);
}

static void a_step_of_something_unknown_changes_nothing(void **state)
{
    fixture *f = *state;
    prankcurl_ledger *ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE);
    int64_t run = put_planned(ledger);
    const prankcurl_entry_recipient strangers[] = {
        {.address = "bob@example.test", .state = PRANKCURL_STATE_IN_FLIGHT, .reply = ""},
        {.address = "mallory@example.test", .state = PRANKCURL_STATE_IN_FLIGHT, .reply = ""},
    };
    prankcurl_record step = {.run = run,
                             .id = ID,
                             .attempt = 1,
                             .server = "",
                             .phase = "",
                             .queue_id = "",
                             .reason = "",
                             .at_ms = 1,
                             .recipients = strangers,
                             .recipient_count = 2};
    prankcurl_error error;
    assert_int_equal(prankcurl_ledger_record(ledger, &step, &error), PRANKCURL_INTERNAL);
    assert_non_null(strstr(error.message, "does not know one of its recipients"));
    assert_int_equal(record(ledger, run, OTHER_ID, 1, PRANKCURL_STATE_ACCEPTED, &error),
                     PRANKCURL_INTERNAL);
    assert_non_null(strstr(error.message, OTHER_ID));
    assert_int_equal(record(ledger, run, ID, 0, PRANKCURL_STATE_ACCEPTED, NULL),
                     PRANKCURL_INTERNAL);
    assert_int_equal(record(ledger, run, ID, 1, PRANKCURL_STATE_COUNT, NULL), PRANKCURL_INTERNAL);
    assert_state(ledger, run, ID, PRANKCURL_STATE_PLANNED, 0);
    assert_sql(f, "SELECT count(*) FROM attempt", "0");
    assert_int_equal(record(ledger, run, ID, 1, PRANKCURL_STATE_REFUSED, NULL), PRANKCURL_OK);
    prankcurl_ledger_close(ledger);
}

static void recipients_may_end_in_several_steps(void **state)
{
    fixture *f = *state;
    prankcurl_ledger *ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE);
    int64_t run = put_planned(ledger);
    prankcurl_entry_recipient recipient = {.address = "ada@example.test",
                                           .state = PRANKCURL_STATE_REFUSED,
                                           .code = 550,
                                           .reply = "5.1.1 unknown"};
    prankcurl_record step = {.run = run,
                             .id = ID,
                             .attempt = 1,
                             .server = "mail:587",
                             .phase = "rcpt",
                             .queue_id = "",
                             .reason = "",
                             .at_ms = 1000,
                             .recipients = &recipient,
                             .recipient_count = 1};
    assert_int_equal(prankcurl_ledger_record(ledger, &step, NULL), PRANKCURL_OK);
    recipient = (prankcurl_entry_recipient){
        .address = "bob@example.test", .state = PRANKCURL_STATE_IN_FLIGHT, .reply = ""};
    step.phase = "";
    step.at_ms = 2000;
    assert_int_equal(prankcurl_ledger_record(ledger, &step, NULL), PRANKCURL_OK);
    assert_sql(f, "SELECT count(*) FROM attempt WHERE ended_ms IS NULL", "1");
    recipient.state = PRANKCURL_STATE_UNCERTAIN;
    step.phase = "final";
    step.at_ms = 3000;
    step.reason = "the connection was lost";
    assert_int_equal(prankcurl_ledger_record(ledger, &step, NULL), PRANKCURL_OK);
    assert_sql(f,
               "SELECT started_ms || ' ' || ended_ms || ' ' || phase || ' ' || code || ' ' || reply"
               " || ', ' || reason || ', ' || result FROM attempt",
               "1000 3000 final 550 5.1.1 unknown, the connection was lost, refused 1, "
               "uncertain 1");
    prankcurl_ledger_close(ledger);
}

/* Runs the body in another process, which ends without closing anything. */
static void in_child(void (*body)(const fixture *f, int ready, int go), const fixture *f,
                     void (*meanwhile)(const fixture *f, pid_t child))
{
    int ready[2];
    int go[2];
    char byte = 0;
    assert_return_code(pipe(ready), 0);
    assert_return_code(pipe(go), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(go[1]);
        body(f, ready[1], go[0]);
        _exit(0);
    }
    (void)close(ready[1]);
    (void)close(go[0]);
    if (meanwhile) {
        assert_int_equal(read(ready[0], &byte, 1), 1);
        meanwhile(f, child);
    }
    (void)close(go[1]);
    (void)close(ready[0]);
    int result = 0;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result));
    assert_int_equal(WEXITSTATUS(result), 0);
}

static void crash_in_flight(const fixture *f, int ready, int go)
{
    prankcurl_ledger *ledger = NULL;
    (void)ready;
    (void)go;
    if (prankcurl_ledger_open(f->path, PRANKCURL_LEDGER_WRITE, &ledger, NULL) != PRANKCURL_OK ||
        record(ledger, 1, ID, 1, PRANKCURL_STATE_IN_FLIGHT, NULL) != PRANKCURL_OK) {
        _exit(1);
    }
}

static void what_was_in_flight_in_a_crash_is_uncertain(void **state)
{
    fixture *f = *state;
    char holder[200];
    prankcurl_ledger *ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE);
    int64_t run = put_planned(ledger);
    prankcurl_ledger_close(ledger);
    in_child(crash_in_flight, f, NULL);
    assert_return_code(access(f->lock, F_OK), 0); /* the file is left, the lock is not */
    prankcurl_ledger_holder(f->path, holder, sizeof holder);
    assert_string_equal(holder, "");
    ledger = open_ledger(f, PRANKCURL_LEDGER_READ);
    assert_state(ledger, run, ID, PRANKCURL_STATE_IN_FLIGHT, 0); /* reading changes nothing */
    prankcurl_ledger_close(ledger);
    ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE);
    assert_state(ledger, run, ID, PRANKCURL_STATE_UNCERTAIN, 1);
    assert_int_equal(find(ledger, run, ID).attempts, 1);
    assert_sql(f, "SELECT reason || ', ' || result FROM attempt WHERE ended_ms IS NOT NULL",
               "the process ended before the reply was recorded, uncertain 2");
    prankcurl_ledger_close(ledger);
    ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE);
    assert_state(ledger, run, ID, PRANKCURL_STATE_UNCERTAIN, 1); /* counted once */
    prankcurl_ledger_close(ledger);
    assert_int_equal(access(f->lock, F_OK), -1);
}

static void hold(const fixture *f, int ready, int go)
{
    prankcurl_ledger *ledger = NULL;
    char byte = 0;
    if (prankcurl_ledger_open(f->path, PRANKCURL_LEDGER_WRITE, &ledger, NULL) != PRANKCURL_OK ||
        put_planned(ledger) != 1 || write(ready, &byte, 1) != 1 || read(go, &byte, 1) != 0) {
        _exit(1);
    }
    prankcurl_ledger_close(ledger);
}

static void try_in_vain(const fixture *f, pid_t child)
{
    char expected[400];
    char host[HOST_NAME_MAX + 1];
    char holder[200];
    assert_return_code(gethostname(host, sizeof host), 0);
    (void)snprintf(expected, sizeof expected, "is in use by process %ld on %s, since 20",
                   (long)child, host);
    assert_refused(f->path, PRANKCURL_LEDGER_WRITE, PRANKCURL_TEMPORARY, expected);
    assert_refused(f->path, PRANKCURL_LEDGER_WRITE, PRANKCURL_TEMPORARY,
                   " UTC; wait until it has ended, or end it");
    prankcurl_ledger_holder(f->path, holder, sizeof holder);
    assert_memory_equal(holder, expected + strlen("is in use by "),
                        strlen(expected) - strlen("is in use by "));
    assert_null(strchr(holder, '\n'));
    prankcurl_ledger_holder(f->path, holder, 5);
    assert_string_equal(holder, "proc");
    prankcurl_ledger *ledger = open_ledger(f, PRANKCURL_LEDGER_READ); /* reading goes on */
    assert_state(ledger, 1, ID, PRANKCURL_STATE_PLANNED, 0);
    prankcurl_ledger_close(ledger);
}

static void two_processes_never_write_at_once(void **state)
{
    fixture *f = *state;
    char holder[200];
    char link[160];
    in_child(hold, f, try_in_vain);
    prankcurl_ledger_holder(f->path, holder, sizeof holder);
    assert_string_equal(holder, "");
    assert_int_equal(access(f->lock, F_OK), -1);
    prankcurl_ledger *ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE);
    (void)snprintf(link, sizeof link, "%s/link.db", f->folder);
    assert_return_code(symlink(f->path, link), 0);
    assert_refused(link, PRANKCURL_LEDGER_WRITE, PRANKCURL_TEMPORARY, "in use"); /* by any name */
    prankcurl_ledger_close(ledger);
    assert_return_code(unlink(link), 0);
}

static void a_lock_file_that_is_a_link_is_not_followed(void **state)
{
    fixture *f = *state;
    char victim[160];
    (void)snprintf(victim, sizeof victim, "%s/victim", f->folder);
    write_file(victim, "precious");
    assert_return_code(symlink(victim, f->lock), 0);
    assert_refused(f->path, PRANKCURL_LEDGER_WRITE, PRANKCURL_CANNOT_CREATE, "guards the ledger");
    assert_int_equal(access(f->path, F_OK), -1);
    assert_return_code(unlink(f->lock), 0);
    assert_return_code(symlink("nowhere", f->path), 0);
    assert_refused(f->path, PRANKCURL_LEDGER_WRITE, PRANKCURL_CANNOT_CREATE, "leads nowhere");
}

static void what_is_missing_or_in_the_way_is_told(void **state)
{
    fixture *f = *state;
    char path[200];
    assert_refused(f->path, PRANKCURL_LEDGER_READ, PRANKCURL_NO_INPUT, "there is no ledger");
    (void)snprintf(path, sizeof path, "%s/no/april.db", f->folder);
    assert_refused(path, PRANKCURL_LEDGER_WRITE, PRANKCURL_CANNOT_CREATE, "No such file");
    assert_refused(path, PRANKCURL_LEDGER_READ, PRANKCURL_NO_INPUT, "there is no ledger");
    assert_refused(f->folder, PRANKCURL_LEDGER_WRITE, PRANKCURL_IO, "is a folder");
    assert_refused(f->folder, PRANKCURL_LEDGER_READ, PRANKCURL_IO, "is a folder");
    write_file(f->path, "");
    assert_refused(f->path, PRANKCURL_LEDGER_READ, PRANKCURL_NO_INPUT, "is empty");
    (void)snprintf(path, sizeof path, "%s/april.db", f->path);
    assert_refused(path, PRANKCURL_LEDGER_WRITE, PRANKCURL_CANNOT_CREATE, "Not a directory");
    prankcurl_ledger *ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE); /* an empty file is fresh */
    prankcurl_ledger_close(ledger);
}

static void be_nobody(void)
{
    if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) {
        _exit(1);
    }
}

static void use_frozen_folder(const fixture *f, int ready, int go)
{
    prankcurl_ledger *ledger = NULL;
    prankcurl_error error;
    (void)ready;
    (void)go;
    be_nobody();
    if (prankcurl_ledger_open(f->path, PRANKCURL_LEDGER_WRITE, &ledger, &error) !=
            PRANKCURL_CANNOT_CREATE ||
        !strstr(error.message, "Permission denied")) {
        _exit(2);
    }
    prankcurl_entry entry;
    if (prankcurl_ledger_open(f->path, PRANKCURL_LEDGER_READ, &ledger, &error) != PRANKCURL_OK ||
        prankcurl_ledger_find(ledger, 1, ID, &entry, &error) != PRANKCURL_OK || !entry.id) {
        _exit(3);
    }
    prankcurl_ledger_close(ledger);
}

static void use_frozen_file(const fixture *f, int ready, int go)
{
    prankcurl_ledger *ledger = NULL;
    prankcurl_error error;
    (void)ready;
    (void)go;
    be_nobody();
    if (prankcurl_ledger_open(f->path, PRANKCURL_LEDGER_WRITE, &ledger, &error) != PRANKCURL_IO ||
        !strstr(error.message, "can't be written")) {
        _exit(2);
    }
}

static void what_must_not_be_written_can_be_read(void **state)
{
    fixture *f = *state;
    prankcurl_ledger *ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE);
    (void)put_planned(ledger);
    prankcurl_ledger_close(ledger);
    assert_return_code(chmod(f->path, 0444), 0);
    assert_return_code(chmod(f->folder, 0555), 0);
    in_child(use_frozen_folder, f, NULL);
    assert_return_code(chmod(f->folder, 0777), 0);
    in_child(use_frozen_file, f, NULL);
}

static void another_file_is_no_ledger(void **state)
{
    fixture *f = *state;
    static const char words[] = "Dear diary, this is long enough to be looked at by SQLite, which "
                                "wants a hundred bytes and more before it says anything at all.";
    write_file(f->path, words);
    assert_refused(f->path, PRANKCURL_LEDGER_WRITE, PRANKCURL_IO, "no ledger of prankcurl");
    assert_refused(f->path, PRANKCURL_LEDGER_READ, PRANKCURL_IO, "no ledger of prankcurl");
    assert_return_code(unlink(f->path), 0);
    run_sql(f, "CREATE TABLE run (x); PRAGMA user_version = 1");
    assert_refused(f->path, PRANKCURL_LEDGER_WRITE, PRANKCURL_IO, "nothing was sent");
    assert_refused(f->path, PRANKCURL_LEDGER_READ, PRANKCURL_IO, "no ledger of prankcurl");
    assert_sql(f, "PRAGMA journal_mode", "delete"); /* not even that was changed */
}

static void put_many(prankcurl_ledger *ledger, int64_t run, int count)
{
    char id[17];
    assert_int_equal(prankcurl_ledger_begin(ledger, NULL), PRANKCURL_OK);
    for (int i = 0; i < count; i++) {
        (void)snprintf(id, sizeof id, "%016x", (unsigned)i * 2654435761U);
        assert_int_equal(
            put(ledger, run, (size_t)i, id, PRANKCURL_STATE_PLANNED, PRANKCURL_STATE_PLANNED),
            PRANKCURL_OK);
    }
    assert_int_equal(prankcurl_ledger_commit(ledger, NULL), PRANKCURL_OK);
}

static prankcurl_status ignore(void *context, const prankcurl_entry *entry)
{
    (void)context;
    (void)entry;
    return PRANKCURL_OK;
}

static prankcurl_status walk_all(const fixture *f, prankcurl_error *error)
{
    prankcurl_ledger *ledger = NULL;
    prankcurl_status status = prankcurl_ledger_open(f->path, PRANKCURL_LEDGER_READ, &ledger, error);
    if (status == PRANKCURL_OK) {
        status = prankcurl_ledger_walk(ledger, 1, ignore, NULL, error);
    }
    prankcurl_ledger_close(ledger);
    return status;
}

static void damage_is_told(void **state)
{
    fixture *f = *state;
    struct stat info;
    prankcurl_error error;
    char noise[4096];
    prankcurl_ledger *ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE);
    put_many(ledger, new_run(ledger), 2000);
    prankcurl_ledger_close(ledger);
    assert_int_equal(walk_all(f, &error), PRANKCURL_OK);
    assert_return_code(stat(f->path, &info), 0);
    memset(noise, 0xa5, sizeof noise);
    int fd = open(f->path, O_WRONLY | O_CLOEXEC);
    for (off_t at = 64 * 1024; at < info.st_size - 4096; at += 16 * 4096) {
        assert_int_equal(pwrite(fd, noise, sizeof noise, at), (ssize_t)sizeof noise);
    }
    assert_int_equal(walk_all(f, &error), PRANKCURL_IO);
    assert_non_null(strstr(error.message, "is damaged"));
    assert_return_code(ftruncate(fd, info.st_size / 2), 0);
    assert_int_equal(walk_all(f, &error), PRANKCURL_IO);
    assert_non_null(strstr(error.message, "is damaged"));
    assert_return_code(ftruncate(fd, 50), 0);
    assert_int_equal(walk_all(f, &error), PRANKCURL_IO);
    assert_refused(f->path, PRANKCURL_LEDGER_WRITE, PRANKCURL_IO, "is damaged");
    (void)close(fd);
}

static void fill_the_disk(const fixture *f, int ready, int go)
{
    const struct rlimit limit = {.rlim_cur = 200 * 1024, .rlim_max = 200 * 1024};
    prankcurl_ledger *ledger = NULL;
    prankcurl_error error;
    prankcurl_status status = PRANKCURL_OK;
    unsigned attempt = 1;
    (void)ready;
    (void)go;
    (void)signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0 ||
        prankcurl_ledger_open(f->path, PRANKCURL_LEDGER_WRITE, &ledger, NULL) != PRANKCURL_OK) {
        _exit(1);
    }
    for (; attempt < 10000 && status == PRANKCURL_OK; attempt++) {
        status = record(ledger, 1, ID, attempt, PRANKCURL_STATE_DEFERRED, &error);
    }
    if (status != PRANKCURL_IO || !strstr(error.message, "full")) {
        _exit(2);
    }
    /* Whatever comes now fails likewise. */
    if (record(ledger, 1, ID, attempt, PRANKCURL_STATE_ACCEPTED, &error) != PRANKCURL_IO ||
        error.status != PRANKCURL_IO || !strstr(error.message, f->path)) {
        _exit(3);
    }
    prankcurl_ledger_close(ledger);
}

static void a_full_disk_is_told_and_nothing_is_recorded_any_more(void **state)
{
    fixture *f = *state;
    prankcurl_ledger *ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE);
    int64_t run = put_planned(ledger);
    prankcurl_ledger_close(ledger);
    in_child(fill_the_disk, f, NULL);
    ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE);
    prankcurl_entry entry = find(ledger, run, ID);
    assert_int_equal(entry.recipients[0].state, PRANKCURL_STATE_DEFERRED);
    assert_int_equal(entry.recipients[0].attempts, entry.attempts);
    prankcurl_ledger_close(ledger);
}

static int migrate(const fixture *f, int64_t version, const char *const *steps, int count)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    int result = pk_schema_migrate(db, version, steps, count);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return result;
}

static void an_older_ledger_is_brought_up_to_date_whole_or_not_at_all(void **state)
{
    fixture *f = *state;
    const char *const good[] = {pk_schema_steps[0],
                                "ALTER TABLE run ADD COLUMN note TEXT NOT NULL DEFAULT 'x'"};
    const char *const bad[] = {pk_schema_steps[0], good[1], "CREATE TABLE one (x)",
                               "CREATE TABLE run (y)"};
    prankcurl_ledger *ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE);
    (void)put_planned(ledger);
    prankcurl_ledger_close(ledger);
    assert_sql(f, "PRAGMA user_version", "1");
    assert_sql(f, "PRAGMA application_id", "1886546796");
    assert_int_not_equal(migrate(f, 1, bad, 4), SQLITE_OK);
    assert_sql(f, "PRAGMA user_version", "1");
    assert_sql(f, "SELECT count(*) FROM sqlite_schema WHERE name = 'one'", "0");
    assert_int_equal(migrate(f, 1, good, 2), SQLITE_OK);
    assert_sql(f, "PRAGMA user_version", "2");
    assert_sql(f, "SELECT campaign || note FROM run", "Aprilx");
    assert_refused(f->path, PRANKCURL_LEDGER_WRITE, PRANKCURL_IO, "has version 2");
    assert_refused(f->path, PRANKCURL_LEDGER_READ, PRANKCURL_IO, "newer prankcurl");
    assert_sql(f, "SELECT count(*) FROM recipient", "2");
}

enum { THREADS = 8, PRANKS_EACH = 40 };

typedef struct worker {
    pthread_t thread;
    prankcurl_ledger *ledger;
    int number;
    int failed;
} worker;

static void *work(void *context)
{
    worker *w = context;
    char id[17];
    for (int i = 0; i < PRANKS_EACH; i++) {
        (void)snprintf(id, sizeof id, "%016x",
                       (unsigned)(w->number * PRANKS_EACH + i) * 2654435761U);
        prankcurl_error error;
        bool is_good =
            record(w->ledger, 1, id, 1, PRANKCURL_STATE_IN_FLIGHT, &error) == PRANKCURL_OK &&
            record(w->ledger, 1, "nothing", 1, PRANKCURL_STATE_REFUSED, &error) ==
                PRANKCURL_INTERNAL &&
            record(w->ledger, 1, id, 1, PRANKCURL_STATE_ACCEPTED, &error) == PRANKCURL_OK;
        w->failed += is_good ? 0 : 1;
    }
    return NULL;
}

/* Some of each group are wrong, which is no matter to the others. */
static void many_threads_record_at_once(void **state)
{
    fixture *f = *state;
    worker workers[THREADS];
    char expected[20];
    prankcurl_ledger *ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE);
    put_many(ledger, new_run(ledger), THREADS * PRANKS_EACH);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker){.ledger = ledger, .number = i};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < 50; i++) { /* the main thread reads meanwhile */
        assert_int_equal(find(ledger, 1, "0000000000000000").recipient_count, 2);
        assert_int_equal(prankcurl_ledger_walk(ledger, 1, ignore, NULL, NULL), PRANKCURL_OK);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_int_equal(workers[i].failed, 0);
    }
    (void)snprintf(expected, sizeof expected, "%d", 2 * THREADS * PRANKS_EACH);
    assert_sql(f, "SELECT count(*) FROM recipient WHERE state = 'accepted' AND attempts = 1",
               expected);
    prankcurl_ledger_close(ledger);
}

static void a_ledger_that_is_read_takes_no_changes(void **state)
{
    fixture *f = *state;
    prankcurl_ledger *ledger = open_ledger(f, PRANKCURL_LEDGER_WRITE);
    int64_t run = put_planned(ledger);
    prankcurl_ledger_close(ledger);
    ledger = open_ledger(f, PRANKCURL_LEDGER_READ);
    assert_int_equal(put(ledger, run, 0, ID, PRANKCURL_STATE_PLANNED, PRANKCURL_STATE_PLANNED),
                     PRANKCURL_INTERNAL);
    assert_int_equal(prankcurl_ledger_begin(ledger, NULL), PRANKCURL_INTERNAL);
    assert_int_equal(record(ledger, run, ID, 1, PRANKCURL_STATE_ACCEPTED, NULL),
                     PRANKCURL_INTERNAL);
    assert_state(ledger, run, ID, PRANKCURL_STATE_PLANNED, 0);
    prankcurl_ledger_close(ledger);
    assert_int_equal(count_files(f->folder, false), 1); /* and leaves nothing behind */
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_new_ledger_is_for_its_owner_alone_and_has_no_run),
        IN_FOLDER(the_last_run_is_found_again),
        IN_FOLDER(a_prank_is_found_as_it_was_put),
        IN_FOLDER(a_walk_follows_the_plan_and_ends_when_told),
        IN_FOLDER(changes_without_commit_are_undone),
        IN_FOLDER(a_change_that_fails_undoes_the_others),
        IN_FOLDER(others_are_forgotten_unless_they_were_sent),
        IN_FOLDER(a_prank_goes_from_planned_to_accepted),
        IN_FOLDER(accepted_never_changes),
        IN_FOLDER(a_step_of_something_unknown_changes_nothing),
        IN_FOLDER(recipients_may_end_in_several_steps),
        IN_FOLDER(what_was_in_flight_in_a_crash_is_uncertain),
        IN_FOLDER(two_processes_never_write_at_once),
        IN_FOLDER(a_lock_file_that_is_a_link_is_not_followed),
        IN_FOLDER(what_is_missing_or_in_the_way_is_told),
        IN_FOLDER(what_must_not_be_written_can_be_read),
        IN_FOLDER(another_file_is_no_ledger),
        IN_FOLDER(damage_is_told),
        IN_FOLDER(a_full_disk_is_told_and_nothing_is_recorded_any_more),
        IN_FOLDER(an_older_ledger_is_brought_up_to_date_whole_or_not_at_all),
        IN_FOLDER(many_threads_record_at_once),
        IN_FOLDER(a_ledger_that_is_read_takes_no_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
