#include "mock/mail.h"

#include <stdlib.h>
#include <string.h>

/* The texts of a mail, in the order in which they stand in its block; dialogue and raw come last.
 */
enum { TEXT_COUNT = 10 };

static void list_texts(pm_mail *mail, const char **texts[TEXT_COUNT])
{
    pm_client *client = &mail->client;
    const char **all[TEXT_COUNT] = {
        &mail->sender.address, &mail->sender.parameters, &client->address,
        &client->name,         &client->protocol,        &client->user,
        &client->mechanism,    &client->tls_version,     &client->tls_cipher,
        &mail->file,
    };
    memcpy(texts, all, sizeof all);
}

static size_t text_len(const char *text)
{
    return text ? strlen(text) + 1 : 1;
}

size_t pm_mail_footprint(const pm_mail *draft)
{
    pm_mail copy = *draft;
    const pm_mail *mail = &copy;
    const char **texts[TEXT_COUNT];
    list_texts(&copy, texts);
    size_t size = sizeof *mail + mail->recipient_count * sizeof *mail->recipients;
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        size += text_len(*texts[i]);
    }
    for (size_t i = 0; i < mail->recipient_count; i++) {
        size += text_len(mail->recipients[i].address) + text_len(mail->recipients[i].parameters);
    }
    return size + mail->dialogue_len + 1 + mail->raw_len + 1;
}

/* Copies len bytes and a NUL to *end, which moves on. */
static const char *put(char **end, const char *text, size_t len)
{
    char *start = *end;
    if (len) {
        memcpy(start, text, len);
    }
    start[len] = '\0';
    *end = start + len + 1;
    return start;
}

pm_mail *pm_mail_keep(const pm_mail *draft)
{
    pm_mail copy = *draft;
    size_t size = pm_mail_footprint(draft);
    pm_mail *mail = malloc(size);
    if (!mail) {
        return NULL;
    }
    *mail = copy;
    mail->footprint = size;
    pm_path *recipients = (pm_path *)(mail + 1);
    char *end = (char *)(recipients + mail->recipient_count);
    for (size_t i = 0; i < mail->recipient_count; i++) {
        const pm_path *from = &draft->recipients[i];
        recipients[i].address = put(&end, from->address, text_len(from->address) - 1);
        recipients[i].parameters = put(&end, from->parameters, text_len(from->parameters) - 1);
    }
    mail->recipients = recipients;
    const char **texts[TEXT_COUNT];
    list_texts(mail, texts);
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        *texts[i] = put(&end, *texts[i], text_len(*texts[i]) - 1);
    }
    mail->dialogue = put(&end, draft->dialogue, draft->dialogue_len);
    mail->raw = put(&end, draft->raw, draft->raw_len);
    return mail;
}
