/**
 * @file message.h
 * A prank's exact bytes (header and body), and its envelope, which is something else.
 */
#ifndef PRANKCURL_MESSAGE_H
#define PRANKCURL_MESSAGE_H

#include <prankcurl/plan.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is made once for all messages of a campaign. Immutable: threads may share it. */
typedef struct prankcurl_composer prankcurl_composer;
/** The bytes of one message, reused from one to the next; one for each thread. */
typedef struct prankcurl_message prankcurl_message;

/**
 * A composer for the campaign's messages.
 * @param out     owned by the caller, free with prankcurl_composer_free(). Borrows the campaign.
 * @param errors  gets what is wrong.
 * @return OK or NO_MEMORY: templates were parsed with the campaign.
 */
PRANKCURL_API prankcurl_status prankcurl_composer_new(const prankcurl_campaign *campaign,
                                                      prankcurl_composer **out,
                                                      prankcurl_errors *errors);
/** NULL-safe. */
PRANKCURL_API void prankcurl_composer_free(prankcurl_composer *composer);

/**
 * Composes every prank of the plan and throws the bytes away: after this nothing in a message can
 * fail half way through a campaign. Each wrong place of a template is told once.
 */
PRANKCURL_API prankcurl_status prankcurl_composer_check(const prankcurl_composer *composer,
                                                        const prankcurl_plan *plan,
                                                        prankcurl_errors *errors);

/**
 * The same for every message that a group could get from every author, whatever seed draws them (of
 * more than 10,000 a sample, the same each time), and what would look wrong though it is right: a
 * subject that is cut, a picture that is not there, a variable that nothing uses …
 * @param errors    gets what is wrong, as from prankcurl_composer_check().
 * @param warnings  gets what looks wrong, by place; each is told once a message, with a group for
 *                  which it was seen. Not filled unless the answer is OK.
 * @return as prankcurl_composer_check(): warnings don't count.
 */
PRANKCURL_API prankcurl_status prankcurl_composer_lint(const prankcurl_composer *composer,
                                                       const prankcurl_plan *plan,
                                                       prankcurl_errors *errors,
                                                       prankcurl_errors *warnings);

/**
 * Told of all names that a template can use for a prank, in depth. Elements of a list have no name
 * (NULL), and what is in a list or an object comes between begin and end.
 */
typedef struct prankcurl_context_visitor {
    /** Something that prints. Lent until it returns. False: stop, out of memory. */
    bool (*value)(void *user, const char *name, const char *value);
    /** A list or an object; value: what it prints as itself, NULL where it can't be printed. */
    bool (*begin)(void *user, const char *name, const char *value, bool is_list);
    void (*end)(void *user);
    void *user;
} prankcurl_context_visitor;

/**
 * Every name a template can use for this prank, with its value. `vars` of a person are there twice,
 * as templates see them.
 * @return OK or NO_MEMORY.
 */
PRANKCURL_API prankcurl_status prankcurl_context_visit(const prankcurl_composer *composer,
                                                       const prankcurl_prank *prank,
                                                       const prankcurl_context_visitor *visitor);

/** An empty message; NULL: out of memory. */
PRANKCURL_API prankcurl_message *prankcurl_message_new(void);
/** NULL-safe. */
PRANKCURL_API void prankcurl_message_free(prankcurl_message *message);

/**
 * Composes one prank into message, in place of what it held, for its whole envelope: where an
 * address of that has letters outside ASCII before the @, its header holds such addresses as they
 * are, and the message needs SMTPUTF8 (RFC 6531, RFC 6532). Else the bytes are 7-bit, as
 * prankcurl_compose_ascii() makes them. Every line ends with CRLF and has at most 76 characters
 * unless one address alone is longer, and never 998 (RFC 5322 §2.1.1). They are not dot-stuffed.
 * Equal for equal input.
 * @param date_s  goes into Date, seconds since 1970 in UTC.
 * @return OK, CAMPAIGN (a missing variable, a line break in a subject …) or NO_MEMORY.
 */
