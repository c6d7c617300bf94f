/* One HTML page with every prank as its recipient will see it, and what the envelope says. */
#ifndef PK_PREVIEW_PREVIEW_H
#define PK_PREVIEW_PREVIEW_H

#include <prankcurl/prankcurl.h>

#include <stdio.h>

/* The page begins with these bytes: so a file can be told to be one of ours. */
#define PK_PREVIEW_MARK                                                                            \
    "<!DOCTYPE html>\n<!-- made by \"prankcurl preview\", which may replace this file -->\n"

/* More pranks than this are shown only to who asks for a number. */
enum { PK_PREVIEW_PRANKS = 1000 };

typedef struct pk_preview {
    const prankcurl_campaign *campaign;
    const prankcurl_plan *plan;
    const prankcurl_composer *composer;
    const prankcurl_prank *const *pranks; /* those to be shown */
    size_t count;
    size_t asked_for; /* what count would be without a bound */
    int64_t date_s;
    bool has_fixed_date;   /* the messages will have date_s; else each has the time it is sent */
    bool (*is_over)(void); /* asked before each prank: true ends it, with INTERRUPTED */
} pk_preview;

/* Writes the page, a prank at a time; whether all arrived is the caller's to ask, of ferror() and
 * fclose(). *left_out counts pictures that had no room. Not OK: out holds half a page. */
prankcurl_status pk_preview_write(const pk_preview *preview, FILE *out, size_t *left_out,
                                  prankcurl_error *error);

#endif
