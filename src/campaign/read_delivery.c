#include "campaign/reader.h"

#include "base/duration.h"

enum {
    DEFAULT_CONNECTIONS = 2,
    DEFAULT_MESSAGES_PER_CONNECTION = 100,
    DEFAULT_RATE_PER_S = 1, /* 60/m */
    DEFAULT_ATTEMPTS = 5,
    DEFAULT_FIRST_RETRY_MS = 60 * 1000,
    DEFAULT_GIVE_UP_AFTER_MS = 60 * 60 * 1000,
    MAX_MESSAGES = 1000000,
    MAX_ATTEMPTS = 100,
};

static const pk_unit rates_s[] = {{"/s", 1}, {"/m", 60}, {"/h", 3600}};

static void read_duration(pk_reader *reader, const pk_node *node, int64_t *out_ms)
{
    if (!pk_duration_parse(node->json->valuestring, out_ms)) {
        pk_complain(reader, node, "is no duration; 500ms, 30s, 1m or 2h is expected");
    }
}

static bool parse_rate(const char *text, double *rate_per_s)
{
    int64_t number = 0;
    int64_t seconds = 0;
    if (!pk_number_with_unit(text, rates_s, 3, &number, &seconds)) {
        return false;
    }
    *rate_per_s = (double)number / (double)seconds;
    return true;
}

static void read_rate(pk_reader *reader, const pk_node *node, void *target)
{
    if (!parse_rate(node->json->valuestring, &((pk_delivery *)target)->rate_per_s)) {
        pk_complain(reader, node,
                    "is no rate; messages a second, minute or hour are expected, as "
                    "10/s, 60/m or 500/h");
    }
}

static void read_number(pk_reader *reader, const pk_node *node, uint64_t max, unsigned *out)
{
    uint64_t value = 0;
    if (pk_node_integer(reader, node, 1, max, &value)) {
        *out = (unsigned)value;
    }
}

static void read_connections(pk_reader *reader, const pk_node *node, void *target)
{
    pk_delivery *delivery = target;
    read_number(reader, node, PRANKCURL_CONNECTIONS_MAX, &delivery->connections);
}

static void read_messages_per_connection(pk_reader *reader, const pk_node *node, void *target)
{
    pk_delivery *delivery = target;
    read_number(reader, node, MAX_MESSAGES, &delivery->messages_per_connection);
}

static void read_attempts(pk_reader *reader, const pk_node *node, void *target)
{
    pk_delivery *delivery = target;
    read_number(reader, node, MAX_ATTEMPTS, &delivery->attempts);
}

static void read_first_retry(pk_reader *reader, const pk_node *node, void *target)
{
    pk_delivery *delivery = target;
    read_duration(reader, node, &delivery->first_retry_ms);
}

static void read_give_up_after(pk_reader *reader, const pk_node *node, void *target)
{
    pk_delivery *delivery = target;
    read_duration(reader, node, &delivery->give_up_after_ms);
}

static const pk_field delivery_fields[] = {
    {"connections", PK_NUMBER, false, read_connections},
    {"messages_per_connection", PK_NUMBER, false, read_messages_per_connection},
    {"rate", PK_STRING, false, read_rate},
    {"attempts", PK_NUMBER, false, read_attempts},
    {"first_retry", PK_STRING, false, read_first_retry},
    {"give_up_after", PK_STRING, false, read_give_up_after},
};

static pk_delivery defaults(const pk_server *server)
{
    return (pk_delivery){
        .connections = DEFAULT_CONNECTIONS,
        .messages_per_connection = DEFAULT_MESSAGES_PER_CONNECTION,
        .rate_per_s = server->is_loopback ? 0 : DEFAULT_RATE_PER_S,
        .attempts = DEFAULT_ATTEMPTS,
        .first_retry_ms = DEFAULT_FIRST_RETRY_MS,
        .give_up_after_ms = DEFAULT_GIVE_UP_AFTER_MS,
    };
}

/* What the caller asks for in place of what the file says. */
static void take_options(pk_reader *reader, pk_delivery *delivery)
{
    const prankcurl_campaign_options *options = pk_loading_of(reader)->options;
    if (options->rate && !parse_rate(options->rate, &delivery->rate_per_s)) {
        pk_errors_addf(reader->errors, PRANKCURL_USAGE, NULL,
                       "--rate: \"%.40s\" is no rate; 10/s, 60/m or 500/h is expected",
                       options->rate);
    }
    if (options->connections > PRANKCURL_CONNECTIONS_MAX) {
        pk_errors_addf(reader->errors, PRANKCURL_USAGE, NULL,
                       "--connections: %u is too many; %d at most are expected",
                       options->connections, PRANKCURL_CONNECTIONS_MAX);
    } else if (options->connections) {
        delivery->connections = options->connections;
    }
}

void pk_read_delivery(pk_reader *reader)
{
    const pk_loading *loading = pk_loading_of(reader);
    pk_delivery *delivery = &loading->campaign->delivery;
    *delivery = defaults(&loading->campaign->server);
    if (loading->delivery) {
        pk_read_object(reader, loading->delivery, delivery_fields,
                       sizeof delivery_fields / sizeof delivery_fields[0], delivery);
    }
    take_options(reader, delivery);
}
