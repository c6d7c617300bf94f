#include "campaign/person.h"

#include "base/text.h"

#include <string.h>

static void read_name(pk_reader *reader, const pk_node *node, void *person)
{
    pk_person_set_name(reader, &(pk_at){.node = node}, node->json->valuestring, person);
}

static void read_address(pk_reader *reader, const pk_node *node, void *person)
{
    pk_person_set_address(reader, &(pk_at){.node = node}, node->json->valuestring, person);
}

static void read_opted_in(pk_reader *reader, const pk_node *node, void *person)
{
    pk_person_set_opted_in(reader, &(pk_at){.node = node}, node->json->valuestring, person);
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
    if (pk_is_taken_var_name(name)) {
        pk_complain(reader, node, "every person has \"%s\" already; choose another name", name);
        return false;
    }
    if (!pk_is_var_name(name)) {
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
    *var = (pk_var){pk_keep_var_name(reader, name), var_value(reader, node), is_true(node->json)};
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
static prankcurl_person **read_list(pk_reader *reader, const pk_node *node, pk_origin origin,
                                    size_t *count)
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
        slots[*count].origin = (uint8_t)origin;
        slots[*count].number = (uint32_t)*count;
        if (pk_check_type(reader, n, PK_OBJECT)) {
            pk_read_person(reader, n, people[*count]);
        }
        (*count)++;
    }
    return people;
}

static const pk_field csv_fields[] = {
    {"csv", PK_STRING, true, pk_read_victims_csv},
    {"delimiter", PK_STRING, false, pk_read_ignored}, /* read with the file */
};

void pk_read_victims(pk_reader *reader, const pk_node *node, void *target)
{
    prankcurl_campaign *campaign = target;
    pk_loading *loading = pk_loading_of(reader);
    loading->victims = node;
    if (cJSON_IsObject(node->json)) {
        pk_read_object(reader, node, csv_fields, sizeof csv_fields / sizeof csv_fields[0],
                       campaign);
        return;
    }
    if (pk_node_count(node) == 0) {
        pk_complain(reader, node, "is empty; a campaign needs at least two victims");
    }
    campaign->victims = read_list(reader, node, PK_FROM_VICTIMS, &campaign->victim_count);
    loading->victims_whole = campaign->victims != NULL;
}

void pk_read_witnesses(pk_reader *reader, const pk_node *node, void *target)
{
    prankcurl_campaign *campaign = target;
    campaign->witnesses = read_list(reader, node, PK_FROM_WITNESSES, &campaign->witness_count);
}

static void complain_twice(pk_reader *reader, const prankcurl_person *again,
                           const prankcurl_person *first)
{
    char pointers[2][PK_POINTER_MAX];
    pk_place place = pk_person_place(reader, again, pointers[0]);
    pk_place before = pk_person_place(reader, first, pointers[1]);
    if (strcmp(place.file, before.file) == 0) {
        pk_errors_addf(reader->errors, PRANKCURL_CAMPAIGN, &place,
                       "\"%s\" was already given at line %u, column %u; everybody is named once",
                       again->address.shown, before.line, before.column);
    } else {
        pk_errors_addf(reader->errors, PRANKCURL_CAMPAIGN, &place,
                       "\"%s\" was already given at %s:%u:%u; everybody is named once",
                       again->address.shown, before.file, before.line, before.column);
    }
}

enum { AHEAD = 8 }; /* people whose place in the index is fetched meanwhile */

static void expect(const pk_index *index, const prankcurl_person *person)
{
    if (person->address.key) {
        pk_index_expect(index, person->address.key);
    }
}

/* Adds people to the index; whoever is there already is told. */
static void index_list(pk_reader *reader, pk_index *index, prankcurl_person *const *people,
                       size_t count)
{
    bool has_room = pk_index_reserve(index, count);
    for (size_t i = 0; has_room && i < count; i++) {
        const char *key = people[i]->address.key;
        uint32_t first = 0;
        expect(index, people[i + AHEAD < count ? i + AHEAD : i]);
        pk_index_status status =
            key ? pk_index_add(index, key, (uint32_t)i, &first) : PK_INDEX_ADDED;
        if (status == PK_INDEX_KNOWN) {
            complain_twice(reader, people[i], people[first]);
        }
        has_room = status != PK_INDEX_NO_MEMORY;
    }
    reader->no_memory = reader->no_memory || !has_room;
}

size_t pk_find_victim(const pk_reader *reader, const char *key)
{
    uint32_t number = pk_index_find(&pk_loading_of(reader)->victim_index, key);
    return number == PK_INDEX_NONE ? PK_ANY : number;
}

void pk_index_people(pk_reader *reader)
{
    pk_loading *loading = pk_loading_of(reader);
    const prankcurl_campaign *campaign = loading->campaign;
    pk_index witnesses = PK_INDEX_INIT;
    index_list(reader, &loading->victim_index, campaign->victims, campaign->victim_count);
    for (size_t i = 0; i < campaign->witness_count; i++) {
        const char *key = campaign->witnesses[i]->address.key;
        size_t victim = key ? pk_find_victim(reader, key) : PK_ANY;
        if (victim != PK_ANY) {
            complain_twice(reader, campaign->witnesses[i], campaign->victims[victim]);
        }
    }
    index_list(reader, &witnesses, campaign->witnesses, campaign->witness_count);
    pk_index_free(&witnesses);
}
