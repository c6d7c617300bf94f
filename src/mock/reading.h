/* What a message says, read by GMime: only for people who look, never in the way of SMTP. Every
 * text is UTF-8. */
#ifndef PM_READING_H
#define PM_READING_H

#include "mock/mail.h"

#include <cjson/cJSON.h>

typedef struct pm_reading pm_reading;

/* The mail must outlive it. NULL: out of memory. g_mime_init() must have been called. */
pm_reading *pm_reading_new(const pm_mail *mail);
void pm_reading_free(pm_reading *reading);

/* MessageSummary and Message of docs/prankmock.openapi.yaml. NULL: out of memory. */
cJSON *pm_reading_summary(const pm_reading *reading);
cJSON *pm_reading_message(const pm_reading *reading);

/* Texts to look into, one call each until one says true; then true. */
typedef bool pm_reading_look(void *context, const char *text);
bool pm_reading_any_from(const pm_reading *reading, pm_reading_look *look, void *context);
bool pm_reading_any_to(const pm_reading *reading, pm_reading_look *look, void *context);
bool pm_reading_subject(const pm_reading *reading, pm_reading_look *look, void *context);
bool pm_reading_body(const pm_reading *reading, pm_reading_look *look, void *context);
/* With its angle brackets. */
bool pm_reading_message_id(const pm_reading *reading, pm_reading_look *look, void *context);

/* The html, whose pictures from the message itself (`cid:`) point to `parts/N`. NULL: there is
 * none. The caller frees it with g_free(). */
char *pm_reading_html(const pm_reading *reading);

/* A part's content, decoded. */
typedef struct pm_content {
    char *bytes; /* owned; g_free() */
    size_t len;
    char *type;     /* owned; "image/png" */
    char *filename; /* owned; NULL: none */
} pm_content;

/* n from 1. False: there is no such part. */
bool pm_reading_part(const pm_reading *reading, size_t n, pm_content *out);
void pm_content_free(pm_content *content);

#endif
