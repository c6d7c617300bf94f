/* Envelope and client of a message as JSON: for the web and for the files beside a Maildir. */
#ifndef PM_ENVELOPE_JSON_H
#define PM_ENVELOPE_JSON_H

#include "base/arena.h"
#include "mock/mail.h"

#include <cjson/cJSON.h>

/* Objects of docs/prankmock.openapi.yaml; owned by the caller. NULL: out of memory. */
cJSON *pm_envelope_json(const pm_mail *mail);
cJSON *pm_client_json(const pm_mail *mail);
cJSON *pm_dialogue_json(const pm_mail *mail);
/* All three, and when it came. */
cJSON *pm_mail_json(const pm_mail *mail);
/* Back again, into the draft; its texts live in the arena. False: it is no such object, or there is
 * no memory. */
bool pm_mail_from_json(const cJSON *object, pk_arena *arena, pm_mail *draft);

/* "2026-11-24T13:40:12.345Z" from milliseconds since 1970. */
cJSON *pm_time_json(int64_t time_ms);
/* A text of unknown origin: what is no UTF-8 becomes U+FFFD; len bytes, which may hold NULs. */
cJSON *pm_text_json(const char *text, size_t len);
/* NULL and "" become null. */
cJSON *pm_text_or_null_json(const char *text);
/* Adds and owns item in any case; object may be NULL. False: out of memory. */
bool pm_json_put(cJSON *object, const char *key, cJSON *item);
/* The item when all of it was put together; else it is deleted, and NULL. */
cJSON *pm_json_finish(cJSON *item, bool is_whole);

#endif
