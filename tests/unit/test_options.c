#include "unit.h"

#include "base/options.h"

#include <string.h>

typedef struct settings {
    const char *port;
    bool help;
} settings;

static prankcurl_status set_port(void *target, const char *value, prankcurl_error *error)
{
    ((settings *)target)->port = value;
    return strcmp(value, "0") == 0 ? pk_error_set(error, PRANKCURL_USAGE, NULL, "no port")
                                   : PRANKCURL_OK;
}

static prankcurl_status set_help(void *target, const char *value, prankcurl_error *error)
{
    (void)error;
    assert_null(value);
    ((settings *)target)->help = true;
    return PRANKCURL_OK;
}

static const pk_option options[] = {
    {'p', "port", "PORT", 1, set_port, "listen here"},
    {0, "help", NULL, 1, set_help, "show this"},
};

static const pk_option_table table = {"other", options, 2};

enum { MAX_WORDS = 8 };

typedef struct taken {
    settings settings;
    bool given[2];
    int first;
    char *argv[MAX_WORDS + 2];
    prankcurl_error error;
} taken;

static prankcurl_status take(taken *t, const char *const *words)
{
    int argc = 1;
    *t = (taken){.argv = {(char *)table.program}};
    for (; words[argc - 1]; argc++) {
        t->argv[argc] = (char *)words[argc - 1];
    }
    return pk_options_take(&table, argc, t->argv, &t->settings, t->given, &t->first, &t->error);
}

/* Every parse begins anew, though getopt_long() keeps its place in a global. */
static void options_are_told_from_words_each_time(void **state)
{
    (void)state;
    taken t;
    const char *const mixed[] = {"file", "-p25", "--help", "other", NULL};
    const char *const marked[] = {"--port=26", "--", "-p", NULL};
    const char *const nothing[] = {NULL};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(take(&t, mixed), PRANKCURL_OK);
        assert_string_equal(t.settings.port, "25");
        assert_true(t.settings.help && t.given[0] && t.given[1]);
        assert_int_equal(t.first, 3);
        assert_string_equal(t.argv[3], "file");
        assert_string_equal(t.argv[4], "other");
        assert_int_equal(take(&t, marked), PRANKCURL_OK);
        assert_string_equal(t.settings.port, "26");
        assert_true(t.given[0] && !t.given[1]);
        assert_string_equal(t.argv[t.first], "-p");
        assert_int_equal(take(&t, nothing), PRANKCURL_OK);
        assert_int_equal(t.first, 1);
    }
}

static void mistakes_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *words[4];
        const char *message;
    } wrong[] = {
        {{"--prt", "1"}, "no option of other: \"--prt\""},
        {{"-x"}, "no option of other: \"-x\""},
        {{"--help=1"}, "this option takes no value: \"--help\""},
        {{"--prt=secret"}, "no option of other: \"--prt\""},
        {{"file", "-xp", "1"}, "no option of other: \"-x\""},
        /* Abbreviated: with its value apart, in the same word, missing, and too much. */
        {{"--por", "1"}, "no option of other: \"--por\""},
        {{"--por=1"}, "no option of other: \"--por\""},
        {{"--por"}, "no option of other: \"--por\""},
        {{"--hel"}, "no option of other: \"--hel\""},
        {{"--hel=1"}, "no option of other: \"--hel\""},
        {{"file", "--por", "1"}, "no option of other: \"--por\""},
        {{"-p"}, "this option needs a value: \"-p\""},
        {{"--port"}, "this option needs a value: \"--port\""},
        {{"-p", "0"}, "no port"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        taken t;
        assert_int_equal(take(&t, wrong[i].words), PRANKCURL_USAGE);
        assert_string_equal(t.error.message, wrong[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_told_from_words_each_time),
        cmocka_unit_test(mistakes_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
