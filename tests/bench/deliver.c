/* Sends a campaign with the library alone and no ledger, for comparison: deliver.py.
 *
 *     deliver CONNECTIONS CAMPAIGN.json */
#include <prankcurl/prankcurl.h>

#include <stdio.h>
#include <stdlib.h>

typedef struct bench {
    prankcurl_campaign *campaign;
    prankcurl_plan *plan;
    prankcurl_composer *composer;
    prankcurl_task *tasks;
    size_t accepted;
} bench;

static void on_outcome(void *context, const prankcurl_prank *prank,
                       const prankcurl_outcome *outcome)
{
    bench *b = context;
    (void)prank;
    b->accepted += outcome->verdict == PRANKCURL_ACCEPTED;
}

/* All that `prankcurl send` does before the first message, its checks too. */
static prankcurl_status prepare(bench *b, const char *path, unsigned connections,
                                prankcurl_error *error)
{
    prankcurl_errors errors = PRANKCURL_ERRORS_INIT;
    prankcurl_campaign_options options = {.connections = connections};
    prankcurl_status status = prankcurl_campaign_load(path, &options, &b->campaign, &errors);
    if (status == PRANKCURL_OK) {
        status = prankcurl_plan_new(b->campaign, NULL, 1, &b->plan, error);
    }
    if (status == PRANKCURL_OK) {
        status = prankcurl_composer_new(b->campaign, &b->composer, &errors);
    }
    if (status == PRANKCURL_OK) {
        status = prankcurl_composer_check(b->composer, b->plan, &errors);
    }
    if (errors.count > 0) {
        (void)fprintf(stderr, "%s\n", errors.items[0].message);
    }
    prankcurl_errors_free(&errors);
    return status;
}

static prankcurl_status send_all(bench *b, prankcurl_error *error)
{
    prankcurl_delivery_options options = PRANKCURL_DELIVERY_OPTIONS_INIT;
    size_t count = prankcurl_plan_count(b->plan);
    b->tasks = calloc(count, sizeof *b->tasks);
    if (!b->tasks) {
        return PRANKCURL_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        b->tasks[i].prank = prankcurl_plan_prank(b->plan, i);
    }
    return prankcurl_deliver(b->composer, b->campaign, b->tasks, count, &options, on_outcome, b,
                             error);
}

int main(int argc, char **argv)
{
    bench b = {0};
    prankcurl_error error = {0};
    if (argc != 3) {
        (void)fprintf(stderr, "usage: deliver CONNECTIONS CAMPAIGN.json\n");
        return 64;
    }
    prankcurl_status status = prepare(&b, argv[2], (unsigned)strtoul(argv[1], NULL, 10), &error);
    if (status == PRANKCURL_OK) {
        status = send_all(&b, &error);
    }
    if (status != PRANKCURL_OK) {
        (void)fprintf(stderr, "deliver: %s\n", error.message);
    }
    (void)printf("%zu accepted\n", b.accepted);
    free(b.tasks);
    prankcurl_composer_free(b.composer);
    prankcurl_plan_free(b.plan);
    prankcurl_campaign_free(b.campaign);
    return status == PRANKCURL_OK ? 0 : 1;
}
