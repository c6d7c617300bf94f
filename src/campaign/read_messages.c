#include "campaign/reader.h"

#include <string.h>

enum { MAX_TEMPLATE = 16 << 20 };

static void read_name(pk_reader *reader, const pk_node *node, void *target)
{
    pk_template *message = target;
    message->name = pk_node_line(reader, node, "a message's name");
}

static void read_subject(pk_reader *reader, const pk_node *node, void *target)
{
    pk_template *message = target;
    message->subject = (pk_source){pk_node_line(reader, node, "a subject"),
                                   pk_node_place(reader, node), true, NULL};
}

static void read_inline(pk_reader *reader, const pk_node *node, pk_source *source)
{
    if (pk_check_body_text(reader, node, node->json->valuestring)) {
        *source = (pk_source){pk_node_text(reader, node), pk_node_place(reader, node), true, NULL};
    }
}

static void read_file(pk_reader *reader, const pk_node *node, pk_source *source)
{
    const char *path = NULL;
    const char *text = pk_reader_file(reader, node, MAX_TEMPLATE, &path);
    if (text && pk_check_body_text(reader, node, text)) {
        *source =
            (pk_source){text, {.file = path, .pointer = "", .line = 1, .column = 1}, false, NULL};
    }
}

static void read_text(pk_reader *reader, const pk_node *node, void *target)
{
    read_inline(reader, node, &((pk_template *)target)->text);
}

static void read_html(pk_reader *reader, const pk_node *node, void *target)
{
    read_inline(reader, node, &((pk_template *)target)->html);
}

static void read_text_file(pk_reader *reader, const pk_node *node, void *target)
{
    read_file(reader, node, &((pk_template *)target)->text);
}

static void read_html_file(pk_reader *reader, const pk_node *node, void *target)
{
    read_file(reader, node, &((pk_template *)target)->html);
}

static void read_markdown(pk_reader *reader, const pk_node *node, void *target)
{
    read_inline(reader, node, &((pk_template *)target)->markdown);
}

static void read_markdown_file(pk_reader *reader, const pk_node *node, void *target)
{
    read_file(reader, node, &((pk_template *)target)->markdown);
}

/* The saved mail comes last: what stands here counts before what it says. The reveal's table is the
 * same less its name. */
static const pk_field message_fields[] = {
    {"name", PK_STRING, true, read_name},
    {"subject", PK_STRING, false, read_subject},
    {"text", PK_STRING, false, read_text},
    {"text_file", PK_STRING, false, read_text_file},
    {"html", PK_STRING, false, read_html},
    {"html_file", PK_STRING, false, read_html_file},
    {"markdown", PK_STRING, false, read_markdown},
    {"markdown_file", PK_STRING, false, read_markdown_file},
    {"headers", PK_OBJECT, false, pk_read_headers},
    {"attachments", PK_ARRAY, false, pk_read_attachments},
    {"invitation", PK_OBJECT, false, pk_read_invitation},
    {"inline", PK_OBJECT, false, pk_read_pictures},
    {"eml_file", PK_STRING, false, pk_read_eml},
};

enum { FIELD_COUNT = sizeof message_fields / sizeof message_fields[0] };

/* Keys that can't stand beside each other. */
static const struct {
    const char *key;
    const char *beside;
} exclusive[] = {
    {"text_file", "text"},          {"html_file", "html"},     {"markdown_file", "markdown"},
    {"markdown", "html"},           {"markdown", "html_file"}, {"markdown_file", "html"},
    {"markdown_file", "html_file"}, {"text", "eml_file"},      {"text_file", "eml_file"},
    {"html", "eml_file"},           {"html_file", "eml_file"}, {"markdown", "eml_file"},
    {"markdown_file", "eml_file"},  {"inline", "eml_file"},    {"attachments", "eml_file"},
};

/* Keys one of which has to be there. */
static const char *const bodies[] = {"text",     "text_file",     "html",    "html_file",
                                     "markdown", "markdown_file", "eml_file"};

static bool has(pk_reader *reader, const pk_node *node, const char *key)
{
    return pk_node_member(&reader->document, node, key) != NULL;
}

