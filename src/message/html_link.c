#include "message/html_link.h"

#include "base/text.h"

#include <string.h>
#include <unistr.h>

static const char *const unshown[] = {"#", "cid:", "javascript:", "data:", "about:"};
/* Of these the address alone is shown, without what may stand behind a "?". */
static const char *const addresses[] = {"mailto:", "tel:"};

static bool begins_with(const char *text, const char *word)
{
    size_t len = strlen(word);
    return strlen(text) >= len && pk_ascii_equal_nocase(text, word, len);
}

static bool begins_with_any(const char *text, const char *const *words, size_t count,
                            const char **rest)
{
    for (size_t i = 0; i < count; i++) {
        if (begins_with(text, words[i])) {
            *rest = text + strlen(words[i]);
            return true;
        }
    }
    return false;
}

static void add_percent(pk_buf *out, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        pk_buf_fmt(out, "%%%02X", (unsigned char)bytes[i]);
    }
}

/* A blank, what would end the brackets around it (RFC 3986 appendix C), and what is no text is
 * percent-encoded. */
static void add_url(pk_buf *out, const char *url, size_t len)
{
    size_t i = 0;
    while (i < len) {
        ucs4_t c = 0;
        int step = u8_mbtoucr(&c, (const uint8_t *)url + i, len - i);
        size_t bytes = step > 0 ? (size_t)step : 1;
        bool is_text = step > 0 && !pk_is_control(c) && c != ' ' && c != '<' && c != '>';
        if (is_text) {
            pk_buf_add(out, url + i, bytes);
        } else if (c != '\n' && c != '\r' && c != '\t') { /* browsers leave these out */
            add_percent(out, url + i, bytes);
        }
        i += bytes;
    }
}

void pk_html_link_url(pk_buf *out, const char *href)
{
    const char *url = href + strspn(href, " \t\r\n\f");
    size_t len = strlen(url);
    while (len > 0 && (unsigned char)url[len - 1] <= ' ') {
        len--;
    }
    const char *rest = NULL;
    if (begins_with_any(url, unshown, sizeof unshown / sizeof unshown[0], &rest)) {
        return;
    }
    if (begins_with_any(url, addresses, sizeof addresses / sizeof addresses[0], &rest)) {
        len -= (size_t)(rest - url);
        size_t bare_len = strcspn(rest, "?");
        url = rest;
        len = bare_len < len ? bare_len : len;
    }
    add_url(out, url, len);
}

/* Without blanks at both ends, and without the last "/". */
static size_t core_len(const char *text)
{
    size_t len = strlen(text);
    while (len > 0 && text[len - 1] == ' ') {
        len--;
    }
    return len > 0 && text[len - 1] == '/' ? len - 1 : len;
}

bool pk_html_link_shows(const char *text, const char *url)
{
    text += strspn(text, " ");
    size_t len = core_len(text);
    return len == core_len(url) && pk_ascii_equal_nocase(text, url, len);
}
