#include "mock/filter.h"

#include "mock/reading.h"

#include <glib.h>
#include <string.h>

/* At most so many marks on a letter (UAX #15, Stream-Safe Text Format): putting a longer run in
 * order would take time by its square. */
static char *thin_out_marks(const char *valid)
{
    enum { MAX_MARKS = 30 };
    GString *text = g_string_sized_new(strlen(valid));
    size_t marks = 0;
    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        marks = g_unichar_combining_class(g_utf8_get_char(p)) ? marks + 1 : 0;
        if (marks <= MAX_MARKS) {
            g_string_append_len(text, p, g_utf8_next_char(p) - p);
        }
    }
    return g_string_free(text, FALSE);
}

/* Equal for texts that people see as the same, whatever their case. */
static char *fold(const char *text)
{
    char *valid = g_utf8_make_valid(text, -1);
    char *thin = thin_out_marks(valid);
    char *folded = g_utf8_casefold(thin, -1);
    char *normal = g_utf8_normalize(folded, -1, G_NORMALIZE_ALL_COMPOSE);
    g_free(valid);
    g_free(thin);
    g_free(folded);
    return normal;
}

void pm_filter_free(pm_filter *filter)
{
    g_free(filter->query);
    g_free(filter->from);
    g_free(filter->to);
    g_free(filter->subject);
    *filter = (pm_filter){0};
}

void pm_filter_set(char **text, const char *value)
{
    g_free(*text);
    *text = value[0] ? fold(value) : NULL;
}

static bool contains(void *wanted, const char *text)
{
    char *folded = fold(text);
    bool is_there = folded && strstr(folded, wanted);
    g_free(folded);
    return is_there;
}

static bool matches_query(const pm_reading *reading, char *query)
{
    return pm_reading_subject(reading, contains, query) ||
           pm_reading_any_from(reading, contains, query) ||
           pm_reading_any_to(reading, contains, query) ||
           pm_reading_message_id(reading, contains, query) ||
           pm_reading_body(reading, contains, query);
}

bool pm_filter_matches(const pm_filter *filter, const pm_mail *mail)
{
    if (mail->id <= filter->after) {
        return false;
    }
    if (!filter->query && !filter->from && !filter->to && !filter->subject) {
        return true; /* no need to read it */
    }
    pm_reading *reading = pm_reading_new(mail);
    bool matches = (!filter->subject || pm_reading_subject(reading, contains, filter->subject)) &&
                   (!filter->from || pm_reading_any_from(reading, contains, filter->from)) &&
                   (!filter->to || pm_reading_any_to(reading, contains, filter->to)) &&
                   (!filter->query || matches_query(reading, filter->query));
    pm_reading_free(reading);
    return matches;
}
