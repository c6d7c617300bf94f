/* Pictures within the page, as data: URLs; and how many of them it bears. A page with a picture of
 * 2 MB in each of 1,000 pranks could be opened by nobody, so each is there once, and again only
 * while there is room. */
#ifndef PK_PREVIEW_PICTURES_H
#define PK_PREVIEW_PICTURES_H

#include <prankcurl/prankcurl.h>

#include <stdbool.h>
#include <stdio.h>

enum {
    PK_PICTURES_MAX = 64 << 20,         /* bytes of base64 in a page */
    PK_PICTURES_REPEATED_MAX = 8 << 20, /* of those, what is there another time */
};

typedef struct pk_pictures {
    const char **seen; /* owned; the lent base64 of each, whose address tells it from others */
    size_t count;
    size_t capacity;
    size_t total;
    size_t repeated;
    size_t left_out; /* how often there was no room */
} pk_pictures;

void pk_pictures_free(pk_pictures *pictures);

/* Whether a browser shows such a file in a page, and does no more with it than that. */
bool pk_is_picture(const prankcurl_file *file);
/* Whether there is room for it; counts it. */
bool pk_pictures_take(pk_pictures *pictures, const prankcurl_file *file);
/* Its URL, for between quotes. */
void pk_put_picture(FILE *out, const prankcurl_file *file);
/* The URL of a picture that says `what` (letters, digits, blanks, . - _ only are taken from it):
 * for between quotes, without them, and in url(…). */
void pk_put_placeholder(FILE *out, const char *what);

#endif
