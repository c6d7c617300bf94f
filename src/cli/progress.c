#include "cli/progress.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_LINE = 1024,
    DEFAULT_WIDTH = 80,
    UPDATE_US = 100 * 1000,
    SHORT_WAIT_MS = 1000,
    MINUTE_S = 60,
    HOUR_S = 60 * 60,
    MAX_LEFT_S = 100 * HOUR_S,
};

/* From wide to none: the first with which all the rest fits is taken. */
static const size_t bar_widths[] = {20, 10, 0};

enum { BAR_COUNT = sizeof bar_widths / sizeof bar_widths[0] };

static const prankcurl_verdict verdicts[] = {PRANKCURL_ACCEPTED, PRANKCURL_REFUSED,
                                             PRANKCURL_DEFERRED, PRANKCURL_UNCERTAIN};

enum { VERDICT_COUNT = sizeof verdicts / sizeof verdicts[0] };

static size_t settled(const pk_progress_state *state)
{
    size_t sum = 0;
    for (size_t i = 0; i < VERDICT_COUNT; i++) {
        sum += state->verdicts[verdicts[i]];
    }
    return sum < state->total ? sum : state->total;
}

/* A line that grows piece by piece; where one doesn't fit, it ends. */
typedef struct line {
    pk_buf *out;
    pk_buf piece;
    size_t room; /* terminal cells that are left */
    bool is_full;
} line;

static void take_piece(line *l)
{
    size_t width = pk_display_width(pk_buf_text(&l->piece));
    l->is_full = l->is_full || width > l->room || !pk_buf_ok(&l->piece);
    if (!l->is_full) {
        pk_buf_str(l->out, pk_buf_text(&l->piece));
        l->room -= width;
    }
    pk_buf_reset(&l->piece);
}

static void add_bar(line *l, const pk_progress_state *state, size_t width)
{
    double share = state->total ? (double)settled(state) / (double)state->total : 1;
    size_t done = (size_t)(share * (double)width);
    if (width == 0) {
        return;
    }
    pk_buf_char(&l->piece, '[');
    for (size_t i = 0; i < width; i++) {
        pk_buf_char(&l->piece, i < done ? '#' : '-');
    }
    pk_buf_str(&l->piece, "] ");
    take_piece(l);
}

static bool is_waiting(const pk_progress_state *state)
{
    return state->delivery.wait != PRANKCURL_WAIT_NONE &&
           state->delivery.wait_until_ms - state->now_ms > SHORT_WAIT_MS;
}

static void add_counts(line *l, const pk_progress_state *state)
{
    const char *separator = "  ";
    for (size_t i = 0; i < VERDICT_COUNT; i++) {
        size_t count = state->verdicts[verdicts[i]];
        if (count) {
            pk_buf_fmt(&l->piece, "%s%zu %s", separator, count,
                       prankcurl_verdict_name(verdicts[i]));
            take_piece(l);
            separator = ", ";
        }
    }
    bool is_told_later = is_waiting(state) && state->delivery.wait == PRANKCURL_WAIT_RETRY;
    if (state->delivery.waiting && !is_told_later) {
        pk_buf_fmt(&l->piece, "%s%zu to try again", separator, state->delivery.waiting);
        take_piece(l);
    }
}

/* Pranks a second, as seen and as allowed; 0: not known yet. */
static double rate(const pk_progress_state *state)
{
    double limit = state->delivery.rate_per_s;
    double seen =
        state->elapsed_ms > 0 ? (double)state->settled_now * 1000 / (double)state->elapsed_ms : 0;
    return limit > 0 && seen > limit ? limit : seen;
}

/* In the unit that leaves a number one can picture. */
static void add_rate(line *l, double per_s)
{
    if (per_s >= 1) {
        pk_buf_fmt(&l->piece, "  %.1f/s", per_s);
    } else if (per_s * MINUTE_S >= 1) {
        pk_buf_fmt(&l->piece, "  %.1f/m", per_s * MINUTE_S);
    } else {
        pk_buf_fmt(&l->piece, "  %.1f/h", per_s * HOUR_S);
    }
    take_piece(l);
}

static void add_time_left(line *l, double left_s)
{
    if (left_s > MAX_LEFT_S) {
        return; /* it can't be known so early */
    }
    int seconds = (int)left_s;
    seconds += seconds < left_s ? 1 : 0;
    if (seconds < MINUTE_S) {
        pk_buf_fmt(&l->piece, "  %d s left", seconds);
    } else if (seconds < HOUR_S) {
        pk_buf_fmt(&l->piece, "  %d min left", (seconds + MINUTE_S - 1) / MINUTE_S);
    } else {
        pk_buf_fmt(&l->piece, "  %d h %d min left", seconds / HOUR_S, seconds % HOUR_S / MINUTE_S);
    }
    take_piece(l);
}

