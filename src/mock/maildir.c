#include "mock/maildir.h"

#include "base/file.h"
#include "mock/envelope_json.h"
#include "mock/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_PATH = 4096, MAX_MAIL = 256 * 1024 * 1024, MAX_ENVELOPE = 16 * 1024 * 1024 };

/* Since 1970: in milliseconds it can still be told in JSON. */
static const long long max_seconds = 9000000000000;

/* What a mail program has put behind the name begins with this (":2,S" for "seen"). */
static const char flags_mark = ':';

static prankcurl_status cannot(const char *what, const char *path, prankcurl_error *error)
{
    int code = errno;
    return pk_error_set(error, PRANKCURL_IO, NULL, "cannot %s \"%s\": %s", what, path,
                        strerror(code));
}

static prankcurl_status join(char out[MAX_PATH], const char *folder, const char *below,
                             const char *name, const char *ending, prankcurl_error *error)
{
    int len = snprintf(out, MAX_PATH, "%s/%s/%s%s", folder, below, name, ending);
    if (len > 0 && len < MAX_PATH) {
        return PRANKCURL_OK;
    }
    return pk_error_set(error, PRANKCURL_IO, NULL, "the name of \"%s\" is too long", folder);
}

static prankcurl_status make_folders(const char *folder, prankcurl_error *error)
{
    static const char *const below[] = {"tmp", "new", "cur", "envelope"};
    prankcurl_status status = PRANKCURL_OK;
    for (size_t i = 0; i < sizeof below / sizeof below[0] && status == PRANKCURL_OK; i++) {
        char path[MAX_PATH];
        status = join(path, folder, below[i], "", "", error);
        if (status == PRANKCURL_OK) {
            path[strlen(path) - 1] = '\0'; /* without the slash behind it */
            status = pk_folder_make(path, error);
        }
    }
    return status;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t done = write(fd, bytes, len);
        if (done < 0 && errno != EINTR) {
            return false;
        }
        bytes += done > 0 ? done : 0;
        len -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

/* Writes tmp/NAME, then moves it to BELOW/NAME: nobody sees half a file. */
static prankcurl_status put_file(const char *folder, const char *below, const char *name,
                                 const char *ending, const char *bytes, size_t len,
                                 prankcurl_error *error)
{
    char temporary[MAX_PATH];
    char path[MAX_PATH];
    if (join(temporary, folder, "tmp", name, ending, error) != PRANKCURL_OK ||
        join(path, folder, below, name, ending, error) != PRANKCURL_OK) {
        return PRANKCURL_IO;
    }
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return cannot("create", temporary, error);
    }
    bool is_written = write_all(fd, bytes, len);
    is_written = close(fd) == 0 && is_written;
    if (is_written && rename(temporary, path) == 0) {
        return PRANKCURL_OK;
    }
    prankcurl_status status = cannot("write", path, error);
    (void)unlink(temporary);
    return status;
}

