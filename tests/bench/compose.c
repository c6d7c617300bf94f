/* Composes all pranks of a campaign with the library, and prints the CPU seconds that took:
 * compose.py.
 *
 *     bench_compose CAMPAIGN.json TIMES */
#include <prankcurl/prankcurl.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { DATE_S = 1800000000 };

typedef struct bench {
    prankcurl_campaign *campaign;
    prankcurl_plan *plan;
    prankcurl_composer *composer;
    prankcurl_message *message;
} bench;

static prankcurl_status prepare(bench *b, const char *path)
{
    prankcurl_errors errors = PRANKCURL_ERRORS_INIT;
    prankcurl_error error;
    prankcurl_status status = prankcurl_campaign_load(path, NULL, &b->campaign, &errors);
    if (status == PRANKCURL_OK) {
        status = prankcurl_plan_new(b->campaign, NULL, 1, &b->plan, &error);
    }
    if (status == PRANKCURL_OK) {
        status = prankcurl_composer_new(b->campaign, &b->composer, &errors);
    }
    b->message = prankcurl_message_new();
    prankcurl_errors_free(&errors);
    return b->message ? status : PRANKCURL_NO_MEMORY;
}

static double cpu_s(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static prankcurl_status compose_all(const bench *b)
{
    prankcurl_error error;
    for (size_t i = 0; i < prankcurl_plan_count(b->plan); i++) {
        prankcurl_status status = prankcurl_compose(b->composer, prankcurl_plan_prank(b->plan, i),
                                                    DATE_S, b->message, &error);
        if (status != PRANKCURL_OK) {
            (void)fprintf(stderr, "bench_compose: %s\n", error.message);
            return status;
        }
    }
    return PRANKCURL_OK;
}

int main(int argc, char **argv)
{
    bench b = {0};
    prankcurl_status status = argc == 3 ? prepare(&b, argv[1]) : PRANKCURL_USAGE;
    long times = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    double begin_s = cpu_s();
    for (long i = 0; i < times && status == PRANKCURL_OK; i++) {
        status = compose_all(&b);
    }
    (void)printf("%.6f\n", cpu_s() - begin_s);
    prankcurl_message_free(b.message);
    prankcurl_composer_free(b.composer);
    prankcurl_plan_free(b.plan);
    prankcurl_campaign_free(b.campaign);
    return status == PRANKCURL_OK ? 0 : 1;
}
