#include "unit.h"

#include "campaign/file_type.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct known {
    const char *name;
    const char *bytes;
    size_t len;
    const char *type;
} known;

#define FILE_OF(name, bytes, type)                                                                 \
    {                                                                                              \
        name, bytes, sizeof(bytes) - 1, type                                                       \
    }
#define OCTETS "application/octet-stream"

static void check(const known *files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        print_message("%s\n", files[i].name);
        char *exact = malloc(files[i].len + 1); /* so that ASan sees a read behind the end */
        assert_non_null(exact);
        memcpy(exact, files[i].bytes, files[i].len);
        exact[files[i].len] = '\0';
        assert_string_equal(pk_file_type(files[i].name, exact, files[i].len), files[i].type);
        free(exact);
    }
}

#define PNG "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"

static void content_wins_over_the_name(void **state)
{
    (void)state;
    static const known files[] = {
        FILE_OF("logo.png", PNG, "image/png"),
        FILE_OF("logo.jpg", PNG, "image/png"),
        FILE_OF("logo.txt", PNG, "image/png"),
        FILE_OF("logo.docx", PNG, "image/png"),
        FILE_OF("logo", PNG, "image/png"),
        FILE_OF("photo.JPEG", "\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        FILE_OF("a.gif", "GIF89a\1\0\1\0", "image/gif"),
        FILE_OF("a.webp", "RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        FILE_OF("a.wav", "RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
        FILE_OF("a.bmp", "BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\2\0\0\0\2\0\0\0", "image/bmp"),
        FILE_OF("a.ico", "\0\0\1\0\1\0\x10\x10", "image/vnd.microsoft.icon"),
        FILE_OF("a.tif", "II*\0\x08\0\0\0", "image/tiff"),
        FILE_OF("a.heic",
                "\0\0\0\x18"
                "ftypheic",
                "image/heic"),
        FILE_OF("a.pdf", "%PDF-1.7\n", "application/pdf"),
        FILE_OF("a.gz", "\x1f\x8b\x08\0", "application/gzip"),
        FILE_OF("a.tar.gz", "\x1f\x8b\x08\0", "application/gzip"),
        FILE_OF("a.7z", "7z\xbc\xaf\x27\x1c\0\4", "application/x-7z-compressed"),
        FILE_OF("a.mp3", "ID3\4\0\0", "audio/mpeg"),
        FILE_OF("a.flac", "fLaC\0\0\0\x22", "audio/flac"),
        FILE_OF("a.mp4",
                "\0\0\0\x18"
                "ftypisom",
                "video/mp4"),
        FILE_OF("a.m4a",
                "\0\0\0\x18"
                "ftypisom",
                "audio/mp4"),
        FILE_OF("a.mov",
                "\0\0\0\x14"
                "ftypqt  ",
                "video/quicktime"),
        FILE_OF("a.webm", "\x1a\x45\xdf\xa3\x9f", "video/webm"),
        FILE_OF("a.mkv", "\x1a\x45\xdf\xa3\x9f", "video/x-matroska"),
        FILE_OF("a.ttf", "\0\1\0\0\0\x0c", "font/ttf"),
        FILE_OF("a.woff2", "wOF2\0\1\0\0", "font/woff2"),
        FILE_OF("a.rtf", "{\\rtf1\\ansi", "application/rtf"),
    };
    check(files, sizeof files / sizeof files[0]);
}

static void containers_are_what_the_name_says(void **state)
{
    (void)state;
    static const known files[] = {
        FILE_OF("a.zip", "PK\3\4\x14\0", "application/zip"),
        FILE_OF("a.png", "PK\3\4\x14\0", "application/zip"),
        FILE_OF("a.DOCX", "PK\3\4\x14\0",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        FILE_OF("a.xlsx", "PK\3\4\x14\0",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        FILE_OF("a.odt", "PK\3\4\x14\0", "application/vnd.oasis.opendocument.text"),
        FILE_OF("a.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
        FILE_OF("a.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-excel"),
        FILE_OF("a.thing", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OCTETS),
        FILE_OF("a.docx", "plain", OCTETS),
    };
    check(files, sizeof files / sizeof files[0]);
}

static void text_is_what_the_name_says(void **state)
{
    (void)state;
    static const known files[] = {
        FILE_OF("folder.md/list.csv", "name,address\r\n", "text/csv"),
        FILE_OF("a.txt", "caf\xc3\xa9\n", "text/plain"),
        FILE_OF("a.txt", "", "text/plain"),
        FILE_OF("a.html", "<p>hi", "text/html"),
        FILE_OF("a.ics", "BEGIN:VCALENDAR\r\n", "text/calendar"),
        FILE_OF("a.vcf", "BEGIN:VCARD\r\n", "text/vcard"),
        FILE_OF("a.svg", "<svg/>", "image/svg+xml"),
        FILE_OF("a.json", "{}", "application/json"),
        FILE_OF("a.js", "1", "text/javascript"),
        FILE_OF("a.csv", "ID3,MZ\n", "text/csv"),
        FILE_OF("a.csv", "BM,MZ,and,more,than,twenty,six,bytes\n", "text/csv"),
    };
    check(files, sizeof files / sizeof files[0]);
}

static void what_is_unknown_is_bytes(void **state)
{
    (void)state;
    static const known files[] = {
        FILE_OF("a.txt", "caf\xe9\n", OCTETS),
        FILE_OF("a.txt", "a\0b", OCTETS),
        FILE_OF("a.txt", "a\x1b[31m", OCTETS),
        FILE_OF("a.pdf", "no pdf", OCTETS),
        FILE_OF("a.png", "", OCTETS),
        FILE_OF("txt", "no extension", OCTETS),
        FILE_OF(".txt", "hidden, no extension", OCTETS),
        FILE_OF("x.txt/a", "text", OCTETS),
        FILE_OF("", "text", OCTETS),
        FILE_OF("a.eml", "Subject: x\r\n\r\n", OCTETS),
    };
    check(files, sizeof files / sizeof files[0]);
    assert_string_equal(pk_file_type("a.bin", NULL, 0), OCTETS);
}

static void programs_are_bytes(void **state)
{
    (void)state;
    static const known files[] = {
        FILE_OF("a.png",
                "\x7f"
                "ELF\2\1\1",
                OCTETS),
        FILE_OF("a.txt", "#!/bin/sh\nrm -r /\n", OCTETS),
        FILE_OF("a.jar", "PK\3\4\x14\0", OCTETS),
        FILE_OF("a.bat", "del *\r\n", OCTETS),
        FILE_OF("a.exe",
                "MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0\xb8\0\0\0\0\0\0\0\x40\0\0\0\0\0\0\0"
                "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80\0\0\0",
                OCTETS),
    };
    check(files, sizeof files / sizeof files[0]);
}

/* Real heads of files, cut at every length: no read behind the end (ASan). */
static void a_file_that_is_cut_is_no_trouble(void **state)
{
    (void)state;
    char head[300] = "RIFF____WEBPVP8 ";
    memcpy(head + 257, "ustar", 5);
    for (size_t len = 0; len <= sizeof head; len++) {
        char *exact = malloc(len ? len : 1);
        assert_non_null(exact);
        memcpy(exact, head, len);
        const char *expected = len < 15 ? OCTETS : len < 262 ? "image/webp" : "application/x-tar";
        assert_string_equal(pk_file_type("a.x", exact, len), expected);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content_wins_over_the_name),
        cmocka_unit_test(containers_are_what_the_name_says),
        cmocka_unit_test(text_is_what_the_name_says),
        cmocka_unit_test(what_is_unknown_is_bytes),
        cmocka_unit_test(programs_are_bytes),
        cmocka_unit_test(a_file_that_is_cut_is_no_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
