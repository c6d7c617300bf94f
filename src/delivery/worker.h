/* A worker: one thread, one session, one message at a time. */
#ifndef PK_DELIVERY_WORKER_H
#define PK_DELIVERY_WORKER_H

#include "delivery/engine.h"

typedef struct pk_worker {
    pk_engine *engine; /* lent, like what follows up to number */
    const prankcurl_composer *composer;
    const prankcurl_campaign *campaign;
    const prankcurl_recorder *recorder; /* NULL: none */
    prankcurl_session *session;         /* owned, like what follows */
    prankcurl_message *message;
    const char **addresses; /* of the envelope at hand; lent words */
    size_t address_capacity;
    prankcurl_outcome outcome;
    prankcurl_attempt attempt; /* at hand */
    pthread_t thread;
} pk_worker;

/* Its session counts as the connection of that number. CONFIG or NO_MEMORY: error says why. Free it
 * in any case. */
prankcurl_status pk_worker_init(pk_worker *worker, const prankcurl_secret *secret,
                                const prankcurl_delivery_options *options, unsigned number,
                                prankcurl_error *error);
void pk_worker_free(pk_worker *worker);

/* The thread's function: works until the engine has nothing more. */
void *pk_worker_run(void *worker);

#endif
