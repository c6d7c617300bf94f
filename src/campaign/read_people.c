#include "campaign/reader.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_NAME = 255 };

static void read_name(pk_reader *reader, const pk_node *node, void *target)
{
    prankcurl_person *person = target;
    if (strlen(node->json->valuestring) > MAX_NAME) {
        pk_complain(reader, node, "is longer than 255 bytes; a shorter name is expected");
        return;
    }
    person->name = pk_node_line(reader, node, "a name");
}

static void read_address(pk_reader *reader, const pk_node *node, void *target)
{
    prankcurl_person *person = target;
    const char *text = node->json->valuestring;
    const char *why = NULL;
    switch (pk_address_parse(reader->arena, text, &person->address, &why)) {
    case PK_ADDRESS_NO_MEMORY:
        reader->no_memory = true;
        break;
    case PK_ADDRESS_BAD:
        pk_complain(reader, node, "\"%.300s\" %s; an address like name@example.org is expected",
                    text, why);
        person->address = (pk_address){0};
        break;
    case PK_ADDRESS_OK:
        person->place = pk_node_place(reader, node);
        break;
    }
}

/* `[A-Za-z_]` and everything beyond ASCII, then digits and hyphens too: what a {{tag}} can name. */
static bool is_var_name(const char *name)
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

static void note_var_name(pk_reader *reader, const char *name)
{
    prankcurl_campaign *campaign = pk_loading_of(reader)->campaign;
    size_t low = 0;
    size_t high = campaign->var_name_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(campaign->var_names[middle], name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < campaign->var_name_count && strcmp(campaign->var_names[low], name) == 0) {
        return;
    }
    const char **names =
        pk_reader_alloc(reader, campaign->var_name_count + 1, sizeof *campaign->var_names);
    if (!names) {
        return;
    }
    for (size_t i = 0; i <= campaign->var_name_count; i++) {
        names[i] = i < low ? campaign->var_names[i] : i == low ? name : campaign->var_names[i - 1];
    }
    campaign->var_names = names;
    campaign->var_name_count++;
}

static const char *var_value(pk_reader *reader, const pk_node *node)
{
    if (cJSON_IsString(node->json)) {
        return pk_node_text(reader, node);
    }
    /* A number or a word shows as it stands in the file. */
    const char *value =
        pk_arena_strndup(reader->arena, reader->document.scan.json + node->offset, node->len);
    reader->no_memory = reader->no_memory || !value;
    return value;
}

static bool is_true(const cJSON *json)
{
    if (cJSON_IsString(json)) {
        return json->valuestring[0] != '\0';
    }
    return cJSON_IsTrue(json) || (cJSON_IsNumber(json) && json->valuedouble != 0);
}

static bool read_var(pk_reader *reader, const pk_node *node, pk_var *var)
{
    const char *name = node->json->string;
    if (strcmp(name, "name") == 0 || strcmp(name, "address") == 0 || strcmp(name, "vars") == 0) {
        pk_complain(reader, node, "every person has \"%s\" already; choose another name", name);
        return false;
    }
    if (!is_var_name(name)) {
        pk_complain(reader, node,
                    "no template can name this; letters, digits, _ and - are expected, a letter "
                    "first");
        return false;
    }
    if (!pk_check_type(reader, node, PK_STRING | PK_NUMBER | PK_BOOL)) {
        return false;
    }
    if (cJSON_IsString(node->json) && !pk_check_body_text(reader, node, node->json->valuestring)) {
        return false;
    }
    *var = (pk_var){pk_reader_keep(reader, name), var_value(reader, node), is_true(node->json)};
    if (var->name) {
        note_var_name(reader, var->name);
    }
    return true;
}

