/* Composes the pranks of compose.py with GMime, and prints the CPU seconds that took.
 *
 *     bench_compose_gmime PRANKS.tsv FOLDER COUNT      FOLDER has compose.txt and compose.html
 *     bench_compose_gmime PRANKS.tsv FOLDER COUNT OUT  writes them to OUT instead, an .eml each */
#include <fcntl.h>
#include <gmime/gmime.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DATE_S = 1800000000 };

static const char organiser[] = "Nadia Rossi";
static const char sender[] = "nadia@example.test";

/* Where a prank's fields are in its line: id, message id, author (4), recipients (2 each). */
enum { ID, MESSAGE_ID, NAME, ADDRESS, DESK, ROOM, RECIPIENTS };

typedef struct bench {
    char *text; /* the templates, without the line ends of lines that hold one tag only */
    char *html;
    char **lines;
    GMimeFormatOptions *format;
    GString *filled;
    GString *subject;
    GDateTime *date;
} bench;

static void add_value(GString *out, const char *value, gboolean escape)
{
    if (!escape || !value[strcspn(value, "&<>\"'")]) {
        (void)g_string_append(out, value);
        return;
    }
    char *escaped = g_markup_escape_text(value, -1);
    (void)g_string_append(out, escaped);
    g_free(escaped);
}

static const char *find_value(const char *name, char **fields, char **recipient)
{
    static const struct {
        const char *name;
        int field;
    } of_author[] = {{"author.name}}", NAME},
                     {"author.address}}", ADDRESS},
                     {"author.desk}}", DESK},
                     {"author.room}}", ROOM}};
    if (recipient) {
        return recipient[*name == 'n' ? 0 : 1];
    }
    for (size_t i = 0; i < G_N_ELEMENTS(of_author); i++) {
        if (g_str_has_prefix(name, of_author[i].name)) {
            return fields[of_author[i].field];
        }
    }
    return organiser;
}

/* Fills in from text to the end of the section, or of all; returns where it stopped. */
static const char *fill(GString *out, const char *text, char **fields, char **recipient,
                        gboolean escape)
{
    const char *tag = NULL;
    while ((tag = strstr(text, "{{"))) {
        (void)g_string_append_len(out, text, tag - text);
        text = strstr(tag, "}}") + 2;
        if (tag[2] == '/') {
            return text;
        }
        if (tag[2] != '#') {
            add_value(out, find_value(tag + 2, fields, recipient), escape);
            continue;
        }
        const char *end = text;
        for (char **r = fields + RECIPIENTS; *r; r += 2) {
            end = fill(out, text, fields, r, escape);
        }
        text = end;
    }
    (void)g_string_append(out, text);
    return text;
}

static void add_people(GMimeMessage *message, GMimeAddressType type, char **people, size_t count)
{
    InternetAddressList *list = g_mime_message_get_addresses(message, type);
    for (size_t i = 0; i < count; i++) {
        InternetAddress *address = internet_address_mailbox_new(people[2 * i], people[2 * i + 1]);
        internet_address_list_add(list, address);
        g_object_unref(address);
    }
}

/* Not a GMimeTextPart, which looks for a charset by itself and converts to it. */
static GMimeObject *make_part(bench *b, const char *template, const char *subtype, char **fields)
{
    (void)g_string_truncate(b->filled, 0);
    (void)fill(b->filled, template, fields, NULL, *subtype == 'h');
    GMimePart *part = g_mime_part_new_with_type("text", subtype);
    g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", "utf-8");
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(b->filled->str, b->filled->len);
    GMimeDataWrapper *content =
        g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
    g_mime_part_set_content(part, content);
    g_mime_part_set_content_encoding(
        part, g_mime_part_get_best_content_encoding(part, GMIME_ENCODING_CONSTRAINT_7BIT));
    g_object_unref(content);
    g_object_unref(stream);
    return GMIME_OBJECT(part);
}

