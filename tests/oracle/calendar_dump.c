/* Reads an invitation as JSON from stdin and writes it as a calendar: for test_calendar.py. */
#include "message/calendar.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_BYTES = 1 << 20, MAX_ATTENDEES = 16 };

static const char *text_of(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static int64_t number_of(const cJSON *object, const char *key)
{
    return (int64_t)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static pk_mailbox mailbox_of(const cJSON *object)
{
    return (pk_mailbox){text_of(object, "name"), text_of(object, "address")};
}

static bool write_calendar(const cJSON *json)
{
    pk_mailbox attendees[MAX_ATTENDEES];
    size_t count = 0;
    const cJSON *attendee = NULL;
    cJSON_ArrayForEach(attendee, cJSON_GetObjectItemCaseSensitive(json, "attendees"))
    {
        if (count < MAX_ATTENDEES) {
            attendees[count++] = mailbox_of(attendee);
        }
    }
    pk_invitation invitation = {.uid = text_of(json, "uid"),
                                .summary = text_of(json, "summary"),
                                .description = text_of(json, "description"),
                                .location = text_of(json, "location"),
                                .start_s = number_of(json, "start_s"),
                                .end_s = number_of(json, "end_s"),
                                .stamp_s = number_of(json, "stamp_s"),
                                .organiser =
                                    mailbox_of(cJSON_GetObjectItemCaseSensitive(json, "organiser")),
                                .sent_by = text_of(json, "sent_by"),
                                .attendees = attendees,
                                .attendee_count = count};
    pk_buf out;
    pk_buf_init(&out, MAX_BYTES);
    bool is_written =
        pk_calendar(&out, &invitation) && fwrite(out.data, 1, out.len, stdout) == out.len;
    pk_buf_free(&out);
    return is_written;
}

int main(void)
{
    static char input[MAX_BYTES];
    size_t len = fread(input, 1, sizeof input, stdin);
    cJSON *json = cJSON_ParseWithLength(input, len);
    bool is_written = json && write_calendar(json);
    cJSON_Delete(json);
    return is_written ? EXIT_SUCCESS : EXIT_FAILURE;
}
