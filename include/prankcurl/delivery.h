/**
 * @file delivery.h
 * Messages to the organiser's submission server (RFC 6409), and what became of each recipient.
 */
#ifndef PRANKCURL_DELIVERY_H
#define PRANKCURL_DELIVERY_H

#include <prankcurl/message.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What became of a message, or of one of its recipients. */
#define PRANKCURL_VERDICT_MAP(X)                                                                   \
    X(SKIPPED, "skipped")     /* never tried */                                                    \
    X(ACCEPTED, "accepted")   /* the server took responsibility (RFC 5321 §4.2.5) */              \
    X(REFUSED, "refused")     /* for good (5yz, or no SMTPUTF8) */                                 \
    X(DEFERRED, "deferred")   /* not now (4yz, or nothing was handed over) */                      \
    X(UNCERTAIN, "uncertain") /* handed over whole, and no reply came */

typedef enum prankcurl_verdict {
#define PRANKCURL_VERDICT_ENUM(name, text) PRANKCURL_##name,
    PRANKCURL_VERDICT_MAP(PRANKCURL_VERDICT_ENUM)
#undef PRANKCURL_VERDICT_ENUM
        PRANKCURL_VERDICT_COUNT
} prankcurl_verdict;

/** The verdict's name, as "accepted". Never NULL. */
PRANKCURL_API const char *prankcurl_verdict_name(prankcurl_verdict verdict);

/** A reply of the server: its code and its text, lines joined by blanks. */
typedef struct prankcurl_reply {
    int code;       /**< 0: there was none. */
    char text[512]; /**< with the code; "" when there was none. UTF-8, and no control characters. */
} prankcurl_reply;

/** One recipient's result. */
typedef struct prankcurl_recipient_result {
    const char *address; /**< lent by the prank's campaign. */
    prankcurl_verdict verdict;
    prankcurl_reply reply; /**< the one that decided. */
} prankcurl_recipient_result;

/** Whom the cause of a failure concerns. */
typedef enum prankcurl_scope {
    PRANKCURL_SCOPE_MESSAGE, /**< this message. */
    PRANKCURL_SCOPE_SERVER,  /**< every message, for now. */
    PRANKCURL_SCOPE_RUN      /**< every message, until somebody does something: do not go on. */
} prankcurl_scope;

/** What became of one message. Start with PRANKCURL_OUTCOME_INIT; reuse it freely. */
typedef struct prankcurl_outcome {
    /** accepted when any recipient was; else uncertain, deferred or refused, in this order. */
    prankcurl_verdict verdict;
    /** Why not everybody was served, and what to do; status OK: everybody was. */
    prankcurl_error error;
    prankcurl_scope scope;
    unsigned attempts;   /**< made so far, by earlier processes too. */
    int64_t retry_at_ms; /**< since 1970, UTC: not settled, tried again then; 0: settled. */
    /** How far the dialogue came, as "rcpt". Static. */
    const char *phase;
    prankcurl_reply reply; /**< the last one. */
    char queue_id[64];     /**< the server's name for the message, where it told one. */
    prankcurl_recipient_result *recipients; /**< owned; in the envelope's order. */
    size_t recipient_count;
    size_t recipient_capacity;
} prankcurl_outcome;

#define PRANKCURL_OUTCOME_INIT                                                                     \
    {                                                                                              \
        .verdict = PRANKCURL_SKIPPED                                                               \
    }

/** Leaves it empty. NULL-safe. */
PRANKCURL_API void prankcurl_outcome_free(prankcurl_outcome *outcome);
/** Sets the outcome's verdict from those of its recipients, of whom there is one at least. */
PRANKCURL_API void prankcurl_outcome_judge(prankcurl_outcome *outcome);

/** A password or OAuth token. Opaque, so that nothing prints it; wiped when freed. */
typedef struct prankcurl_secret prankcurl_secret;

/**
 * Fetches the password from where the campaign says it is.
 * @param out  owned by the caller; NULL when the campaign has no login.
 * @return OK, CONFIG or NO_MEMORY.
 */
