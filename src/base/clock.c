#include "base/clock.h"

#include <time.h>

/* Not strftime(): its names follow the program's locale. */
static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static struct tm utc(int64_t time_s)
{
    struct tm tm = {.tm_mday = 1, .tm_year = 70, .tm_wday = 4};
    time_t t = (time_t)time_s;
    struct tm result;
    return gmtime_r(&t, &result) ? result : tm;
}

void pk_add_date(pk_buf *out, int64_t time_s)
{
    struct tm tm = utc(time_s);
    pk_buf_fmt(out, "%s, %02d %s %04d %02d:%02d:%02d +0000", days[tm.tm_wday], tm.tm_mday,
               months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void pk_add_mbox_date(pk_buf *out, int64_t time_s)
{
    struct tm tm = utc(time_s);
    pk_buf_fmt(out, "%s %s %2d %02d:%02d:%02d %04d", days[tm.tm_wday], months[tm.tm_mon],
               tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_year + 1900);
}

void pk_add_utc(pk_buf *out, int64_t time_ms)
{
    struct tm tm = utc(time_ms / 1000);
    pk_buf_fmt(out, "%04d-%02d-%02d %02d:%02d:%02d UTC", tm.tm_year + 1900, tm.tm_mon + 1,
               tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void pk_add_utc_iso(pk_buf *out, int64_t time_ms)
{
    struct tm tm = utc(time_ms / 1000);
    pk_buf_fmt(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1,
               tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(time_ms % 1000));
}

void pk_add_utc_basic(pk_buf *out, int64_t time_s)
{
    struct tm tm = utc(time_s);
    pk_buf_fmt(out, "%04d%02d%02dT%02d%02d%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
               tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static int64_t clock_us(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t pk_monotonic_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

int64_t pk_wall_clock_ms(void)
{
    return clock_us(CLOCK_REALTIME) / 1000;
}
