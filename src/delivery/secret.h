/* The password's bytes, for the session alone. */
#ifndef PK_DELIVERY_SECRET_H
#define PK_DELIVERY_SECRET_H

#include <prankcurl/delivery.h>

/* Lent. */
const char *pk_secret_text(const prankcurl_secret *secret);

#endif
