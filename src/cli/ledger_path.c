#include "cli/ledger_path.h"

#include <string.h>

void pk_ledger_path(const char *campaign, const char *given, pk_buf *out)
{
    static const char json[] = ".json";
    if (given) {
        pk_buf_str(out, given);
        return;
    }
    size_t len = strlen(campaign);
    size_t ending = sizeof json - 1;
    if (len >= ending && strcmp(campaign + len - ending, json) == 0) {
        len -= ending;
    }
    pk_buf_add(out, campaign, len);
    pk_buf_str(out, ".ledger.db");
}
