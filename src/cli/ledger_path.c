#include "cli/ledger_path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void add_beside(const char *campaign, const char *ending, pk_buf *out)
{
    static const char json[] = ".json";
    size_t len = strlen(campaign);
    size_t json_len = sizeof json - 1;
    if (len >= json_len && strcmp(campaign + len - json_len, json) == 0) {
        len -= json_len;
    }
    pk_buf_add(out, campaign, len);
    pk_buf_str(out, ending);
}

/* By whatever link a campaign is reached, its files are those beside the file itself. */
void pk_path_beside(const char *campaign, const char *ending, pk_buf *out)
{
    struct stat info;
    bool is_link = lstat(campaign, &info) == 0 && S_ISLNK(info.st_mode);
    char *target = is_link ? realpath(campaign, NULL) : NULL;
    add_beside(target ? target : campaign, ending, out);
    free(target);
}

void pk_ledger_path(const char *campaign, const char *given, pk_buf *out)
{
    if (given) {
        pk_buf_str(out, given);
    } else {
        pk_path_beside(campaign, ".ledger.db", out);
    }
}