static void check_exclusive(pk_reader *reader, const pk_node *node)
{
    for (size_t i = 0; i < sizeof exclusive / sizeof exclusive[0]; i++) {
        const pk_node *key = pk_node_member(&reader->document, node, exclusive[i].key);
        if (key && has(reader, node, exclusive[i].beside)) {
            pk_complain(reader, key, "stands beside \"%s\"; one of the two is expected",
                        exclusive[i].beside);
        }
    }
}

static void check_body(pk_reader *reader, const pk_node *node)
{
    bool found = false;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        found = found || has(reader, node, bodies[i]);
    }
    if (!found) {
        pk_complain(reader, node,
                    "has no body; one of text, text_file, html, html_file, markdown, "
                    "markdown_file, eml_file is expected");
    }
    if (!has(reader, node, "subject") && !has(reader, node, "eml_file")) {
        pk_complain(reader, node, "has no \"subject\", which is required");
    }
    const pk_node *pictures = pk_node_member(&reader->document, node, "inline");
    bool shows_pictures = has(reader, node, "html") || has(reader, node, "html_file") ||
                          has(reader, node, "markdown") || has(reader, node, "markdown_file") ||
                          has(reader, node, "eml_file");
    if (pictures && found && !shows_pictures) {
        pk_complain(reader, pictures,
                    "has pictures, but only html or markdown can show them; put them into "
                    "\"attachments\", or add \"html\"");
    }
}

static void parse(pk_reader *reader, pk_template *message)
{
    pk_buf what;
    pk_buf_init(&what, MAX_TEMPLATE);
    const char *part = NULL;
    for (size_t i = 0;; i++) {
        pk_source *source = pk_template_source(message, i, &part);
        if (!source) {
            break;
        }
        pk_buf_reset(&what);
        pk_add_source_name(&what, pk_loading_of(reader)->campaign, message, source);
        pk_read_template(reader, pk_buf_text(&what), source);
    }
    pk_buf_free(&what);
}

static void read_template(pk_reader *reader, const pk_node *node, bool named, pk_template *message)
{
    pk_read_object(reader, node, message_fields + (named ? 0 : 1), FIELD_COUNT - (named ? 0 : 1),
                   message);
    check_exclusive(reader, node);
    check_body(reader, node);
    parse(reader, message);
}

static void check_names(pk_reader *reader, const pk_node *node)
{
    const prankcurl_campaign *campaign = pk_loading_of(reader)->campaign;
    const pk_node *n = pk_node_first(&reader->document, node);
    for (size_t i = 0; i < campaign->message_count; i++, n = pk_node_next(&reader->document, n)) {
        const char *name = campaign->messages[i].name;
        for (size_t j = 0; name && j < i; j++) {
            const char *other = campaign->messages[j].name;
            if (other && strcmp(other, name) == 0) {
                pk_complain(reader, pk_node_member(&reader->document, n, "name"),
                            "\"%s\" is the name of messages[%zu] too; each needs its own", name, j);
                break;
            }
        }
    }
}

void pk_read_messages(pk_reader *reader, const pk_node *node, void *target)
{
    prankcurl_campaign *campaign = target;
    const pk_document *document = &reader->document;
    if (pk_node_count(node) == 0) {
        pk_complain(reader, node, "is empty; at least one message is expected");
    }
    campaign->messages = pk_reader_alloc(reader, pk_node_count(node), sizeof *campaign->messages);
    if (!campaign->messages) {
        return;
    }
    for (const pk_node *n = pk_node_first(document, node); n; n = pk_node_next(document, n)) {
        pk_template *message = &campaign->messages[campaign->message_count++];
        if (pk_check_type(reader, n, PK_OBJECT)) {
            read_template(reader, n, true, message);
        }
    }
    check_names(reader, node);
}

void pk_read_reveal(pk_reader *reader, const pk_node *node, void *target)
{
    prankcurl_campaign *campaign = target;
    campaign->reveal = pk_reader_alloc(reader, 1, sizeof *campaign->reveal);
    if (campaign->reveal) {
        campaign->reveal->name = "reveal";
        read_template(reader, node, false, campaign->reveal);
    }
}