static prankcurl_status put_envelope(const char *folder, const char *name, const pm_mail *mail,
                                     prankcurl_error *error)
{
    cJSON *object = pm_mail_json(mail);
    char *text = object ? cJSON_PrintUnformatted(object) : NULL;
    cJSON_Delete(object);
    if (!text) {
        return pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    prankcurl_status status =
        put_file(folder, "envelope", name, ".json", text, strlen(text), error);
    cJSON_free(text);
    return status;
}

prankcurl_status pm_maildir_write(const char *folder, const pm_mail *mail,
                                  char file[PM_MAILDIR_NAME], prankcurl_error *error)
{
    static const char below[] = "new";
    const char *name = file + sizeof below;
    /* Unique: no two have the same id at the same time. */
    (void)snprintf(file, PM_MAILDIR_NAME, "%s/%lld.M%03dQ%llu.prankmock", below,
                   (long long)(mail->received_ms / 1000), (int)(mail->received_ms % 1000),
                   (unsigned long long)mail->id);
    prankcurl_status status = put_envelope(folder, name, mail, error);
    if (status == PRANKCURL_OK) {
        status = put_file(folder, below, name, "", mail->raw, mail->raw_len, error);
    }
    if (status != PRANKCURL_OK) {
        pm_maildir_remove(folder, file);
    }
    return status;
}

static bool unlink_below(const char *folder, const char *below, const char *name,
                         const char *ending)
{
    char path[MAX_PATH];
    return join(path, folder, below, name, ending, NULL) == PRANKCURL_OK && unlink(path) == 0;
}

static bool is_name(const char *entry, const char *name)
{
    size_t len = strlen(name);
    return strncmp(entry, name, len) == 0 && (!entry[len] || entry[len] == flags_mark);
}

/* Below cur/, with any flags. */
static void unlink_moved(const char *folder, const char *name)
{
    char path[MAX_PATH];
    if (snprintf(path, sizeof path, "%s/cur", folder) >= MAX_PATH) {
        return;
    }
    DIR *dir = opendir(path);
    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        if (is_name(entry->d_name, name)) {
            (void)unlink_below(folder, "cur", entry->d_name, "");
            break;
        }
    }
    if (dir) {
        (void)closedir(dir);
    }
}

/* What stands before the flags in "new/NAME:FLAGS". */
static void name_of(const char *file, char out[PM_MAILDIR_NAME])
{
    (void)snprintf(out, PM_MAILDIR_NAME, "%s", strchr(file, '/') + 1);
    out[strcspn(out, ":")] = '\0';
}

void pm_maildir_remove(const char *folder, const char *file)
{
    char path[MAX_PATH];
    char name[PM_MAILDIR_NAME];
    name_of(file, name);
    bool is_removed =
        snprintf(path, sizeof path, "%s/%s", folder, file) < MAX_PATH && unlink(path) == 0;
    /* A mail program may have moved it; another message may have the same name elsewhere. */
    if (!is_removed && !unlink_below(folder, "new", name, "")) {
        unlink_moved(folder, name);
    }
    (void)unlink_below(folder, "envelope", name, ".json");
}

/* A file of new/ or cur/. */
typedef struct found {
    char *path; /* owned: below the folder, as "new/NAME" */
    long long seconds;
} found;

typedef struct found_list {
    found *items; /* owned */
    size_t count;
    size_t capacity;
} found_list;

static void free_list(found_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].path);
    }
    free(list->items);
    *list = (found_list){0};
}

/* What a name begins with, where that can be a time. */
static long long seconds_in(const char *name)
{
    long long seconds = strtoll(name, NULL, 10);
    return seconds < 0 ? 0 : seconds > max_seconds ? max_seconds : seconds;
}

static bool add_found(found_list *list, const char *below, const char *name)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 64;
        found *items = realloc(list->items, capacity * sizeof *items);
        if (!items) {
            return false;
        }
        list->items = items;
        list->capacity = capacity;
    }
    size_t size = strlen(below) + strlen(name) + 2;
    char *path = malloc(size);
    if (!path) {
        return false;
    }
    (void)snprintf(path, size, "%s/%s", below, name);
    found *added = &list->items[list->count++];
    added->path = path;
    added->seconds = seconds_in(name);
    return true;
}