static GMimeMessage *compose(bench *b, char **fields)
{
    char *by[] = {(char *)organiser, (char *)sender};
    GMimeMessage *message = g_mime_message_new(FALSE);
    add_people(message, GMIME_ADDRESS_TYPE_FROM, fields + NAME, 1);
    add_people(message, GMIME_ADDRESS_TYPE_SENDER, by, 1);
    add_people(message, GMIME_ADDRESS_TYPE_TO, fields + RECIPIENTS, 3);
    g_string_printf(b->subject, "%s broke the coffee machine", fields[NAME]);
    g_mime_message_set_subject(message, b->subject->str, "utf-8");
    g_mime_message_set_date(message, b->date);
    fields[MESSAGE_ID][strlen(fields[MESSAGE_ID]) - 1] = '\0'; /* it adds < and > itself */
    g_mime_message_set_message_id(message, fields[MESSAGE_ID] + 1);
    g_mime_object_set_header(GMIME_OBJECT(message), "X-Prank-Campaign", "bench", NULL);
    GMimeMultipart *parts = g_mime_multipart_new_with_subtype("alternative");
    GMimeObject *text = make_part(b, b->text, "plain", fields);
    GMimeObject *html = make_part(b, b->html, "html", fields);
    g_mime_multipart_add(parts, text);
    g_mime_multipart_add(parts, html);
    g_mime_message_set_mime_part(message, GMIME_OBJECT(parts));
    g_object_unref(text);
    g_object_unref(html);
    g_object_unref(parts);
    return message;
}

static void compose_all(bench *b, int count, const char *out)
{
    for (int i = 0; i < count && *b->lines[i]; i++) {
        char **fields = g_strsplit(b->lines[i], "\t", -1);
        char *path = out ? g_strdup_printf("%s/%s.eml", out, fields[ID]) : NULL;
        GMimeStream *stream = path ? g_mime_stream_fs_open(path, O_WRONLY | O_CREAT, 0666, NULL)
                                   : g_mime_stream_null_new();
        GMimeMessage *message = compose(b, fields);
        (void)g_mime_object_write_to_stream(GMIME_OBJECT(message), b->format, stream);
        g_object_unref(message);
        g_object_unref(stream);
        g_free(path);
        g_strfreev(fields);
    }
}

static char *read_file(const char *folder, const char *name)
{
    char *path = folder ? g_strdup_printf("%s/%s", folder, name) : g_strdup(name);
    char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        (void)fprintf(stderr, "bench_compose_gmime: cannot read %s\n", path);
        exit(1);
    }
    g_free(path);
    return text;
}

static char *read_template(const char *folder, const char *name)
{
    char *text = read_file(folder, name);
    GRegex *alone = g_regex_new("^(\\{\\{[#/]\\w+\\}\\})\\n", G_REGEX_MULTILINE, 0, NULL);
    char *result = g_regex_replace(alone, text, -1, 0, "\\1", 0, NULL);
    g_regex_unref(alone);
    g_free(text);
    return result;
}

static double cpu_s(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        (void)fprintf(stderr, "usage: bench_compose_gmime PRANKS.tsv FOLDER COUNT [OUT]\n");
        return 64;
    }
    g_mime_init();
    char *pranks = read_file(NULL, argv[1]);
    bench b = {.text = read_template(argv[2], "compose.txt"),
               .html = read_template(argv[2], "compose.html"),
               .lines = g_strsplit(pranks, "\n", -1),
               .format = g_mime_format_options_new(),
               .filled = g_string_sized_new(4096),
               .subject = g_string_sized_new(256),
               .date = g_date_time_new_from_unix_utc(DATE_S)};
    g_mime_format_options_set_newline_format(b.format, GMIME_NEWLINE_FORMAT_DOS);
    double begin_s = cpu_s();
    compose_all(&b, atoi(argv[3]), argc > 4 ? argv[4] : NULL);
    (void)printf("%.6f\n", cpu_s() - begin_s);
    g_date_time_unref(b.date);
    (void)g_string_free(b.filled, TRUE);
    (void)g_string_free(b.subject, TRUE);
    g_mime_format_options_free(b.format);
    g_strfreev(b.lines);
    g_free(b.text);
    g_free(b.html);
    g_free(pranks);
    g_mime_shutdown();
    return 0;
}
