/* libFuzzer: any text as a template, with partials a, b and c behind a byte 1 each, rendered in
 * both modes over data that nest endlessly. cmake --preset fuzz && cmake --build build/fuzz
 * --target fuzz_template build/fuzz/tests/fuzz_template -max_total_time=600 build/corpus
 * tests/fuzz/corpus/template */
#include "mustache/mustache.h"

#include "base/text.h"

#include <stdint.h>
#include <string.h>

enum { TEMPLATES = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void complain(void *user, unsigned line, unsigned column, const char *message)
{
    if (line == 0 || column == 0 || !*message) {
        __builtin_trap();
    }
    ++*(size_t *)user;
}

static void fault(void *user, const pk_mustache_fault *fault)
{
    if (!fault->mustache || !fault->node || !fault->holder) {
        __builtin_trap();
    }
    ++*(size_t *)user;
}

/* x is an object like this one, l a list of two of them, s a text, f false, d a partial's name. */
static pk_value get(const pk_value *self, const char *name, size_t len)
{
    pk_value value = *self;
    switch (len == 1 ? *name : 0) {
    case 'x':
        value.kind = PK_VALUE_OBJECT;
        return value;
    case 'l':
        value.kind = PK_VALUE_LIST;
        return value;
    case 's':
        return pk_value_text("<a>\n b & \"c\"");
    case 'f':
        return pk_value_text("");
    case 'd':
        return pk_value_text("b");
    default:
        return (pk_value){.kind = len > 2 ? PK_VALUE_ABSENT : PK_VALUE_MISSING};
    }
}

static size_t count(const pk_value *self)
{
    (void)self;
    return 2;
}

static pk_value at(const pk_value *self, size_t i)
{
    pk_value value = *self;
    value.kind = i ? PK_VALUE_OBJECT : PK_VALUE_LIST;
    return value;
}

static const pk_value_ops ops = {.get = get, .count = count, .at = at};

static void render(const pk_mustache *mustache, const pk_mustache_options *options)
{
    pk_value root = {.kind = PK_VALUE_OBJECT, .ops = &ops};
    pk_buf out;
    pk_buf_init(&out, 1 << 20);
    pk_mustache_render(mustache, &root, options, &out);
    pk_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const char *const called[TEMPLATES] = {"", "a", "b", "c"};
    const char *text = (const char *)data;
    pk_arena arena = PK_ARENA_INIT;
    pk_mustache *templates[TEMPLATES] = {NULL};
    pk_mustache_named named[TEMPLATES];
    pk_mustache_names names = {named, 0};
    size_t told = 0;
    for (size_t i = 0; i < TEMPLATES; i++) {
        const char *end = len ? memchr(text, 1, len) : NULL;
        size_t own = end ? (size_t)(end - text) : len;
        size_t valid = pk_utf8_valid_len(text, own);
        const char *kept = pk_arena_strndup(&arena, len ? text : "", valid);
        if (kept && pk_mustache_parse(kept, valid, &arena, complain, &told, &templates[i]) ==
                        PK_MUSTACHE_OK) {
            named[names.count++] = (pk_mustache_named){called[i], templates[i]};
        }
        text += own + (end ? 1 : 0);
        len -= own + (end ? 1 : 0);
    }
    for (size_t i = 0; i < TEMPLATES; i++) {
        if (templates[i]) {
            pk_mustache_link(templates[i], &names);
        }
    }
    if (templates[0]) {
        render(templates[0], &(pk_mustache_options){.escape = pk_escape_html});
        render(templates[0],
               &(pk_mustache_options){.is_one_line = true, .fault = fault, .user = &told});
    }
    pk_arena_free(&arena);
    return 0;
}
