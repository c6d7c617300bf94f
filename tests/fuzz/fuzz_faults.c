/* libFuzzer: any bytes as prankmock's rules, and what they decide.
 *   build/fuzz/tests/fuzz_faults -max_total_time=600 build/corpus tests/fuzz/corpus/faults */
#include "base/buf.h"
#include "mock/faults.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void ask(pm_faults *faults)
{
    pm_moment moment = {.connection = 1,
                        .message = 1,
                        .sender = "a@x.test",
                        .recipients = "tom@x.test\0SIZE=1\0ann@x.test\0",
                        .recipient_count = 2};
    for (int i = 0; i < 20; i++) {
        moment.step = (pm_step)(i % 10);
        (void)pm_faults_decide(faults, &moment);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    prankcurl_errors errors = PRANKCURL_ERRORS_INIT;
    pm_faults faults;
    pk_buf json; /* with a NUL behind it */
    pk_buf_init(&json, len);
    pk_buf_add(&json, data, len);
    prankcurl_status status = pm_faults_parse(&faults, pk_buf_text(&json), len, "fuzz", &errors);
    if (status == PRANKCURL_OK) {
        ask(&faults);
    } else if (!errors.count) {
        __builtin_trap(); /* refused, and nobody told why */
    }
    pm_faults_free(&faults);
    prankcurl_errors_free(&errors);
    pk_buf_free(&json);
    return 0;
}
