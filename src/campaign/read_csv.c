#include "campaign/read_csv.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_VICTIMS = 10000000 };

/* The file while it is read. */
typedef struct csv {
    pk_reader *reader;
    const pk_node *node; /* that names the file */
    const char *file;
    long (*read)(void *user, char *block, size_t size);
    void *user; /* of read */
    pk_column columns[PK_CSV_MAX_FIELDS];
    size_t column_count;
    bool has_header;
    bool is_usable;            /* the header names what is needed */
    bool encoding_told;        /* that it is not UTF-8 */
    size_t fault_count;        /* rows that are no CSV */
    prankcurl_person **people; /* owned; to be moved into the arena */
    size_t count;
    size_t capacity;
} csv;

static const char *column_name(const csv *c, size_t i)
{
    return i < c->column_count ? c->columns[i].name : NULL;
}

static pk_cell cell_of(const csv *c, const pk_csv_row *row, size_t i)
{
    const pk_csv_field *field = &row->fields[i];
    return (pk_cell){c->file, column_name(c, i), row->number, field->line, field->column};
}

static void complain_bytes(csv *c, const pk_csv_row *row, size_t i, const char *bad)
{
    pk_cell cell = cell_of(c, row, i);
    pk_at at = {.cell = &cell};
    if (!*bad) {
        pk_complain_at(c->reader, &at, "holds a NUL byte, which is no text; take it out");
    } else if (!c->encoding_told) {
        c->encoding_told = true; /* where one is, all are */
        pk_complain_at(
            c->reader, &at,
            "byte 0x%02x is not UTF-8; the file looks like Latin-1 or Windows-1252. Save "
            "it as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8 %.400s",
            (unsigned char)*bad, c->file);
    }
}

/* Whether all of the row is text. */
static bool check_text(csv *c, const pk_csv_row *row)
{
    bool is_valid = pk_utf8_valid_len(row->text, row->len) == row->len;
    bool is_good = true;
    for (size_t i = 0; i < row->count; i++) {
        const pk_csv_field *field = &row->fields[i];
        size_t valid = is_valid ? field->len : pk_utf8_valid_len(field->text, field->len);
        size_t nul = strlen(field->text);
        size_t good = valid < nul ? valid : nul;
        if (good < field->len) {
            complain_bytes(c, row, i, field->text + good);
            is_good = false;
        }
    }
    return is_good;
}

static bool is_blank(const char *text)
{
    return !text[strspn(text, " \t")];
}

static bool is_blank_row(const pk_csv_row *row)
{
    size_t i = 0;
    while (i < row->count && strlen(row->fields[i].text) == row->fields[i].len &&
           is_blank(row->fields[i].text)) {
        i++;
    }
    return i == row->count;
}

/* Whether the row has a cell for every column, and nothing behind them. */
static bool check_count(csv *c, const pk_csv_row *row)
{
    size_t count = row->count;
    while (count > c->column_count && is_blank(row->fields[count - 1].text)) {
        count--;
    }
    if (count == c->column_count) {
        return true;
    }
    pk_cell cell = {c->file, NULL, row->number, row->fields[0].line, row->fields[0].column};
    pk_complain_at(c->reader, &(pk_at){.cell = &cell},
                   count < c->column_count
                       ? "has %zu of %zu fields; every row needs as many as the header"
                       : "has %zu fields, but the header only %zu; a field that holds a delimiter "
                         "has to be quoted",
                   count, c->column_count);
    return false;
}

static prankcurl_person *add_person(csv *c, const pk_csv_row *row)
{
    if (c->count == c->capacity) {
        size_t capacity = c->capacity ? c->capacity * 2 : 64;
        prankcurl_person **people = realloc((void *)c->people, capacity * sizeof *people);
        if (!people) {
            c->reader->no_memory = true;
            return NULL;
        }
        c->people = people;
        c->capacity = capacity;
    }
    prankcurl_person *person = pk_reader_alloc(c->reader, 1, sizeof *person);
    if (person) {
        person->origin = PK_FROM_CSV;
        person->number = (uint32_t)row->number;
        c->people[c->count++] = person;
    }
    return person;
}

static void read_cell(csv *c, const pk_csv_row *row, size_t i, prankcurl_person *person)
{
    const pk_csv_field *field = &row->fields[i];
    pk_cell cell = cell_of(c, row, i);
    pk_at at = {.cell = &cell};
    switch (c->columns[i].kind) {
    case PK_COLUMN_NAME:
        pk_person_set_name(c->reader, &at, pk_trim(field->text), person);
        break;
    case PK_COLUMN_ADDRESS:
        pk_person_set_address(c->reader, &at, pk_trim(field->text), person);
        break;
    case PK_COLUMN_OPTED_IN:
        if (!is_blank(field->text)) {
            pk_person_set_opted_in(c->reader, &at, pk_trim(field->text), person);
        }
        break;
    case PK_COLUMN_VAR: /* see read_vars() */
    case PK_COLUMN_NONE:
        break;
    }
}

/* An empty cell is a variable that this person has not. */
static bool is_var(const csv *c, const pk_csv_row *row, size_t i)
{
    return c->columns[i].kind == PK_COLUMN_VAR && !is_blank(row->fields[i].text);
}

