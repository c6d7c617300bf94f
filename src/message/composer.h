/* The inside of composer and message, shared by the files that make a message. */
#ifndef PK_MESSAGE_COMPOSER_H
#define PK_MESSAGE_COMPOSER_H

#include <prankcurl/message.h>

#include "message/header.h"
#include "message/pieces.h"
#include "message/tree.h"
#include "mustache/mustache.h"
#include "plan/plan_model.h"

enum { PK_MESSAGE_MAX = 64 << 20 };

struct prankcurl_composer {
    const prankcurl_campaign *campaign;
};

/* All its buffers only ever grow: once warm, composing allocates nothing. */
struct prankcurl_message {
    const pk_template *source; /* NULL: nothing was composed */
    pk_buf subject;
    pk_buf line; /* a header field's */
    pk_buf date; /* the field for date_s: the next message has the same, mostly */
    int64_t date_s;
    pk_buf text;
    pk_buf markdown;
    pk_buf html;
    pk_buf calendar;
    pk_buf uid;         /* the calendar's */
    pk_buf description; /* likewise */
    pk_buf scratch;     /* to encode with */
    pk_buf encoded[3];  /* text, html, calendar */
    pk_tree tree;
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
    const pk_template *message;
    const pk_source *source; /* NULL: no template of it */
    const prankcurl_prank *prank;
    int64_t date_s;
    pk_report *report;
} pk_spot;

/* Tells of a fault while rendering; user is a pk_spot. */
void pk_report_fault(void *user, const pk_mustache_fault *fault);
/* Tells of something that has no place within a template. */
void pk_report_spot(const pk_spot *spot, prankcurl_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A header field that could not be written. OK is no error. */
void pk_report_field(const pk_spot *spot, const char *field, pk_header_status status);
/* A buffer that failed: too much for it, or no memory. */
void pk_report_buffer(const pk_spot *spot, const pk_buf *buf);
/* A message that could not be finished: the same, or all its pieces are too much. */
void pk_report_pieces(const pk_spot *spot, const pk_pieces *pieces);

/* Room for that many mailboxes. False: out of memory. */
bool pk_message_make_room(prankcurl_message *message, size_t count);

/* Renders the spot's source. */
void pk_render(pk_spot *spot, pk_escape *escape, pk_buf *out);
/* Renders a template that makes one line, for a header field or the like; what: which it is. */
void pk_render_line(pk_spot *spot, const pk_source *source, const char *what, pk_buf *out);
/* Makes the body of the spot's message: *root lives as long as the message. */
void pk_make_body(pk_spot *spot, prankcurl_message *message, pk_part *root);
/* Makes the calendar of a message that is an invitation; its subject and text are there. */
void pk_make_invitation(pk_spot *spot, prankcurl_message *message);
/* Composes; whatever is wrong is told to the report. */
prankcurl_status pk_compose(const prankcurl_composer *composer, const prankcurl_prank *prank,
                            int64_t date_s, prankcurl_message *message, pk_report *report);

#endif
