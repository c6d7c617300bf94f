/* Who may ask: pages of other sites may not, whatever a browser lets them try. */
#ifndef PM_WEB_GUARD_H
#define PM_WEB_GUARD_H

#include <event2/http.h>
#include <stdbool.h>

/* Whether the Host field is an address, localhost, or this machine's own name: a name that somebody
 * else's DNS points here (rebinding) is none of these. */
bool pm_guard_host_is_ours(const char *host, const char *own_name);
/* Whether a browser says that the call comes from another site. */
bool pm_guard_is_foreign(const struct evkeyvalq *headers);

#endif
