#include "unit.h"

#include "campaign/read_csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file in memory, given in pieces. */
typedef struct bytes {
    const char *data;
    size_t len;
    size_t at;
    size_t step;
} bytes;

static long give(void *user, char *block, size_t size)
{
    bytes *b = user;
    size_t len = b->len - b->at;
    len = len < size ? len : size;
    len = len < b->step ? len : b->step;
    memcpy(block, b->data + b->at, len);
    b->at += len;
    return (long)len;
}

/* What the rows of a file come to, as text: `2@3:1[a|b]` is row 2 whose first field is at 3:1. */
typedef struct seen {
    bytes from; /* first, as it is the user of give() */
    char text[8192];
    size_t row_limit; /* rows wanted */
} seen;

static void note(seen *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(seen *s, const char *format, ...)
{
    size_t len = strlen(s->text);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(s->text + len, sizeof s->text - len, format, args);
    va_end(args);
}

static bool note_row(void *user, const pk_csv_row *row)
{
    seen *s = user;
    note(s, "%zu@", row->number);
    for (size_t i = 0; i < row->count; i++) {
        const pk_csv_field *field = &row->fields[i];
        note(s, "%s%u:%u=%s", i ? "|" : "", field->line, field->column, field->text);
        assert_int_equal(strlen(field->text), field->len);
    }
    note(s, "\n");
    return --s->row_limit > 0;
}

static void note_fault(void *user, const pk_csv_fault *fault)
{
    note(user, "%zu.%zu@%u:%u! %.20s\n", fault->row, fault->field, fault->line, fault->column,
         fault->message);
}

static pk_csv_status read_rows(seen *s, const char *data, size_t len, char delimiter,
                               size_t block_size)
{
    s->from = (bytes){data, len, 0, len + 1};
    s->text[0] = '\0';
    pk_csv_source source = {give, note_row, note_fault, s, delimiter, block_size};
    return pk_csv_read(&source);
}

static void assert_rows(const char *data, const char *expected)
{
    seen s = {.row_limit = 1000};
    assert_int_equal(read_rows(&s, data, strlen(data), '\0', 0), PK_CSV_WHOLE);
    assert_string_equal(s.text, expected);
}

static void rows_are_those_of_rfc_4180(void **state)
{
    (void)state;
    assert_rows("", "");
    assert_rows("a", "1@1:1=a\n");
    assert_rows("a,b\r\nc,d\r\n", "1@1:1=a|1:3=b\n2@2:1=c|2:3=d\n");
    assert_rows("a,b\nc,d", "1@1:1=a|1:3=b\n2@2:1=c|2:3=d\n");
    assert_rows("a,b\rc,d\r", "1@1:1=a|1:3=b\n2@2:1=c|2:3=d\n");
    assert_rows("\"a\",\"b,\"\"c\"\"\"\n", "1@1:1=a|1:5=b,\"c\"\n");
    assert_rows(",\n\"\",\"\"\n", "1@1:1=|1:2=\n2@2:1=|2:4=\n");
    assert_rows(" a , b ", "1@1:1= a |1:5= b \n");
}

static void line_ends_inside_quotes_count_as_lines(void **state)
{
    (void)state;
    assert_rows("\"a\nb\",c\nd,e\n", "1@1:1=a\nb|2:4=c\n2@3:1=d|3:3=e\n");
    assert_rows("\"a\r\nb\rc\",d\r\ne,f", "1@1:1=a\r\nb\rc|3:4=d\n2@4:1=e|4:3=f\n");
    assert_rows("\"\r\",\"\n\"\n", "1@1:1=\r|2:3=\n\n");
}

static void columns_are_characters(void **state)
{
    (void)state;
    assert_rows("\xef\xbb\xbfé,日本語,x\nö,,y", "1@1:1=é|1:3=日本語|1:7=x\n2@2:1=ö|2:3=|2:4=y\n");
}

static void empty_lines_are_counted_and_left_out(void **state)
{
    (void)state;
    assert_rows("\n\r\n\ra,b\n\nc,d\r\n\r\ne,f", "4@4:1=a|4:3=b\n6@6:1=c|6:3=d\n8@8:1=e|8:3=f\n");
}

static void the_first_row_shows_the_delimiter(void **state)
{
    (void)state;
    assert_rows("a;b\nc,d;e\n", "1@1:1=a|1:3=b\n2@2:1=c,d|2:5=e\n");
    assert_rows("a\tb\n1,2\t3\n", "1@1:1=a|1:3=b\n2@2:1=1,2|2:5=3\n");
    assert_rows("a|b\n", "1@1:1=a|1:3=b\n");
    assert_rows("\n\"a,b,c\";d\n", "2@2:1=a,b,c|2:9=d\n");
    assert_rows("a\n;\n", "1@1:1=a\n2@2:1=;\n");
}

static void a_broken_row_is_told_and_left_out(void **state)
{
    (void)state;
    assert_rows("a,b\"c,d\ne,f\n", "1.1@1:4! has a quote inside; \n2@2:1=e|2:3=f\n");
    assert_rows("a,\"é\"x\r\n\r\ne,f\n", "1.1@1:6! has text behind its \n3@3:1=e|3:3=f\n");
    assert_rows("\"a\nb\" ,c\nd,e", "1.0@2:3! has text behind its \n2@3:1=d|3:3=e\n");
    assert_rows("a\"b", "1.0@1:2! has a quote inside; \n");
}

static void assert_stops(const char *data, size_t len, const char *expected)
{
    seen s = {.row_limit = 1000};
    assert_int_equal(read_rows(&s, data, len, ',', 0), PK_CSV_STOPPED);
    assert_string_equal(s.text, expected);
}

static void what_never_ends_stops(void **state)
{
    (void)state;
    static char large[3 << 20];
    memset(large, 'x', sizeof large);
    assert_stops("a,b\n\"c,d\n", 9, "1@1:1=a|1:3=b\n2.0@2:1! begins with a quote \n");
    assert_stops("\xff\xfe"
                 "a\0",
                 4, "1.0@1:1! the file is UTF-16; \n");
    assert_stops(large, sizeof large, "1.0@1:1! is longer than 1 MiB\n");
    memcpy(large, "a\n\"", 3);
    assert_stops(large, sizeof large, "1@1:1=a\n2.0@2:1! is longer than 1 MiB\n");
}

static void more_fields_than_can_be_are_told_once(void **state)
{
    (void)state;
    char commas[2001];
    memset(commas, ',', sizeof commas - 1);
    commas[2000] = '\0';
    assert_rows(commas, "1.1000@1:1001! has more than 1000 f\n");
}

static void no_more_rows_than_wanted(void **state)
{
    (void)state;
    seen s = {.row_limit = 1};
    assert_int_equal(read_rows(&s, "a\nb\nc\n", 6, ',', 0), PK_CSV_STOPPED);
    assert_string_equal(s.text, "1@1:1=a\n");
}

/* Wherever a block ends, the rows are the same. */
static void borders_of_blocks_do_not_show(void **state)
{
    (void)state;
    static const char data[] = "a,\"b\r\n\"\"ü\"\r\n\r\nö\rx\"y,1\n\"p\nq\",,日本\n\"z\"u\nend,";
    seen whole = {.row_limit = 1000};
    assert_int_equal(read_rows(&whole, data, sizeof data - 1, ',', 0), PK_CSV_WHOLE);
    for (size_t size = 1; size < sizeof data; size++) {
        seen s = {.row_limit = 1000};
        assert_int_equal(read_rows(&s, data, sizeof data - 1, ',', size), PK_CSV_WHOLE);
        assert_string_equal(s.text, whole.text);
    }
}

/* People: the campaign around a CSV file, as it is loaded. */
typedef struct loaded {
    prankcurl_campaign *campaign;
    pk_loading loading;
    pk_reader reader;
    prankcurl_errors errors;
} loaded;

static void load(loaded *l, const char *data, size_t len)
{
    *l = (loaded){.campaign = calloc(1, sizeof *l->campaign), .errors = PRANKCURL_ERRORS_INIT};
    assert_non_null(l->campaign);
    l->loading = (pk_loading){.campaign = l->campaign};
    l->reader = (pk_reader){.file = "c.json",
                            .what = "campaign",
                            .arena = &l->campaign->arena,
                            .errors = &l->errors,
                            .owner = &l->loading};
    assert_true(pk_reader_parse(&l->reader, "{}", 2));
    bytes b = {data, len, 0, 7};
    pk_read_csv(&l->reader, pk_document_root(&l->reader.document), "v.csv", '\0', give, &b);
    pk_sort_var_names(&l->reader);
    pk_index_people(&l->reader);
    assert_false(l->reader.no_memory);
}

static void unload(loaded *l)
{
    pk_document_free(&l->reader.document);
    pk_loading_free(&l->loading);
    prankcurl_campaign_free(l->campaign);
    prankcurl_errors_free(&l->errors);
}

static void load_good(loaded *l, const char *data)
{
    load(l, data, strlen(data));
    if (l->errors.count) {
        print_message("%s\n", l->errors.items[0].message);
    }
    assert_int_equal(l->errors.count, 0);
}

static void columns_become_people(void **state)
{
    (void)state;
    loaded l;
    load_good(&l, " Desk , ADDRESS,Name,opted_in,phone\n"
                  "4.12, Bob@x.test ,\" Bob \",,\n"
                  ",cleo@x.test,Cleo,2027-03-01,123\n");
    assert_int_equal(l.campaign->victim_count, 2);
    const prankcurl_person *bob = l.campaign->victims[0];
    const prankcurl_person *cleo = l.campaign->victims[1];
    assert_string_equal(bob->name, "Bob");
    assert_string_equal(bob->address.text, "Bob@x.test");
    assert_string_equal(bob->address.key, "bob@x.test");
    assert_string_equal(bob->address.domain, "x.test");
    assert_false(bob->opted_in);
    assert_true(cleo->opted_in);
    assert_int_equal(bob->var_count, 1);
    assert_string_equal(bob->vars[0].name, "Desk");
    assert_string_equal(bob->vars[0].value, "4.12");
    assert_true(bob->vars[0].is_true);
    assert_int_equal(cleo->var_count, 1);
    assert_string_equal(cleo->vars[0].name, "phone");
    assert_int_equal(pk_find_victim(&l.reader, "cleo@x.test"), 1);
    assert_true(pk_find_victim(&l.reader, "dan@x.test") == PK_ANY);
    unload(&l);
}

/* A template can ask for them, though nobody has one: they are known, and absent. */
static void columns_without_a_value_are_known(void **state)
{
    (void)state;
    loaded l;
    load_good(&l, "name,address,zebra,apple\na,a@x.test,,\nb,b@x.test, ,\n");
    assert_int_equal(l.campaign->victims[0]->var_count, 0);
    assert_int_equal(l.campaign->victims[1]->var_count, 0);
    assert_int_equal(l.campaign->var_name_count, 2);
    assert_string_equal(l.campaign->var_names[0], "apple");
    assert_string_equal(l.campaign->var_names[1], "zebra");
    unload(&l);
}

static void names_are_composed(void **state)
{
    (void)state;
    loaded l;
    load_good(&l, "name,address\nZoe\u0308,a@x.test\nZo\u00eb,b@x.test\n");
    assert_string_equal(l.campaign->victims[0]->name, "Zo\u00eb");
    assert_string_equal(l.campaign->victims[1]->name, "Zo\u00eb");
    unload(&l);
}

static void places_are_made_when_they_are_asked_for(void **state)
{
    (void)state;
    loaded l;
    char pointer[PK_POINTER_MAX];
    load_good(&l, "name, Address \n\"A\",a@x.test\n\n\"Zoë\",b@x.test\n");
    pk_place place = pk_person_place(&l.reader, l.campaign->victims[1], pointer);
    assert_string_equal(place.file, "v.csv");
    assert_string_equal(place.pointer, "row 4, column \"Address\"");
    assert_int_equal(place.line, 4);
    assert_int_equal(place.column, 7);
    unload(&l);
}

/* A million wrong rows are counted, and a thousand told. */
static void errors_are_bounded(void **state)
{
    (void)state;
    enum { ROWS = 5000 };
    static const char header[] = "name,address\n";
    static const char row[] = "a,@\n";
    char *data = malloc(sizeof header + ROWS * sizeof row);
    assert_non_null(data);
    size_t len = sizeof header - 1;
    memcpy(data, header, len);
    for (size_t i = 0; i < ROWS; i++) {
        memcpy(data + len, row, sizeof row - 1);
        len += sizeof row - 1;
    }
    loaded l;
    load(&l, data, len);
    free(data);
    assert_int_equal(l.errors.count, 1000);
    assert_int_equal(l.errors.left_out, ROWS - 1000);
    assert_int_equal(l.errors.items[999].line, 1001);
    assert_int_equal(l.campaign->victim_count, ROWS);
    unload(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_those_of_rfc_4180),
        cmocka_unit_test(line_ends_inside_quotes_count_as_lines),
        cmocka_unit_test(columns_are_characters),
        cmocka_unit_test(empty_lines_are_counted_and_left_out),
        cmocka_unit_test(the_first_row_shows_the_delimiter),
        cmocka_unit_test(a_broken_row_is_told_and_left_out),
        cmocka_unit_test(what_never_ends_stops),
        cmocka_unit_test(more_fields_than_can_be_are_told_once),
        cmocka_unit_test(no_more_rows_than_wanted),
        cmocka_unit_test(borders_of_blocks_do_not_show),
        cmocka_unit_test(columns_become_people),
        cmocka_unit_test(columns_without_a_value_are_known),
        cmocka_unit_test(names_are_composed),
        cmocka_unit_test(places_are_made_when_they_are_asked_for),
        cmocka_unit_test(errors_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
