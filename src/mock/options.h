/* prankmock's command line. */
#ifndef PM_OPTIONS_H
#define PM_OPTIONS_H

#include "mock/mock.h"

typedef struct pm_options {
    pm_config config;
    const char *password_env;
    bool help;
    bool version;
} pm_options;

/* On any status but OK, error says what is wrong with it. Texts are lent by argv and environment.
 */
prankcurl_status pm_options_parse(int argc, char **argv, pm_options *out, prankcurl_error *error);
void pm_options_print_help(void);

#endif
