#include "campaign/read_csv.h"

#include "base/text.h"

#include <string.h>

/* The header while it is read. */
typedef struct header {
    pk_reader *reader;
    const char *file;
    const pk_csv_row *row;
    pk_column *columns;
    size_t count;
} header;

static const char *const known[PK_COLUMN_KNOWN_COUNT] = {
    [PK_COLUMN_NAME] = "name",
    [PK_COLUMN_ADDRESS] = "address",
    [PK_COLUMN_OPTED_IN] = "opted_in",
};

/* What other programs call these. */
static const struct {
    const char *header;
    pk_column_kind kind;
} near_misses[] = {
    {"email", PK_COLUMN_ADDRESS},
    {"e-mail", PK_COLUMN_ADDRESS},
    {"e_mail", PK_COLUMN_ADDRESS},
    {"mail", PK_COLUMN_ADDRESS},
    {"email address", PK_COLUMN_ADDRESS},
    {"e-mail address", PK_COLUMN_ADDRESS},
    {"email_address", PK_COLUMN_ADDRESS},
    {"emailaddress", PK_COLUMN_ADDRESS},
    {"e-mail 1 - value", PK_COLUMN_ADDRESS},
    {"mail address", PK_COLUMN_ADDRESS},
    {"adress", PK_COLUMN_ADDRESS},
    {"addresses", PK_COLUMN_ADDRESS},
    {"full name", PK_COLUMN_NAME},
    {"full_name", PK_COLUMN_NAME},
    {"fullname", PK_COLUMN_NAME},
    {"display name", PK_COLUMN_NAME},
    {"display_name", PK_COLUMN_NAME},
    {"names", PK_COLUMN_NAME},
};

enum { NEAR_MISS_COUNT = sizeof near_misses / sizeof near_misses[0] };

static void complain(const header *h, size_t i, const char *what, const char *more)
{
    const pk_csv_field *field = &h->row->fields[i];
    pk_cell cell = {h->file, h->columns[i].name, h->row->number, field->line, field->column};
    pk_complain_at(h->reader, &(pk_at){.cell = &cell}, "%s%s", what, more);
}

static bool same(const char *a, const char *b)
{
    size_t len = strlen(a);
    return len == strlen(b) && pk_ascii_equal_nocase(a, b, len);
}

static const char *trim(pk_reader *reader, const char *text)
{
    text += strspn(text, " \t");
    size_t len = strlen(text);
    while (len > 0 && strchr(" \t", text[len - 1])) {
        len--;
    }
    const char *kept = pk_arena_strndup(reader->arena, text, len);
    reader->no_memory = reader->no_memory || !kept;
    return kept ? kept : "";
}

static pk_column_kind kind_of(const char *name)
{
    for (size_t i = 0; i < PK_COLUMN_KNOWN_COUNT; i++) {
        if (same(name, known[i])) {
            return (pk_column_kind)i;
        }
    }
    return PK_COLUMN_VAR;
}

static bool has_kind(const header *h, pk_column_kind kind)
{
    for (size_t i = 0; i < h->count; i++) {
        if (h->columns[i].kind == kind) {
            return true;
        }
    }
    return false;
}

static size_t find_near_miss(const header *h, pk_column_kind kind)
{
    for (size_t i = 0; i < h->count; i++) {
        for (size_t j = 0; j < NEAR_MISS_COUNT; j++) {
            if (near_misses[j].kind == kind && same(h->columns[i].name, near_misses[j].header)) {
                return i;
            }
        }
    }
    return h->count;
}