static void add_speed(line *l, const pk_progress_state *state)
{
    double per_s = rate(state);
    size_t left = state->total - settled(state);
    if (per_s > 0) {
        add_rate(l, per_s);
    }
    if (per_s > 0 && left && !state->delivery.waiting) { /* a wait ends when it ends */
        add_time_left(l, (double)left / per_s);
    }
}

static void add_wait(line *l, const pk_progress_state *state)
{
    time_t until_s = (time_t)(state->delivery.wait_until_ms / 1000);
    char until[16] = "";
    struct tm tm;
    if (localtime_r(&until_s, &tm)) {
        (void)strftime(until, sizeof until, "%H:%M:%S", &tm);
    }
    switch (state->delivery.wait) {
    case PRANKCURL_WAIT_NONE:
        break;
    case PRANKCURL_WAIT_PACE:
        pk_buf_fmt(&l->piece, "  next at %s (rate)", until);
        break;
    case PRANKCURL_WAIT_RETRY:
        pk_buf_fmt(&l->piece, "  waiting until %s to try %zu again", until,
                   state->delivery.waiting);
        break;
    case PRANKCURL_WAIT_SERVER:
        pk_buf_fmt(&l->piece, "  waiting until %s: the server has no time now", until);
        break;
    }
    take_piece(l);
}

/* Of interest when the server bears fewer than were wanted. */
static void add_connections(line *l, const pk_progress_state *state)
{
    if (state->delivery.connections < state->delivery.connections_wanted && state->settled_now) {
        pk_buf_fmt(&l->piece, "  %u of %u connections", state->delivery.connections,
                   state->delivery.connections_wanted);
        take_piece(l);
    }
}

/* False: something is missing that belongs there. */
static bool lay_out(line *l, const pk_progress_state *state, size_t bar, bool has_counts)
{
    add_bar(l, state, bar);
    pk_buf_fmt(&l->piece, "%zu/%zu", settled(state), state->total);
    take_piece(l);
    if (has_counts) {
        add_counts(l, state);
    }
    if (is_waiting(state)) {
        add_wait(l, state);
    } else {
        add_speed(l, state);
    }
    bool is_whole = !l->is_full;
    if (is_waiting(state) && state->delivery.wait == PRANKCURL_WAIT_PACE) {
        add_speed(l, state);
    }
    add_connections(l, state);
    return is_whole;
}

void pk_progress_line(pk_buf *out, const pk_progress_state *state, size_t width)
{
    size_t start = out->len;
    line l = {.out = out};
    pk_buf_init(&l.piece, MAX_LINE);
    for (size_t i = 0; i < BAR_COUNT; i++) {
        pk_buf_cut(out, start);
        l.room = width;
        l.is_full = false;
        if (lay_out(&l, state, bar_widths[i], true)) {
            break;
        }
    }
    if (l.is_full && is_waiting(state)) { /* without the wait it would look as if it hung */
        pk_buf_cut(out, start);
        l.room = width;
        l.is_full = false;
        (void)lay_out(&l, state, 0, false);
    }
    pk_buf_free(&l.piece);
}

bool pk_progress_wanted(void)
{
    const char *no_color = getenv("NO_COLOR"); /* https://no-color.org */
    const char *terminal = getenv("TERM");
    bool is_plain = no_color && *no_color;
    bool is_dumb = !terminal || !*terminal || strcmp(terminal, "dumb") == 0;
    return isatty(STDERR_FILENO) && !is_plain && !is_dumb;
}

/* Asked each time: people change the size of their windows. */
static size_t terminal_width(FILE *out)
{
    struct winsize size = {0};
    int known = ioctl(fileno(out), TIOCGWINSZ, &size);
    return known == 0 && size.ws_col ? size.ws_col : DEFAULT_WIDTH;
}

void pk_progress_start(pk_progress *progress, FILE *out, bool enabled)
{
    *progress = (pk_progress){.out = out, .is_enabled = enabled};
    pk_buf_init(&progress->line, MAX_LINE);
}

/* Erased before it is written: at the right edge, erasing afterwards would take a character. */
static void erase(pk_progress *progress)
{
    (void)fputs("\r\033[K", progress->out);
}

void pk_progress_update(pk_progress *progress, const pk_progress_state *state)
{
    int64_t now_us = pk_monotonic_us();
    bool is_too_early = progress->shown_us && now_us - progress->shown_us < UPDATE_US;
    if (!progress->is_enabled || is_too_early) {
        return;
    }
    pk_buf_reset(&progress->line);
    pk_progress_line(&progress->line, state, terminal_width(progress->out));
    erase(progress);
    (void)fputs(pk_buf_text(&progress->line), progress->out);
    (void)fflush(progress->out);
    progress->shown_us = now_us;
    progress->is_shown = true;
}

void pk_progress_clear(pk_progress *progress)
{
    if (progress->is_shown) {
        erase(progress);
        (void)fflush(progress->out);
        progress->is_shown = false;
    }
}

void pk_progress_end(pk_progress *progress)
{
    pk_progress_clear(progress);
    pk_buf_free(&progress->line);
    progress->is_enabled = false;
}
