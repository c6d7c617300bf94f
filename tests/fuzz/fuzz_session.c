/* libFuzzer: any bytes as an SMTP dialogue with prankmock, whole and cut in two, with and without
 * rules that fail. The first two bytes choose; the rest is what the client sends.
 *   cmake --preset fuzz && cmake --build build/fuzz
 *   build/fuzz/tests/fuzz_session -max_total_time=600 build/corpus tests/fuzz/corpus/session */
#include "base/text.h"
#include "mock/session.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

typedef struct run {
    pm_rules rules;
    pm_session session;
    uint64_t messages;
    pk_buf said;
    size_t stored;
    bool is_closed;
    pm_fault fault;
    pm_step step;
} run;

static void check(bool is_true)
{
    if (!is_true) {
        __builtin_trap();
    }
}

static const pm_fault *decide(void *context, const pm_moment *moment)
{
    const run *r = context;
    check(strlen(moment->sender) < 4096);
    return moment->step == r->step ? &r->fault : NULL;
}

/* 0: no rule; else a step and what happens there. */
static void choose_fault(run *r, uint8_t choice)
{
    static const char *const replies[] = {NULL, "250 2.0.0 a\nb", "451 4.0.0 later",
                                          "421 4.0.0 bye"};
    if (!choice) {
        return;
    }
    r->rules.decide = decide;
    r->rules.decide_context = r;
    r->step = (pm_step)(choice % 10);
    r->fault = (pm_fault){.reply = replies[choice / 10 % 4],
                          .garbage = choice / 40 == 1,
                          .is_long = choice / 40 == 2,
                          .then = (pm_then)(choice / 40 == 3 ? choice % 4 : 0),
                          .stored = (pm_stored)(choice % 3)};
}

static pm_need store(run *r)
{
    pm_mail draft;
    bool ok = pm_session_mail(&r->session, r->stored + 1, &draft);
    check(ok && draft.recipient_count > 0);
    pm_mail *mail = pm_mail_keep(&draft);
    check(mail && mail->raw_len == draft.raw_len);
    free(mail);
    r->stored++;
    return pm_session_stored(&r->session, r->stored % 5 != 4);
}

/* Does what the session needs, until it needs input or is over. */
static void serve(run *r, pm_need need)
{
    for (;;) {
        pk_buf *out = &r->session.out;
        pk_buf_add(&r->said, pk_buf_text(out), out->len);
        pk_buf_reset(out);
        if (need == PM_NEED_ACT) {
            pm_act *act = &r->session.act;
            pk_buf_add(&r->said, pk_buf_text(&act->text), act->text.len);
            r->is_closed = act->then != PM_THEN_GO_ON;
            need = r->is_closed ? PM_NEED_CLOSE : pm_session_acted(&r->session);
        } else if (need == PM_NEED_STORE) {
            need = store(r);
        } else if (need == PM_NEED_TLS) {
            need = pm_session_secured(&r->session, "TLS", "FUZZ");
        } else {
            r->is_closed = r->is_closed || need == PM_NEED_CLOSE;
            return;
        }
    }
}

static void feed(run *r, const char *bytes, size_t len)
{
    while (len && !r->is_closed) {
        size_t used = 0;
        pm_need need = pm_session_feed(&r->session, bytes, len, &used);
        check(used <= len && (used || need != PM_NEED_INPUT));
        bytes += used;
        len -= used;
        serve(r, need);
    }
}

static void begin(run *r, uint8_t choice)
{
    *r = (run){.rules = {.host = "fuzz",
                         .max_message = 4096,
                         .max_recipients = 5,
                         .lenient = choice & 1,
                         .has_tls = choice & 2,
                         .user = choice & 4 ? "me" : NULL,
                         .password = "hush"}};
}

static void talk(run *r, const char *bytes, size_t len, size_t cut)
{
    static const pm_client client = {.address = "127.0.0.1", .connection = 1};
    pk_buf_init(&r->said, SIZE_MAX / 2);
    pm_session_init(&r->session, &r->rules, &client, "<1.2@fuzz>", false, &r->messages);
    serve(r, pm_session_greet(&r->session));
    feed(r, bytes, cut);
    feed(r, bytes + cut, len - cut);
    pm_session_free(&r->session);
}

/* Whether the bytes before `at` are a line DATA. A lenient session takes it with a bare LF behind
 * it, and the message begins there all the same. */
static bool is_behind_data(const char *bytes, size_t at)
{
    static const char *const lines[] = {"DATA", "DATA "};
    for (size_t i = 0; i < 2; i++) {
        size_t len = strlen(lines[i]);
        if (at >= len && pk_ascii_equal_nocase(bytes + at - len, lines[i], len)) {
            return true;
        }
    }
    return false;
}

/* How often a message could end: at CRLF.CRLF and nowhere else. */
static size_t count_ends(const char *bytes, size_t len, bool is_lenient)
{
    size_t count = 0;
    for (size_t i = 0; i + 4 <= len; i++) {
        bool is_end = memcmp(bytes + i, "\n.\r\n", 4) == 0;
        bool is_whole = i > 0 && bytes[i - 1] == '\r';
        count += is_end && (is_whole || (is_lenient && is_behind_data(bytes, i))) ? 1 : 0;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 3) {
        return 0;
    }
    const char *bytes = (const char *)data + 2;
    size_t left = len - 2;
    run whole;
    run cut;
    begin(&whole, data[0]);
    choose_fault(&whole, data[1]);
    talk(&whole, bytes, left, left);
    begin(&cut, data[0]);
    choose_fault(&cut, data[1]);
    talk(&cut, bytes, left, data[0] % left);
    /* Only CRLF.CRLF ends a message, and how the bytes arrive makes no difference, unless STARTTLS
     * throws away what came with it. */
    check(whole.stored <= count_ends(bytes, left, whole.rules.lenient));
    bool same = whole.said.len == cut.said.len &&
                memcmp(pk_buf_text(&whole.said), pk_buf_text(&cut.said), whole.said.len) == 0;
    check(same || whole.rules.has_tls);
    pk_buf_free(&whole.said);
    pk_buf_free(&cut.said);
    return 0;
}
