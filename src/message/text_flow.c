#include "message/text_flow.h"

#include "base/text.h"

#include <string.h>

enum { MAX_PREFIX = 4096 };

void pk_text_flow_init(pk_text_flow *flow, pk_buf *out, size_t width)
{
    *flow = (pk_text_flow){.out = out, .start = out->len, .width = width};
    pk_buf_init(&flow->first, MAX_PREFIX);
    pk_buf_init(&flow->rest, MAX_PREFIX);
    pk_buf_init(&flow->word, out->max);
}

/* Without the blanks at its end. */
static void add_trimmed(pk_buf *out, const char *text, size_t len)
{
    while (len > 0 && text[len - 1] == ' ') {
        len--;
    }
    pk_buf_add(out, text, len);
}

static void begin_line(pk_text_flow *flow)
{
    pk_buf_add(flow->out, pk_buf_text(&flow->first), flow->first.len);
    flow->line_cells = pk_display_width(pk_buf_text(&flow->first));
    if (flow->rest.len > 0 && flow->first.len == flow->rest.len) {
        memcpy(flow->first.data, flow->rest.data, flow->rest.len);
    }
    flow->is_line_open = true;
}

/* The line ends that are owed, with what stands on blank lines, and the beginning of a line. */
static void settle_breaks(pk_text_flow *flow)
{
    bool is_first = flow->out->len == flow->start;
    for (size_t i = 0; i < flow->line_ends && !is_first; i++) {
        pk_buf_char(flow->out, '\n');
        if (i + 1 < flow->line_ends) {
            size_t len = flow->gap_prefix < flow->rest.len ? flow->gap_prefix : flow->rest.len;
            add_trimmed(flow->out, pk_buf_text(&flow->rest), len);
        }
    }
    flow->line_ends = 0;
    begin_line(flow);
}

static void put_word(pk_text_flow *flow, const char *word, size_t len)
{
    size_t cells = pk_display_width(word);
    if (!flow->is_line_open) {
        settle_breaks(flow);
    } else if (flow->line_cells + 1 + cells > flow->width) {
        pk_buf_char(flow->out, '\n');
        begin_line(flow);
    } else {
        pk_buf_char(flow->out, ' ');
        flow->line_cells++;
    }
    pk_buf_add(flow->out, word, len);
    flow->line_cells += cells;
}

/* Writes the word that is complete now. */
static void end_word(pk_text_flow *flow)
{
    if (flow->word.len == 0) {
        return;
    }
    if (flow->has_separator && flow->is_line_open) {
        put_word(flow, "|", 1);
    }
    flow->has_separator = false;
    put_word(flow, pk_buf_text(&flow->word), flow->word.len);
    pk_buf_cut(&flow->word, 0);
}

void pk_text_flow_add(pk_text_flow *flow, const char *text, size_t len)
{
    pk_buf_add(&flow->word, text, len);
}

void pk_text_flow_blank(pk_text_flow *flow)
{
    end_word(flow);
}

/* The word that was being written is the line's last. */
static void close_line(pk_text_flow *flow)
{
    end_word(flow);
    if (flow->is_line_open) {
        flow->is_line_open = false;
        flow->gap_prefix = flow->rest.len;
    }
}

void pk_text_flow_break(pk_text_flow *flow, size_t line_ends)
{
    close_line(flow);
    flow->line_ends = flow->line_ends < line_ends ? line_ends : flow->line_ends;
}

void pk_text_flow_line_end(pk_text_flow *flow, size_t max)
{
    close_line(flow);
    flow->line_ends += flow->line_ends < max ? 1 : 0;
}

void pk_text_flow_separator(pk_text_flow *flow)
{
    end_word(flow);
    flow->has_separator = true;
}

void pk_text_flow_indent(pk_text_flow *flow, const char *first, const char *rest)
{
    pk_buf_str(&flow->first, first);
    pk_buf_str(&flow->rest, rest);
}

void pk_text_flow_outdent(pk_text_flow *flow, size_t len)
{
    pk_buf_cut(&flow->first, len);
    pk_buf_cut(&flow->rest, len);
    flow->gap_prefix = len < flow->gap_prefix ? len : flow->gap_prefix;
}

bool pk_text_flow_end(pk_text_flow *flow)
{
    pk_text_flow_break(flow, 1);
    if (flow->out->len > flow->start) {
        pk_buf_char(flow->out, '\n');
    }
    bool is_whole = pk_buf_ok(flow->out) && pk_buf_ok(&flow->word) && pk_buf_ok(&flow->first) &&
                    pk_buf_ok(&flow->rest);
    pk_buf_free(&flow->first);
    pk_buf_free(&flow->rest);
    pk_buf_free(&flow->word);
    return is_whole;
}
