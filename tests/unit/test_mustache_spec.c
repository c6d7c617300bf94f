/* The public Mustache specification's own tests (github.com/mustache/spec 1.4), all of them but
 * lambdas. They are no part of this repository: without the folder the test says so and skips. */
#include "mustache/mustache.h"

#include "json_values.h"
#include "unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PARTIALS = 16, EXPECTED_TESTS = 184 };

static const char *const files[] = {"comments", "delimiters", "interpolation",  "inverted",
                                    "partials", "sections",   "~dynamic-names", "~inheritance"};

static void complain(void *user, unsigned line, unsigned column, const char *message)
{
    print_message("%s: line %u, column %u: %s\n", (const char *)user, line, column, message);
}

static char *read_whole(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return NULL;
    }
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    (void)fread(text, 1, (1 << 20) - 1, file);
    (void)fclose(file);
    return text;
}

static const char *string_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    assert_non_null(text);
    return text;
}

static pk_mustache *parse(const char *name, const char *text, pk_arena *arena)
{
    pk_mustache *mustache = NULL;
    (void)pk_mustache_parse(text, strlen(text), arena, complain, (void *)name, &mustache);
    return mustache;
}

/* NULL: a template could not be parsed. */
static pk_mustache *parse_all(const cJSON *test, pk_arena *arena, pk_mustache_named *named,
                              pk_mustache_names *names)
{
    pk_mustache *partials[MAX_PARTIALS];
    pk_mustache *main = parse(string_of(test, "name"), string_of(test, "template"), arena);
    const cJSON *partial = NULL;
    cJSON_ArrayForEach(partial, cJSON_GetObjectItemCaseSensitive(test, "partials"))
    {
        assert_true(names->count < MAX_PARTIALS);
        partials[names->count] = parse(partial->string, partial->valuestring, arena);
        if (!partials[names->count]) {
            return NULL;
        }
        named[names->count] = (pk_mustache_named){partial->string, partials[names->count]};
        names->count++;
    }
    qsort(named, names->count, sizeof *named, pk_mustache_compare_names);
    for (size_t i = 0; i < names->count; i++) {
        pk_mustache_link(partials[i], names);
    }
    if (main) {
        pk_mustache_link(main, names);
    }
    return main;
}

static bool passes(const char *file, const cJSON *test)
{
    static const pk_mustache_options options = {.escape = pk_escape_html};
    pk_arena arena = PK_ARENA_INIT;
    pk_mustache_named named[MAX_PARTIALS];
    pk_mustache_names names = {named, 0};
    pk_buf out;
    pk_buf_init(&out, 1 << 20);
    const pk_mustache *mustache = parse_all(test, &arena, named, &names);
    pk_value root = json_value(cJSON_GetObjectItemCaseSensitive(test, "data"));
    if (mustache) {
        pk_mustache_render(mustache, &root, &options, &out);
    }
    bool equal = mustache && strcmp(pk_buf_text(&out), string_of(test, "expected")) == 0;
    if (!equal) {
        print_message("%s, %s: \"%s\" instead of \"%s\"\n", file, string_of(test, "name"),
                      pk_buf_text(&out), string_of(test, "expected"));
    }
    pk_buf_free(&out);
    pk_arena_free(&arena);
    json_values_forget();
    return equal;
}

static unsigned run_file(const char *folder, const char *name, unsigned *total)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s.json", folder, name);
    char *json = read_whole(path);
    assert_non_null(json);
    cJSON *spec = cJSON_Parse(json);
    free(json);
    assert_non_null(spec);
    unsigned passed = 0;
    const cJSON *test = NULL;
    cJSON_ArrayForEach(test, cJSON_GetObjectItemCaseSensitive(spec, "tests"))
    {
        (*total)++;
        passed += passes(name, test) ? 1 : 0;
    }
    cJSON_Delete(spec);
    return passed;
}

static void test_specification(void **state)
{
    (void)state;
    const char *named = getenv("MUSTACHE_SPEC"); // NOLINT(concurrency-mt-unsafe): one thread
    const char *folder = named ? named : PK_SOURCE_DIR "/../shared/data/mustache-spec";
    DIR *found = opendir(folder);
    if (!found) {
        print_message("mustache spec: skipped; its tests are not in %s (MUSTACHE_SPEC names "
                      "another folder)\n",
                      folder);
        skip();
    }
    (void)closedir(found);
    unsigned total = 0;
    unsigned passed = 0;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        passed += run_file(folder, files[i], &total);
    }
    print_message("mustache spec: %u of %u\n", passed, total);
    assert_int_equal(passed, total);
    assert_true(total >= EXPECTED_TESTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_specification)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
