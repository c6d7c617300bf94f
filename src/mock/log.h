/* What prankmock tells while it works: messages to stderr, JSON lines to stdout. */
#ifndef PM_LOG_H
#define PM_LOG_H

#include "mock/mock.h"

#include <cjson/cJSON.h>

/* Where it listens, and what to trust: an object of the caller's. NULL: out of memory. */
cJSON *pm_listening_json(const pm_mock *mock);
/* The first lines on stdout: where it listens, and what to trust. */
prankcurl_status pm_log_listening(const pm_mock *mock);
/* A message has come. */
void pm_log_mail(const pm_config *config, const pm_mail *mail);
/* A connection ends: with -v, the dialogue that no message has. */
void pm_log_unsent(const pm_config *config, const pm_session *session);
/* Whatever -q says, as the one after it. */
void pm_log_error(const prankcurl_error *error);
void pm_log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Only with -v. */
void pm_log_note(const pm_config *config, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
