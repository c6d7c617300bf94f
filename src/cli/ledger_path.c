#include "cli/ledger_path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void add_beside(const char *campaign, pk_buf *out)
{
    static const char json[] = ".json";
    size_t len = strlen(campaign);
    size_t ending = sizeof json - 1;
    if (len >= ending && strcmp(campaign + len - ending, json) == 0) {
        len -= ending;
    }
    pk_buf_add(out, campaign, len);
    pk_buf_str(out, ".ledger.db");
}

/* By whatever link a campaign is reached, it has one ledger: that beside the file itself. */
void pk_ledger_path(const char *campaign, const char *given, pk_buf *out)
{
    struct stat info;
    bool is_link = !given && lstat(campaign, &info) == 0 && S_ISLNK(info.st_mode);
    char *target = is_link ? realpath(campaign, NULL) : NULL;
    if (given) {
        pk_buf_str(out, given);
    } else {
        add_beside(target ? target : campaign, out);
    }
    free(target);
}
