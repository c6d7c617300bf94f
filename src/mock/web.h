/* The page and the API over HTTP (docs/prankmock.openapi.yaml). */
#ifndef PM_WEB_H
#define PM_WEB_H

#include "mock/mock.h"

prankcurl_status pm_web_new(pm_mock *mock, pm_web **out, prankcurl_error *error);
void pm_web_free(pm_web *web);

#endif
