/* What GMime reads in messages: the second oracle of tests/oracle, beside Python's email.
 *
 *     gmime_dump FILE…
 *
 * A FILE is a message (.eml), an mboxrd (it begins with "From "), or - for either on stdin. Prints
 * one JSON object a line, a message each; its members are told in readers.py. */
#include <gmime/gmime.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void put_string(GString *out, const char *text)
{
    if (!text) {
        (void)g_string_append(out, "null");
        return;
    }
    char *valid = g_utf8_make_valid(text, -1);
    (void)g_string_append_c(out, '"');
    for (const char *p = valid; *p; p++) {
        if (*p == '"' || *p == '\\') {
            (void)g_string_append_c(out, '\\');
        }
        if ((unsigned char)*p < 0x20) {
            g_string_append_printf(out, "\\u%04x", (unsigned)*p);
        } else {
            (void)g_string_append_c(out, *p);
        }
    }
    (void)g_string_append_c(out, '"');
    g_free(valid);
}

static void put_key(GString *out, const char *key)
{
    (void)g_string_append(out, out->len > 1 ? ",\"" : "\"");
    (void)g_string_append(out, key);
    (void)g_string_append(out, "\":");
}

static void put_member(GString *out, const char *key, const char *text)
{
    put_key(out, key);
    put_string(out, text);
}

static void put_pair(GString *out, const char *name, const char *value)
{
    (void)g_string_append_c(out, '[');
    put_string(out, name);
    (void)g_string_append_c(out, ',');
    put_string(out, value);
    (void)g_string_append_c(out, ']');
}

static void put_mailbox(GString *out, InternetAddress *address)
{
    const char *spec = NULL;
    if (INTERNET_ADDRESS_IS_MAILBOX(address)) {
        spec = internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(address));
    }
    put_pair(out, internet_address_get_name(address), spec);
}

static void put_addresses(GString *out, const char *key, InternetAddressList *list)
{
    int count = list ? internet_address_list_length(list) : 0;
    put_key(out, key);
    (void)g_string_append_c(out, '[');
    for (int i = 0; i < count; i++) {
        (void)g_string_append(out, i ? "," : "");
        put_mailbox(out, internet_address_list_get_address(list, i));
    }
    (void)g_string_append_c(out, ']');
}

static void put_date(GString *out, GMimeMessage *message)
{
    GDateTime *date = g_mime_message_get_date(message);
    char *text = date ? g_mime_utils_header_format_date(date) : NULL;
    put_member(out, "date", text);
    g_free(text);
}

static void put_fields(GString *out, GMimeObject *object)
{
    GMimeHeaderList *fields = g_mime_object_get_header_list(object);
    put_key(out, "fields");
    (void)g_string_append_c(out, '[');
    for (int i = 0; i < g_mime_header_list_get_count(fields); i++) {
        GMimeHeader *field = g_mime_header_list_get_header_at(fields, i);
        (void)g_string_append(out, i ? "," : "");
        put_pair(out, g_mime_header_get_name(field), g_mime_header_get_value(field));
    }
    (void)g_string_append_c(out, ']');
}

static char *content_type(GMimeObject *part)
{
    return g_mime_content_type_get_mime_type(g_mime_object_get_content_type(part));
}

/* A leaf is its type; a multipart a list of its type and its parts. Bounded by GMime's own limit.
 */
static void put_structure(GString *out, GMimeObject *part)
{
    char *type = part ? content_type(part) : NULL;
    if (!part || !GMIME_IS_MULTIPART(part)) {
        put_string(out, type);
        g_free(type);
        return;
    }
    GMimeMultipart *multipart = GMIME_MULTIPART(part);
    (void)g_string_append_c(out, '[');
    put_string(out, type);
    g_free(type);
    for (int i = 0; i < g_mime_multipart_get_count(multipart); i++) {
        (void)g_string_append_c(out, ',');
        put_structure(out, g_mime_multipart_get_part(multipart, i));
    }
    (void)g_string_append_c(out, ']');
}

typedef struct found_texts {
    GMimeTextPart *plain;
    GMimeTextPart *html;
    GMimeTextPart *calendar;
} found_texts;

static void find_text(GMimeObject *parent, GMimeObject *part, gpointer user)
{
    found_texts *found = user;
    (void)parent;
    if (!GMIME_IS_TEXT_PART(part) || g_mime_object_get_disposition(part)) {
        return;
    }
    GMimeContentType *type = g_mime_object_get_content_type(part);
    if (!found->plain && g_mime_content_type_is_type(type, "text", "plain")) {
        found->plain = GMIME_TEXT_PART(part);
    }
    if (!found->html && g_mime_content_type_is_type(type, "text", "html")) {
        found->html = GMIME_TEXT_PART(part);
    }
    if (!found->calendar && g_mime_content_type_is_type(type, "text", "calendar")) {
        found->calendar = GMIME_TEXT_PART(part);
    }
}

