/* A variable that some people lack: told once, for all of them. */
#include "message/context.h"
#include "message/context_ops.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_NAMED = 3 };

/* Who plays it in some prank that other seeds could draw. */
typedef struct pk_role {
    bool is_author;
    const pk_template *message;
} pk_role;

static bool can_get(const prankcurl_campaign *campaign, const pk_group *group,
                    const pk_template *message)
{
    return message == campaign->reveal || group->message == PK_ANY ||
           &campaign->messages[group->message] == message;
}

static void mark_group(const pk_group *group, bool is_author, bool *plays)
{
    for (size_t i = 0; i < group->member_count; i++) {
        size_t member = group->members[i];
        if (group->author == PK_ANY || (member == group->author) == is_author) {
            plays[member] = true;
        }
    }
}

static void mark_players(const prankcurl_campaign *campaign, const pk_role *role, bool *plays)
{
    for (size_t i = 0; i < campaign->victim_count && !campaign->groups; i++) {
        plays[i] = !campaign->victims[i]->opted_out;
    }
    for (size_t i = 0; i < campaign->group_count && campaign->groups; i++) {
        if (can_get(campaign, &campaign->groups[i], role->message)) {
            mark_group(&campaign->groups[i], role->is_author, plays);
        }
    }
}

static bool lacks(const pk_context *context, const prankcurl_person *person,
                  const pk_mustache_fault *fault)
{
    pk_value value = {
        .kind = PK_VALUE_OBJECT, .ops = &pk_person_ops, .data = person, .world = context};
    return fault->holder->ops->get(&value, fault->part, fault->part_len).kind == PK_VALUE_ABSENT;
}

static void add_person(const pk_context *context, const prankcurl_person *person, bool is_last,
                       size_t i, pk_buf *out)
{
    const char *joint = i == 0 ? "" : is_last ? " and " : ", ";
    pk_buf_fmt(out, "%s\"%s\" (%s:%u)", joint, person->name, context->campaign->victims_file,
               person->line);
}

/* The first few who lack it, of `total`. */
static void add_people(const pk_context *context, const pk_mustache_fault *fault, const bool *plays,
                       size_t total, pk_buf *out)
{
    size_t named = 0;
    for (size_t i = 0; named < total && named < MAX_NAMED; i++) {
        const prankcurl_person *person = context->campaign->victims[i];
        if (plays[i] && lacks(context, person, fault)) {
            add_person(context, person, named + 1 == total, named, out);
            named++;
        }
    }
    if (total > named) {
        pk_buf_fmt(out, " and %zu more", total - named);
    }
}

static void add_advice(const pk_mustache_fault *fault, bool is_first_name, pk_buf *out)
{
    const char *name = fault->node->text;
    int len = (int)(fault->part - name) + (int)fault->part_len;
    pk_buf_fmt(out, "; %s, or write {{#%.*s}}…{{/%.*s}} around it",
               is_first_name ? "give a \"first_name\" among their vars" : "fill it in", len, name,
               len, name);
}

/* False: nobody lacks it. */
static bool tell(const pk_context *context, const pk_mustache_fault *fault, const bool *plays,
                 pk_buf *out)
{
    const prankcurl_campaign *campaign = context->campaign;
    bool is_first_name = fault->holder->ops == &pk_person_ops &&
                         fault->part_len == strlen("first_name") &&
                         memcmp(fault->part, "first_name", fault->part_len) == 0;
    size_t players = 0;
    size_t lacking = 0;
    for (size_t i = 0; i < campaign->victim_count; i++) {
        players += plays[i] ? 1 : 0;
        lacking += plays[i] && lacks(context, campaign->victims[i], fault) ? 1 : 0;
    }
    if (lacking == 0) {
        return false;
    }
    pk_buf_fmt(out, "%zu of %zu people %s no \"%.*s\"%s: ", lacking, players,
               lacking == 1 ? "has" : "have", (int)fault->part_len, fault->part,
               is_first_name ? " that can be told from the name" : "");
    add_people(context, fault, plays, lacking, out);
    add_advice(fault, is_first_name, out);
    return true;
}

bool pk_context_explain_lacking(const pk_context *context, const pk_mustache_fault *fault,
                                pk_buf *out)
{
    const pk_value *holder = fault->holder;
    bool is_person = fault->kind == PK_FAULT_ABSENT &&
                     (holder->ops == &pk_person_ops || holder->ops == &pk_vars_ops);
    if (!is_person || holder->data == context->campaign->organiser) {
        return false;
    }
    bool *plays = calloc(context->campaign->victim_count + 1, sizeof *plays);
    if (!plays) {
        return false; /* the one at hand is told of */
    }
    const pk_role role = {holder->data == context->prank->author, context->prank->message};
    mark_players(context->campaign, &role, plays);
    bool is_told = tell(context, fault, plays, out);
    free(plays);
    return is_told;
}
