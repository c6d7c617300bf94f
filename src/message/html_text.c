#include "message/html_text.h"

#include "base/text.h"
#include "message/html_element.h"
#include "message/html_link.h"
#include "message/html_parse.h"
#include "message/text_flow.h"

#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

enum {
    MAX_INDENT = 40, /* bytes; what is nested deeper is indented no more */
    PARAGRAPH = 2,   /* line ends */
};

/* An element that is open. */
typedef struct frame {
    pk_html_kind kind;
    unsigned number;   /* of a numbered list: its last item's */
    size_t indent_len; /* of the flow, before it */
} frame;

enum { LINE_CELLS = 72 };

typedef struct reading {
    pk_text_use use;
    xmlParserCtxt *parser; /* lent */
    pk_text_flow flow;
    frame *frames;
    size_t depth;
    size_t hidden_from; /* the depth of the element that hides all in it; 0: none */
    size_t lists;       /* open */
    size_t pres;        /* open */
    bool is_pre_fresh;  /* its first line end does not count */
    bool is_in_link;
    pk_buf url;       /* of the link that is open, "" for one that is not shown */
    pk_buf link_text; /* what it shows so far */
    bool is_too_deep;
} reading;

static void add_word_part(reading *r, const char *text, size_t len)
{
    pk_text_flow_add(&r->flow, text, len);
    if (r->is_in_link) {
        pk_buf_add(&r->link_text, text, len);
    }
}

static void add_blank(reading *r)
{
    pk_text_flow_blank(&r->flow);
    if (r->is_in_link && r->link_text.len > 0 && r->link_text.data[r->link_text.len - 1] != ' ') {
        pk_buf_char(&r->link_text, ' ');
    }
}

/* What takes no room where it stands and would only spoil a search: soft hyphens, and what mails
 * fill their preheaders with. Joiners (U+200C, U+200D) belong to scripts and emoji. */
static bool is_invisible(uint32_t c)
{
    return c == 0xad || c == 0x34f || c == 0x200b || c == 0xfeff || pk_is_control(c);
}

/* A character that is not ASCII, at text. Returns its length. */
static size_t add_character(reading *r, const char *text, size_t len)
{
    ucs4_t c = 0;
    int step = u8_mbtoucr(&c, (const uint8_t *)text, len);
    if (step < 1) { /* the parser lets overlong forms pass */
        add_word_part(r, "\xef\xbf\xbd", 3);
        return 1;
    }
    if (c == 0xa0 && r->pres == 0) {
        add_blank(r);
    } else if (c == 0xa0) {
        add_word_part(r, " ", 1);
    } else if (!is_invisible(c)) {
        add_word_part(r, text, (size_t)step);
    }
    return (size_t)step;
}

static void add_ascii(reading *r, char c)
{
    bool is_blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
    if (c == '\n' && r->pres > 0) {
        if (!r->is_pre_fresh) {
            pk_text_flow_line_end(&r->flow, SIZE_MAX);
        }
    } else if (is_blank && (r->pres == 0 || c == '\r')) {
        add_blank(r);
    } else if (is_blank || !pk_is_control((unsigned char)c)) {
        add_word_part(r, &c, 1);
    }
    r->is_pre_fresh = false;
}

static bool stands_for_itself(char c)
{
    return c > ' ' && c < 0x7f;
}

static void add_text(reading *r, const char *text, size_t len)
{
    size_t i = 0;
    while (i < len) {
        size_t from = i;
        while (i < len && stands_for_itself(text[i])) {
            i++;
        }
        if (i > from) {
            r->is_pre_fresh = false;
            add_word_part(r, text + from, i - from);
        } else if ((unsigned char)text[i] < 0x80) {
            add_ascii(r, text[i++]);
        } else {
            r->is_pre_fresh = false;
            i += add_character(r, text + i, len - i);
        }
    }
}

static void on_characters(void *context, const xmlChar *text, int len)
{
    reading *r = context;
    if (r->hidden_from == 0 && len > 0) {
        add_text(r, (const char *)text, (size_t)len);
    }
}

static void begin_link(reading *r, const xmlChar **attributes)
{
    const char *href = pk_html_attribute(attributes, "href");
    pk_buf_reset(&r->url);
    pk_buf_reset(&r->link_text);
    pk_html_link_url(&r->url, href ? href : "");
    r->is_in_link = true;
}

static void end_link(reading *r)
{
    r->is_in_link = false;
    const char *url = pk_buf_text(&r->url);
    if (!*url || pk_html_link_shows(pk_buf_text(&r->link_text), url)) {
        return;
    }
    if (r->link_text.len > 0) {
        pk_text_flow_blank(&r->flow);
    }
    pk_text_flow_add(&r->flow, "<", 1);
    pk_text_flow_add(&r->flow, url, strlen(url));
    pk_text_flow_add(&r->flow, ">", 1);
}

static void add_image(reading *r, const xmlChar **attributes)
{
    const char *alt = pk_html_attribute(attributes, "alt");
    if (r->use == PK_TEXT_TO_READ && alt && alt[strspn(alt, " \t\r\n")]) {
        add_text(r, "[", 1);
        add_text(r, alt, strlen(alt));
        add_text(r, "]", 1);
    }
}

static void add_rule(reading *r)
{
    static const char rule[] = "----------------------------------------";
    pk_text_flow_break(&r->flow, PARAGRAPH);
    pk_text_flow_add(&r->flow, rule, sizeof rule - 1);
    pk_text_flow_break(&r->flow, PARAGRAPH);
}

