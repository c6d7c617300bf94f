/* The messages that are kept: bounded in number and bytes, the oldest go first. Optionally a
 * Maildir has them too. */
#ifndef PM_STORE_H
#define PM_STORE_H

#include "base/error.h"
#include "mock/mail.h"

/* Who wants to know what happens. mail NULL: the one with this id is gone; id 0: all are. */
typedef void pm_store_listener(void *context, const pm_mail *mail, uint64_t id);

typedef struct pm_store {
    size_t max_messages;
    size_t max_bytes;   /* of what is kept and what is being received */
    const char *folder; /* of the Maildir; NULL: none. Lent */
    pm_store_listener *listener;
    void *context;
    pm_mail **mails; /* owned; by id, the oldest at `first` */
    size_t first;
    size_t count;
    size_t capacity;
    size_t bytes;     /* that the kept ones take */
    size_t receiving; /* bytes of messages that are not complete */
    uint64_t next_id;
    uint64_t received, evicted, deleted; /* since the start */
} pm_store;

void pm_store_init(pm_store *store, size_t max_messages, size_t max_bytes);
void pm_store_free(pm_store *store);

/* Uses the Maildir in `folder`, making it where it is not there, and takes in the newest messages
 * that it has. */
prankcurl_status pm_store_open(pm_store *store, const char *folder, prankcurl_error *error);

/* Keeps a copy of the draft, whose id is next_id. False: no memory, or it can't be written; *error
 * says why. */
bool pm_store_add(pm_store *store, pm_mail *draft, prankcurl_error *error);
/* `from` bytes of an incomplete message become `to`. False: there is no room for it, even without
 * all that is kept. */
bool pm_store_receive(pm_store *store, size_t from, size_t to);

/* The i-th message, the oldest is 0. Lent until the store changes. */
const pm_mail *pm_store_at(const pm_store *store, size_t i);
/* NULL: there is none with this id. */
const pm_mail *pm_store_find(const pm_store *store, uint64_t id);
/* Forgets it, in the Maildir too. False: there is none. */
bool pm_store_delete(pm_store *store, uint64_t id);
size_t pm_store_delete_all(pm_store *store);

#endif
