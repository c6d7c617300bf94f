/* libFuzzer: any bytes as a campaign, and when they are one, its plan and messages.
 *   cmake --preset fuzz && cmake --build build/fuzz
 *   build/fuzz/tests/fuzz_campaign -max_total_time=600 build/corpus tests/corpus/good */
#include <prankcurl/prankcurl.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void compose_all(const prankcurl_campaign *campaign, prankcurl_errors *errors)
{
    prankcurl_plan *plan = NULL;
    prankcurl_composer *composer = NULL;
    if (prankcurl_plan_new(campaign, NULL, 1, &plan, NULL) == PRANKCURL_OK &&
        prankcurl_composer_new(campaign, &composer, errors) == PRANKCURL_OK) {
        (void)prankcurl_composer_check(composer, plan, errors);
        prankcurl_errors warnings = PRANKCURL_ERRORS_INIT;
        (void)prankcurl_composer_lint(composer, plan, errors, &warnings);
        prankcurl_errors_free(&warnings);
    }
    prankcurl_composer_free(composer);
    prankcurl_plan_free(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    prankcurl_errors errors = PRANKCURL_ERRORS_INIT;
    prankcurl_campaign *campaign = NULL;
    prankcurl_status status =
        prankcurl_campaign_parse((const char *)data, len, "fuzz.json", NULL, &campaign, &errors);
    if (status == PRANKCURL_OK) {
        compose_all(campaign, &errors);
    } else if (!errors.count) {
        __builtin_trap(); /* refused, and nobody told why */
    }
    prankcurl_campaign_free(campaign);
    prankcurl_errors_free(&errors);
    return 0;
}
