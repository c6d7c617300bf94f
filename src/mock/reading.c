#include "mock/reading.h"

#include "mock/envelope_json.h"
#include "mock/reading_parts.h"
#include "base/mail_tame.h"

#include <string.h>

static void collect_part(GMimeObject *parent, GMimeObject *part, gpointer context)
{
    (void)parent;
    pm_reading *reading = context;
    if (!GMIME_IS_MULTIPART(part)) {
        g_ptr_array_add(reading->parts, part);
    }
}

static bool has_disposition(GMimeObject *part, const char *wanted)
{
    const char *disposition = g_mime_object_get_disposition(part);
    return disposition && g_ascii_strcasecmp(disposition, wanted) == 0;
}

/* The first text of this kind that is no attachment. */
static GMimeObject *find_text(const pm_reading *reading, const char *subtype)
{
    for (guint i = 0; i < reading->parts->len; i++) {
        GMimeObject *part = reading->parts->pdata[i];
        GMimeContentType *type = g_mime_object_get_content_type(part);
        if (GMIME_IS_TEXT_PART(part) && g_mime_content_type_is_type(type, "text", subtype) &&
            !has_disposition(part, "attachment")) {
            return part;
        }
    }
    return NULL;
}

/* The message behind a beginning that it may lack; NULL: there is none in it. */
static GMimeMessage *parse(const pm_mail *mail, const char *beginning)
{
    GByteArray *bytes = g_byte_array_sized_new((guint)(strlen(beginning) + mail->raw_len + 1));
    (void)g_byte_array_append(bytes, (const guint8 *)beginning, (guint)strlen(beginning));
    (void)g_byte_array_append(bytes, (const guint8 *)mail->raw, (guint)mail->raw_len);
    (void)g_byte_array_set_size(bytes, (guint)pk_mail_tame((char *)bytes->data, bytes->len));
    /* The stream owns the bytes, and the message's parts read from it. */
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), TRUE);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    g_object_unref(stream);
    return message;
}

pm_reading *pm_reading_new(const pm_mail *mail)
{
    pm_reading *reading = g_new0(pm_reading, 1);
    reading->mail = mail;
    reading->parts = g_ptr_array_new();
    reading->message = parse(mail, "");
    if (!reading->message) {
        reading->message = parse(mail, "\r\n"); /* no header at all: GMime wants one to end */
    }
    if (reading->message) {
        g_mime_message_foreach(reading->message, collect_part, reading);
    }
    reading->text = find_text(reading, "plain");
    reading->html = find_text(reading, "html");
    return reading;
}

void pm_reading_free(pm_reading *reading)
{
    if (!reading) {
        return;
    }
    g_ptr_array_free(reading->parts, TRUE);
    if (reading->message) {
        g_object_unref(reading->message);
    }
    g_free(reading);
}

/* The message in another form (RFC 6047), not a file beside it. */
static bool is_invitation(GMimeObject *part)
{
    GMimeContentType *type = g_mime_object_get_content_type(part);
    return g_mime_content_type_is_type(type, "text", "calendar") &&
           !g_mime_object_get_disposition(part);
}

bool pm_reading_is_attachment(const pm_reading *reading, GMimeObject *part)
{
    if (part == reading->text || part == reading->html) {
        return false;
    }
    bool is_shown =
        reading->html && g_mime_object_get_content_id(part) && !has_disposition(part, "attachment");
    return !is_shown && !is_invitation(part);
}

static cJSON *mailbox_json(const char *name, const char *address)
{
    cJSON *object = cJSON_CreateObject();
    name = name ? name : "";
    address = address ? address : "";
    return pm_json_finish(
        object, pm_json_put(object, "name", pm_text_json(name, strlen(name))) &&
                    pm_json_put(object, "address", pm_text_json(address, strlen(address))));
}

enum { MAX_GROUP_DEPTH = 8 };

static bool add_mailboxes(cJSON *list, InternetAddressList *addresses, unsigned depth);

