/* What only the workers need of a session. */
#ifndef PK_DELIVERY_SESSION_H
#define PK_DELIVERY_SESSION_H

#include <prankcurl/delivery.h>

/* Its number among those that work side by side, from 1, for the trace. */
void pk_session_set_number(prankcurl_session *session, unsigned number);

#endif
