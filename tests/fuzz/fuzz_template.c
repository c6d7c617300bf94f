/* libFuzzer: any UTF-8 as two templates that may name each other, rendered strictly and leniently.
 *   cmake --preset fuzz && cmake --build build/fuzz
 *   build/fuzz/tests/fuzz_template -max_total_time=600 build/corpus tests/fuzz/corpus/template */
#include "base/text.h"
#include "mustache/mustache.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Names mean something by their first letter; what is inside of lists and objects is the same. */
static pk_value get(const pk_value *object, const char *name, size_t len)
{
    pk_value value = *object;
    switch (len ? name[0] : '\0') {
    case 'o':
        return value;
    case 'l':
        value.kind = PK_VALUE_LIST;
        return value;
    case 't':
        return pk_value_text("<\"text\"> & it's 'two'\nlines");
    case 'p':
        return pk_value_text("partial");
    case 'f':
        return pk_value_text("");
    case 'a':
        return (pk_value){.kind = PK_VALUE_ABSENT};
    default:
        return (pk_value){.kind = PK_VALUE_MISSING};
    }
}

static size_t count(const pk_value *list)
{
    (void)list;
    return 2;
}

static pk_value at(const pk_value *list, size_t i)
{
    pk_value value = *list;
    value.kind = i ? PK_VALUE_OBJECT : PK_VALUE_LIST;
    return value;
}

static const pk_value_ops ops = {get, count, at};

static void count_error(void *user, unsigned line, unsigned column, const char *message)
{
    *(size_t *)user += line && column && *message ? 1 : 0;
}

static void count_fault(void *user, const pk_mustache_fault *fault)
{
    *(size_t *)user += fault->node ? 1 : 0;
}

static void render(const pk_mustache *template, pk_escape *escape, bool is_one_line)
{
    pk_value root = {.kind = PK_VALUE_OBJECT, .ops = &ops, .text = "root", .len = 4};
    size_t faults = 0;
    pk_mustache_options lenient = {.escape = escape, .is_one_line = is_one_line};
    pk_mustache_options strict = lenient;
    strict.fault = count_fault;
    strict.user = &faults;
    pk_buf told;
    pk_buf quiet;
    pk_buf_init(&told, ROOM);
    pk_buf_init(&quiet, ROOM);
    pk_mustache_render(template, &root, &strict, &told);
    pk_mustache_render(template, &root, &lenient, &quiet);
    if (told.len != quiet.len || strcmp(pk_buf_text(&told), pk_buf_text(&quiet)) != 0) {
        __builtin_trap(); /* being told of faults changes nothing of what is printed */
    }
    pk_buf_free(&told);
    pk_buf_free(&quiet);
}

static pk_mustache *parse(pk_arena *arena, const char *text, size_t len)
{
    size_t errors = 0;
    pk_mustache *template = NULL;
    pk_mustache_status status =
        pk_mustache_parse(text, len, arena, count_error, &errors, &template);
    if ((status == PK_MUSTACHE_OK) != (template != NULL) ||
        (status == PK_MUSTACHE_BAD && !errors)) {
        __builtin_trap();
    }
    return template;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    pk_arena arena = {0};
    char *text = malloc(len + 1);
    if (!text) {
        return 0;
    }
    memcpy(text, data, len);
    text[len] = '\0';
    size_t first = strlen(text); /* a NUL parts the two */
    size_t rest = first < len ? first + 1 : len;
    pk_mustache *main = parse(&arena, text, pk_utf8_valid_len(text, first));
    pk_mustache *partial =
        parse(&arena, text + rest, pk_utf8_valid_len(text + rest, strlen(text + rest)));
    if (main && partial) {
        const pk_mustache_named named[] = {{"main", main}, {"partial", partial}};
        const pk_mustache_names names = {named, 2};
        pk_mustache_link(main, &names);
        pk_mustache_link(partial, &names);
        render(main, pk_escape_html, false);
        render(main, NULL, true);
    }
    pk_arena_free(&arena);
    free(text);
    return 0;
}
