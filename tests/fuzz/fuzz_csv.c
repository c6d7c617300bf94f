/* libFuzzer: any bytes as a CSV file of victims. The first byte chooses delimiter and block size.
 *   build/fuzz/tests/fuzz_csv -max_total_time=600 build/corpus tests/fuzz/corpus/csv */
#include "campaign/read_csv.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

typedef struct bytes {
    const uint8_t *data;
    size_t len;
    size_t at;
    size_t step; /* at most so many at a time, as a pipe does it */
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

static void require(bool holds)
{
    if (!holds) {
        __builtin_trap();
    }
}

/* What was read without a complaint is whole. */
static void check_people(const prankcurl_campaign *campaign)
{
    for (size_t i = 0; i < campaign->victim_count; i++) {
        const prankcurl_person *person = campaign->victims[i];
        require(person->origin == PK_FROM_CSV && person->number > 1 && person->line > 0);
        require(person->name && person->address.text && person->address.key);
        require(strchr(person->address.text, '@') && strlen(person->name) > 0);
        for (size_t j = 0; j < person->var_count; j++) {
            require(pk_is_var_name(person->vars[j].name) && person->vars[j].value[0]);
        }
    }
}

static void read_people(pk_reader *reader, bytes *b, char delimiter)
{
    pk_loading *loading = pk_loading_of(reader);
    pk_read_csv(reader, pk_document_root(&reader->document), "fuzz.csv", delimiter, give, b);
    pk_sort_var_names(reader);
    pk_index_people(reader);
    if (!pk_errors_any(reader->errors)) {
        require(loading->victims_whole && loading->campaign->victim_count > 0);
        check_people(loading->campaign);
    }
}

/* Rows alone, over blocks so small that everything stands on a border. */
static bool take_row(void *user, const pk_csv_row *row)
{
    (void)user;
    size_t len = 0;
    for (size_t i = 0; i < row->count; i++) {
        require(row->fields[i].line > 0 && row->fields[i].column > 0);
        len += row->fields[i].len + 1;
    }
    require(len == row->len && row->number > 0);
    return true;
}

static void take_fault(void *user, const pk_csv_fault *fault)
{
    (void)user;
    require(fault->line > 0 && fault->column > 0 && fault->message);
}

static void read_rows(bytes *b, size_t block_size)
{
    pk_csv_source source = {.read = give,
                            .row = take_row,
                            .fault = take_fault,
                            .user = b,
                            .delimiter = ',',
                            .block_size = block_size};
    (void)pk_csv_read(&source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const char delimiters[] = {'\0', ',', ';', '\t', '|'};
    static const char json[] = "{}";
    if (len == 0) {
        return 0;
    }
    prankcurl_errors errors = PRANKCURL_ERRORS_INIT;
    prankcurl_campaign *campaign = calloc(1, sizeof *campaign);
    require(campaign != NULL);
    pk_loading loading = {.campaign = campaign};
    pk_reader reader = {.file = "fuzz.json",
                        .what = "campaign",
                        .arena = &campaign->arena,
                        .errors = &errors,
                        .owner = &loading};
    require(pk_reader_parse(&reader, json, sizeof json - 1));
    bytes b = {data + 1, len - 1, 0, data[0] / 16 + 1U};
    read_people(&reader, &b, delimiters[data[0] % sizeof delimiters]);
    b.at = 0;
    read_rows(&b, data[0] % 16 + 4U);
    pk_document_free(&reader.document);
    pk_loading_free(&loading);
    prankcurl_campaign_free(campaign);
    prankcurl_errors_free(&errors);
    return 0;
}