static void indent(reading *r, const char *first, const char *rest)
{
    if (r->flow.rest.len < MAX_INDENT) {
        pk_text_flow_indent(&r->flow, first, rest);
    }
}

static void begin_item(reading *r)
{
    pk_text_flow_break(&r->flow, 1);
    frame *list = r->depth > 1 ? &r->frames[r->depth - 2] : NULL;
    if (!list || list->kind != PK_HTML_NUMBERS) {
        indent(r, "- ", "  ");
        return;
    }
    char mark[16];
    char blanks[16];
    (void)snprintf(mark, sizeof mark, "%u. ", ++list->number);
    (void)snprintf(blanks, sizeof blanks, "%*s", (int)strlen(mark), "");
    indent(r, mark, blanks);
}

/* A list in a list belongs to its item. */
static void begin_list(reading *r)
{
    pk_text_flow_break(&r->flow, r->lists == 0 ? PARAGRAPH : 1);
    r->lists++;
}

static void begin(reading *r, pk_html_kind kind, const xmlChar **attributes)
{
    switch (kind) {
    case PK_HTML_LINK:
        begin_link(r, attributes);
        break;
    case PK_HTML_IMAGE:
        add_image(r, attributes);
        break;
    case PK_HTML_LINE_END:
        pk_text_flow_line_end(&r->flow, PARAGRAPH);
        break;
    case PK_HTML_RULE:
        add_rule(r);
        break;
    case PK_HTML_PRE:
        pk_text_flow_break(&r->flow, PARAGRAPH);
        r->pres++;
        r->is_pre_fresh = true;
        break;
    case PK_HTML_QUOTE:
        pk_text_flow_break(&r->flow, PARAGRAPH);
        indent(r, "> ", "> ");
        break;
    case PK_HTML_DEFINITION:
        pk_text_flow_break(&r->flow, 1);
        indent(r, "    ", "    ");
        break;
    case PK_HTML_BULLETS:
    case PK_HTML_NUMBERS:
        begin_list(r);
        break;
    case PK_HTML_ITEM:
        begin_item(r);
        break;
    case PK_HTML_CELL:
        pk_text_flow_separator(&r->flow);
        break;
    case PK_HTML_BLOCK:
        pk_text_flow_break(&r->flow, 1);
        break;
    case PK_HTML_PARAGRAPH:
        pk_text_flow_break(&r->flow, PARAGRAPH);
        break;
    default:
        break;
    }
}

static void end(reading *r, pk_html_kind kind)
{
    switch (kind) {
    case PK_HTML_LINK:
        end_link(r);
        break;
    case PK_HTML_PRE:
        pk_text_flow_break(&r->flow, PARAGRAPH);
        r->pres--;
        break;
    case PK_HTML_BULLETS:
    case PK_HTML_NUMBERS:
        r->lists--;
        pk_text_flow_break(&r->flow, r->lists == 0 ? PARAGRAPH : 1);
        break;
    case PK_HTML_BLOCK:
    case PK_HTML_ITEM:
    case PK_HTML_DEFINITION:
        pk_text_flow_break(&r->flow, 1);
        break;
    case PK_HTML_PARAGRAPH:
    case PK_HTML_QUOTE:
        pk_text_flow_break(&r->flow, PARAGRAPH);
        break;
    default:
        break;
    }
}

static void on_start(void *context, const xmlChar *name, const xmlChar **attributes)
{
    reading *r = context;
    if (r->depth == PK_HTML_MAX_DEPTH) {
        r->is_too_deep = true;
        xmlStopParser(r->parser);
        return;
    }
    pk_html_kind kind = pk_html_kind_of((const char *)name);
    r->frames[r->depth++] = (frame){.kind = kind, .indent_len = r->flow.rest.len};
    if (r->hidden_from > 0) {
        return;
    }
    if (kind == PK_HTML_HIDDEN || pk_html_is_hidden(attributes)) {
        r->hidden_from = r->depth;
        return;
    }
    begin(r, kind, attributes);
}

/* The parser ends every element that it began, in order. */
static void on_end(void *context, const xmlChar *name)
{
    (void)name;
    reading *r = context;
    if (r->depth == 0) {
        return;
    }
    const frame *top = &r->frames[r->depth - 1];
    if (r->hidden_from == 0) {
        end(r, top->kind);
        pk_text_flow_outdent(&r->flow, top->indent_len);
    } else if (r->hidden_from == r->depth) {
        r->hidden_from = 0;
    }
    r->depth--;
}

static const htmlSAXHandler handler = {.startElement = on_start,
                                       .endElement = on_end,
                                       .characters = on_characters,
                                       .cdataBlock = on_characters,
                                       .ignorableWhitespace = on_characters};

bool pk_html_to_text(pk_buf *out, const char *html, size_t len, pk_text_use use)
{
    reading r = {.use = use, .frames = calloc(PK_HTML_MAX_DEPTH, sizeof(frame))};
    pk_text_flow_init(&r.flow, out, use == PK_TEXT_TO_READ ? LINE_CELLS : SIZE_MAX / 2);
    pk_buf_init(&r.url, (size_t)4 * PK_HTML_MAX);
    pk_buf_init(&r.link_text, (size_t)4 * PK_HTML_MAX);
    bool is_read = r.frames && pk_html_parse(html, len, &handler, &r, &r.parser);
    bool is_whole = !r.is_too_deep && pk_buf_ok(&r.url) && pk_buf_ok(&r.link_text);
    is_whole = pk_text_flow_end(&r.flow) && is_whole && is_read;
    pk_buf_free(&r.url);
    pk_buf_free(&r.link_text);
    free(r.frames);
    return is_whole;
}