PRANKCURL_API prankcurl_status prankcurl_secret_read(const prankcurl_campaign *campaign,
                                                     prankcurl_secret **out,
                                                     prankcurl_error *error);
/** Overwrites it, then frees it. NULL-safe. */
PRANKCURL_API void prankcurl_secret_free(prankcurl_secret *secret);

/** What a line of the trace is. */
typedef enum prankcurl_trace_kind {
    PRANKCURL_TRACE_NOTE,     /**< about the connection, as its TLS version. */
    PRANKCURL_TRACE_REPLY,    /**< from the server. */
    PRANKCURL_TRACE_COMMAND,  /**< to the server; secrets masked. */
    PRANKCURL_TRACE_ENVELOPE, /**< a command that is the envelope: MAIL FROM, RCPT TO. */
    PRANKCURL_TRACE_HEADER,   /**< message: a line of its header. */
    PRANKCURL_TRACE_BODY      /**< message: a line of its body. */
} prankcurl_trace_kind;

/** One try at one prank, for the record. */
typedef struct prankcurl_attempt {
    const prankcurl_prank *prank;
    unsigned number;      /**< from 1, earlier processes counted in. */
    int64_t date_s;       /**< of its Date field. */
    uint64_t fingerprint; /**< prankcurl_message_fingerprint() of what prankcurl_compose() made. */
} prankcurl_attempt;

/** Keeps what happens where a crash can't reach it. Called from many threads at once; every call
 * returns when what it tells is safe. Anything but OK stops the delivery. */
typedef struct prankcurl_recorder {
    /** The last byte is about to be handed over, for those recipients whose reply is 2yz. Not OK:
     * it is not handed over, and nobody gets the message. */
    prankcurl_status (*in_flight)(void *context, const prankcurl_attempt *attempt,
                                  const prankcurl_outcome *so_far, prankcurl_error *error);
    /** The try has ended, for the outcome's recipients. */
    prankcurl_status (*ended)(void *context, const prankcurl_attempt *attempt,
                              const prankcurl_outcome *outcome, prankcurl_error *error);
    void *context;
} prankcurl_recorder;

/** Why nothing is being sent. */
typedef enum prankcurl_wait {
    PRANKCURL_WAIT_NONE,  /**< something is. */
    PRANKCURL_WAIT_PACE,  /**< for the rate's next message. */
    PRANKCURL_WAIT_RETRY, /**< for the time to try a deferred prank again. */
    PRANKCURL_WAIT_SERVER /**< for a server that has no time. */
} prankcurl_wait;

/** How far a delivery is. */
typedef struct prankcurl_progress {
    size_t count;                /**< pranks in all. */
    size_t in_work;              /**< being sent. */
    size_t waiting;              /**< to be tried again. */
    unsigned connections;        /**< as many are used at once, at most … */
    unsigned connections_wanted; /**< … and these, if the server bears them. */
    double rate_per_s;           /**< the most messages a second; 0: no limit. */
    prankcurl_wait wait;
    int64_t wait_until_ms; /**< since 1970, UTC. */
} prankcurl_progress;

/** How to talk to the server. Start with PRANKCURL_DELIVERY_OPTIONS_INIT. */
typedef struct prankcurl_delivery_options {
    /** Gets the dialogue, line by line, without line ends, from the threads that lead it;
     * connections count from 1. NULL: nobody listens. */
    void (*trace)(void *context, unsigned connection, prankcurl_trace_kind kind, const char *line,
                  size_t len);
    /** Asked before each message by the thread that sends it, and about ten times a second; true:
     * start no more messages. NULL: never. */
    bool (*is_stopped)(void *context);
    /** Told about ten times a second. NULL: nobody listens. */
    void (*tick)(void *context, const prankcurl_progress *progress);
    void *context;                      /**< for the three. */
    const prankcurl_recorder *recorder; /**< NULL: nothing is recorded. Borrowed. */
    /** Longest wait for a connection. */
    long connect_timeout_ms;
    /** Longest wait for any one reply; RFC 5321 §4.5.3.2 asks for 10 minutes after the final dot.
     */
    long reply_timeout_ms;
} prankcurl_delivery_options;

