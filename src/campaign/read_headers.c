/* Header fields that a message may add: a short list, and X-… of one's own. What servers, filters
 * and mail programs say in a header is theirs: nobody can say it here. */
#include "campaign/field_names.h"
#include "campaign/reader.h"

#include <string.h>

static void add_field(pk_reader *reader, const pk_node *node, const char *name,
                      pk_template *message)
{
    pk_field_template *field = &message->fields[message->field_count];
    const char *text = pk_node_line(reader, node, "a header field");
    if (text && name) {
        *field = (pk_field_template){name, {text, pk_node_place(reader, node), true, NULL}};
        message->field_count++;
    }
}

static void read_reply_to(pk_reader *reader, const pk_node *node, pk_template *message)
{
    char complaint[512];
    const char *why = NULL;
    pk_address address;
    const char *text = node->json->valuestring;
    switch (pk_address_parse(reader->arena, text, &address, &why)) {
    case PK_ADDRESS_NO_MEMORY:
        reader->no_memory = true;
        break;
    case PK_ADDRESS_BAD:
        pk_address_complaint(complaint, sizeof complaint, text, why,
                             "an address like name@example.org is expected");
        pk_complain(reader, node, "%s", complaint);
        break;
    case PK_ADDRESS_OK:
        if (address.international) {
            pk_complain(reader, node,
                        "\"%s\" has letters outside ASCII before the @, which not every mail "
                        "program can answer to; use an ASCII address",
                        text);
            break;
        }
        message->reply_to = pk_reader_alloc(reader, 1, sizeof *message->reply_to);
        if (message->reply_to) {
            message->reply_to->address = address;
            message->reply_to->place = pk_node_place(reader, node);
        }
        break;
    }
}

static void read_importance(pk_reader *reader, const pk_node *node, pk_template *message)
{
    static const char *const values[] = {"high", "normal", "low"}; /* RFC 2156 §5.3.6 */
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (pk_is_field(node->json->valuestring, values[i])) {
            add_field(reader, node, "Importance", message);
            return;
        }
    }
    pk_complain(reader, node, "\"%.100s\" is no importance; high, normal or low is expected",
                node->json->valuestring);
}

static void read_organization(pk_reader *reader, const pk_node *node, pk_template *message)
{
    add_field(reader, node, "Organization", message); /* RFC 5536 §3.2.7 */
}

static const struct {
    const char *name;
    void (*read)(pk_reader *reader, const pk_node *node, pk_template *message);
} known[] = {
    {"Reply-To", read_reply_to},
    {"Importance", read_importance},
    {"Organization", read_organization},
};

enum { KNOWN_COUNT = sizeof known / sizeof known[0] };

static void read_field(pk_reader *reader, const pk_node *node, pk_template *message)
{
    const char *name = node->json->string;
    size_t i = 0;
    while (i < KNOWN_COUNT && !pk_is_field(name, known[i].name)) {
        i++;
    }
    if (i < KNOWN_COUNT) {
        known[i].read(reader, node, message);
    } else if (pk_is_x_field(name) && pk_is_reserved_field(name)) {
        pk_complain(reader, node,
                    "is a field by which servers, filters or prankcurl itself speak; choose "
                    "another name behind X-");
    } else if (pk_is_x_field(name)) {
        add_field(reader, node, pk_reader_keep(reader, name), message);
    } else {
        pk_complain(
            reader, node,
            "can't be set; a message may add Reply-To, Importance, Organization, and X- with "
            "letters, digits and hyphens behind it");
    }
}

/* Names are the same whatever their case (RFC 5322 §1.2.2), which JSON's keys are not. */
static bool is_again(pk_reader *reader, const pk_node *headers, const pk_node *node)
{
    const pk_document *document = &reader->document;
    for (const pk_node *n = pk_node_first(document, headers); n != node;
         n = pk_node_next(document, n)) {
        if (pk_is_field(n->json->string, node->json->string)) {
            pk_complain(reader, node, "is \"%s\" again; a field stands there once",
                        n->json->string);
            return true;
        }
    }
    return false;
}

void pk_read_headers(pk_reader *reader, const pk_node *node, void *target)
{
    pk_template *message = target;
    const pk_document *document = &reader->document;
    message->fields = pk_reader_alloc(reader, pk_node_count(node), sizeof *message->fields);
    for (const pk_node *n = pk_node_first(document, node); message->fields && n;
         n = pk_node_next(document, n)) {
        if (!is_again(reader, node, n) && pk_check_type(reader, n, PK_STRING)) {
            read_field(reader, n, message);
        }
    }
}

/* Nobody who has no part in the campaign may get its answers. */
static bool is_person(const prankcurl_person *person, const pk_address *address)
{
    return person && person->address.text && pk_address_is_same(&person->address, address);
}

static bool may_get_answers(const pk_reader *reader, const pk_address *address)
{
    const pk_loading *loading = pk_loading_of(reader);
    const prankcurl_campaign *campaign = loading->campaign;
    size_t victim = pk_find_victim(reader, address->key);
    if (pk_index_find(&loading->opted_out, address->key) != PK_INDEX_NONE) {
        return false;
    }
    bool may = is_person(campaign->organiser, address) ||
               (victim != PK_ANY && is_person(campaign->victims[victim], address));
    for (size_t i = 0; i < campaign->witness_count; i++) {
        may = may || is_person(campaign->witnesses[i], address);
    }
    return may || pk_index_find(&loading->consent_domains, address->domain) != PK_INDEX_NONE;
}

static void check_reply_to(pk_reader *reader, const pk_template *message)
{
    const pk_reply_to *reply_to = message->reply_to;
    if (reply_to && !may_get_answers(reader, &reply_to->address)) {
        pk_errors_addf(reader->errors, PRANKCURL_CAMPAIGN, &reply_to->place,
                       "\"%s\" takes no part in this campaign; answers may go to the organiser, a "
                       "victim, a witness, or an address in consent.domains, and to nobody who "
                       "opted out",
                       reply_to->address.shown);
    }
}

void pk_check_replies(pk_reader *reader)
{
    const prankcurl_campaign *campaign = pk_loading_of(reader)->campaign;
    for (size_t i = 0; i < campaign->message_count; i++) {
        check_reply_to(reader, &campaign->messages[i]);
    }
    if (campaign->reveal) {
        check_reply_to(reader, campaign->reveal);
    }
}
