/* The line at the foot of a terminal that tells how far sending has come. */
#ifndef PK_CLI_PROGRESS_H
#define PK_CLI_PROGRESS_H

#include "base/buf.h"

#include <prankcurl/prankcurl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What the line tells. */
typedef struct pk_progress_state {
    size_t total; /* pranks, also those that earlier processes sent */
    /* Pranks that are settled, by verdict; what will be tried again is not. SKIPPED isn't shown. */
    size_t verdicts[PRANKCURL_VERDICT_COUNT];
    size_t settled_now; /* of them, those since elapsed_ms ago: for the rate */
    int64_t elapsed_ms;
    prankcurl_progress delivery; /* as it ticks; its count isn't shown */
    int64_t now_ms; /* pk_wall_clock_ms(); a wait of a second or less isn't mentioned */
} pk_progress_state;

/* Appends the line, never wider than width terminal cells (20 or more), as
 * `[############--------] 120/200  118 accepted, 2 refused  12.3/s  7 s left`. Where that is too
 * wide it goes without its bar, and then without what stands last. Times of day are local. */
void pk_progress_line(pk_buf *out, const pk_progress_state *state, size_t width);

/* Whether stderr is a terminal whose lines can be written anew, and nobody asked for plain text. */
bool pk_progress_wanted(void);

/* One line that stands, or not. Not to be used by two threads at a time. */
typedef struct pk_progress {
    FILE *out; /* lent */
    pk_buf line;
    int64_t shown_us; /* when it was last written; 0: never */
    bool is_enabled;
    bool is_shown;
} pk_progress;

/* Nothing is ever written unless enabled: as pk_progress_wanted() says. */
void pk_progress_start(pk_progress *progress, FILE *out, bool enabled);
/* Writes the line anew; ten times a second at most: what comes too early is left out. */
void pk_progress_update(pk_progress *progress, const pk_progress_state *state);
/* Takes the line away, so that something else can be printed. */
void pk_progress_clear(pk_progress *progress);
/* The same, for good. */
void pk_progress_end(pk_progress *progress);

#endif
