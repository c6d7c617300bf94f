#include "base/when.h"

#include <stddef.h>

/* A moment's numbers, in the order in which they are written. */
typedef struct moment {
    int year, month, day, hour, minute, second;
    int offset_min; /* east of Greenwich */
} moment;

/* Reads digits at *text into *number and moves behind them. False: there are fewer. */
static bool read_digits(const char **text, size_t count, int *number)
{
    int n = 0;
    for (size_t i = 0; i < count; i++) {
        char c = (*text)[i];
        if (c < '0' || c > '9') {
            return false;
        }
        n = n * 10 + (c - '0');
    }
    *text += count;
    *number = n;
    return true;
}

static bool read_sign(const char **text, char sign)
{
    if (**text != sign) {
        return false;
    }
    (*text)++;
    return true;
}

static bool read_date(const char **text, moment *m)
{
    return read_digits(text, 4, &m->year) && read_sign(text, '-') &&
           read_digits(text, 2, &m->month) && read_sign(text, '-') && read_digits(text, 2, &m->day);
}

static bool read_time(const char **text, moment *m)
{
    if (!read_sign(text, 'T') || !read_digits(text, 2, &m->hour) || !read_sign(text, ':') ||
        !read_digits(text, 2, &m->minute)) {
        return false;
    }
    return !read_sign(text, ':') || read_digits(text, 2, &m->second);
}

static bool read_offset(const char **text, moment *m)
{
    if (read_sign(text, 'Z')) {
        return true;
    }
    int direction = read_sign(text, '+') ? 1 : read_sign(text, '-') ? -1 : 0;
    int hours = 0;
    int minutes = 0;
    if (direction == 0 || !read_digits(text, 2, &hours) || !read_sign(text, ':') ||
        !read_digits(text, 2, &minutes) || hours > 23 || minutes > 59) {
        return false;
    }
    m->offset_min = direction * (hours * 60 + minutes);
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && is_leap ? 29 : days[month - 1];
}

/* Days since 1970-01-01 (Gregorian calendar). */
static int64_t days_since_1970(const moment *m)
{
    int64_t years = m->year - 1;
    int64_t days = years * 365 + years / 4 - years / 100 + years / 400;
    for (int month = 1; month < m->month; month++) {
        days += days_in_month(m->year, month);
    }
    static const int64_t days_before_1970 = 719162;
    return days + m->day - 1 - days_before_1970;
}

/* NULL: the numbers are those of a moment. */
static const char *check(const moment *m)
{
    if (m->year < 1970) {
        return "the year is before 1970";
    }
    if (m->month < 1 || m->month > 12) {
        return "there is no such month; months are 01 to 12";
    }
    if (m->day < 1 || m->day > days_in_month(m->year, m->month)) {
        return "the month has no such day";
    }
    if (m->hour > 23 || m->minute > 59 || m->second > 59) {
        return "the day has no such time; times are 00:00:00 to 23:59:59";
    }
    return NULL;
}

/* NULL: *m is filled. */
static const char *read_moment(const char *text, moment *m)
{
    if (!read_date(&text, m) || !read_time(&text, m)) {
        return "it is not written as a time; expected one as 2027-04-01T10:00+02:00";
    }
    if (*text == '\0') {
        return "it has no offset from UTC; end it as +02:00, or with Z for UTC";
    }
    if (*text == '.') {
        return "it has a fraction of a second; whole seconds are expected";
    }
    if (!read_offset(&text, m) || *text != '\0') {
        return "its offset from UTC is wrong; expected one as +02:00, or Z for UTC";
    }
    return check(m);
}

bool pk_when_parse(const char *text, int64_t *out_s, const char **why)
{
    moment m = {0};
    *why = read_moment(text, &m);
    if (*why) {
        return false;
    }
    int64_t minutes = days_since_1970(&m) * 1440 + m.hour * 60 + m.minute - m.offset_min;
    if (minutes < 0) {
        *why = "the year is before 1970";
        return false;
    }
    *out_s = minutes * 60 + m.second;
    return true;
}
