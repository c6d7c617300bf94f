#include "campaign/person.h"

#include "base/sort.h"

#include <string.h>

enum { MIN_SIZE = 2, DEFAULT_MIN_SIZE = 3, MAX_GROUPS = 1000000 };

/* Groups to be formed: the object's three numbers; 0: not given. */
typedef struct formed {
    uint64_t count;
    uint64_t min_size;
    uint64_t max_size;
} formed;

static void read_count(pk_reader *reader, const pk_node *node, void *target)
{
    pk_node_integer(reader, node, 1, MAX_GROUPS, &((formed *)target)->count);
}

static void read_min_size(pk_reader *reader, const pk_node *node, void *target)
{
    pk_node_integer(reader, node, MIN_SIZE, MAX_GROUPS, &((formed *)target)->min_size);
}

static void read_max_size(pk_reader *reader, const pk_node *node, void *target)
{
    pk_node_integer(reader, node, MIN_SIZE, MAX_GROUPS, &((formed *)target)->max_size);
}

static const pk_field formed_fields[] = {
    {"count", PK_NUMBER, false, read_count},
    {"min_size", PK_NUMBER, false, read_min_size},
    {"max_size", PK_NUMBER, false, read_max_size},
};

static void check_formed(pk_reader *reader, const pk_node *node, const formed *groups)
{
    prankcurl_campaign *campaign = pk_loading_of(reader)->campaign;
    size_t victims = prankcurl_campaign_victim_count(campaign);
    size_t most = victims / groups->min_size;
    size_t count = groups->count ? groups->count : most;
    size_t largest = count ? (victims + count - 1) / count : 0;
    const char *left = campaign->opted_out_count ? " (without those who opted out)" : "";
    if (groups->max_size && groups->max_size < groups->min_size) {
        pk_complain(reader, node, "has max_size %zu below min_size %zu", (size_t)groups->max_size,
                    (size_t)groups->min_size);
    } else if (most == 0) {
        pk_complain(reader, node,
                    "%zu victims%s make no group of %zu; more victims are needed, or a smaller "
                    "groups.min_size (2 at least)",
                    victims, left, (size_t)groups->min_size);
    } else if (count > most) {
        pk_complain(reader, node,
                    "%zu victims%s make at most %zu group%s of %zu; %zu were asked for", victims,
                    left, most, most == 1 ? "" : "s", (size_t)groups->min_size, count);
    } else if (groups->max_size && largest > groups->max_size &&
               (victims + groups->max_size - 1) / groups->max_size > most) {
        pk_complain(reader, node, "%zu victims%s can't be split into groups of %zu to %zu", victims,
                    left, (size_t)groups->min_size, (size_t)groups->max_size);
    } else if (groups->max_size && largest > groups->max_size) {
        pk_complain(reader, node,
                    "%zu victims%s in %zu groups are up to %zu each; max_size %zu needs %zu groups",
                    victims, left, count, largest, (size_t)groups->max_size,
                    (victims + groups->max_size - 1) / (size_t)groups->max_size);
    }
    campaign->group_count = count;
}

static void form_groups(pk_reader *reader, const pk_node *node)
{
    const pk_node *victims = pk_loading_of(reader)->victims;
    formed groups = {0};
    if (node) {
        size_t before = pk_errors_total(reader->errors);
        pk_read_object(reader, node, formed_fields, 3, &groups);
        if (pk_errors_total(reader->errors) != before) {
            return;
        }
    }
    groups.min_size = groups.min_size ? groups.min_size : DEFAULT_MIN_SIZE;
    if (!node && !victims) {
        return;
    }
    check_formed(reader, node ? node : victims, &groups);
}

/* An explicit group while it is read. */
typedef struct listed {
    pk_group *group;
    size_t *taken;            /* for each victim the number of its group, from 1; 0: none yet */
    size_t number;            /* of this group, from 1 */
    const pk_index *messages; /* by name */
} listed;

static void read_name(pk_reader *reader, const pk_node *node, void *target)
{
    pk_group *group = ((listed *)target)->group;
    group->name = pk_node_line(reader, node, "a group's name");
}

