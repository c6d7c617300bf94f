/* libFuzzer: any bytes as a message that somebody looks at.
 *   build/fuzz/tests/fuzz_reading -max_total_time=600 build/corpus tests/fuzz/corpus/reading */
#include "mock/filter.h"
#include "mock/reading.h"

#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(bool is_true)
{
    if (!is_true) {
        __builtin_trap();
    }
}

static void look(const pm_mail *mail)
{
    pm_reading *reading = pm_reading_new(mail);
    cJSON *message = pm_reading_message(reading);
    check(message != NULL);
    char *text = cJSON_PrintUnformatted(message);
    check(text && g_utf8_validate(text, -1, NULL));
    int parts = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(message, "parts"));
    for (int n = 1; n <= parts; n++) {
        pm_content content = {0};
        check(pm_reading_part(reading, (size_t)n, &content));
        pm_content_free(&content);
    }
    cJSON_free(text);
    cJSON_Delete(message);
    g_free(pm_reading_html(reading));
    pm_reading_free(reading);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static bool is_ready;
    if (!is_ready) {
        g_mime_init();
        is_ready = true;
    }
    pm_mail draft = {.id = 1, .raw = (const char *)data, .raw_len = len};
    pm_mail *mail = pm_mail_keep(&draft);
    pm_filter filter = {0};
    pm_filter_set(&filter.query, "nowhere to be found");
    check(mail && memcmp(mail->raw, data, len) == 0);
    look(mail);
    (void)pm_filter_matches(&filter, mail);
    pm_filter_free(&filter);
    free(mail);
    return 0;
}
