/* Reading and forgetting messages. */
#include "base/text.h"
#include "mock/envelope_json.h"
#include "mock/reading.h"
#include "mock/web_query.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

/* Under this nothing of a mail's html can do anything, wherever it is opened. */
static const char mail_policy[] =
    "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/* Kinds of pictures that browsers show and that can't hold a script. */
static const char *const safe_pictures[] = {"image/png", "image/jpeg", "image/gif", "image/webp",
                                            NULL};

void pm_web_list(pm_call *call)
{
    pm_question question;
    if (pm_question_read(call, false, &question)) {
        pm_call_send_json(call, HTTP_OK, pm_question_answer(&question, &call->mock->store));
    }
    pm_question_free(&question);
}

void pm_web_delete_all(pm_call *call)
{
    pm_call_send_deleted(call, pm_store_delete_all(&call->mock->store));
}

static void no_such_message(pm_call *call)
{
    pm_call_problem(
        call, HTTP_NOTFOUND,
        "there is no message %llu; it was deleted, gave way to newer ones, or never came",
        (unsigned long long)call->id);
}

static const pm_mail *find_mail(pm_call *call)
{
    const pm_mail *mail = pm_store_find(&call->mock->store, call->id);
    if (!mail) {
        no_such_message(call);
    }
    return mail;
}

void pm_web_get(pm_call *call)
{
    const pm_mail *mail = find_mail(call);
    if (mail) {
        pm_reading *reading = pm_reading_new(mail);
        pm_call_send_json(call, HTTP_OK, reading ? pm_reading_message(reading) : NULL);
        pm_reading_free(reading);
    }
}

void pm_web_delete(pm_call *call)
{
    if (pm_store_delete(&call->mock->store, call->id)) {
        pm_call_send_deleted(call, 1);
    } else {
        no_such_message(call);
    }
}

void pm_web_raw(pm_call *call)
{
    char disposition[80];
    const pm_mail *mail = find_mail(call);
    if (mail) {
        (void)snprintf(disposition, sizeof disposition, "attachment; filename=\"message-%llu.eml\"",
                       (unsigned long long)call->id);
        pm_call_header(call, "Content-Disposition", disposition);
        pm_call_header(call, "Content-Security-Policy", mail_policy);
        pm_call_send(call, HTTP_OK, "message/rfc822", mail->raw, mail->raw_len);
    }
}

void pm_web_html(pm_call *call)
{
    const pm_mail *mail = find_mail(call);
    if (!mail) {
        return;
    }
    pm_reading *reading = pm_reading_new(mail);
    char *html = reading ? pm_reading_html(reading) : NULL;
    if (html) {
        pm_call_header(call, "Content-Security-Policy", mail_policy);
        pm_call_header(call, "X-DNS-Prefetch-Control", "off");
        pm_call_send(call, HTTP_OK, "text/html; charset=utf-8", html, strlen(html));
    } else {
        pm_call_problem(call, HTTP_NOTFOUND, "message %llu has no html",
                        (unsigned long long)call->id);
    }
    g_free(html);
    pm_reading_free(reading);
}

static bool is_safe_picture(const char *type)
{
    for (const char *const *safe = safe_pictures; *safe; safe++) {
        if (strcmp(*safe, type) == 0) {
            return true;
        }
    }
    return false;
}

/* RFC 6266 with RFC 8187: a name in any script, that can't leave its place. */
static void set_filename(pm_call *call, const char *kind, const char *filename)
{
    char *escaped = evhttp_encode_uri(filename ? filename : "part");
    char *value = g_strdup_printf("%s; filename*=UTF-8''%s", kind, escaped ? escaped : "part");
    pm_call_header(call, "Content-Disposition", value);
    g_free(value);
    free(escaped);
}

static void send_content(pm_call *call, const pm_content *content)
{
    char *type = g_ascii_strdown(content->type, -1);
    bool is_picture = is_safe_picture(type);
    set_filename(call, is_picture ? "inline" : "attachment", content->filename);
    if (is_picture) {
        /* For cid: in the sandboxed frame, whose origin is no origin at all. */
        pm_call_header(call, "Cross-Origin-Resource-Policy", "cross-origin");
    }
    pm_call_header(call, "Content-Security-Policy", mail_policy);
    /* A type from a mail is not to be trusted further than that. */
    bool is_plain_type = !pk_find_control(type, "") && pk_is_ascii(type);
    pm_call_send(call, HTTP_OK, is_plain_type ? type : "application/octet-stream", content->bytes,
                 content->len);
    g_free(type);
}

void pm_web_part(pm_call *call)
{
    const pm_mail *mail = find_mail(call);
    pm_content content = {0};
    if (!mail) {
        return;
    }
    pm_reading *reading = pm_reading_new(mail);
    if (reading && pm_reading_part(reading, (size_t)call->n, &content)) {
        send_content(call, &content);
    } else {
        pm_call_problem(call, HTTP_NOTFOUND, "message %llu has no part %llu",
                        (unsigned long long)call->id, (unsigned long long)call->n);
    }
    pm_content_free(&content);
    pm_reading_free(reading);
}
