/* Where a dialogue can be made to fail, and what then happens (docs/faults.md). */
#ifndef PM_STEP_H
#define PM_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every step: its name in rules. */
#define PM_STEP_MAP(X)                                                                             \
    X(CONNECT, "connect")                                                                          \
    X(EHLO, "ehlo")                                                                                \
    X(STARTTLS, "starttls")                                                                        \
    X(AUTH, "auth")                                                                                \
    X(MAIL, "mail")                                                                                \
    X(RCPT, "rcpt")                                                                                \
    X(DATA, "data")                                                                                \
    X(BODY, "body")                                                                                \
    X(FINAL, "final")                                                                              \
    X(QUIT, "quit")

typedef enum pm_step {
#define PM_STEP_ENUM(name, text) PM_STEP_##name,
    PM_STEP_MAP(PM_STEP_ENUM)
#undef PM_STEP_ENUM
} pm_step;

/* A moment of a session that rules are asked about. All is lent for the call. */
typedef struct pm_moment {
    pm_step step;
    uint64_t connection;    /* its number since the start, from 1 */
    uint64_t message;       /* the message's number since the start, from 1; 0: before MAIL */
    uint64_t accepted;      /* messages that this connection has had accepted */
    const char *sender;     /* "" before MAIL, and for <> */
    const char *recipients; /* `recipient_count` NUL-ended pairs: address, parameters */
    size_t recipient_count; /* at RCPT the last one is the one being named */
} pm_moment;

/* What becomes of the connection after a fault. */
typedef enum pm_then {
    PM_THEN_GO_ON,
    PM_THEN_CLOSE, /* in good order, FIN */
    PM_THEN_RESET, /* at once, RST */
    PM_THEN_HANG,  /* say and read nothing more until the client goes */
} pm_then;

typedef enum pm_stored {
    PM_STORED_AS_REPLIED, /* kept when the reply says yes */
    PM_STORED_YES,
    PM_STORED_NO,
} pm_stored;

/* What a rule does. */
typedef struct pm_fault {
    const char *reply; /* "451 4.7.1 text", lines ended by \n; NULL: the normal one, or none */
    int64_t delay_ms;  /* before anything is said */
    int64_t drip_ms;   /* between two bytes of what is said; 0: all at once */
    bool garbage;      /* say what is no reply */
    bool is_long;      /* a reply of 64 KiB */
    pm_then then;
    pm_stored stored; /* at FINAL */
} pm_fault;

/* Asks the rules. NULL: nothing special happens. What is returned is lent until the next call. */
typedef const pm_fault *pm_decide(void *context, const pm_moment *moment);

#endif
