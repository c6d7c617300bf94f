#include "campaign/file_type.h"

#include "base/text.h"

#include <string.h>

/* A table and not libmagic: that wants a database of 8 MB (3 ms for the first file, 15 ms when it
 * is not in the page cache) and calls a CSV text/plain all the same. */

static const char unknown[] = "application/octet-stream";
static const char zip[] = "application/zip";
static const char ole[] = "application/x-ole-storage";

typedef struct magic {
    const char *bytes;
    size_t len;
    size_t offset;
    const char *type;
} magic;

#define MAGIC(offset, bytes, type)                                                                 \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, offset, type                                                     \
    }

/* The first that fits is it: longer ones before shorter ones. */
static const magic magics[] = {
    MAGIC(0, "\x89PNG\r\n\x1a\n", "image/png"),
    MAGIC(0, "\xff\xd8\xff", "image/jpeg"),
    MAGIC(0, "GIF87a", "image/gif"),
    MAGIC(0, "GIF89a", "image/gif"),
    MAGIC(0, "II*\0", "image/tiff"),
    MAGIC(0, "MM\0*", "image/tiff"),
    MAGIC(0, "\0\0\1\0", "image/vnd.microsoft.icon"),
    MAGIC(0, "8BPS\0\1", "image/vnd.adobe.photoshop"),
    MAGIC(4, "ftypavif", "image/avif"),
    MAGIC(4, "ftypheic", "image/heic"),
    MAGIC(4, "ftypheix", "image/heic"),
    MAGIC(4, "ftypmif1", "image/heif"),
    MAGIC(4, "ftypM4A ", "audio/mp4"),
    MAGIC(4, "ftypqt  ", "video/quicktime"),
    MAGIC(4, "ftyp3gp", "video/3gpp"),
    MAGIC(4, "ftyp", "video/mp4"),
    MAGIC(0, "%PDF-", "application/pdf"),
    MAGIC(0, "%!PS", "application/postscript"),
    MAGIC(0, "PK\3\4", zip),
    MAGIC(0, "PK\5\6", zip), /* an empty one */
    MAGIC(0, "\x1f\x8b", "application/gzip"),
    MAGIC(4, "1AY&SY", "application/x-bzip2"),
    MAGIC(0,
          "\xfd"
          "7zXZ\0",
          "application/x-xz"),
    MAGIC(0, "\x28\xb5\x2f\xfd", "application/zstd"),
    MAGIC(0, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    MAGIC(0, "Rar!\x1a\7", "application/vnd.rar"),
    MAGIC(257, "ustar", "application/x-tar"),
    MAGIC(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ole),
    MAGIC(0, "{\\rtf", "application/rtf"),
    MAGIC(0, "SQLite format 3\0", "application/vnd.sqlite3"),
    MAGIC(0, "ID3\2", "audio/mpeg"),
    MAGIC(0, "ID3\3", "audio/mpeg"),
    MAGIC(0, "ID3\4", "audio/mpeg"),
    MAGIC(0, "\xff\xfb", "audio/mpeg"),
    MAGIC(0, "\xff\xf3", "audio/mpeg"),
    MAGIC(0, "\xff\xf2", "audio/mpeg"),
    MAGIC(0, "\xff\xf1", "audio/aac"),
    MAGIC(0, "\xff\xf9", "audio/aac"),
    MAGIC(0, "fLaC", "audio/flac"),
    MAGIC(0, "MThd\0\0\0\6", "audio/midi"),
    MAGIC(0, "#!AMR", "audio/amr"),
    MAGIC(28, "\1vorbis", "audio/ogg"),
    MAGIC(28, "OpusHead", "audio/ogg"),
    MAGIC(28, "\x80theora", "video/ogg"),
    MAGIC(0, "OggS\0", "application/ogg"),
    MAGIC(8, "WEBPVP8", "image/webp"),
    MAGIC(8, "WAVEfmt ", "audio/wav"),
    MAGIC(8, "AVI LIST", "video/x-msvideo"),
    MAGIC(0, "\x1a\x45\xdf\xa3", "video/webm"), /* Matroska by its name */
    MAGIC(0, "\0\0\1\xba", "video/mpeg"),
    MAGIC(0, "wOFF", "font/woff"),
    MAGIC(0, "wOF2", "font/woff2"),
    MAGIC(0, "OTTO\0", "font/otf"),
    MAGIC(0, "\0\1\0\0\0", "font/ttf"),
    /* Programs, under whatever name: nobody's mail program shall offer to start them. */
    MAGIC(0,
          "\x7f"
          "ELF",
          unknown),
    MAGIC(0, "\xca\xfe\xba\xbe", unknown),
    MAGIC(0, "\xcf\xfa\xed\xfe", unknown),
    MAGIC(0, "\xce\xfa\xed\xfe", unknown),
    MAGIC(0, "#!", unknown),
};

/* What a name decides, where the content is of the base type. base NULL: the content is text. */
typedef struct extension {
    const char *name;
    const char *base;
    const char *type;
} extension;

#define OPENXML      "application/vnd.openxmlformats-officedocument."
#define OPENDOCUMENT "application/vnd.oasis.opendocument."

static const extension extensions[] = {
    {"docx", zip, OPENXML "wordprocessingml.document"},
    {"dotx", zip, OPENXML "wordprocessingml.template"},
    {"xlsx", zip, OPENXML "spreadsheetml.sheet"},
    {"pptx", zip, OPENXML "presentationml.presentation"},
    {"ppsx", zip, OPENXML "presentationml.slideshow"},
    {"odt", zip, OPENDOCUMENT "text"},
    {"ods", zip, OPENDOCUMENT "spreadsheet"},
    {"odp", zip, OPENDOCUMENT "presentation"},
    {"odg", zip, OPENDOCUMENT "graphics"},
    {"epub", zip, "application/epub+zip"},
    {"kmz", zip, "application/vnd.google-earth.kmz"},
    {"jar", zip, unknown},
    {"apk", zip, unknown},
    {"doc", ole, "application/msword"},
    {"dot", ole, "application/msword"},
    {"xls", ole, "application/vnd.ms-excel"},
    {"ppt", ole, "application/vnd.ms-powerpoint"},
    {"pps", ole, "application/vnd.ms-powerpoint"},
    {"msg", ole, "application/vnd.ms-outlook"},
    {"mkv", "video/webm", "video/x-matroska"},
    {"mka", "video/webm", "audio/x-matroska"},
    {"m4a", "video/mp4", "audio/mp4"},
    {"ogv", "application/ogg", "video/ogg"},
    {"oga", "application/ogg", "audio/ogg"},
    {"ogg", "application/ogg", "audio/ogg"},
    {"heic", "image/heif", "image/heic"},
    {"txt", NULL, "text/plain"},
    {"text", NULL, "text/plain"},
    {"log", NULL, "text/plain"},
    {"csv", NULL, "text/csv"},
    {"tsv", NULL, "text/tab-separated-values"},
    {"htm", NULL, "text/html"},
    {"html", NULL, "text/html"},
    {"css", NULL, "text/css"},
    {"md", NULL, "text/markdown"},
    {"markdown", NULL, "text/markdown"},
    {"ics", NULL, "text/calendar"},
    {"vcf", NULL, "text/vcard"},
    {"eml", NULL, unknown}, /* message/rfc822 may not be in base64 (RFC 2045 §6.4) */
    {"diff", NULL, "text/x-diff"},
    {"patch", NULL, "text/x-diff"},
    {"js", NULL, "text/javascript"},
    {"mjs", NULL, "text/javascript"},
    {"json", NULL, "application/json"},
    {"xml", NULL, "application/xml"},
    {"yaml", NULL, "application/yaml"},
    {"yml", NULL, "application/yaml"},
    {"toml", NULL, "application/toml"},
    {"svg", NULL, "image/svg+xml"},
    {"gpx", NULL, "application/gpx+xml"},
    {"kml", NULL, "application/vnd.google-earth.kml+xml"},
};

/* The name's extension; "" for none. */
static const char *extension_of(const char *file_name)
{
    const char *slash = strrchr(file_name, '/');
    const char *base = slash ? slash + 1 : file_name;
    const char *dot = strrchr(base, '.');
    return dot && dot > base ? dot + 1 : "";
}

/* What the name makes of content of a type (NULL: of text); or_else, when it says nothing. */
static const char *by_name(const char *file_name, const char *base, const char *or_else)
{
    const char *name = extension_of(file_name);
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
        const extension *known = &extensions[i];
        bool same_base =
            known->base && base ? strcmp(known->base, base) == 0 : !known->base && !base;
        if (same_base && strlen(name) == strlen(known->name) &&
            pk_ascii_equal_nocase(name, known->name, strlen(name))) {
            return known->type;
        }
    }
    return or_else;
}

