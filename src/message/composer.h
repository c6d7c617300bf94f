/* The inside of composer and message, shared by the files that make a message. */
#ifndef PK_MESSAGE_COMPOSER_H
#define PK_MESSAGE_COMPOSER_H

#include <prankcurl/message.h>

#include "message/header.h"
#include "message/pieces.h"
#include "message/mustache.h"
#include "plan/plan_model.h"

enum { PK_MESSAGE_MAX = 64 << 20 };

/* A message's three templates, parsed. A source without text has no nodes. */
typedef struct pk_parsed {
    const pk_template *source;
    pk_mustache subject;
    pk_mustache text;
    pk_mustache html;
} pk_parsed;

struct prankcurl_composer {
    const prankcurl_campaign *campaign;
    pk_parsed *messages; /* the campaign's, in its order, then the reveal if there is one; owned */
    size_t count;
};

/* All its buffers only ever grow: once warm, composing allocates nothing. */
struct prankcurl_message {
    pk_buf subject;
    pk_buf rendered;
    pk_buf canonical;
    pk_buf encoded[2]; /* text, html */
    pk_pieces out;
    pk_mailbox *mailboxes;
    size_t mailbox_capacity;
    bool is_ascii_only; /* for a server without SMTPUTF8 */
    bool is_utf8;       /* international addresses stand in its header */
};

/* One place of a template that was told of already. */
typedef struct pk_told {
    const pk_source *source;
    unsigned line;
    unsigned column;
} pk_told;

/* Where errors go: the first into `error`, or each place once into `errors`. */
typedef struct pk_report {
    prankcurl_error *error;   /* may be NULL */
    prankcurl_errors *errors; /* NULL: only the first error counts */
    prankcurl_status status;  /* of the first error of all; OK so far */
    prankcurl_status failed;  /* of the first error of the message at hand, told before or not */
    pk_told *told;            /* PK_TOLD_MAX of them where errors is set; owned by its maker */
    size_t told_count;
} pk_report;

enum { PK_TOLD_MAX = 1000 };

/* What is being rendered, for errors. */
typedef struct pk_spot {
    const prankcurl_composer *composer;
    const pk_parsed *message;
    const pk_source *source;      /* NULL: no template of it */
    const prankcurl_prank *prank; /* NULL: while parsing */
    int64_t date_s;
    pk_report *report;
} pk_spot;

/* Tells of a wrong place in the spot's template. */
void pk_report_place(const pk_spot *spot, unsigned line, unsigned column, const char *what);
/* Tells of a fault while rendering; user is a pk_spot. */
void pk_report_fault(void *user, const pk_mustache_fault *fault);
/* Tells of something that has no place within a template. */
void pk_report_spot(const pk_spot *spot, prankcurl_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A header field that could not be written. OK is no error. */
void pk_report_field(const pk_spot *spot, const char *field, pk_header_status status);
/* A buffer that failed: too much for it, or no memory. */
void pk_report_buffer(const pk_spot *spot, const pk_buf *buf);

/* Composes; whatever is wrong is told to the report. */
prankcurl_status pk_compose(const prankcurl_composer *composer, const prankcurl_prank *prank,
                            int64_t date_s, prankcurl_message *message, pk_report *report);

#endif
