/* Which part of a name is the first name, and where that can't be told. */
#include "message/first_name.h"

#include "unit.h"

#include <string.h>

static void test_first_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *first; /* NULL: it can't be told */
    } cases[] = {
        {"Zoé Müller", "Zoé"},
        {"Müller, Zoé", "Zoé"},
        {"Müller,Zoé", "Zoé"},
        {"Müller, Dr. Zoé Anna", "Zoé"},
        {"  Zoé\u00a0Müller ", "Zoé"},
        {"Madonna", "Madonna"},
        {"Anne-Marie Duval", "Anne-Marie"},
        {"O'Neil, Siân", "Siân"},
        {"Dr. Zoé Müller", "Zoé"},
        {"Frau Prof. Dr. Zoé Müller", "Zoé"},
        {"MR John Smith", "John"},
        {"Mme Élodie Martin", "Élodie"},
        {"Martin Luther King, Jr.", "Martin"},
        {"Zoé Müller, PhD", "Zoé"},
        {"Zoé Müller, M.Sc., MBA", "Zoé"},
        {"King, Martin Luther, Jr.", "Martin"},
        {"Łukasz Żak", "Łukasz"},
        {"Дмитрий Иванов", "Дмитрий"},
        {"דנה כהן", "דנה"},
        {"محمد علي", "محمد"},
        {"山田 太郎", "太郎"},
        {"김 철수", "철수"},
        {"สมชาย ใจดี", "สมชาย"},
        {"Frau Müller", NULL},
        {"Herr Dr. Müller", NULL},
        {"Dr.", NULL},
        {"Mr", NULL},
        {"J. Müller", NULL},
        {"J Müller", NULL},
        {"M. Dupont", NULL},
        {"王小明", NULL},
        {"김철수", NULL},
        {"やまだたろう", NULL},
        {"ゾエ・ミュラー", NULL},
        {"ゾエ ミュラー", NULL},
        {"สมชายใจดี", NULL},
        {"山田 花 太郎", NULL},
        {"MÜLLER Zoé", "Zoé"},
        {"Zoé MÜLLER", "Zoé"},
        {"ZOÉ MÜLLER", "ZOÉ"},
        {"JP Morgan", "JP"},
        {"anna@schule.test", NULL},
        {"anna.schmidt", NULL},
        {"Familie Schmidt", NULL},
        {"Klasse 4b", NULL},
        {"Sekretariat", NULL},
        {"R2D2 Smith", NULL},
        {"Rektorin Anna Weiß", "Anna"},
        {"Hausmeister Krause", NULL},
        {"", NULL},
        {",", NULL},
        {"Müller,", "Müller"},
        {"12 Monkeys", NULL},
        {"(nobody)", NULL},
        {"😀", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *first = NULL;
        size_t len = 0;
        bool told = pk_first_name(cases[i].name, &first, &len);
        const char *expected = cases[i].first ? cases[i].first : "";
        len = told ? len : 0;
        if (len != strlen(expected) || (len > 0 && memcmp(first, expected, len) != 0)) {
            fail_msg("%s: \"%.*s\" instead of \"%s\"", cases[i].name, (int)len, first, expected);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_first_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
