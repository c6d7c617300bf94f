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
    X(REFUSED, "refused")     /* for good (5yz) */                                                 \
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
    char text[512]; /**< with the code, as it came; "" when there was none. May hold anything. */
} prankcurl_reply;

/** One recipient's result. */
typedef struct prankcurl_recipient_result {
    const char *address; /**< lent by the prank's campaign. */
    prankcurl_verdict verdict;
    prankcurl_reply reply; /**< the one that decided. */
} prankcurl_recipient_result;

/** What became of one message. Start with PRANKCURL_OUTCOME_INIT; reuse it freely. */
typedef struct prankcurl_outcome {
    /** accepted when any recipient was; else uncertain, deferred or refused, in this order. */
    prankcurl_verdict verdict;
    /** Why not everybody was served, and what to do; status OK: everybody was. */
    prankcurl_error error;
    /** The cause concerns every message: do not go on. */
    bool stops;
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

/** How to talk to the server. Start with PRANKCURL_DELIVERY_OPTIONS_INIT. */
typedef struct prankcurl_delivery_options {
    /** Gets the dialogue, line by line, without line ends. NULL: nobody listens. */
    void (*trace)(void *context, prankcurl_trace_kind kind, const char *line, size_t len);
    /** Asked between messages and while waiting for the pace; true: start no more. NULL: never. */
    bool (*is_stopped)(void *context);
    void *context; /**< for both. */
    /** Longest wait for a connection. */
    long connect_timeout_ms;
    /** Longest wait for any one reply; RFC 5321 §4.5.3.2 asks for 10 minutes after the final dot.
     */
    long reply_timeout_ms;
} prankcurl_delivery_options;

#define PRANKCURL_DELIVERY_OPTIONS_INIT                                                            \
    {                                                                                              \
        NULL, NULL, NULL, 30 * 1000L, 10 * 60 * 1000L                                              \
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

/**
 * Sends one message.
 * @param bytes    as prankcurl_message_bytes() gives them: CRLF, 7-bit, not dot-stuffed.
 * @param outcome  filled; its recipients' addresses are the envelope's.
 * @return OK when a verdict was reached, whatever it is; NO_MEMORY or INTERNAL.
 */
PRANKCURL_API prankcurl_status prankcurl_session_send(prankcurl_session *session,
                                                      const prankcurl_envelope *envelope,
                                                      const char *bytes, size_t len,
                                                      prankcurl_outcome *outcome);

/** The name given with EHLO (RFC 5321 §4.1.1.1): always this one, so that a dry run can show it. */
#define PRANKCURL_EHLO_NAME "localhost"

/** Told of every prank's outcome, in the order of the list. Both are lent for the call. */
typedef void prankcurl_outcome_fn(void *context, const prankcurl_prank *prank,
                                  const prankcurl_outcome *outcome);

/**
 * Composes and sends pranks, one after the other over one session, no faster than the campaign's
 * rate. After an outcome that `stops`, or when stopped, the rest is told as skipped.
 * @return OK when every prank was told of, whatever its verdict; CONFIG, CAMPAIGN or NO_MEMORY when
 *         nothing could be begun.
 */
PRANKCURL_API prankcurl_status prankcurl_deliver(const prankcurl_composer *composer,
                                                 const prankcurl_campaign *campaign,
                                                 const prankcurl_prank *const *pranks, size_t count,
                                                 const prankcurl_delivery_options *options,
                                                 prankcurl_outcome_fn *told, void *told_context,
                                                 prankcurl_error *error);

#ifdef __cplusplus
}
#endif

#endif