/* Whether the header has all that is needed; what it lacks is told. */
static bool check_known(const header *h)
{
    static const pk_column_kind needed[] = {PK_COLUMN_NAME, PK_COLUMN_ADDRESS};
    pk_buf missing;
    bool is_usable = true;
    pk_buf_init(&missing, 64);
    for (size_t i = 0; i < 2; i++) {
        size_t near = find_near_miss(h, needed[i]);
        if (has_kind(h, needed[i])) {
            continue;
        }
        is_usable = false;
        if (near < h->count) {
            complain(h, near, "is what a campaign calls otherwise; rename it to ",
                     known[needed[i]]);
            h->columns[near].kind = PK_COLUMN_NONE;
        } else {
            pk_buf_fmt(&missing, "%s\"%s\"", missing.len ? " and no " : "", known[needed[i]]);
        }
    }
    if (missing.len) {
        pk_cell cell = {h->file, NULL, h->row->number, h->row->fields[0].line,
                        h->row->fields[0].column};
        pk_complain_at(h->reader, &(pk_at){.cell = &cell},
                       "has no column %s; the first row is a header that names the columns, name "
                       "and address among them%s",
                       pk_buf_text(&missing),
                       h->count == 1 ? ". Only one was found: is another \"delimiter\" meant?"
                                     : "");
    }
    pk_buf_free(&missing);
    return is_usable;
}

/* A name that a template can use, made from what stands there. */
static void suggest(const char *name, size_t number, pk_buf *out)
{
    for (const char *p = name; *p; p++) {
        char c = pk_ascii_lower(*p);
        bool is_digit = c >= '0' && c <= '9';
        bool fits = (c >= 'a' && c <= 'z') || is_digit || (unsigned char)c >= 0x80;
        if (is_digit && out->len == 0) {
            pk_buf_char(out, '_');
        }
        if (fits) {
            pk_buf_char(out, c);
        } else if (out->len && out->data[out->len - 1] != '_') {
            pk_buf_char(out, '_');
        }
    }
    while (out->len > 1 && out->data[out->len - 1] == '_') {
        pk_buf_cut(out, out->len - 1);
    }
    const char *made = pk_buf_text(out);
    if (!pk_is_var_name(made) || pk_is_taken_var_name(made) || kind_of(made) != PK_COLUMN_VAR) {
        pk_buf_reset(out);
        pk_buf_fmt(out, "column_%zu", number);
    }
}

static void check_var_name(const header *h, size_t i)
{
    pk_column *column = &h->columns[i];
    if (pk_is_var_name(column->name) && !pk_is_taken_var_name(column->name)) {
        const char *kept = pk_keep_var_name(h->reader, column->name);
        column->name = kept ? kept : column->name;
        return;
    }
    pk_buf name;
    pk_buf_init(&name, 1024);
    suggest(column->name, i + 1, &name);
    pk_buf_char(&name, '"');
    complain(h, i,
             pk_is_taken_var_name(column->name) ? "every person has that already; rename it, as \""
             : column->name[0]                  ? "no template can name this; rename it, as \""
                                                : "has no name; give it one, as \"",
             pk_buf_text(&name));
    pk_buf_free(&name);
    column->kind = PK_COLUMN_NONE;
}

static void find_repeated(const header *h)
{
    for (size_t i = 1; i < h->count; i++) {
        for (size_t j = 0; j < i && h->columns[i].kind != PK_COLUMN_NONE; j++) {
            const pk_column *before = &h->columns[j];
            bool is_known = before->kind < PK_COLUMN_KNOWN_COUNT;
            bool is_again = is_known ? before->kind == h->columns[i].kind
                                     : strcmp(before->name, h->columns[i].name) == 0;
            if (is_again) {
                complain(h, i, "this column stands twice; rename one of them, or take it out", "");
                h->columns[i].kind = PK_COLUMN_NONE;
            }
        }
    }
}

bool pk_read_csv_header(pk_reader *reader, const char *file, const pk_csv_row *row,
                        pk_column *columns, size_t *count)
{
    header h = {reader, file, row, columns, row->count};
    for (size_t i = 0; i < row->count; i++) {
        columns[i].name = trim(reader, row->fields[i].text);
        columns[i].kind = kind_of(columns[i].name);
    }
    while (h.count > 1 && !columns[h.count - 1].name[0]) {
        h.count--;
    }
    *count = h.count;
    bool is_usable = check_known(&h);
    if (!has_kind(&h, PK_COLUMN_NAME) && !has_kind(&h, PK_COLUMN_ADDRESS)) {
        return false; /* it may be no header at all */
    }
    find_repeated(&h);
    for (size_t i = 0; i < h.count; i++) {
        if (columns[i].kind == PK_COLUMN_VAR) {
            check_var_name(&h, i);
        }
    }
    return is_usable;
}
