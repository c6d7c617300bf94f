/* What the parts of a connection (connection*.c) share. */
#ifndef PM_CONNECTION_PARTS_H
#define PM_CONNECTION_PARTS_H

#include "mock/connection.h"
#include "mock/stream.h"

#include <netinet/in.h>

typedef enum pm_phase {
    PM_PHASE_TALKING,
    PM_PHASE_WAITING, /* a rule's delay, or the time between two drops */
    PM_PHASE_HANGING, /* until the client goes */
    PM_PHASE_GOING,   /* all was said; until the client has gone, or long enough */
} pm_phase;

typedef enum pm_waiting {
    PM_FOR_NOTHING, /* but a timer */
    PM_FOR_READING,
    PM_FOR_WRITING,
} pm_waiting;

struct pm_connection {
    pm_mock *mock;
    pm_connection *next, *previous;
    pm_stream stream;
    pm_session session;
    pm_need need;
    pm_phase phase;
    pm_waiting waiting;
    struct event *readable, *writable, *timer;
    struct event *hangup; /* the client has gone, seen without reading */
    pk_buf rest;          /* read, but not taken by the session yet */
    size_t rest_used;
    size_t sent;     /* of session.out */
    size_t act_said; /* of session.act.text */
    size_t room;     /* that the store has set aside for the message */
    bool is_delayed; /* the act's delay is over */
    bool is_greeted;
    char challenge[160];
    char address[INET6_ADDRSTRLEN];
};

/* Goes on until it needs the client, or time. The connection may be gone afterwards. */
void pm_connection_go_on(pm_connection *c);
/* Gives the session what was read. */
void pm_connection_feed(pm_connection *c, const char *bytes, size_t len);
/* Ends it, at once. */
void pm_connection_destroy(pm_connection *c, bool reset);
/* The one setter of what is waited for. limit NULL: however long it takes. */
void pm_connection_wait_for(pm_connection *c, pm_waiting wanted, const struct timeval *limit);
void pm_connection_wait_ms(pm_connection *c, int64_t ms);
/* Waits for what the stream needs. False: the stream is broken, and the connection is gone. */
bool pm_connection_wait_for_stream(pm_connection *c, pm_io io);
/* Sends what was said. False: not all of it could go, or the connection is gone. */
bool pm_connection_flush(pm_connection *c);

#endif
