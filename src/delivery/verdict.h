/* From what was seen of a transfer to what became of the message: the verdict table. Pure. */
#ifndef PK_DELIVERY_VERDICT_H
#define PK_DELIVERY_VERDICT_H

#include "campaign/model.h"
#include "delivery/tracker.h"

#include <curl/curl.h>

/* What the verdict's words are about. */
typedef struct pk_transfer {
    const pk_tracker *tracker;
    CURLcode code;
    const char *curl_text; /* libcurl's own words, or "" */
    const pk_server *server;
    const char *sender; /* envelope */
} pk_transfer;

/* Fills all of the outcome but its recipients' addresses; their replies are there already. */
void pk_verdict(const pk_transfer *transfer, prankcurl_outcome *outcome);

#endif
