#include "cli/commands.h"
#include "cli/output.h"

prankcurl_status pk_cmd_check(const pk_job *job)
{
    const prankcurl_campaign *campaign = job->campaign;
    if (!job->options->quiet) {
        pk_print_line(stdout, "%s: fine: %zu victims, %zu groups, %zu messages",
                      job->options->campaign, prankcurl_campaign_victim_count(campaign),
                      prankcurl_plan_count(job->plan), prankcurl_campaign_message_count(campaign));
    }
    if (prankcurl_campaign_has_reveal(campaign) && !job->options->quiet) {
        (void)fputs("prankcurl: there is a reveal; this version checks only its form, and can't "
                    "send it yet\n",
                    stderr);
    }
    return pk_flush_output(PK_PROGRAM);
}
