#include "campaign/person.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_OPT_OUT = 64 << 20, MAX_TOLD = 3 };

static void read_domains(pk_reader *reader, const pk_node *node, void *target)
{
    pk_loading *loading = pk_loading_of(reader);
    (void)target;
    const pk_document *document = &reader->document;
    for (const pk_node *n = pk_node_first(document, node); n; n = pk_node_next(document, n)) {
        const char *why = NULL;
        const char *domain = NULL;
        uint32_t number = 0;
        if (!pk_check_type(reader, n, PK_STRING)) {
            continue;
        }
        const char *text = n->json->valuestring;
        pk_address_status status = pk_domain_parse(reader->arena, text, &domain, &why);
        if (status == PK_ADDRESS_OK) {
            pk_index_status added = pk_index_add(&loading->consent_domains, domain, 0, &number);
            reader->no_memory = reader->no_memory || added == PK_INDEX_NO_MEMORY;
        } else if (status == PK_ADDRESS_NO_MEMORY) {
            reader->no_memory = true;
        } else {
            pk_complain(reader, n, "\"%.200s\" %s; %s", text,
                        strchr(text, '*') ? "has a * in it" : why,
                        "a domain like example.org is expected, for itself and not for those "
                        "below it");
        }
    }
}

static void opt_out(pk_reader *reader, const char *address_key)
{
    prankcurl_campaign *campaign = pk_loading_of(reader)->campaign;
    uint32_t first = 0;
    const char *key = pk_reader_keep(reader, address_key);
    if (!key ||
        pk_index_add(&pk_loading_of(reader)->opted_out, key, 0, &first) == PK_INDEX_NO_MEMORY) {
        reader->no_memory = true;
        return;
    }
    size_t victim = pk_find_victim(reader, key);
    if (victim != PK_ANY) {
        campaign->victims[victim]->opted_out = true;
    }
    for (size_t i = 0; i < campaign->witness_count; i++) {
        const char *witness = campaign->witnesses[i]->address.key;
        if (witness && strcmp(witness, key) == 0) {
            campaign->witnesses[i]->opted_out = true;
        }
    }
}

/* One line of the file: an address, or nothing, or a comment after #. */
static void read_opt_out_line(pk_reader *reader, char *line, const pk_place *place)
{
    pk_address address;
    const char *why = NULL;
    line[strcspn(line, "\r")] = '\0';
    line = pk_trim(line);
    if (line[0] == '\0' || line[0] == '#') {
        return;
    }
    pk_arena scratch = PK_ARENA_INIT;
    pk_address_status status = pk_address_parse(&scratch, line, &address, &why);
    if (status == PK_ADDRESS_OK) {
        opt_out(reader, address.key);
    } else if (status == PK_ADDRESS_NO_MEMORY) {
        reader->no_memory = true;
    } else {
        char text[512];
        pk_address_complaint(text, sizeof text, line, why,
                             "one address a line is expected, or a comment after #");
        pk_errors_addf(reader->errors, PRANKCURL_CAMPAIGN, place, "%s", text);
    }
    pk_arena_free(&scratch);
}

static void read_opt_out(pk_reader *reader, const pk_node *node, void *target)
{
    (void)target;
    const char *path = NULL;
    const char *text = pk_reader_file(reader, node, MAX_OPT_OUT, &path);
    pk_place place = {.file = path, .column = 1};
    while (text && *text) {
        size_t len = strcspn(text, "\n");
        char *line = pk_arena_strndup(reader->arena, text, len);
        reader->no_memory = reader->no_memory || !line;
        place.line++;
        if (line) {
            read_opt_out_line(reader, line, &place);
        }
        text += len + (text[len] ? 1 : 0);
    }
}

static const pk_field consent_fields[] = {
    {"domains", PK_ARRAY, false, read_domains},
    {"opt_out", PK_STRING, false, read_opt_out},
};

static bool has_consented(const pk_reader *reader, const prankcurl_person *person)
{
    const pk_loading *loading = pk_loading_of(reader);
    if (person->opted_in || person->opted_out || !person->address.domain) {
        return true;
    }
    return pk_index_find(&loading->consent_domains, person->address.domain) != PK_INDEX_NONE;
}

/* Who has not consented, by domain: one that was forgotten must not hide other mistakes. */
typedef struct lacking {
    pk_index domains; /* owned, as entries */
    struct {
        const prankcurl_person *next; /* the first that was not told */
        size_t count;
    } * entries;
} lacking;