/* The victim that an address in a group means; PK_ANY: none, and told. */
static size_t find_member(pk_reader *reader, const pk_node *node)
{
    const pk_loading *loading = pk_loading_of(reader);
    pk_address address;
    const char *why = NULL;
    pk_arena scratch = PK_ARENA_INIT;
    size_t victim = PK_ANY;
    pk_address_status status = pk_address_parse(&scratch, node->json->valuestring, &address, &why);
    if (status == PK_ADDRESS_NO_MEMORY) {
        reader->no_memory = true;
    } else if (status == PK_ADDRESS_BAD) {
        char complaint[512];
        pk_address_complaint(complaint, sizeof complaint, node->json->valuestring, why,
                             "the address of a victim is expected");
        pk_complain(reader, node, "%s", complaint);
    } else {
        victim = pk_find_victim(reader, address.key);
        /* With a broken victim in the file this may well be the one that was meant. */
        bool all_known = loading->victims_whole && loading->campaign->victim_count &&
                         loading->victim_index.count == loading->campaign->victim_count;
        if (victim == PK_ANY && all_known) {
            pk_complain(reader, node, "\"%s\" is not among the victims", address.shown);
        }
    }
    pk_arena_free(&scratch);
    return victim;
}

static void read_members(pk_reader *reader, const pk_node *node, void *target)
{
    const prankcurl_campaign *campaign = pk_loading_of(reader)->campaign;
    listed *list = target;
    const pk_document *document = &reader->document;
    size_t *members = pk_reader_alloc(reader, pk_node_count(node), sizeof *members);
    if (pk_node_count(node) < MIN_SIZE) {
        pk_complain(reader, node,
                    "has %zu members; a group needs at least %d: an author and a "
                    "recipient",
                    pk_node_count(node), MIN_SIZE);
    }
    for (const pk_node *n = pk_node_first(document, node); members && n;
         n = pk_node_next(document, n)) {
        size_t victim = pk_check_type(reader, n, PK_STRING) ? find_member(reader, n) : PK_ANY;
        if (victim == PK_ANY) {
            continue;
        }
        if (list->taken[victim]) {
            pk_complain(reader, n, "\"%s\" is in groups[%zu] already; everybody is in one group",
                        campaign->victims[victim]->address.shown, list->taken[victim] - 1);
            continue;
        }
        list->taken[victim] = list->number;
        if (!campaign->victims[victim]->opted_out) {
            members[list->group->member_count++] = victim;
        }
    }
    if (members) {
        pk_sort_numbers(members, list->group->member_count);
        list->group->members = members;
    }
}

static void read_author(pk_reader *reader, const pk_node *node, void *target)
{
    listed *list = target;
    size_t victim = find_member(reader, node);
    if (victim == PK_ANY) {
        return;
    }
    const prankcurl_person *person = pk_loading_of(reader)->campaign->victims[victim];
    if (list->taken[victim] != list->number) {
        pk_complain(reader, node, "\"%s\" is not a member of this group", person->address.shown);
    } else if (person->opted_out) {
        pk_complain(reader, node, "\"%s\" opted out and can't be an author; name another",
                    person->address.shown);
    } else {
        list->group->author = victim;
    }
}

static void read_message(pk_reader *reader, const pk_node *node, void *target)
{
    const prankcurl_campaign *campaign = pk_loading_of(reader)->campaign;
    listed *list = target;
    uint32_t number = pk_index_find(list->messages, node->json->valuestring);
    if (number != PK_INDEX_NONE) {
        list->group->message = number;
        return;
    }
    bool all_known = campaign->message_count && list->messages->count == campaign->message_count;
    if (all_known) {
        pk_complain(reader, node,
                    "there is no message \"%.100s\"; the name of one of messages is "
                    "expected",
                    node->json->valuestring);
    }
}

/* Members first: the author is looked up among them. */
static const pk_field group_fields[] = {
    {"name", PK_STRING, true, read_name},
    {"members", PK_ARRAY, true, read_members},
    {"author", PK_STRING, false, read_author},
    {"message", PK_STRING, false, read_message},
};