/* Folders, pipes, links and the like are no messages. */
static bool is_file(DIR *dir, const char *name)
{
    struct stat info;
    return name[0] != '.' && fstatat(dirfd(dir), name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(info.st_mode);
}

static prankcurl_status list_folder(const char *folder, const char *below, found_list *list,
                                    prankcurl_error *error)
{
    char path[MAX_PATH];
    (void)snprintf(path, sizeof path, "%s/%s", folder, below);
    DIR *dir = opendir(path);
    if (!dir) {
        return cannot("read the folder", path, error);
    }
    prankcurl_status status = PRANKCURL_OK;
    for (struct dirent *entry = readdir(dir); entry && status == PRANKCURL_OK;
         entry = readdir(dir)) {
        if (is_file(dir, entry->d_name) && !add_found(list, below, entry->d_name)) {
            status = pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
        }
    }
    (void)closedir(dir);
    return status;
}

/* The number behind Q in a name of ours; 0: there is none. */
static unsigned long long number_in(const char *path)
{
    const char *mark = strchr(path, 'Q');
    return mark ? strtoull(mark + 1, NULL, 10) : 0;
}

static int by_time(const void *a, const void *b)
{
    const found *first = a;
    const found *second = b;
    if (first->seconds != second->seconds) {
        return first->seconds < second->seconds ? -1 : 1;
    }
    unsigned long long one = number_in(first->path);
    unsigned long long other = number_in(second->path);
    return one == other ? strcmp(first->path, second->path) : one < other ? -1 : 1;
}

/* What stands beside the message. A message of another program has nothing there. */
static void read_envelope(const char *folder, const char *name, pk_arena *arena, pm_mail *draft)
{
    char path[MAX_PATH];
    pk_buf json;
    pk_buf_init(&json, MAX_ENVELOPE);
    if (join(path, folder, "envelope", name, ".json", NULL) == PRANKCURL_OK &&
        pk_file_read_untrusted(path, &json, NULL) == PRANKCURL_OK) {
        cJSON *object = cJSON_ParseWithLength(pk_buf_text(&json), json.len);
        pm_mail read = *draft;
        if (pm_mail_from_json(object, arena, &read)) {
            *draft = read;
        }
        cJSON_Delete(object);
    }
    pk_buf_free(&json);
}

/* What can't be read is left out: one file must not keep all others away. */
static prankcurl_status load_one(const char *folder, const found *file, uint64_t *last_id,
                                 pm_maildir_taker *take, void *context, prankcurl_error *error)
{
    char path[MAX_PATH];
    char name[PM_MAILDIR_NAME];
    pk_arena arena = PK_ARENA_INIT;
    pk_buf raw;
    prankcurl_status status = PRANKCURL_OK;
    pk_buf_init(&raw, MAX_MAIL);
    (void)snprintf(path, sizeof path, "%s/%s", folder, file->path);
    name_of(file->path, name);
    if (pk_file_read_untrusted(path, &raw, error) != PRANKCURL_OK) {
        pm_log_warning("%s; this message is left out", error->message);
        *error = (prankcurl_error){0};
    } else {
        pm_mail draft = {.received_ms = (int64_t)file->seconds * 1000,
                         .client = {.address = ""},
                         .raw = pk_buf_text(&raw),
                         .raw_len = raw.len};
        read_envelope(folder, name, &arena, &draft);
        draft.id = draft.id > *last_id ? draft.id : *last_id + 1;
        draft.file = file->path;
        *last_id = draft.id;
        if (!take(context, &draft)) {
            status = pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
        }
    }
    pk_buf_free(&raw);
    pk_arena_free(&arena);
    return status;
}

prankcurl_status pm_maildir_open(const char *folder, size_t max, pm_maildir_taker *take,
                                 void *context, prankcurl_error *error)
{
    found_list list = {0};
    uint64_t last_id = 0;
    prankcurl_status status = make_folders(folder, error);
    if (status == PRANKCURL_OK) {
        status = list_folder(folder, "new", &list, error);
    }
    if (status == PRANKCURL_OK) {
        status = list_folder(folder, "cur", &list, error);
    }
    if (status == PRANKCURL_OK && list.count) {
        qsort(list.items, list.count, sizeof *list.items, by_time);
    }
    size_t start = list.count > max ? list.count - max : 0;
    for (size_t i = start; i < list.count && status == PRANKCURL_OK; i++) {
        status = load_one(folder, &list.items[i], &last_id, take, context, error);
    }
    free_list(&list);
    return status;
}