#define PRANKCURL_DELIVERY_OPTIONS_INIT                                                            \
    {                                                                                              \
        NULL, NULL, NULL, NULL, NULL, 30 * 1000L, 10 * 60 * 1000L                                  \
    }

/**
 * One connection to the server, kept alive from message to message. For one thread at a time; any
 * number of sessions may work side by side.
 */
typedef struct prankcurl_session prankcurl_session;

/**
 * Prepares a session; it connects when the first message is sent.
 * @param secret  from prankcurl_secret_read(); NULL without a login. Borrowed, like the campaign.
 * @param out     owned by the caller, free with prankcurl_session_free().
 */
PRANKCURL_API prankcurl_status prankcurl_session_new(const prankcurl_campaign *campaign,
                                                     const prankcurl_secret *secret,
                                                     const prankcurl_delivery_options *options,
                                                     prankcurl_session **out,
                                                     prankcurl_error *error);
/** Says QUIT, and does not wait for the answer. NULL-safe. */
PRANKCURL_API void prankcurl_session_free(prankcurl_session *session);

/** Says QUIT, and does not wait for the answer. The next message makes a new connection. */
PRANKCURL_API void prankcurl_session_close(prankcurl_session *session);

/** Asked just before the last byte of a message is handed over; so_far has the recipients' replies.
 * Not OK: the byte is kept, and nobody gets the message. */
typedef struct prankcurl_gate {
    prankcurl_status (*pass)(void *context, const prankcurl_outcome *so_far,
                             prankcurl_error *error);
    void *context;
} prankcurl_gate;

/**
 * Sends one message. One that needs SMTPUTF8 is not sent to a server that does not offer it: it is
 * deferred.
 * @param message  composed; lent until the call returns.
 * @param gate     NULL: it is handed over without asking.
 * @param outcome  filled; its recipients' addresses are the envelope's.
 * @return OK when a verdict was reached, whatever it is; NO_MEMORY or INTERNAL.
 */
PRANKCURL_API prankcurl_status prankcurl_session_send(prankcurl_session *session,
                                                      const prankcurl_envelope *envelope,
                                                      const prankcurl_message *message,
                                                      const prankcurl_gate *gate,
                                                      prankcurl_outcome *outcome);

/** The name given with EHLO (RFC 5321 §4.1.1.1): always this one, so that a dry run can show it. */
#define PRANKCURL_EHLO_NAME "localhost"

/** What there is to send: a prank, and to whom it has still to go. */
typedef struct prankcurl_task {
    const prankcurl_prank *prank;
    /** Addresses of its envelope, lent; NULL: all of them. */
    const char *const *recipients;
    size_t recipient_count;
    int64_t date_s;    /**< its Date, seconds since 1970; 0: when it is first tried. */
    unsigned attempts; /**< made by earlier processes. */
} prankcurl_task;

/** Told of the outcome of every attempt, as they end, and of what was never tried at last. Both are
 * lent for the call. */
typedef void prankcurl_outcome_fn(void *context, const prankcurl_prank *prank,
                                  const prankcurl_outcome *outcome);

/**
 * Composes and sends pranks over the campaign's connections, each with a thread of its own, no
 * faster than its rate. Who is deferred is tried again, with backoff, up to the campaign's attempts
 * and give_up_after. After an outcome whose scope is RUN, or when stopped, no message is begun, and
 * the rest is told as skipped.
 * @param told  called, like tick, by the calling thread alone.
 * @return OK when every prank was told of, whatever its verdict; CONFIG, CAMPAIGN, INTERNAL or
 *         NO_MEMORY when nothing could be begun.
 */
PRANKCURL_API prankcurl_status prankcurl_deliver(const prankcurl_composer *composer,
                                                 const prankcurl_campaign *campaign,
                                                 const prankcurl_task *tasks, size_t count,
                                                 const prankcurl_delivery_options *options,
                                                 prankcurl_outcome_fn *told, void *told_context,
                                                 prankcurl_error *error);

#ifdef __cplusplus
}
#endif

#endif
