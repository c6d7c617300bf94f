#include "mock/store.h"

#include "mock/maildir.h"

#include <stdlib.h>
#include <string.h>

void pm_store_init(pm_store *store, size_t max_messages, size_t max_bytes)
{
    *store = (pm_store){.max_messages = max_messages, .max_bytes = max_bytes, .next_id = 1};
}

void pm_store_free(pm_store *store)
{
    for (size_t i = 0; i < store->count; i++) {
        free(store->mails[store->first + i]);
    }
    free(store->mails);
    pm_store_init(store, store->max_messages, store->max_bytes);
}

static void tell(pm_store *store, const pm_mail *mail, uint64_t id)
{
    if (store->listener) {
        store->listener(store->context, mail, id);
    }
}

/* Room for one more at the end. */
static bool grow(pm_store *store)
{
    if (store->first + store->count < store->capacity) {
        return true;
    }
    if (store->first > store->capacity / 2) {
        memmove(store->mails, store->mails + store->first, store->count * sizeof *store->mails);
        store->first = 0;
        return true;
    }
    size_t capacity = store->capacity ? store->capacity * 2 : 64;
    pm_mail **mails = realloc(store->mails, capacity * sizeof *mails);
    if (!mails) {
        return false;
    }
    store->mails = mails;
    store->capacity = capacity;
    return true;
}

/* Takes the i-th out of the list and forgets it. */
static void drop(pm_store *store, size_t i)
{
    pm_mail **at = store->mails + store->first + i;
    store->bytes -= (*at)->footprint;
    free(*at);
    if (i == 0) {
        store->first++;
    } else {
        memmove(at, at + 1, (store->count - i - 1) * sizeof *at);
    }
    store->count--;
}

static void evict_oldest(pm_store *store)
{
    uint64_t id = store->mails[store->first]->id;
    drop(store, 0);
    store->evicted++;
    tell(store, NULL, id);
}

/* Makes room for so many bytes more. */
static bool make_room(pm_store *store, size_t bytes)
{
    if (bytes > store->max_bytes || store->receiving > store->max_bytes - bytes) {
        return false;
    }
    while (store->count && store->bytes > store->max_bytes - bytes - store->receiving) {
        evict_oldest(store);
    }
    return true;
}

bool pm_store_receive(pm_store *store, size_t from, size_t to)
{
    store->receiving -= from;
    if (!make_room(store, to)) {
        store->receiving += from;
        return false;
    }
    store->receiving += to;
    return true;
}

/* Without a word to anybody: what was there before is no news. */
static bool keep(pm_store *store, const pm_mail *draft)
{
    pm_mail *mail = pm_mail_keep(draft);
    if (!mail || !grow(store)) {
        free(mail);
        return false;
    }
    store->mails[store->first + store->count++] = mail;
    store->bytes += mail->footprint;
    store->next_id = mail->id + 1;
    while (store->count > 1 && (store->count > store->max_messages ||
                                store->bytes + store->receiving > store->max_bytes)) {
        evict_oldest(store);
    }
    return true;
}

/* The draft may still get the name of a file. */
static bool fits(const pm_store *store, const pm_mail *draft)
{
    return pm_mail_footprint(draft) + PM_MAILDIR_NAME <= store->max_bytes;
}

bool pm_store_add(pm_store *store, pm_mail *draft, prankcurl_error *error)
{
    char file[PM_MAILDIR_NAME] = "";
    if (!fits(store, draft)) {
        (void)pk_error_set(error, PRANKCURL_NO_MEMORY, NULL,
                           "a message and its envelope need %zu bytes of memory; --max-bytes "
                           "allows %zu",
                           pm_mail_footprint(draft), store->max_bytes);
        return false;
    }
    if (store->folder) {
        if (pm_maildir_write(store->folder, draft, file, error) != PRANKCURL_OK) {
            return false;
        }
        draft->file = file;
    }
    if (!keep(store, draft)) {
        (void)pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
        if (store->folder) {
            pm_maildir_remove(store->folder, file);
        }
        return false;
    }
    store->received++;
    tell(store, pm_store_at(store, store->count - 1), draft->id);
    return true;
}

/* What is too large stays in the Maildir. */
static bool take_in(void *context, const pm_mail *draft)
{
    pm_store *store = context;
    store->next_id = draft->id + 1;
    return !fits(store, draft) || keep(store, draft);
}

prankcurl_status pm_store_open(pm_store *store, const char *folder, prankcurl_error *error)
{
    store->folder = folder;
    prankcurl_status status = pm_maildir_open(folder, store->max_messages, take_in, store, error);
    store->evicted = 0;
    return status;
}

const pm_mail *pm_store_at(const pm_store *store, size_t i)
{
    return store->mails[store->first + i];
}

/* Index of the first message whose id is not below this one. */
static size_t lower_bound(const pm_store *store, uint64_t id)
{
    size_t low = 0;
    size_t high = store->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pm_store_at(store, middle)->id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_at(const pm_store *store, size_t i, uint64_t id)
{
    return i < store->count && pm_store_at(store, i)->id == id;
}

const pm_mail *pm_store_find(const pm_store *store, uint64_t id)
{
    size_t i = lower_bound(store, id);
    return is_at(store, i, id) ? pm_store_at(store, i) : NULL;
}

static void remove_file(const pm_store *store, size_t i)
{
    const pm_mail *mail = pm_store_at(store, i);
    if (store->folder && mail->file[0]) {
        pm_maildir_remove(store->folder, mail->file);
    }
}

bool pm_store_delete(pm_store *store, uint64_t id)
{
    size_t i = lower_bound(store, id);
    if (!is_at(store, i, id)) {
        return false;
    }
    remove_file(store, i);
    drop(store, i);
    store->deleted++;
    tell(store, NULL, id);
    return true;
}

size_t pm_store_delete_all(pm_store *store)
{
    size_t count = store->count;
    while (store->count) {
        remove_file(store, store->count - 1);
        drop(store, store->count - 1);
    }
    store->first = 0;
    store->deleted += count;
    tell(store, NULL, 0);
    return count;
}
