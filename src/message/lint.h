/* What is right, and would look wrong all the same: the warnings of `check`. */
#ifndef PK_MESSAGE_LINT_H
#define PK_MESSAGE_LINT_H

#include "message/composer.h"

/* What html can have in it, each told once a message; see lint_html.c for the words. */
typedef enum pk_html_finding {
    PK_FOUND_ELSEWHERE,
    PK_FOUND_LOCAL,
    PK_FOUND_DATA,
    PK_FOUND_STYLE,
    PK_FOUND_SCRIPT,
    PK_FOUND_FORM,
    PK_FOUND_EMBEDDED,
    PK_FOUND_NO_ALT,
    PK_HTML_FINDINGS,
} pk_html_finding;

/* What is measured of messages; see lint.c for the limits. */
typedef enum pk_measure {
    PK_SUBJECT_LENGTH,
    PK_TEXT_LINE_LENGTH,
    PK_MESSAGE_SIZE,
    PK_MEASURES,
} pk_measure;

enum { PK_MAX_BROKEN = 20 }; /* pictures that are not there, told a message */

/* What was seen of one of the campaign's messages, in all that were composed of it. */
typedef struct pk_seen {
    bool is_html_seen; /* of one at least */
    struct {
        size_t value; /* the largest */
        const char *group;
    } most[PK_MEASURES];
    const char *blank_group; /* the first for which no text is left; NULL: none */
    bool found[PK_HTML_FINDINGS];
    uint64_t broken[PK_MAX_BROKEN]; /* hashes of names */
    size_t broken_count;
    bool *shown; /* owned; for each picture: some html shows it */
} pk_seen;

typedef struct pk_linter {
    const prankcurl_composer *composer;
    prankcurl_errors *warnings;
    pk_report report;           /* of what is wrong */
    prankcurl_message *message; /* owned */
    pk_seen *seen;              /* owned; one a message */
    bool is_quick;              /* html is not looked at */
    size_t html_seen;           /* bytes of it */
    bool no_memory;
} pk_linter;

/* Where something looks wrong. */
typedef struct pk_lint_place {
    const pk_template *message;
    const pk_source *source; /* NULL: it is of no template */
    const pk_place *place;   /* NULL: the source's, or the subject's */
    const char *group;       /* for which it was seen: told where groups differ; NULL: for all */
} pk_lint_place;

void pk_warn(pk_linter *linter, const pk_lint_place *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What html is made of: html itself or Markdown. NULL: there is none. */
const pk_source *pk_html_source(const pk_template *message);

/* Looks at the html of the linter's message. */
void pk_lint_html(pk_linter *linter, const pk_template *message, pk_seen *seen, const char *group);
/* What needs no composing: of one message, and of the campaign's variables. */
void pk_lint_template(pk_linter *linter, const pk_template *message);
void pk_lint_variables(pk_linter *linter);

#endif
