/* Tells a listener of the dialogue of one connection, secrets masked. */
#ifndef PK_DELIVERY_TRACE_H
#define PK_DELIVERY_TRACE_H

#include "delivery/tracker.h"

typedef struct pk_trace {
    const prankcurl_delivery_options *options; /* lent; where nobody listens, nothing is done */
    unsigned number;                           /* of the connection */
} pk_trace;

void pk_trace_line(const pk_trace *trace, prankcurl_trace_kind kind, const char *line, size_t len);
/* A command in that phase. */
void pk_trace_command(const pk_trace *trace, pk_phase phase, const char *line, size_t len,
                      bool is_secret);
/* The message as the server gets it, less the stuffed dots: header, then body, then the dot. */
void pk_trace_message(const pk_trace *trace, const prankcurl_piece *pieces, size_t count);

#endif
