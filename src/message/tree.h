/* A message's parts, nested as mail programs expect them: the files around what is read, the forms
 * of what is read side by side, and the pictures with the html that shows them:
 *
 *     multipart/mixed
 *       multipart/alternative (RFC 2046 §5.1.4: the richest last)
 *         text/plain
 *         multipart/related (RFC 2387)
 *           text/html
 *           pictures
 *         text/calendar
 *       attachments
 *
 * A multipart that would hold one part is that part itself. */
#ifndef PK_MESSAGE_TREE_H
#define PK_MESSAGE_TREE_H

#include "campaign/model.h"
#include "message/mime.h"

/* The forms of what is read; NULL: there is none. At least one is there. */
typedef struct pk_forms {
    const pk_part *text;
    const pk_part *html;
    const pk_part *calendar;
} pk_forms;

/* Room for the parts of one message after the other; zeroed to begin with. */
typedef struct pk_tree {
    pk_part *parts; /* owned */
    size_t capacity;
} pk_tree;

/* Makes *root, whose parts live in the tree. Boundaries carry the id. False: out of memory. */
bool pk_tree_make(pk_tree *tree, const pk_forms *forms, const pk_template *source, const char *id,
                  pk_part *root);
void pk_tree_free(pk_tree *tree);

#endif
