#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/output.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_NAME_WIDTH = 40, MAX_LINE = 1 << 30 };

static size_t widest(size_t width, const prankcurl_person *person)
{
    size_t own = pk_display_width(prankcurl_person_name(person));
    own = own < MAX_NAME_WIDTH ? own : MAX_NAME_WIDTH;
    return own > width ? own : width;
}

/* Terminal cells that the names of all pranks shown need. */
static size_t name_width(const pk_job *job)
{
    size_t width = 0;
    for (size_t i = 0; i < job->count; i++) {
        const prankcurl_prank *prank = job->pranks[i];
        width = widest(width, prankcurl_prank_author(prank));
        for (size_t j = 0; j < prankcurl_prank_recipient_count(prank); j++) {
            width = widest(width, prankcurl_prank_recipient(prank, j));
        }
        for (size_t j = 0; j < prankcurl_prank_cc_count(prank); j++) {
            width = widest(width, prankcurl_prank_cc(prank, j));
        }
    }
    return width;
}

static void print_person(const char *role, const prankcurl_person *person, size_t width)
{
    (void)printf("  %-9s  ", role);
    pk_print_padded(stdout, prankcurl_person_name(person), width);
    (void)printf("  %s\n", prankcurl_person_shown_address(person));
}

static void print_prank(const prankcurl_prank *prank, size_t width)
{
    (void)printf("\n%s: %s\n", prankcurl_prank_group(prank), prankcurl_prank_message(prank));
    print_person("author", prankcurl_prank_author(prank), width);
    for (size_t i = 0; i < prankcurl_prank_recipient_count(prank); i++) {
        print_person("recipient", prankcurl_prank_recipient(prank, i), width);
    }
    for (size_t i = 0; i < prankcurl_prank_cc_count(prank); i++) {
        print_person("witness", prankcurl_prank_cc(prank, i), width);
    }
}

static void print_text(const pk_job *job)
{
    size_t width = name_width(job);
    (void)printf("%s, seed %" PRIu64 ": %zu of %zu pranks\n",
                 prankcurl_campaign_name(job->campaign), prankcurl_plan_seed(job->plan), job->count,
                 prankcurl_plan_count(job->plan));
    for (size_t i = 0; i < job->count; i++) {
        print_prank(job->pranks[i], width);
    }
}

static void add_key(pk_buf *out, const char *key)
{
    pk_buf_fmt(out, "\"%s\":", key);
}

static void add_person(pk_buf *out, const prankcurl_person *person)
{
    pk_buf_str(out, "{\"name\":");
    pk_json_add_string(out, prankcurl_person_name(person));
    pk_buf_str(out, ",\"address\":");
    pk_json_add_string(out, prankcurl_person_address(person));
    pk_buf_char(out, '}');
}

typedef const prankcurl_person *get_person(const prankcurl_prank *prank, size_t i);

static void add_people(pk_buf *out, const char *key, const prankcurl_prank *prank, get_person *get,
                       size_t count)
{
    add_key(out, key);
    pk_buf_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        pk_buf_str(out, i ? "," : "");
        add_person(out, get(prank, i));
    }
    pk_buf_str(out, "],");
}

static void add_text(pk_buf *out, const char *key, const char *text, const char *end)
{
    add_key(out, key);
    pk_json_add_string(out, text);
    pk_buf_str(out, end);
}

static void add_prank(pk_buf *out, const prankcurl_prank *prank)
{
    pk_buf_char(out, '{');
    add_text(out, "id", prankcurl_prank_id(prank), ",");
    add_text(out, "group", prankcurl_prank_group(prank), ",");
    add_text(out, "message", prankcurl_prank_message(prank), ",");
    add_key(out, "author");
    add_person(out, prankcurl_prank_author(prank));
    pk_buf_char(out, ',');
    add_people(out, "recipients", prank, prankcurl_prank_recipient,
               prankcurl_prank_recipient_count(prank));
    add_people(out, "cc", prank, prankcurl_prank_cc, prankcurl_prank_cc_count(prank));
    add_text(out, "message_id", prankcurl_prank_message_id(prank), "}");
}

/* One object, a prank a line: a plan of any size costs the memory of one prank. */
static prankcurl_status print_json(const pk_job *job)
{
    /* A campaign's name needs no escapes: the loader sees to it. */
    (void)printf("{\"campaign\":\"%s\",\"seed\":%" PRIu64 ",\"pranks\":[\n",
                 prankcurl_campaign_name(job->campaign), prankcurl_plan_seed(job->plan));
    pk_buf line;
    pk_buf_init(&line, MAX_LINE);
    for (size_t i = 0; i < job->count && pk_buf_ok(&line); i++) {
        pk_buf_reset(&line);
        add_prank(&line, job->pranks[i]);
        pk_buf_str(&line, i + 1 < job->count ? ",\n" : "\n");
        (void)fwrite(pk_buf_text(&line), 1, line.len, stdout);
    }
    bool is_whole = pk_buf_ok(&line);
    pk_buf_free(&line);
    if (!is_whole) {
        prankcurl_error error;
        (void)pk_error_set(&error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
        pk_print_error(PK_PROGRAM, &error);
        return PRANKCURL_NO_MEMORY;
    }
    (void)puts("]}");
    return PRANKCURL_OK;
}

prankcurl_status pk_cmd_plan(const pk_job *job)
{
    prankcurl_status status = PRANKCURL_OK;
    if (job->options->format && strcmp(job->options->format, "json") == 0) {
        status = print_json(job);
    } else {
        print_text(job);
    }
    prankcurl_status flushed = pk_flush_output(PK_PROGRAM);
    return status == PRANKCURL_OK ? flushed : status;
}
