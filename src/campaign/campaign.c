#include "campaign/person.h"

#include "base/file.h"
#include "base/random.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

enum { MAX_CAMPAIGN = 256 << 20, MAX_CAMPAIGN_NAME = 64 };

static void read_name(pk_reader *reader, const pk_node *node, void *target)
{
    prankcurl_campaign *campaign = target;
    /* It goes into Message-ID and a header field. */
    if (!pk_is_dotted_name(node->json->valuestring, MAX_CAMPAIGN_NAME)) {
        pk_complain(reader, node,
                    "is no name for a campaign; 1 to 64 of letters, digits, - and _ "
                    "are expected, with single dots between them");
        return;
    }
    campaign->name = pk_node_text(reader, node);
    if (campaign->name &&
        !pk_node_member(&reader->document, pk_document_root(&reader->document), "seed")) {
        campaign->seed = pk_hash(0, campaign->name) & PRANKCURL_SEED_MAX;
    }
}

static void read_seed(pk_reader *reader, const pk_node *node, void *target)
{
    prankcurl_campaign *campaign = target;
    pk_node_integer(reader, node, 0, PRANKCURL_SEED_MAX, &campaign->seed);
}

static void read_organiser(pk_reader *reader, const pk_node *node, void *target)
{
    prankcurl_campaign *campaign = target;
    campaign->organiser = pk_reader_alloc(reader, 1, sizeof *campaign->organiser);
    if (campaign->organiser) {
        pk_read_person(reader, node, campaign->organiser);
    }
}

/* These depend on other fields and are read when all fields are known. */
static void keep_consent(pk_reader *reader, const pk_node *node, void *target)
{
    (void)target;
    pk_loading_of(reader)->consent = node;
}

static void keep_groups(pk_reader *reader, const pk_node *node, void *target)
{
    (void)target;
    pk_loading_of(reader)->groups = node;
}

static void keep_delivery(pk_reader *reader, const pk_node *node, void *target)
{
    (void)target;
    pk_loading_of(reader)->delivery = node;
}

static const pk_field campaign_fields[] = {
    {"$schema", PK_STRING, false, pk_read_ignored},
    {"campaign", PK_STRING, true, read_name},
    {"seed", PK_NUMBER, false, read_seed},
    {"organiser", PK_OBJECT, true, read_organiser},
    {"server", PK_OBJECT, true, pk_read_server},
    {"consent", PK_OBJECT, false, keep_consent},
    {"victims", PK_ARRAY | PK_OBJECT, true, pk_read_victims},
    {"witnesses", PK_ARRAY, false, pk_read_witnesses},
    {"groups", PK_OBJECT | PK_ARRAY, false, keep_groups},
    {"messages", PK_ARRAY, true, pk_read_messages},
    {"delivery", PK_OBJECT, false, keep_delivery},
    {"reveal", PK_OBJECT, false, pk_read_reveal},
};

static void read_campaign(pk_reader *reader)
{
    const pk_node *root = pk_document_root(&reader->document);
    if (!pk_check_type(reader, root, PK_OBJECT)) {
        return;
    }
    pk_read_object(reader, root, campaign_fields,
                   sizeof campaign_fields / sizeof campaign_fields[0],
                   pk_loading_of(reader)->campaign);
    pk_loading *loading = pk_loading_of(reader);
    loading->campaign->victims_file = loading->csv_file ? loading->csv_file : reader->file;
    pk_sort_var_names(reader);
    pk_read_delivery(reader);
    pk_index_people(reader);
    pk_read_consent(reader);
    pk_check_replies(reader);
    pk_read_groups(reader);
}