/* One entry more, for nobody yet. False: out of memory. */
static bool add_entry(lacking *all, size_t count)
{
    void *entries = realloc(all->entries, (count + 1) * sizeof *all->entries);
    if (!entries) {
        return false;
    }
    all->entries = entries;
    memset(&all->entries[count], 0, sizeof *all->entries);
    return true;
}

/* The domain's number; PK_ANY: out of memory (remembered). */
static size_t find_lacking(pk_reader *reader, lacking *all, const char *domain)
{
    size_t count = all->domains.count;
    uint32_t number = 0;
    pk_index_status status = pk_index_add(&all->domains, domain, (uint32_t)count, &number);
    if (status == PK_INDEX_ADDED && !add_entry(all, count)) {
        status = PK_INDEX_NO_MEMORY;
    }
    reader->no_memory = reader->no_memory || status == PK_INDEX_NO_MEMORY;
    return status == PK_INDEX_NO_MEMORY ? PK_ANY : number;
}

static void complain_lacking(pk_reader *reader, const prankcurl_person *person)
{
    char pointer[PK_POINTER_MAX];
    pk_place place = pk_person_place(reader, person, pointer);
    pk_errors_addf(reader->errors, PRANKCURL_CAMPAIGN, &place,
                   "\"%s\" has not consented: %s is not in consent.domains, and there is no "
                   "\"opted_in\" date",
                   person->address.shown, pk_address_shown_domain(&person->address));
}

static void check_list(pk_reader *reader, lacking *all, prankcurl_person *const *people,
                       size_t count)
{
    for (size_t i = 0; i < count && !reader->no_memory; i++) {
        if (has_consented(reader, people[i])) {
            continue;
        }
        size_t number = find_lacking(reader, all, people[i]->address.domain);
        if (number == PK_ANY) {
            return;
        }
        size_t before = all->entries[number].count++;
        if (before < MAX_TOLD) {
            complain_lacking(reader, people[i]);
        } else if (before == MAX_TOLD) {
            all->entries[number].next = people[i];
        }
    }
}

static void check_all(pk_reader *reader)
{
    const prankcurl_campaign *campaign = pk_loading_of(reader)->campaign;
    lacking all = {.domains = PK_INDEX_INIT};
    check_list(reader, &all, campaign->victims, campaign->victim_count);
    check_list(reader, &all, campaign->witnesses, campaign->witness_count);
    for (size_t i = 0; !reader->no_memory && i < all.domains.count; i++) {
        const prankcurl_person *next = all.entries[i].next;
        if (next) {
            char pointer[PK_POINTER_MAX];
            pk_place place = pk_person_place(reader, next, pointer);
            const char *domain = pk_address_shown_domain(&next->address);
            pk_errors_addf(reader->errors, PRANKCURL_CAMPAIGN, &place,
                           "… and %zu more at %s; add \"%s\" to consent.domains if all of them "
                           "agreed",
                           all.entries[i].count - MAX_TOLD, domain, domain);
        }
    }
    pk_index_free(&all.domains);
    free(all.entries);
}

/* The witnesses that take part move to the front. */
static void leave_out_witnesses(prankcurl_campaign *campaign)
{
    size_t kept = 0;
    for (size_t i = 0; i < campaign->witness_count; i++) {
        if (campaign->witnesses[i]->opted_out) {
            campaign->opted_out_count++;
        } else {
            campaign->witnesses[kept++] = campaign->witnesses[i];
        }
    }
    campaign->witness_count = kept;
}

void pk_read_consent(pk_reader *reader)
{
    const pk_loading *loading = pk_loading_of(reader);
    prankcurl_campaign *campaign = loading->campaign;
    size_t before = pk_errors_total(reader->errors);
    const pk_node *root = pk_document_root(&reader->document);
    bool is_there = pk_node_member(&reader->document, root, "consent") != NULL;
    if (loading->consent) {
        pk_read_object(reader, loading->consent, consent_fields,
                       sizeof consent_fields / sizeof consent_fields[0], NULL);
    }
    /* Where consent itself is wrong, who lacks it is not known. */
    bool is_whole =
        pk_errors_total(reader->errors) == before && is_there == (loading->consent != NULL);
    if (is_whole) {
        check_all(reader);
    }
    for (size_t i = 0; i < campaign->victim_count; i++) {
        campaign->opted_out_count += campaign->victims[i]->opted_out ? 1 : 0;
    }
    leave_out_witnesses(campaign);
}