static void put_text(GString *out, const char *key, GMimeTextPart *part)
{
    char *text = part ? g_mime_text_part_get_text(part) : NULL;
    put_member(out, key, text ? text : part ? "" : NULL);
    g_free(text);
}

static void put_digest(GString *out, GMimePart *part)
{
    GMimeStream *stream = g_mime_stream_mem_new();
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    if (content) {
        (void)g_mime_data_wrapper_write_to_stream(content, stream);
    }
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes->data, bytes->len);
    put_member(out, "sha256", digest);
    g_free(digest);
    g_object_unref(stream);
}

/* Appends what has a disposition as an object; names by parameter, as they stand in each field. */
static void add_file(GMimeObject *parent, GMimeObject *part, gpointer user)
{
    GString *files = user;
    const char *disposition = g_mime_object_get_disposition(part);
    (void)parent;
    if (!GMIME_IS_PART(part) || !disposition) {
        return;
    }
    GString *file = g_string_new("{");
    char *type = content_type(part);
    put_member(file, "type", type);
    put_member(file, "disposition", disposition);
    put_member(file, "filename", g_mime_object_get_content_disposition_parameter(part, "filename"));
    put_member(file, "name", g_mime_object_get_content_type_parameter(part, "name"));
    put_member(file, "content_id", g_mime_object_get_content_id(part));
    put_digest(file, GMIME_PART(part));
    g_string_append_printf(files, "%s%s}", files->len ? "," : "", file->str);
    g_free(type);
    (void)g_string_free(file, TRUE);
}

static void put_files(GString *out, GMimeMessage *message)
{
    GString *files = g_string_new(NULL);
    g_mime_message_foreach(message, add_file, files);
    put_key(out, "files");
    g_string_append_printf(out, "[%s]", files->str);
    (void)g_string_free(files, TRUE);
}

static const char *warning_name(GMimeParserWarning code)
{
    static const char *const names[] = {
        [GMIME_WARN_DUPLICATED_HEADER] = "duplicated header",
        [GMIME_WARN_DUPLICATED_PARAMETER] = "duplicated parameter",
        [GMIME_WARN_UNENCODED_8BIT_HEADER] = "unencoded 8-bit header",
        [GMIME_WARN_INVALID_CONTENT_TYPE] = "invalid content type",
        [GMIME_WARN_INVALID_RFC2047_HEADER_VALUE] = "invalid RFC 2047 header value",
        [GMIME_WARN_MALFORMED_MULTIPART] = "malformed multipart",
        [GMIME_WARN_TRUNCATED_MESSAGE] = "truncated message",
        [GMIME_WARN_MALFORMED_MESSAGE] = "malformed message",
        [GMIME_CRIT_INVALID_HEADER_NAME] = "invalid header name",
        [GMIME_CRIT_CONFLICTING_HEADER] = "conflicting header",
        [GMIME_CRIT_CONFLICTING_PARAMETER] = "conflicting parameter",
        [GMIME_CRIT_MULTIPART_WITHOUT_BOUNDARY] = "multipart without boundary",
        [GMIME_WARN_INVALID_PARAMETER] = "invalid parameter",
        [GMIME_WARN_INVALID_ADDRESS_LIST] = "invalid address list",
        [GMIME_CRIT_NESTING_OVERFLOW] = "nesting overflow",
        [GMIME_WARN_PART_WITHOUT_CONTENT] = "part without content",
        [GMIME_CRIT_PART_WITHOUT_HEADERS_OR_CONTENT] = "part without headers or content",
    };
    size_t i = (size_t)code;
    return i < G_N_ELEMENTS(names) && names[i] ? names[i] : "unknown warning";
}

static void note_warning(gint64 offset, GMimeParserWarning code, const gchar *item, gpointer user)
{
    GString *warnings = user;
    char *line = g_strdup_printf("%s at %" G_GINT64_FORMAT ": %s", warning_name(code), offset,
                                 item ? item : "");
    (void)g_string_append(warnings, warnings->len ? "," : "");
    put_string(warnings, line);
    g_free(line);
}

