/* What is told of a prank's outcome: a line for people, a complaint, or JSON. */
#ifndef PK_CLI_TELL_H
#define PK_CLI_TELL_H

#include <prankcurl/prankcurl.h>

/* {"id", "group", …, "recipients": […], "reply"} on one line of stdout. */
void pk_tell_json(const prankcurl_prank *prank, const prankcurl_outcome *outcome);
/* A line on stderr; with verbose one for each recipient, too. */
void pk_tell_line(const prankcurl_prank *prank, const prankcurl_outcome *outcome, bool verbose);
/* That it is not settled, and when it will be tried again. */
void pk_tell_retry(const prankcurl_prank *prank, const prankcurl_outcome *outcome);
/* What went wrong and what to do; nothing when all went well. */
void pk_tell_complaint(const prankcurl_prank *prank, const prankcurl_outcome *outcome);
/* A complaint over what an earlier process left: uncertain or refused recipients. */
void pk_tell_known(const prankcurl_prank *prank, const prankcurl_outcome *outcome);
/* One line of the dialogue on stderr. */
void pk_tell_trace(unsigned connection, prankcurl_trace_kind kind, const char *line, size_t len);

#endif
