/* Ctrl-C and its kin: the first one lets the messages in flight end, the second ends at once. */
#ifndef PK_CLI_SIGNALS_H
#define PK_CLI_SIGNALS_H

#include <stdbool.h>

/* From now on INT, TERM and HUP are caught. */
void pk_signals_catch(void);
/* Whether one came. */
bool pk_signals_came(void);

#endif