static size_t count_vars(const csv *c, const pk_csv_row *row)
{
    size_t count = 0;
    for (size_t i = 0; i < c->column_count; i++) {
        count += is_var(c, row, i) ? 1 : 0;
    }
    return count;
}

static bool read_var(csv *c, const pk_csv_row *row, size_t i, pk_var *var)
{
    char why[256];
    const char *text = row->fields[i].text;
    if (pk_body_fault(text, why, sizeof why)) {
        pk_cell cell = cell_of(c, row, i);
        pk_complain_at(c->reader, &(pk_at){.cell = &cell}, "%s", why);
        return false;
    }
    *var = (pk_var){c->columns[i].name, pk_reader_keep(c->reader, text), true};
    return var->value != NULL;
}

static void read_vars(csv *c, const pk_csv_row *row, prankcurl_person *person)
{
    size_t count = count_vars(c, row);
    pk_var *vars = count ? pk_reader_alloc(c->reader, count, sizeof *vars) : NULL;
    person->vars = vars;
    for (size_t i = 0; vars && i < c->column_count; i++) {
        if (is_var(c, row, i) && read_var(c, row, i, &vars[person->var_count])) {
            person->var_count++;
        }
    }
}

/* A row becomes a person even when it is wrong, so that others are not told what follows from it.
 */
static bool read_person(csv *c, const pk_csv_row *row)
{
    if (c->count == MAX_VICTIMS) {
        pk_complain(c->reader, c->node, "has more than %d victims, which is as many as can be read",
                    MAX_VICTIMS);
        return false;
    }
    prankcurl_person *person = add_person(c, row);
    if (!person || !check_text(c, row) || !check_count(c, row)) {
        return person != NULL;
    }
    read_vars(c, row, person);
    for (size_t i = 0; i < c->column_count && !c->reader->no_memory; i++) {
        read_cell(c, row, i, person);
    }
    return !c->reader->no_memory;
}

static bool take_header(csv *c, const pk_csv_row *row)
{
    c->has_header = true;
    c->is_usable = check_text(c, row) &&
                   pk_read_csv_header(c->reader, c->file, row, c->columns, &c->column_count);
    for (size_t i = 0; i < c->column_count; i++) {
        if (c->columns[i].kind == PK_COLUMN_ADDRESS) {
            pk_loading_of(c->reader)->csv_address = c->columns[i].name;
        }
    }
    return c->is_usable;
}

static bool take_row(void *user, const pk_csv_row *row)
{
    csv *c = user;
    if (is_blank_row(row) || (c->has_header && !c->is_usable)) {
        return c->is_usable || !c->has_header;
    }
    return c->has_header ? read_person(c, row) : take_header(c, row);
}

static void take_fault(void *user, const pk_csv_fault *fault)
{
    csv *c = user;
    pk_cell cell = {c->file, column_name(c, fault->field), fault->row, fault->line, fault->column};
    c->has_header = true; /* where the header is broken, no row can be read: it is not usable */
    c->fault_count++;
    pk_complain_at(c->reader, &(pk_at){.cell = &cell}, "%s", fault->message);
}

static long read_block(void *user, char *block, size_t size)
{
    const csv *c = user;
    return c->read(c->user, block, size);
}

static void complain_empty(csv *c)
{
    pk_place place = {.file = c->file, .line = 1, .column = 1};
    pk_errors_addf(
        c->reader->errors, PRANKCURL_CAMPAIGN, &place,
        c->has_header
            ? "the file has a header and nobody below it; a campaign needs at least two victims"
            : "the file is empty; a header is expected, which names the columns, and victims "
              "below it");
}

/* Moves the people into the campaign. */
static void keep_people(csv *c)
{
    pk_loading *loading = pk_loading_of(c->reader);
    prankcurl_campaign *campaign = loading->campaign;
    campaign->victims = pk_reader_alloc(c->reader, c->count, sizeof(void *));
    if (campaign->victims && c->count) {
        memcpy((void *)campaign->victims, (const void *)c->people, c->count * sizeof(void *));
        campaign->victim_count = c->count;
    }
}

void pk_read_csv(pk_reader *reader, const pk_node *node, const char *file, char delimiter,
                 long (*read)(void *user, char *block, size_t size), void *user)
{
    pk_loading *loading = pk_loading_of(reader);
    csv *c = calloc(1, sizeof *c);
    if (!c) {
        reader->no_memory = true;
        return;
    }
    *c = (csv){.reader = reader, .node = node, .file = file, .read = read, .user = user};
    loading->csv_file = file;
    pk_csv_source source = {.read = read_block,
                            .row = take_row,
                            .fault = take_fault,
                            .user = c,
                            .delimiter = delimiter};
    pk_csv_status status = pk_csv_read(&source);
    reader->no_memory = reader->no_memory || status == PK_CSV_NO_MEMORY;
    if (status == PK_CSV_WHOLE && !c->fault_count && c->count == 0) {
        complain_empty(c);
    }
    keep_people(c);
    loading->victims_whole = status == PK_CSV_WHOLE && !c->fault_count && c->count > 0;
    free((void *)c->people);
    free(c);
}
