#include "campaign/csv_rows.h"

#include "base/buf.h"
#include "base/text.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

static const char delimiters[] = ",;\t|";

enum { BLOCK_SIZE = 64 * 1024, MAX_ROW = 1024 * 1024, MARK_SIZE = 3 };

typedef struct rows {
    const pk_csv_source *source;
    struct csv_parser parser;
    bool has_parser;
    bool ends[256]; /* bytes at which a field or a row can end */
    pk_buf text;    /* the row's fields, a NUL behind each */
    pk_csv_field fields[PK_CSV_MAX_FIELDS];
    size_t count;     /* of the row's fields, more than are kept perhaps */
    size_t number;    /* of the row */
    size_t row_bytes; /* read of it */
    unsigned line, column;
    unsigned field_line, field_column; /* where the current field begins */
    bool after_cr;                     /* an LF now belongs to it */
    bool row_begun;
    bool skipping; /* to the end of the line, after a fault */
    pk_csv_status status;
} rows;

/* Blanks are part of a field (RFC 4180 §2.4); libcsv would take them off. */
static int no_space(unsigned char c)
{
    (void)c;
    return 0;
}

static bool begin_parser(rows *r, char delimiter)
{
    if (csv_init(&r->parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        return false;
    }
    r->has_parser = true;
    csv_set_space_func(&r->parser, no_space);
    csv_set_delim(&r->parser, (unsigned char)delimiter);
    csv_set_blk_size(&r->parser, 4096);
    return true;
}

static void end_parser(rows *r)
{
    if (r->has_parser) {
        csv_free(&r->parser);
        r->has_parser = false;
    }
}

static void next_row(rows *r)
{
    pk_buf_reset(&r->text);
    r->count = 0;
    r->row_bytes = 0;
    r->row_begun = false;
    r->number++;
}

static void tell(const rows *r, unsigned line, unsigned column, const char *message)
{
    pk_csv_fault fault = {r->number, r->count, line, column, message};
    r->source->fault(r->source->user, &fault);
}

/* libcsv ended a field. */
static void on_field(void *data, size_t len, void *user)
{
    rows *r = user;
    if (r->count < PK_CSV_MAX_FIELDS) {
        r->fields[r->count] = (pk_csv_field){NULL, len, r->field_line, r->field_column};
        if (len) {
            pk_buf_add(&r->text, data, len);
        }
        pk_buf_char(&r->text, '\0');
    } else if (r->count == PK_CSV_MAX_FIELDS) {
        tell(r, r->field_line, r->field_column, "has more than 1000 fields");
    }
    r->count++;
    r->field_line = 0; /* the next one begins behind this */
}

/* libcsv ended a row. */
static void on_row(int end, void *user)
{
    rows *r = user;
    (void)end;
    if (!pk_buf_ok(&r->text)) {
        r->status = PK_CSV_NO_MEMORY;
    } else if (r->status == PK_CSV_WHOLE && r->count <= PK_CSV_MAX_FIELDS) {
        char *text = r->text.data;
        for (size_t i = 0; i < r->count; i++) {
            r->fields[i].text = text;
            text += r->fields[i].len + 1;
        }
        pk_csv_row row = {r->number, r->fields, r->count, r->text.data, r->text.len};
        if (!r->source->row(r->source->user, &row)) {
            r->status = PK_CSV_STOPPED;
        }
    }
    next_row(r);
}

static unsigned count_characters(const char *bytes, size_t len)
{
    unsigned count = 0;
    for (size_t i = 0; i < len; i++) {
        count += ((unsigned char)bytes[i] & 0xc0) != 0x80 ? 1 : 0;
    }
    return count;
}

static bool is_line_end(char c)
{
    return c == '\r' || c == '\n';
}

/* Moves the place behind a slice. Only its last byte can be a line end. */
static void advance(rows *r, const char *bytes, size_t len)
{
    char last = bytes[len - 1];
    if (!is_line_end(last)) {
        r->column += count_characters(bytes, len);
    } else if (!(last == '\n' && len == 1 && r->after_cr)) {
        r->line++;
        r->column = 1;
    }
    r->after_cr = last == '\r';
    if (!r->field_line || !r->row_begun) {
        r->field_line = r->line;
        r->field_column = r->column;
    }
}

/* The grammar is broken `at` bytes into the slice: the rest of the line goes with it. */
static void fail(rows *r, const char *bytes, size_t at)
{
    if (csv_error(&r->parser) != CSV_EPARSE) {
        r->status = PK_CSV_NO_MEMORY;
        return;
    }
    tell(r, r->line, r->column + count_characters(bytes, at),
         r->parser.quoted ? "has text behind its closing quote; double the quotes inside a quoted "
                            "field, as \"\""
                          : "has a quote inside; put the whole field into quotes and double those "
                            "inside, as \"\"");
    char delimiter = (char)csv_get_delim(&r->parser);
    end_parser(r);
    r->skipping = true;
    if (!begin_parser(r, delimiter)) {
        r->status = PK_CSV_NO_MEMORY;
    }
}

/* A slice: bytes up to and with one at which a field or a row can end, or to the end of a block. */
static void take_slice(rows *r, const char *bytes, size_t len)
{
    bool ends_line = is_line_end(bytes[len - 1]);
    if (!r->skipping && !r->row_begun && len == 1 && ends_line) {
        r->number += bytes[0] == '\n' && r->after_cr ? 0 : 1; /* an empty line */
    } else if (!r->skipping) {
        r->row_begun = true;
        r->row_bytes += len;
        size_t done = csv_parse(&r->parser, bytes, len, on_field, on_row, r);
        if (done < len) {
            fail(r, bytes, done);
        }
    }
    if (r->skipping && ends_line) {
        r->skipping = false;
        next_row(r);
    }
    advance(r, bytes, len);
    if (r->row_bytes > MAX_ROW && r->status == PK_CSV_WHOLE) {
        tell(r, r->field_line, r->field_column,
             "is longer than 1 MiB; a closing quote is missing, it seems");
        r->status = PK_CSV_STOPPED;
    }
}

static void take_block(rows *r, const char *block, size_t len)
{
    size_t begin = 0;
    while (begin < len && r->status == PK_CSV_WHOLE) {
        size_t end = begin;
        while (end < len && !r->ends[(unsigned char)block[end]]) {
            end++;
        }
        end += end < len ? 1 : 0;
        take_slice(r, block + begin, end - begin);
        begin = end;
    }
}

/* Which of the delimiters stands most often in the first row, outside quotes. */
static char guess_delimiter(const char *block, size_t len)
{
    size_t counts[sizeof delimiters] = {0};
    bool quoted = false;
    size_t i = 0;
    while (i < len && is_line_end(block[i])) {
        i++;
    }
    for (; i < len && (quoted || !is_line_end(block[i])); i++) {
        const char *found = block[i] ? strchr(delimiters, block[i]) : NULL;
        quoted = quoted != (block[i] == '"');
        if (found && !quoted) {
            counts[found - delimiters]++;
        }
    }
    size_t best = 0;
    for (i = 1; i < sizeof delimiters - 1; i++) {
        best = counts[i] > counts[best] ? i : best;
    }
    return delimiters[best];
}

/* Files of other kinds that go by the name of CSV, by their first bytes. */
static const struct {
    const char *bytes;
    size_t len;
    const char *message;
} other_kinds[] = {
    {"\xff\xfe", 2, "the file is UTF-16; save it as UTF-8"},
    {"\xfe\xff", 2, "the file is UTF-16; save it as UTF-8"},
    {"PK\3\4", 4, "the file is an Excel file, no CSV; save it as \"CSV UTF-8\""},
    {"\xd0\xcf\x11\xe0", 4, "the file is an old Excel file, no CSV; save it as \"CSV UTF-8\""},
};

/* Excel's way to name the delimiter, a first line as `sep=;`: its length, 0 where there is none.
 * *delimiter gets what it names. */
static size_t sep_line(const char *block, size_t len, char *delimiter)
{
    if (len < 5 || !pk_ascii_equal_nocase(block, "sep=", 4) || !block[4] ||
        !strchr(delimiters, block[4])) {
        return 0;
    }
    size_t end = 5;
    end += end < len && block[end] == '\r' ? 1 : 0;
    end += end < len && block[end] == '\n' ? 1 : 0;
    *delimiter = block[4];
    return end > 5 || end == len ? end : 0;
}

static void mark_ends(rows *r, char delimiter)
{
    r->ends['\r'] = true;
    r->ends['\n'] = true;
    r->ends[(unsigned char)delimiter] = true;
}

/* Looks at how the file begins. False: nothing in it can be read. */
static bool begin(rows *r, const char *block, size_t len, size_t *skip)
{
    for (size_t i = 0; i < sizeof other_kinds / sizeof other_kinds[0]; i++) {
        if (len >= other_kinds[i].len &&
            memcmp(block, other_kinds[i].bytes, other_kinds[i].len) == 0) {
            tell(r, 1, 1, other_kinds[i].message);
            r->status = PK_CSV_STOPPED;
            return false;
        }
    }
    *skip = len >= MARK_SIZE && memcmp(block, "\xef\xbb\xbf", MARK_SIZE) == 0 ? MARK_SIZE : 0;
    char named = '\0';
    size_t sep = sep_line(block + *skip, len - *skip, &named);
    if (sep) {
        *skip += sep;
        r->number = r->line = r->field_line = 2;
    }
    char delimiter = named;
    if (r->source->delimiter) {
        delimiter = r->source->delimiter;
    } else if (!delimiter) {
        delimiter = guess_delimiter(block + *skip, len - *skip);
    }
    mark_ends(r, delimiter);
    if (!begin_parser(r, delimiter)) {
        r->status = PK_CSV_NO_MEMORY;
    }
    return r->status == PK_CSV_WHOLE;
}

/* A whole block, as far as there is one: pipes give less. -1: reading failed. */
static long fill(const rows *r, char *block)
{
    const pk_csv_source *source = r->source;
    size_t size = source->block_size ? source->block_size : BLOCK_SIZE;
    size_t len = 0;
    long got = 1;
    while (got > 0 && len < size) {
        got = source->read(source->user, block + len, size - len);
        len += got > 0 ? (size_t)got : 0;
    }
    return got < 0 ? -1 : (long)len;
}

static void finish(rows *r)
{
    if (!r->has_parser || r->skipping || !r->row_begun) {
        return;
    }
    if (csv_fini(&r->parser, on_field, on_row, r) != 0) {
        tell(r, r->field_line, r->field_column,
             "begins with a quote and never ends; a closing quote is missing");
        r->status = PK_CSV_STOPPED;
    }
}

static void run(rows *r, char *block)
{
    long len = fill(r, block);
    size_t skip = 0;
    bool more = len > 0 && begin(r, block, (size_t)len, &skip);
    while (more) {
        take_block(r, block + skip, (size_t)len - skip);
        skip = 0;
        len = r->status == PK_CSV_WHOLE ? fill(r, block) : 0;
        more = len > 0;
    }
    if (len < 0) {
        r->status = PK_CSV_READ_FAILED;
    } else if (r->status == PK_CSV_WHOLE) {
        finish(r);
    }
}

pk_csv_status pk_csv_read(const pk_csv_source *source)
{
    rows *r = calloc(1, sizeof *r);
    char *block = malloc(source->block_size ? source->block_size : BLOCK_SIZE);
    pk_csv_status status = PK_CSV_NO_MEMORY;
    if (r && block) {
        r->source = source;
        r->number = r->line = r->column = r->field_line = r->field_column = 1;
        pk_buf_init(&r->text, MAX_ROW + BLOCK_SIZE + PK_CSV_MAX_FIELDS);
        run(r, block);
        status = r->status;
        end_parser(r);
        pk_buf_free(&r->text);
    }
    free(block);
    free(r);
    return status;
}