static GMimeParserOptions *strict_options(GString *warnings)
{
    GMimeParserOptions *options = g_mime_parser_options_new();
    g_mime_parser_options_set_address_compliance_mode(options, GMIME_RFC_COMPLIANCE_STRICT);
    g_mime_parser_options_set_parameter_compliance_mode(options, GMIME_RFC_COMPLIANCE_STRICT);
    g_mime_parser_options_set_rfc2047_compliance_mode(options, GMIME_RFC_COMPLIANCE_STRICT);
    g_mime_parser_options_set_warning_callback(options, note_warning, warnings);
    return options;
}

/* GMime reads some fields only when they are asked for, so the warnings come last. */
static void put_message(GString *out, GMimeMessage *message, const GString *warnings)
{
    found_texts found = {NULL, NULL, NULL};
    g_mime_message_foreach(message, find_text, &found);
    put_member(out, "subject", g_mime_message_get_subject(message));
    put_addresses(out, "from", g_mime_message_get_from(message));
    put_addresses(out, "sender", g_mime_message_get_sender(message));
    put_addresses(out, "to", g_mime_message_get_to(message));
    put_addresses(out, "cc", g_mime_message_get_cc(message));
    put_date(out, message);
    put_member(out, "message_id", g_mime_message_get_message_id(message));
    put_member(out, "x_prank_campaign",
               g_mime_object_get_header(GMIME_OBJECT(message), "X-Prank-Campaign"));
    put_text(out, "text", found.plain);
    put_text(out, "html", found.html);
    put_text(out, "calendar", found.calendar);
    put_key(out, "structure");
    put_structure(out, g_mime_message_get_mime_part(message));
    put_files(out, message);
    put_fields(out, GMIME_OBJECT(message));
    put_key(out, "warnings");
    (void)g_string_append_printf(out, "[%s]", warnings->str);
}

static void dump_message(const char *bytes, size_t len)
{
    GString *warnings = g_string_new(NULL);
    GString *out = g_string_new("{");
    GMimeParserOptions *options = strict_options(warnings);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, len);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, options);
    if (message) {
        put_message(out, message, warnings);
        g_object_unref(message);
    }
    (void)g_string_append(out, "}\n");
    (void)fwrite(out->str, 1, out->len, stdout);
    g_object_unref(parser);
    g_object_unref(stream);
    g_mime_parser_options_free(options);
    (void)g_string_free(out, TRUE);
    (void)g_string_free(warnings, TRUE);
}

/* Appends a line of an mboxrd as it was: one ">" less, where there was quoted, and CRLF. */
static void add_unquoted(GString *message, const char *line, size_t len)
{
    size_t quotes = strspn(line, ">");
    if (quotes > 0 && strncmp(line + quotes, "From ", 5) == 0) {
        line++;
        len--;
    }
    (void)g_string_append_len(message, line, (gssize)len);
    (void)g_string_append(message, "\r\n");
}

/* The empty line behind a message is the mailbox's. */
static void dump_entry(GString *message)
{
    size_t len = message->len >= 2 ? message->len - 2 : 0;
    if (len > 0) {
        dump_message(message->str, len);
    }
    (void)g_string_truncate(message, 0);
}

static void dump_mbox(const char *bytes)
{
    GString *message = g_string_new(NULL);
    while (*bytes) {
        size_t len = strcspn(bytes, "\n");
        if (strncmp(bytes, "From ", 5) == 0) {
            dump_entry(message);
        } else {
            add_unquoted(message, bytes, len);
        }
        bytes += len + (bytes[len] ? 1 : 0);
    }
    dump_entry(message);
    (void)g_string_free(message, TRUE);
}

static bool read_all(FILE *file, GString *bytes)
{
    char block[65536];
    size_t got = fread(block, 1, sizeof block, file);
    while (got > 0) {
        (void)g_string_append_len(bytes, block, (gssize)got);
        got = fread(block, 1, sizeof block, file);
    }
    return !ferror(file);
}

static bool dump_file(const char *path)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    GString *bytes = g_string_new(NULL);
    bool is_read = file && read_all(file, bytes);
    if (!is_read) {
        perror(path);
    } else if (strncmp(bytes->str, "From ", 5) == 0) {
        dump_mbox(bytes->str);
    } else {
        dump_message(bytes->str, bytes->len);
    }
    if (file && file != stdin) {
        (void)fclose(file);
    }
    (void)g_string_free(bytes, TRUE);
    return is_read;
}

int main(int argc, char **argv)
{
    int failed = argc < 2 ? 1 : 0;
    if (failed) {
        (void)fputs("usage: gmime_dump FILE…\n", stderr);
    }
    g_mime_init();
    for (int i = 1; i < argc; i++) {
        failed |= dump_file(argv[i]) ? 0 : 1;
    }
    g_mime_shutdown();
    return fflush(stdout) == 0 ? failed : 1;
}