static bool add_address(cJSON *list, InternetAddress *one, unsigned depth)
{
    if (INTERNET_ADDRESS_IS_GROUP(one)) {
        InternetAddressGroup *group = INTERNET_ADDRESS_GROUP(one);
        return depth > MAX_GROUP_DEPTH ||
               add_mailboxes(list, internet_address_group_get_members(group), depth + 1);
    }
    const char *address = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one));
    return pm_json_put(list, NULL, mailbox_json(internet_address_get_name(one), address));
}

/* Mailboxes, and those in groups. A group's own name is not shown. */
static bool add_mailboxes(cJSON *list, InternetAddressList *addresses, unsigned depth)
{
    int count = addresses ? internet_address_list_length(addresses) : 0;
    for (int i = 0; i < count; i++) {
        if (!add_address(list, internet_address_list_get_address(addresses, i), depth)) {
            return false;
        }
    }
    return true;
}

static cJSON *mailboxes_json(InternetAddressList *addresses)
{
    cJSON *list = cJSON_CreateArray();
    return pm_json_finish(list, add_mailboxes(list, addresses, 0));
}

static InternetAddressList *addresses_of(const pm_reading *reading, GMimeAddressType type)
{
    return reading->message ? g_mime_message_get_addresses(reading->message, type) : NULL;
}

static cJSON *sender_json(const pm_reading *reading)
{
    cJSON *list = mailboxes_json(addresses_of(reading, GMIME_ADDRESS_TYPE_SENDER));
    cJSON *first = list ? cJSON_DetachItemFromArray(list, 0) : NULL;
    cJSON_Delete(list);
    return first ? first : cJSON_CreateNull();
}

/* "2026-11-24T13:40:12Z"; null: there is none that can be read. */
static cJSON *date_json(const pm_reading *reading)
{
    GDateTime *date = reading->message ? g_mime_message_get_date(reading->message) : NULL;
    GDateTime *utc = date ? g_date_time_to_utc(date) : NULL;
    char *text = utc ? g_date_time_format(utc, "%Y-%m-%dT%H:%M:%SZ") : NULL;
    cJSON *item = text ? cJSON_CreateString(text) : cJSON_CreateNull();
    g_free(text);
    if (utc) {
        g_date_time_unref(utc);
    }
    return item;
}

static cJSON *campaign_json(const pm_reading *reading)
{
    const char *value = reading->message ? g_mime_object_get_header(GMIME_OBJECT(reading->message),
                                                                    "X-Prank-Campaign")
                                         : NULL;
    char *name = g_strstrip(g_strdup(value ? value : ""));
    cJSON *item = pm_text_or_null_json(name);
    g_free(name);
    return item;
}

static const char *subject_of(const pm_reading *reading)
{
    const char *subject = reading->message ? g_mime_message_get_subject(reading->message) : NULL;
    return subject ? subject : "";
}

static size_t count_attachments(const pm_reading *reading)
{
    size_t count = 0;
    for (guint i = 0; i < reading->parts->len; i++) {
        count += pm_reading_is_attachment(reading, reading->parts->pdata[i]) ? 1 : 0;
    }
    return count;
}

static bool add_summary(const pm_reading *reading, cJSON *object)
{
    const pm_mail *mail = reading->mail;
    const char *subject = subject_of(reading);
    const char *message_id =
        reading->message ? g_mime_message_get_message_id(reading->message) : NULL;
    return pm_json_put(object, "id", cJSON_CreateNumber((double)mail->id)) &&
           pm_json_put(object, "received", pm_time_json(mail->received_ms)) &&
           pm_json_put(object, "size", cJSON_CreateNumber((double)mail->raw_len)) &&
           pm_json_put(object, "envelope", pm_envelope_json(mail)) &&
           pm_json_put(object, "from",
                       mailboxes_json(addresses_of(reading, GMIME_ADDRESS_TYPE_FROM))) &&
           pm_json_put(object, "sender", sender_json(reading)) &&
           pm_json_put(object, "to",
                       mailboxes_json(addresses_of(reading, GMIME_ADDRESS_TYPE_TO))) &&
           pm_json_put(object, "cc",
                       mailboxes_json(addresses_of(reading, GMIME_ADDRESS_TYPE_CC))) &&
           pm_json_put(object, "subject", pm_text_json(subject, strlen(subject))) &&
           pm_json_put(object, "date", date_json(reading)) &&
           pm_json_put(object, "message_id", pm_text_or_null_json(message_id)) &&
           pm_json_put(object, "campaign", campaign_json(reading)) &&
           pm_json_put(object, "attachment_count",
                       cJSON_CreateNumber((double)count_attachments(reading)));
}

