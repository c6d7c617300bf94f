#include "message/html_element.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

typedef struct element {
    const char *name;
    pk_html_kind kind;
} element;

/* Sorted by name. What is not here is inline. */
static const element elements[] = {
    {"a", PK_HTML_LINK},          {"address", PK_HTML_BLOCK},    {"article", PK_HTML_BLOCK},
    {"aside", PK_HTML_BLOCK},     {"audio", PK_HTML_HIDDEN},     {"blockquote", PK_HTML_QUOTE},
    {"br", PK_HTML_LINE_END},     {"caption", PK_HTML_BLOCK},    {"center", PK_HTML_BLOCK},
    {"dd", PK_HTML_DEFINITION},   {"details", PK_HTML_BLOCK},    {"dir", PK_HTML_BULLETS},
    {"div", PK_HTML_BLOCK},       {"dl", PK_HTML_PARAGRAPH},     {"dt", PK_HTML_BLOCK},
    {"fieldset", PK_HTML_BLOCK},  {"figcaption", PK_HTML_BLOCK}, {"figure", PK_HTML_PARAGRAPH},
    {"footer", PK_HTML_BLOCK},    {"form", PK_HTML_BLOCK},       {"h1", PK_HTML_PARAGRAPH},
    {"h2", PK_HTML_PARAGRAPH},    {"h3", PK_HTML_PARAGRAPH},     {"h4", PK_HTML_PARAGRAPH},
    {"h5", PK_HTML_PARAGRAPH},    {"h6", PK_HTML_PARAGRAPH},     {"head", PK_HTML_HIDDEN},
    {"header", PK_HTML_BLOCK},    {"hr", PK_HTML_RULE},          {"iframe", PK_HTML_HIDDEN},
    {"img", PK_HTML_IMAGE},       {"legend", PK_HTML_BLOCK},     {"li", PK_HTML_ITEM},
    {"main", PK_HTML_BLOCK},      {"menu", PK_HTML_BULLETS},     {"nav", PK_HTML_BLOCK},
    {"object", PK_HTML_HIDDEN},   {"ol", PK_HTML_NUMBERS},       {"p", PK_HTML_PARAGRAPH},
    {"pre", PK_HTML_PRE},         {"script", PK_HTML_HIDDEN},    {"section", PK_HTML_BLOCK},
    {"select", PK_HTML_HIDDEN},   {"style", PK_HTML_HIDDEN},     {"summary", PK_HTML_BLOCK},
    {"svg", PK_HTML_HIDDEN},      {"table", PK_HTML_PARAGRAPH},  {"td", PK_HTML_CELL},
    {"template", PK_HTML_HIDDEN}, {"textarea", PK_HTML_HIDDEN},  {"th", PK_HTML_CELL},
    {"title", PK_HTML_HIDDEN},    {"tr", PK_HTML_BLOCK},         {"ul", PK_HTML_BULLETS},
    {"video", PK_HTML_HIDDEN},
};

static int compare_element(const void *name, const void *known)
{
    return strcmp(name, ((const element *)known)->name);
}

pk_html_kind pk_html_kind_of(const char *name)
{
    const element *found = bsearch(name, elements, sizeof elements / sizeof elements[0],
                                   sizeof elements[0], compare_element);
    return found ? found->kind : PK_HTML_INLINE;
}

const char *pk_html_attribute(const xmlChar **attributes, const char *name)
{
    for (size_t i = 0; attributes && attributes[i]; i += 2) {
        if (strcmp((const char *)attributes[i], name) == 0) {
            return attributes[i + 1] ? (const char *)attributes[i + 1] : "";
        }
    }
    return NULL;
}

bool pk_html_is_hidden(const xmlChar **attributes)
{
    const char *style = pk_html_attribute(attributes, "style");
    if (!style) {
        return pk_html_attribute(attributes, "hidden") != NULL;
    }
    static const char wanted[] = "display:none";
    size_t matched = 0; /* no letter of it occurs at its beginning again */
    for (; *style && matched < sizeof wanted - 1; style++) {
        if (*style == ' ' || *style == '\t' || *style == '\n') {
            continue;
        }
        bool fits = pk_ascii_lower(*style) == wanted[matched];
        matched = fits ? matched + 1 : pk_ascii_lower(*style) == wanted[0];
    }
    return matched == sizeof wanted - 1 || pk_html_attribute(attributes, "hidden") != NULL;
}