PRANKCURL_API prankcurl_status prankcurl_compose(const prankcurl_composer *composer,
                                                 const prankcurl_prank *prank, int64_t date_s,
                                                 prankcurl_message *message,
                                                 prankcurl_error *error);

/**
 * Composes it for an envelope that is all ASCII, as a server without SMTPUTF8 needs it: who gets it
 * not, for want of an ASCII address, is left out of To and Cc; such an author keeps the name in
 * From, beside the organiser's address. The same in all else.
 */
PRANKCURL_API prankcurl_status prankcurl_compose_ascii(const prankcurl_composer *composer,
                                                       const prankcurl_prank *prank, int64_t date_s,
                                                       prankcurl_message *message,
                                                       prankcurl_error *error);
/** Whether the message can only be sent with SMTPUTF8. */
PRANKCURL_API bool prankcurl_message_needs_utf8(const prankcurl_message *message);

/**
 * A stretch of a message. A message is its pieces, one behind the other: an attachment is encoded
 * once a campaign, and is a piece that all messages share. Every piece ends at a line's end.
 */
typedef struct prankcurl_piece {
    const char *bytes;
    size_t len; /**< above 0 */
} prankcurl_piece;

/** The pieces, *count of them; lent until the message is composed anew. */
PRANKCURL_API const prankcurl_piece *prankcurl_message_pieces(const prankcurl_message *message,
                                                              size_t *count);
/** Bytes of all pieces together. */
PRANKCURL_API size_t prankcurl_message_size(const prankcurl_message *message);
/** The subject as its reader sees it; lent, like all below, until the message is composed anew. */
PRANKCURL_API const char *prankcurl_message_subject(const prankcurl_message *message);
/** The forms of what is read, before they are encoded: UTF-8; "": there is no such form. */
PRANKCURL_API const char *prankcurl_message_text(const prankcurl_message *message);
PRANKCURL_API const char *prankcurl_message_html(const prankcurl_message *message);
PRANKCURL_API const char *prankcurl_message_calendar(const prankcurl_message *message);

/** A file that the message carries. */
typedef struct prankcurl_file {
    const char *name;       /**< as the reader sees it. */
    const char *type;       /**< as image/png. */
    const char *content_id; /**< of a picture that the html shows as cid:…; NULL: an attachment. */
    size_t size;            /**< bytes of the file. */
    const char *base64;     /**< its bytes as they are sent, in lines with CRLF. */
    size_t base64_len;
} prankcurl_file;

PRANKCURL_API size_t prankcurl_message_file_count(const prankcurl_message *message);
/** @param i  below the count. */
PRANKCURL_API prankcurl_file prankcurl_message_file(const prankcurl_message *message, size_t i);
/** A short name for the bytes: another one means that they are others. No guard against malice. */
PRANKCURL_API uint64_t prankcurl_message_fingerprint(const prankcurl_message *message);

/**
 * What SMTP is told (RFC 5321 §2.3.1): who gets the bounces, who gets the message. The header is
 * never read for it.
 */
typedef struct prankcurl_envelope {
    const char *sender;            /**< MAIL FROM: the organiser. Lent by the campaign. */
    const char *const *recipients; /**< RCPT TO, in order: recipients, then witnesses. */
    size_t recipient_count;
    void *owned; /**< freed by prankcurl_envelope_free(). */
} prankcurl_envelope;

/** Fills the envelope of a prank. @return OK or NO_MEMORY. */
PRANKCURL_API prankcurl_status prankcurl_envelope_init(prankcurl_envelope *envelope,
                                                       const prankcurl_campaign *campaign,
                                                       const prankcurl_prank *prank);
/** Leaves it empty. NULL-safe. */
PRANKCURL_API void prankcurl_envelope_free(prankcurl_envelope *envelope);

#ifdef __cplusplus
}
#endif

#endif
