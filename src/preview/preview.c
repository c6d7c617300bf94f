#include "preview/preview.h"

#include "base/error.h"
#include "preview/markup.h"
#include "preview/prank.h"
#include "preview/style.h"

#include <inttypes.h>

enum { MAX_FIELD = 1 << 20 };

/* No page that a browser opens is larger. */
#define MAX_PAGE ((off_t)512 << 20)

/* The page itself can load nothing and run nothing, and neither can the frames in it. */
static const char policy[] = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
                             "base-uri 'none'; form-action 'none'";

static void put_head(const pk_page *page)
{
    FILE *out = page->out;
    const char *name = prankcurl_campaign_name(page->preview->campaign);
    (void)fprintf(out,
                  PK_PREVIEW_MARK "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                                  "<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n"
                                  "<meta name=\"viewport\" content=\"width=device-width, "
                                  "initial-scale=1\">\n"
                                  "<meta name=\"color-scheme\" content=\"light dark\">\n"
                                  "<meta name=\"referrer\" content=\"no-referrer\">\n"
                                  "<link rel=\"icon\" href=\"data:,\">\n<title>",
                  policy);
    pk_put_text(out, name);
    (void)fputs(": preview</title>\n<style>\n", out);
    (void)fwrite(pk_preview_files[0].bytes, 1, pk_preview_files[0].len, out);
    (void)fputs("</style>\n</head>\n<body id=\"top\">\n<a class=\"skip\" href=\"#pranks\">Skip the "
                "list</a>\n",
                out);
}

static void put_fact(FILE *out, const char *name, const char *value)
{
    (void)fprintf(out, "<div><dt>%s</dt><dd>", name);
    pk_put_own(out, value);
    (void)fputs("</dd></div>\n", out);
}

static void put_number(FILE *out, const char *name, uint64_t value)
{
    (void)fprintf(out, "<div><dt>%s</dt><dd>%" PRIu64 "</dd></div>\n", name, value);
}

static void put_facts(const pk_page *page)
{
    FILE *out = page->out;
    const pk_preview *preview = page->preview;
    const prankcurl_campaign *campaign = preview->campaign;
    const prankcurl_person *organiser = prankcurl_campaign_organiser(campaign);
    size_t all = prankcurl_plan_count(preview->plan);
    (void)fputs("<header>\n<p class=\"what\">Preview: nothing was sent</p>\n<h1>", out);
    pk_put_own(out, prankcurl_campaign_name(campaign));
    (void)fputs("</h1>\n<dl class=\"facts\">\n", out);
    (void)fprintf(out, "<div><dt>Pranks</dt><dd>%zu", preview->count);
    (void)fprintf(out, preview->count < all ? " of %zu</dd></div>\n" : "</dd></div>\n", all);
    put_number(out, "Groups", all);
    put_number(out, "People", prankcurl_campaign_victim_count(campaign));
    put_number(out, "Messages", prankcurl_campaign_message_count(campaign));
    put_number(out, "Seed", prankcurl_plan_seed(preview->plan));
    put_fact(out, "Organiser", prankcurl_person_name(organiser));
    put_fact(out, "Server", prankcurl_campaign_server_url(campaign));
    (void)fputs("</dl>\n", out);
    if (preview->count < preview->asked_for) {
        (void)fprintf(out,
                      "<p class=\"note\">These are the first %zu of %zu pranks: choose others with "
                      "<code>--group</code>, or more with <code>--limit</code>.</p>\n",
                      preview->count, preview->asked_for);
    }
    (void)fputs("</header>\n", out);
}

static void put_contents(const pk_page *page)
{
    FILE *out = page->out;
    (void)fputs(
        "<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">Who pranks whom</h2>\n<ol>\n",
        out);
    for (size_t i = 0; i < page->preview->count; i++) {
        const prankcurl_prank *prank = page->preview->pranks[i];
        (void)fprintf(out, "<li><a href=\"#p-%s\"><b>", prankcurl_prank_id(prank));
        pk_put_own(out, prankcurl_prank_group(prank));
        (void)fputs("</b> <span>", out);
        pk_put_own(out, prankcurl_person_name(prankcurl_prank_author(prank)));
        (void)fputs(" to ", out);
        pk_put_count(out, prankcurl_prank_recipient_count(prank), "person", "people");
        (void)fputs(", ", out);
        pk_put_own(out, prankcurl_prank_message(prank));
        (void)fputs("</span></a></li>\n", out);
    }
    (void)fputs("</ol>\n</nav>\n", out);
}

static void put_foot(const pk_page *page)
{
    FILE *out = page->out;
    (void)fputs("</main>\n<footer>\n", out);
    if (page->pictures.left_out) {
        (void)fputs("<p class=\"note\">To keep this page small, ", out);
        pk_put_count(out, page->pictures.left_out, "picture was left out",
                     "pictures were left out");
        (void)fputs(
            ": what an earlier prank shows is not always shown again. <code>--group</code> or "
            "<code>--limit</code> leave room for all.</p>\n",
            out);
    }
    (void)fputs("<p>Made by prankcurl " PRANKCURL_VERSION
                ". This page loads nothing from anywhere, and runs nothing.</p>\n"
                "</footer>\n</body>\n</html>\n",
                out);
}

static prankcurl_status put_pranks(pk_page *page, prankcurl_error *error)
{
    const pk_preview *preview = page->preview;
    prankcurl_status status = PRANKCURL_OK;
    for (size_t i = 0; i < preview->count && status == PRANKCURL_OK; i++) {
        if (preview->is_over()) {
            return pk_error_set(error, PRANKCURL_INTERRUPTED, NULL, "interrupted");
        }
        if (ferror(page->out)) {
            return PRANKCURL_OK; /* told by who asks ferror() */
        }
        if (ftello(page->out) > MAX_PAGE) {
            return pk_error_set(error, PRANKCURL_CANNOT_CREATE, NULL,
                                "%zu pranks make a page that is too large for a browser; choose "
                                "some of them with --group, or fewer with --limit",
                                preview->count);
        }
        status = pk_put_prank(page, i, error);
    }
    return status;
}

prankcurl_status pk_preview_write(const pk_preview *preview, FILE *out, size_t *left_out,
                                  prankcurl_error *error)
{
    pk_page page = {.preview = preview, .out = out, .message = prankcurl_message_new()};
    if (!page.message) {
        return pk_error_set(error, PRANKCURL_NO_MEMORY, NULL, "out of memory");
    }
    pk_buf_init(&page.field.value, MAX_FIELD);
    pk_invitation_init(&page.invitation);
    put_head(&page);
    put_facts(&page);
    put_contents(&page);
    (void)fputs("<main id=\"pranks\">\n", out);
    prankcurl_status status = put_pranks(&page, error);
    put_foot(&page);
    *left_out = page.pictures.left_out;
    pk_invitation_free(&page.invitation);
    pk_buf_free(&page.field.value);
    pk_pictures_free(&page.pictures);
    prankcurl_message_free(page.message);
    return status;
}
