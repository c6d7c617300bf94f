#include "campaign/person.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAME = 255 };

static pk_place cell_place(const pk_cell *cell, char pointer[PK_POINTER_MAX])
{
    if (cell->column_name) {
        (void)snprintf(pointer, PK_POINTER_MAX, "row %zu, column \"%.200s\"", cell->row,
                       cell->column_name);
    } else {
        (void)snprintf(pointer, PK_POINTER_MAX, "row %zu", cell->row);
    }
    return (pk_place){cell->file, pointer, cell->line, cell->column};
}

void pk_complain_at(pk_reader *reader, const pk_at *at, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (at->node) {
        pk_complain(reader, at->node, "%s", text);
        return;
    }
    char pointer[PK_POINTER_MAX];
    pk_place place = cell_place(at->cell, pointer);
    pk_errors_addf(reader->errors, PRANKCURL_CAMPAIGN, &place, "%s", text);
}

pk_place pk_person_place(const pk_reader *reader, const prankcurl_person *person,
                         char pointer[PK_POINTER_MAX])
{
    const pk_loading *loading = pk_loading_of(reader);
    if (person->origin == PK_FROM_CSV) {
        pk_cell cell = {loading->csv_file, loading->csv_address, person->number, person->line,
                        person->column};
        return cell_place(&cell, pointer);
    }
    (void)snprintf(pointer, PK_POINTER_MAX, "%s[%u].address",
                   person->origin == PK_FROM_WITNESSES ? "witnesses" : "victims", person->number);
    return (pk_place){reader->file, pointer, person->line, person->column};
}

void pk_person_set_name(pk_reader *reader, const pk_at *at, const char *text,
                        prankcurl_person *person)
{
    char why[256];
    if (strlen(text) > MAX_NAME) {
        pk_complain_at(reader, at, "is longer than 255 bytes; a shorter name is expected");
    } else if (pk_line_fault(text, "a name", why, sizeof why)) {
        pk_complain_at(reader, at, "%s", why);
    } else {
        person->name = pk_text_nfc(reader->arena, text);
        reader->no_memory = reader->no_memory || !person->name;
    }
}

static void note_place(const pk_at *at, prankcurl_person *person)
{
    person->line = at->node ? at->node->line : at->cell->line;
    person->column = at->node ? at->node->column : at->cell->column;
}

void pk_person_set_address(pk_reader *reader, const pk_at *at, const char *text,
                           prankcurl_person *person)
{
    char complaint[512];
    const char *why = NULL;
    switch (pk_address_parse(reader->arena, text, &person->address, &why)) {
    case PK_ADDRESS_NO_MEMORY:
        reader->no_memory = true;
        break;
    case PK_ADDRESS_BAD:
        pk_address_complaint(complaint, sizeof complaint, text, why,
                             "an address like name@example.org is expected");
        pk_complain_at(reader, at, "%s", complaint);
        person->address = (pk_address){0};
        break;
    case PK_ADDRESS_OK:
        note_place(at, person);
        break;
    }
}

static bool is_date(const char *text)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const char form[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof form; i++) {
        bool fits = form[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == form[i];
        if (!fits) {
            return false;
        }
    }
    int year =
        (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + text[3] - '0';
    int month = (text[5] - '0') * 10 + text[6] - '0';
    int day = (text[8] - '0') * 10 + text[9] - '0';
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] &&
           (month != 2 || day < 29 || leap);
}

void pk_person_set_opted_in(pk_reader *reader, const pk_at *at, const char *text,
                            prankcurl_person *person)
{
    if (!is_date(text)) {
        pk_complain_at(reader, at, "is no date; the day of consent is expected, as 2027-03-01");
    }
    person->opted_in = true; /* a bad date is told once, not as missing consent too */
}

bool pk_is_taken_var_name(const char *name)
{
    return strcmp(name, "name") == 0 || strcmp(name, "address") == 0 || strcmp(name, "vars") == 0;
}

bool pk_is_var_name(const char *name)
{
    for (const char *p = name; *p; p++) {
        char c = pk_ascii_lower(*p);
        bool letter = (c >= 'a' && c <= 'z') || c == '_' || (unsigned char)c >= 0x80;
        bool later = (c >= '0' && c <= '9') || c == '-';
        if (!letter && !(later && p > name)) {
            return false;
        }
    }
    return *name && !pk_find_control(name, "");
}

static bool make_room(pk_loading *loading)
{
    if (loading->var_name_count < loading->var_name_capacity) {
        return true;
    }
    size_t capacity = loading->var_name_capacity ? loading->var_name_capacity * 2 : 16;
    const char **names = realloc(loading->var_names, capacity * sizeof *names);
    if (!names) {
        return false;
    }
    loading->var_names = names;
    loading->var_name_capacity = capacity;
    return true;
}

const char *pk_keep_var_name(pk_reader *reader, const char *name)
{
    pk_loading *loading = pk_loading_of(reader);
    uint32_t number = pk_index_find(&loading->var_index, name);
    if (number != PK_INDEX_NONE) {
        return loading->var_names[number];
    }
    const char *kept = pk_reader_keep(reader, name);
    if (!kept || !make_room(loading) ||
        pk_index_add(&loading->var_index, kept, (uint32_t)loading->var_name_count, &number) ==
            PK_INDEX_NO_MEMORY) {
        reader->no_memory = true;
        return NULL;
    }
    loading->var_names[loading->var_name_count++] = kept;
    return kept;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void pk_sort_var_names(pk_reader *reader)
{
    const pk_loading *loading = pk_loading_of(reader);
    size_t count = loading->var_name_count;
    const char **names = pk_reader_alloc(reader, count, sizeof *names);
    if (!names || !count) {
        return;
    }
    memcpy(names, loading->var_names, count * sizeof *names);
    qsort(names, count, sizeof *names, by_name);
    loading->campaign->var_names = names;
    loading->campaign->var_name_count = count;
}
