#include "base/text.h"
#include "cli/commands.h"
#include "cli/output.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_NAME_WIDTH = 40 };

static size_t widest(size_t width, const prankcurl_person *person)
{
    size_t own = pk_display_width(prankcurl_person_name(person));
    own = own < MAX_NAME_WIDTH ? own : MAX_NAME_WIDTH;
    return own > width ? own : width;
}

/* The i-th of the pranks shown; the one behind it will be wanted next. */
static const prankcurl_prank *look_at(const pk_job *job, size_t i)
{
    prankcurl_prank_expect(i + 1 < job->count ? job->pranks[i + 1] : NULL);
    return job->pranks[i];
}

/* Terminal cells that the names of all pranks shown need. */
static size_t name_width(const pk_job *job)
{
    size_t width = 0;
    for (size_t i = 0; i < job->count; i++) {
        const prankcurl_prank *prank = look_at(job, i);
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
    (void)printf("  %s\n", prankcurl_person_address(person));
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
        print_prank(look_at(job, i), width);
    }
}

typedef const prankcurl_person *get_person(const prankcurl_prank *prank, size_t i);

static bool add_people(cJSON *object, const char *key, const prankcurl_prank *prank,
                       get_person *get, size_t count)
{
    cJSON *list = cJSON_AddArrayToObject(object, key);
    for (size_t i = 0; i < count; i++) {
        cJSON *person = list ? pk_json_person(get(prank, i)) : NULL;
        if (!person || !cJSON_AddItemToArray(list, person)) {
            cJSON_Delete(person);
            return false;
        }
    }
    return list != NULL;
}

static bool add_author(cJSON *object, const prankcurl_prank *prank)
{
    cJSON *author = pk_json_person(prankcurl_prank_author(prank));
    if (author && cJSON_AddItemToObject(object, "author", author)) {
        return true;
    }
    cJSON_Delete(author);
    return false;
}

static cJSON *prank_object(const prankcurl_prank *prank)
{
    cJSON *object = cJSON_CreateObject();
    if (object && cJSON_AddStringToObject(object, "id", prankcurl_prank_id(prank)) &&
        cJSON_AddStringToObject(object, "group", prankcurl_prank_group(prank)) &&
        cJSON_AddStringToObject(object, "message", prankcurl_prank_message(prank)) &&
        add_author(object, prank) &&
        add_people(object, "recipients", prank, prankcurl_prank_recipient,
                   prankcurl_prank_recipient_count(prank)) &&
        add_people(object, "cc", prank, prankcurl_prank_cc, prankcurl_prank_cc_count(prank)) &&
        cJSON_AddStringToObject(object, "message_id", prankcurl_prank_message_id(prank))) {
        return object;
    }
    cJSON_Delete(object);
    return NULL;
}

/* One object, a prank a line: a plan of any size costs the memory of one prank. */
static prankcurl_status print_json(const pk_job *job)
{
    /* A campaign's name needs no escapes: the loader sees to it. */
    (void)printf("{\"campaign\":\"%s\",\"seed\":%" PRIu64 ",\"pranks\":[\n",
                 prankcurl_campaign_name(job->campaign), prankcurl_plan_seed(job->plan));
    for (size_t i = 0; i < job->count; i++) {
        prankcurl_status status = pk_json_print(PK_PROGRAM, prank_object(look_at(job, i)),
                                                i + 1 < job->count ? ",\n" : "\n");
        if (status != PRANKCURL_OK) {
            return status;
        }
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