cJSON *pm_reading_summary(const pm_reading *reading)
{
    cJSON *object = cJSON_CreateObject();
    return pm_json_finish(object, add_summary(reading, object));
}

static cJSON *text_part_json(GMimeObject *part)
{
    char *text = part ? pm_reading_text_of(part) : NULL;
    cJSON *item = text ? pm_text_json(text, strlen(text)) : cJSON_CreateNull();
    g_free(text);
    return item;
}

cJSON *pm_reading_message(const pm_reading *reading)
{
    cJSON *object = cJSON_CreateObject();
    return pm_json_finish(
        object, add_summary(reading, object) &&
                    pm_json_put(object, "client", pm_client_json(reading->mail)) &&
                    pm_json_put(object, "headers", pm_reading_headers(reading->mail)) &&
                    pm_json_put(object, "text", text_part_json(reading->text)) &&
                    pm_json_put(object, "html", text_part_json(reading->html)) &&
                    pm_json_put(object, "parts", pm_reading_parts(reading)) &&
                    pm_json_put(object, "attachments", pm_reading_attachments(reading, object)) &&
                    pm_json_put(object, "dialogue", pm_dialogue_json(reading->mail)));
}

static bool look_into(InternetAddressList *addresses, pm_reading_look *look, void *context)
{
    bool found = false;
    int count = addresses ? internet_address_list_length(addresses) : 0;
    for (int i = 0; i < count && !found; i++) {
        char *text = internet_address_to_string(internet_address_list_get_address(addresses, i),
                                                NULL, FALSE);
        found = text && look(context, text);
        g_free(text);
    }
    return found;
}

bool pm_reading_any_from(const pm_reading *reading, pm_reading_look *look, void *context)
{
    return look(context, reading->mail->sender.address) ||
           look_into(addresses_of(reading, GMIME_ADDRESS_TYPE_FROM), look, context) ||
           look_into(addresses_of(reading, GMIME_ADDRESS_TYPE_SENDER), look, context);
}

bool pm_reading_any_to(const pm_reading *reading, pm_reading_look *look, void *context)
{
    for (size_t i = 0; i < reading->mail->recipient_count; i++) {
        if (look(context, reading->mail->recipients[i].address)) {
            return true;
        }
    }
    return look_into(addresses_of(reading, GMIME_ADDRESS_TYPE_TO), look, context) ||
           look_into(addresses_of(reading, GMIME_ADDRESS_TYPE_CC), look, context);
}

bool pm_reading_subject(const pm_reading *reading, pm_reading_look *look, void *context)
{
    return look(context, subject_of(reading));
}

bool pm_reading_message_id(const pm_reading *reading, pm_reading_look *look, void *context)
{
    const char *id = reading->message ? g_mime_message_get_message_id(reading->message) : NULL;
    char *text = id ? g_strdup_printf("<%s>", id) : NULL;
    bool found = text && look(context, text);
    g_free(text);
    return found;
}

bool pm_reading_body(const pm_reading *reading, pm_reading_look *look, void *context)
{
    GMimeObject *part = reading->text ? reading->text : reading->html;
    char *text = part ? pm_reading_text_of(part) : NULL;
    bool found = text && look(context, text);
    g_free(text);
    return found;
}
