#include "mock/log.h"

#include "base/output.h"
#include "mock/envelope_json.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char program[] = "prankmock";

cJSON *pm_listening_json(const pm_mock *mock)
{
    char page[PM_MAX_ADDRESS + 16];
    cJSON *object = cJSON_CreateObject();
    (void)snprintf(page, sizeof page, "http://%s/", mock->http_address);
    return pm_json_finish(
        object, pm_json_put(object, "smtp", cJSON_CreateString(mock->smtp_address)) &&
                    pm_json_put(object, "smtps", pm_text_or_null_json(mock->smtps_address)) &&
                    pm_json_put(object, "page", cJSON_CreateString(page)) &&
                    pm_json_put(object, "ca", pm_text_or_null_json(mock->ca_path)));
}

prankcurl_status pm_log_listening(const pm_mock *mock)
{
    if (mock->config->json) {
        (void)pk_json_print(program, pm_listening_json(mock), "\n");
    } else {
        (void)printf("smtp %s\n", mock->smtp_address);
        if (mock->smtps_address[0]) {
            (void)printf("smtps %s\n", mock->smtps_address);
        }
        (void)printf("page http://%s/\nca %s\n", mock->http_address, mock->ca_path);
    }
    return pk_flush_output(program);
}

static cJSON *message_json(const pm_mail *mail)
{
    cJSON *object = cJSON_CreateObject();
    return pm_json_finish(
        object, pm_json_put(object, "id", cJSON_CreateNumber((double)mail->id)) &&
                    pm_json_put(object, "received", pm_time_json(mail->received_ms)) &&
                    pm_json_put(object, "size", cJSON_CreateNumber((double)mail->raw_len)) &&
                    pm_json_put(object, "envelope", pm_envelope_json(mail)) &&
                    pm_json_put(object, "client", pm_client_json(mail)));
}

static void print_dialogue(const char *line, size_t dialogue_len)
{
    const char *end = line + dialogue_len;
    while (line < end) {
        const char *lf = memchr(line, '\n', (size_t)(end - line));
        int len = (int)((lf ? lf : end) - line);
        pk_print_line(stderr, "  %c %.*s", line[0], len - 1, line + 1);
        line += len + 1;
    }
}

static void print_mail(const pm_mail *mail)
{
    char clock[16] = "";
    struct tm tm = {0};
    time_t seconds = (time_t)(mail->received_ms / 1000);
    if (localtime_r(&seconds, &tm)) {
        (void)strftime(clock, sizeof clock, "%H:%M:%S", &tm);
    }
    pk_print_line(stderr, "%s message %llu: from <%s>, %zu recipient%s, %zu bytes, %s", clock,
                  (unsigned long long)mail->id, mail->sender.address, mail->recipient_count,
                  mail->recipient_count == 1 ? "" : "s", mail->raw_len, mail->client.protocol);
}

void pm_log_mail(const pm_config *config, const pm_mail *mail)
{
    if (config->json) {
        (void)pk_json_print(program, message_json(mail), "\n");
        (void)fflush(stdout);
    }
    if (!config->quiet) {
        print_mail(mail);
    }
    if (config->verbose) {
        print_dialogue(mail->dialogue, mail->dialogue_len);
    }
}

/* A connection that ends is of interest when it brought nothing, or was refused something since its
 * last message: that one's dialogue stands with no message. */
void pm_log_unsent(const pm_config *config, const pm_session *session)
{
    const char *dialogue = pk_buf_text(&session->dialogue);
    size_t start = session->accepted ? session->prologue_len : 0;
    const char *since = dialogue + start;
    bool is_refused = strstr(since, "\nS4") || strstr(since, "\nS5");
    if (!config->verbose || session->dialogue.len == start || (session->accepted && !is_refused)) {
        return;
    }
    pk_print_line(stderr, "%s: connection %llu from %s:%u brought no%s message", program,
                  (unsigned long long)session->client.connection, session->client.address,
                  session->client.port, session->accepted ? " further" : "");
    print_dialogue(since, session->dialogue.len - start);
}

void pm_log_error(const prankcurl_error *error)
{
    pk_print_error(program, error);
}

void pm_log_note(const pm_config *config, const char *format, ...)
{
    char text[512];
    va_list args;
    if (!config->verbose) {
        return;
    }
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    pk_print_line(stderr, "%s: %s", program, text);
}

void pm_log_warning(const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    pk_print_line(stderr, "%s: warning: %s", program, text);
}
