#include "cli/commands.h"
#include "cli/context.h"
#include "cli/output.h"

prankcurl_status pk_cmd_check(const pk_job *job)
{
    const prankcurl_campaign *campaign = job->campaign;
    if (job->options->context) {
        prankcurl_status status = pk_print_context(job);
        prankcurl_status flushed = pk_flush_output(PK_PROGRAM);
        status = status == PRANKCURL_OK ? flushed : status;
        return status == PRANKCURL_OK ? job->composed : status;
    }
    if (!job->options->quiet) {
        size_t victims = prankcurl_campaign_victim_count(campaign);
        size_t groups = prankcurl_plan_count(job->plan);
        size_t messages = prankcurl_campaign_message_count(campaign);
        pk_print_line(stdout, "%s: fine: %zu victim%s, %zu group%s, %zu message%s",
                      job->options->campaign, victims, victims == 1 ? "" : "s", groups,
                      groups == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
    }
    if (prankcurl_campaign_has_reveal(campaign) && !job->options->quiet) {
        (void)fputs("prankcurl: there is a reveal; this version checks only its form, and can't "
                    "send it yet\n",
                    stderr);
    }
    return pk_flush_output(PK_PROGRAM);
}
