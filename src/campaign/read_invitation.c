/* A message that is an invitation too: when, and where. What it is about are its subject and text.
 */
#include "campaign/reader.h"

#include "base/duration.h"
#include "base/when.h"

static void read_when(pk_reader *reader, const pk_node *node, int64_t *out_s)
{
    const char *why = NULL;
    if (!pk_when_parse(node->json->valuestring, out_s, &why)) {
        pk_complain(reader, node, "\"%.100s\": %s", node->json->valuestring, why);
    }
}

static void read_start(pk_reader *reader, const pk_node *node, void *target)
{
    read_when(reader, node, &((pk_meeting *)target)->start_s);
}

static void read_end(pk_reader *reader, const pk_node *node, void *target)
{
    read_when(reader, node, &((pk_meeting *)target)->end_s);
}

static void read_duration(pk_reader *reader, const pk_node *node, void *target)
{
    pk_meeting *meeting = target;
    int64_t duration_ms = 0;
    if (!pk_duration_parse(node->json->valuestring, &duration_ms) || duration_ms % 1000 != 0) {
        pk_complain(reader, node, "\"%.100s\" is no duration; one like 30m or 1h is expected",
                    node->json->valuestring);
        return;
    }
    if (meeting->start_s) {
        meeting->end_s = meeting->start_s + duration_ms / 1000;
    }
}

static void read_location(pk_reader *reader, const pk_node *node, void *target)
{
    const char *text = pk_node_line(reader, node, "a place");
    ((pk_meeting *)target)->location = (pk_source){text, pk_node_place(reader, node), true, NULL};
}

/* The start first: the duration is added to it. */
static const pk_field invitation_fields[] = {
    {"start", PK_STRING, true, read_start},
    {"end", PK_STRING, false, read_end},
    {"duration", PK_STRING, false, read_duration},
    {"location", PK_STRING, false, read_location},
};

void pk_read_invitation(pk_reader *reader, const pk_node *node, void *target)
{
    pk_template *message = target;
    const pk_document *document = &reader->document;
    const pk_node *end = pk_node_member(document, node, "end");
    const pk_node *duration = pk_node_member(document, node, "duration");
    pk_meeting *meeting = pk_reader_alloc(reader, 1, sizeof *meeting);
    message->meeting = meeting;
    if (!meeting) {
        return;
    }
    pk_read_object(reader, node, invitation_fields,
                   sizeof invitation_fields / sizeof invitation_fields[0], meeting);
    if (!end && !duration) {
        pk_complain(reader, node, "has no end; \"duration\", as \"30m\", or \"end\" is expected");
    } else if (end && duration) {
        pk_complain(reader, duration, "stands beside \"end\"; one of the two is expected");
    } else if (end && meeting->start_s && meeting->end_s && meeting->end_s <= meeting->start_s) {
        pk_complain(reader, end, "is not after the start");
    }
}