static prankcurl_status out_of_memory(prankcurl_errors *errors)
{
    pk_errors_addf(errors, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    return PRANKCURL_NO_MEMORY;
}

/* What only reading needed goes back to the system: for many victims that is more than what stays.
 */
static void give_back(void)
{
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

static prankcurl_status read_all(pk_reader *reader, const char *json, size_t len)
{
    pk_loading *loading = pk_loading_of(reader);
    pk_buf folder;
    pk_buf_init(&folder, 16384);
    pk_file_folder(reader->file, &folder);
    loading->folder = pk_reader_keep(reader, pk_buf_text(&folder));
    reader->file = pk_reader_keep(reader, reader->file);
    pk_buf_free(&folder);
    if (!reader->no_memory && pk_reader_parse(reader, json, len)) {
        read_campaign(reader);
    }
    if (reader->no_memory) {
        out_of_memory(reader->errors);
    }
    pk_document_free(&reader->document);
    pk_loading_free(loading);
    give_back();
    pk_errors_sort(reader->errors);
    return pk_errors_status(reader->errors);
}

/* json[len] is NUL: cJSON wants it so. */
static prankcurl_status parse(const char *json, size_t len, const char *path,
                              const prankcurl_campaign_options *options, prankcurl_campaign **out,
                              prankcurl_errors *errors)
{
    static const prankcurl_campaign_options no_options = PRANKCURL_CAMPAIGN_OPTIONS_INIT;
    prankcurl_campaign *campaign = calloc(1, sizeof *campaign);
    if (!campaign) {
        return out_of_memory(errors);
    }
    pk_loading loading = {.campaign = campaign, .options = options ? options : &no_options};
    pk_reader reader = {.file = path,
                        .what = "campaign",
                        .arena = &campaign->arena,
                        .errors = errors,
                        .owner = &loading};
    prankcurl_status status = read_all(&reader, json, len);
    if (status != PRANKCURL_OK) {
        prankcurl_campaign_free(campaign);
        return status;
    }
    *out = campaign;
    return PRANKCURL_OK;
}

prankcurl_status prankcurl_campaign_parse(const char *json, size_t len, const char *path,
                                          const prankcurl_campaign_options *options,
                                          prankcurl_campaign **out, prankcurl_errors *errors)
{
    pk_buf text;
    pk_buf_init(&text, MAX_CAMPAIGN);
    pk_buf_add(&text, json, len);
    *out = NULL;
    prankcurl_status status = pk_buf_ok(&text)
                                  ? parse(pk_buf_text(&text), len, path, options, out, errors)
                                  : out_of_memory(errors);
    pk_buf_free(&text);
    return status;
}

prankcurl_status prankcurl_campaign_load(const char *path,
                                         const prankcurl_campaign_options *options,
                                         prankcurl_campaign **out, prankcurl_errors *errors)
{
    prankcurl_error error;
    pk_buf json;
    pk_buf_init(&json, MAX_CAMPAIGN);
    *out = NULL;
    prankcurl_status status = pk_file_read(path, NULL, &json, &error);
    if (status != PRANKCURL_OK) {
        pk_errors_add(errors, &error);
    } else {
        status = parse(pk_buf_text(&json), json.len, path, options, out, errors);
    }
    pk_buf_free(&json);
    return status;
}

void prankcurl_campaign_free(prankcurl_campaign *campaign)
{
    if (campaign) {
        pk_arena_free(&campaign->arena);
        free(campaign);
    }
}

const char *prankcurl_campaign_name(const prankcurl_campaign *campaign)
{
    return campaign->name;
}

const prankcurl_person *prankcurl_campaign_organiser(const prankcurl_campaign *campaign)
{
    return campaign->organiser;
}

uint64_t prankcurl_campaign_seed(const prankcurl_campaign *campaign)
{
    return campaign->seed;
}

size_t prankcurl_campaign_victim_count(const prankcurl_campaign *campaign)
{
    size_t count = 0;
    for (size_t i = 0; i < campaign->victim_count; i++) {
        count += campaign->victims[i]->opted_out ? 0 : 1;
    }
    return count;
}

size_t prankcurl_campaign_opted_out_count(const prankcurl_campaign *campaign)
{
    return campaign->opted_out_count;
}

size_t prankcurl_campaign_message_count(const prankcurl_campaign *campaign)
{
    return campaign->message_count;
}

const char *prankcurl_campaign_server_url(const prankcurl_campaign *campaign)
{
    return campaign->server.url;
}

bool prankcurl_campaign_has_reveal(const prankcurl_campaign *campaign)
{
    return campaign->reveal != NULL;
}

const char *prankcurl_person_name(const prankcurl_person *person)
{
    return person->name;
}

const char *prankcurl_person_address(const prankcurl_person *person)
{
    return person->address.text;
}

const char *prankcurl_person_shown_address(const prankcurl_person *person)
{
    return person->address.shown;
}