static void check_members(pk_reader *reader, const pk_node *node, const pk_group *group)
{
    const pk_node *members = pk_node_member(&reader->document, node, "members");
    bool is_list = members && cJSON_IsArray(members->json);
    if (is_list && group->member_count < MIN_SIZE && pk_node_count(members) >= MIN_SIZE &&
        pk_loading_of(reader)->campaign->opted_out_count) {
        pk_complain(reader, members,
                    "has %zu members left without those who opted out; a group "
                    "needs at least %d",
                    group->member_count, MIN_SIZE);
    }
}

static void check_name(pk_reader *reader, const pk_node *node, const pk_group *group, size_t number,
                       pk_index *names)
{
    uint32_t first = 0;
    switch (group->name ? pk_index_add(names, group->name, (uint32_t)number, &first)
                        : PK_INDEX_ADDED) {
    case PK_INDEX_KNOWN:
        pk_complain(reader, pk_node_member(&reader->document, node, "name"),
                    "\"%s\" is the name of groups[%u] too; each needs its own", group->name, first);
        break;
    case PK_INDEX_NO_MEMORY:
        reader->no_memory = true;
        break;
    case PK_INDEX_ADDED:
        break;
    }
}

static void check_all_in_groups(pk_reader *reader, const size_t *taken)
{
    const prankcurl_campaign *campaign = pk_loading_of(reader)->campaign;
    for (size_t i = 0; i < campaign->victim_count; i++) {
        const prankcurl_person *victim = campaign->victims[i];
        if (!taken[i] && victim->address.text && !victim->opted_out) {
            char pointer[PK_POINTER_MAX];
            pk_place place = pk_person_place(reader, victim, pointer);
            pk_errors_addf(reader->errors, PRANKCURL_CAMPAIGN, &place,
                           "\"%s\" is in no group; put it into one, or take it out of the victims",
                           victim->address.shown);
        }
    }
}

static void index_messages(pk_reader *reader, pk_index *messages)
{
    const prankcurl_campaign *campaign = pk_loading_of(reader)->campaign;
    for (size_t i = 0; i < campaign->message_count; i++) {
        const char *name = campaign->messages[i].name;
        uint32_t first = 0;
        if (name && pk_index_add(messages, name, (uint32_t)i, &first) == PK_INDEX_NO_MEMORY) {
            reader->no_memory = true;
        }
    }
}

static void read_list(pk_reader *reader, const pk_node *node, pk_group *groups, size_t *taken)
{
    prankcurl_campaign *campaign = pk_loading_of(reader)->campaign;
    const pk_document *document = &reader->document;
    pk_index names = PK_INDEX_INIT;
    pk_index messages = PK_INDEX_INIT;
    index_messages(reader, &messages);
    for (const pk_node *n = pk_node_first(document, node); n; n = pk_node_next(document, n)) {
        size_t number = campaign->group_count++;
        pk_group *group = &groups[number];
        *group = (pk_group){.author = PK_ANY, .message = PK_ANY};
        listed list = {group, taken, number + 1, &messages};
        if (pk_check_type(reader, n, PK_OBJECT)) {
            pk_read_object(reader, n, group_fields, 4, &list);
            check_members(reader, n, group);
            check_name(reader, n, group, number, &names);
        }
    }
    pk_index_free(&names);
    pk_index_free(&messages);
}

static void list_groups(pk_reader *reader, const pk_node *node)
{
    prankcurl_campaign *campaign = pk_loading_of(reader)->campaign;
    pk_group *groups = pk_reader_alloc(reader, pk_node_count(node), sizeof *groups);
    size_t *taken = pk_reader_alloc(reader, campaign->victim_count + 1, sizeof *taken);
    if (!groups || !taken) {
        return;
    }
    if (pk_node_count(node) == 0) {
        pk_complain(reader, node, "is empty; at least one group is expected");
    }
    size_t before = pk_errors_total(reader->errors);
    read_list(reader, node, groups, taken);
    if (pk_errors_total(reader->errors) == before && campaign->group_count) {
        check_all_in_groups(reader, taken);
    }
    campaign->groups = groups;
}

void pk_read_groups(pk_reader *reader)
{
    const pk_loading *loading = pk_loading_of(reader);
    const pk_node *node = loading->groups;
    if (node && cJSON_IsArray(node->json)) {
        list_groups(reader, node);
    } else if (loading->victims_whole) {
        form_groups(reader, node);
    }
}