static void read_vars(pk_reader *reader, const pk_node *node, void *target)
{
    prankcurl_person *person = target;
    pk_var *vars = pk_reader_alloc(reader, pk_node_count(node), sizeof *vars);
    if (!vars) {
        return;
    }
    person->vars = vars;
    const pk_document *document = &reader->document;
    for (const pk_node *n = pk_node_first(document, node); n; n = pk_node_next(document, n)) {
        person->var_count += read_var(reader, n, &vars[person->var_count]) ? 1 : 0;
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

static void read_opted_in(pk_reader *reader, const pk_node *node, void *target)
{
    prankcurl_person *person = target;
    if (!is_date(node->json->valuestring)) {
        pk_complain(reader, node, "is no date; the day of consent is expected, as 2027-03-01");
    }
    person->opted_in = true; /* a bad date is told once, not as missing consent too */
}

static const pk_field person_fields[] = {
    {"name", PK_STRING, true, read_name},
    {"address", PK_STRING, true, read_address},
    {"vars", PK_OBJECT, false, read_vars},
    {"opted_in", PK_STRING, false, read_opted_in},
};

void pk_read_person(pk_reader *reader, const pk_node *node, void *person)
{
    pk_read_object(reader, node, person_fields, sizeof person_fields / sizeof person_fields[0],
                   person);
}

/* A slot for every element, good or bad, so that numbers stay those of the file. */
static prankcurl_person **read_list(pk_reader *reader, const pk_node *node, size_t *count)
{
    *count = 0;
    prankcurl_person **people = pk_reader_alloc(reader, pk_node_count(node), sizeof(void *));
    prankcurl_person *slots = pk_reader_alloc(reader, pk_node_count(node), sizeof *slots);
    if (!people || !slots) {
        return NULL;
    }
    const pk_document *document = &reader->document;
    for (const pk_node *n = pk_node_first(document, node); n; n = pk_node_next(document, n)) {
        people[*count] = &slots[*count];
        if (pk_check_type(reader, n, PK_OBJECT)) {
            pk_read_person(reader, n, people[*count]);
        }
        (*count)++;
    }
    return people;
}

static const pk_field csv_fields[] = {{"csv", PK_STRING, true, pk_read_not_yet}};

void pk_read_victims(pk_reader *reader, const pk_node *node, void *target)
{
    prankcurl_campaign *campaign = target;
    pk_loading_of(reader)->victims = node;
    if (cJSON_IsObject(node->json)) {
        pk_read_object(reader, node, csv_fields, 1, NULL);
        return;
    }
    if (pk_node_count(node) == 0) {
        pk_complain(reader, node, "is empty; a campaign needs at least two victims");
    }
    campaign->victims = read_list(reader, node, &campaign->victim_count);
}

void pk_read_witnesses(pk_reader *reader, const pk_node *node, void *target)
{
    prankcurl_campaign *campaign = target;
    campaign->witnesses = read_list(reader, node, &campaign->witness_count);
}

static int by_key_then_number(const void *a, const void *b)
{
    const pk_index_entry *first = a;
    const pk_index_entry *second = b;
    int order = strcmp(first->key, second->key);
    return order ? order : (first->number > second->number) - (first->number < second->number);
}

static void complain_twice(pk_reader *reader, const prankcurl_person *again,
                           const prankcurl_person *first)
{
    pk_errors_addf(reader->errors, PRANKCURL_CAMPAIGN, &again->place,
                   "\"%s\" was already given at line %u, column %u; everybody is named once",
                   again->address.text, first->place.line, first->place.column);
}

static void index_victims(pk_reader *reader)
{
    pk_loading *loading = pk_loading_of(reader);
    const prankcurl_campaign *campaign = loading->campaign;
    pk_index_entry *entries = calloc(campaign->victim_count + 1, sizeof *entries);
    if (!entries) {
        reader->no_memory = true;
        return;
    }
    size_t count = 0;
    for (size_t i = 0; i < campaign->victim_count; i++) {
        if (campaign->victims[i]->address.key) {
            entries[count++] = (pk_index_entry){campaign->victims[i]->address.key, i};
        }
    }
    qsort(entries, count, sizeof *entries, by_key_then_number);
    size_t first = 0;
    for (size_t i = 1; i < count; i++) {
        if (strcmp(entries[i].key, entries[first].key) == 0) {
            complain_twice(reader, campaign->victims[entries[i].number],
                           campaign->victims[entries[first].number]);
        } else {
            first = i;
        }
    }
    loading->victim_index = entries;
    loading->victim_index_count = count;
}

size_t pk_find_victim(const pk_reader *reader, const char *key)
{
    const pk_loading *loading = pk_loading_of(reader);
    size_t low = 0;
    size_t high = loading->victim_index_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(loading->victim_index[middle].key, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found =
        low < loading->victim_index_count && strcmp(loading->victim_index[low].key, key) == 0;
    return found ? loading->victim_index[low].number : PK_ANY;
}

void pk_index_people(pk_reader *reader)
{
    const prankcurl_campaign *campaign = pk_loading_of(reader)->campaign;
    index_victims(reader);
    for (size_t i = 0; i < campaign->witness_count; i++) {
        const prankcurl_person *witness = campaign->witnesses[i];
        if (!witness->address.key) {
            continue;
        }
        size_t victim = pk_find_victim(reader, witness->address.key);
        if (victim != PK_ANY) {
            complain_twice(reader, witness, campaign->victims[victim]);
        }
        for (size_t j = 0; j < i; j++) {
            const char *key = campaign->witnesses[j]->address.key;
            if (key && strcmp(key, witness->address.key) == 0) {
                complain_twice(reader, witness, campaign->witnesses[j]);
                break;
            }
        }
    }
}