static bool has_bytes(const magic *wanted, const char *data, size_t len)
{
    return len >= wanted->offset + wanted->len &&
           memcmp(data + wanted->offset, wanted->bytes, wanted->len) == 0;
}

/* "BM" and "MZ" alone may begin a text: their headers say more. */
static const char *by_short_magic(const char *data, size_t len)
{
    static const char bmp_reserved[4] = {0};
    if (len >= 26 && memcmp(data, "BM", 2) == 0 && memcmp(data + 6, bmp_reserved, 4) == 0) {
        return "image/bmp";
    }
    bool is_program = len >= 64 && memcmp(data, "MZ", 2) == 0 && memchr(data, '\0', 64);
    return is_program ? unknown : NULL;
}

/* NULL: no magic number. */
static const char *by_content(const char *data, size_t len)
{
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        if (has_bytes(&magics[i], data, len)) {
            return magics[i].type;
        }
    }
    return by_short_magic(data, len);
}

/* UTF-8 without control characters but for tab, line ends and page breaks. */
static bool is_text(const char *data, size_t len)
{
    if (pk_utf8_valid_len(data, len) < len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)data[i];
        if ((c < 0x20 && !(c && strchr("\t\n\r\f", c))) || c == 0x7f) {
            return false;
        }
    }
    return true;
}

const char *pk_file_type(const char *file_name, const void *data, size_t len)
{
    const char *type = by_content(data, len);
    if (type) {
        type = by_name(file_name, type, type);
    } else if (is_text(data, len)) {
        type = by_name(file_name, NULL, unknown);
    } else {
        type = unknown;
    }
    return type == ole ? unknown : type;
}
