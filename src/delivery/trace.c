#include "delivery/trace.h"

#include "base/buf.h"

#include <string.h>

void pk_trace_line(const pk_trace *trace, prankcurl_trace_kind kind, const char *line, size_t len)
{
    if (!trace->options->trace) {
        return;
    }
    while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r')) {
        len--;
    }
    trace->options->trace(trace->options->context, trace->number, kind, line, len);
}

static void trace_piece(const pk_trace *trace, const prankcurl_piece *piece,
                        prankcurl_trace_kind *kind)
{
    const char *line = piece->bytes;
    const char *end = piece->bytes + piece->len;
    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *next = newline ? newline + 1 : end;
        *kind = *line == '\r' ? PRANKCURL_TRACE_BODY : *kind;
        pk_trace_line(trace, *kind, line, (size_t)(next - line));
        line = next;
    }
}

void pk_trace_message(const pk_trace *trace, const prankcurl_piece *pieces, size_t count)
{
    prankcurl_trace_kind kind = PRANKCURL_TRACE_HEADER;
    for (size_t i = 0; trace->options->trace && i < count; i++) {
        trace_piece(trace, &pieces[i], &kind);
    }
    pk_trace_line(trace, PRANKCURL_TRACE_COMMAND, ".", 1);
}

void pk_trace_command(const pk_trace *trace, pk_phase phase, const char *line, size_t len,
                      bool is_secret)
{
    static const char hidden[] = "(secret)";
    if (!is_secret) {
        bool is_envelope = phase == PK_PHASE_MAIL || phase == PK_PHASE_RCPT;
        pk_trace_line(trace, is_envelope ? PRANKCURL_TRACE_ENVELOPE : PRANKCURL_TRACE_COMMAND, line,
                      len);
        return;
    }
    /* "AUTH PLAIN <the password>": the mechanism may be seen. */
    const char *space =
        len > 5 && memcmp(line, "AUTH ", 5) == 0 ? memchr(line + 5, ' ', len - 5) : NULL;
    pk_buf masked;
    pk_buf_init(&masked, 1024);
    if (space) {
        pk_buf_add(&masked, line, (size_t)(space - line) + 1);
    }
    bool is_bare_verb = !space && len > 5 && memcmp(line, "AUTH ", 5) == 0;
    pk_buf_add(&masked, is_bare_verb ? line : hidden, is_bare_verb ? len : sizeof hidden - 1);
    pk_trace_line(trace, PRANKCURL_TRACE_COMMAND, pk_buf_text(&masked), masked.len);
    pk_buf_free(&masked);
}
