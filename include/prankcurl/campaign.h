/**
 * @file campaign.h
 * A campaign file, read, checked and turned into a model that later stages can trust.
 */
#ifndef PRANKCURL_CAMPAIGN_H
#define PRANKCURL_CAMPAIGN_H

#include <prankcurl/error.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A checked campaign. Immutable: threads may share it. */
typedef struct prankcurl_campaign prankcurl_campaign;
/** A person of a campaign; lent by it. */
typedef struct prankcurl_person prankcurl_person;

/** Seeds are below 2^53, so that every JSON reader keeps them exact. */
#define PRANKCURL_SEED_MAX ((UINT64_C(1) << 53) - 1)
/** More connections to one server are never opened at a time. */
#define PRANKCURL_CONNECTIONS_MAX 64

/** How to load. Start with PRANKCURL_CAMPAIGN_OPTIONS_INIT. */
typedef struct prankcurl_campaign_options {
    bool allow_outside;     /**< files may lie outside the campaign's folder. */
    const char *server_url; /**< in place of the campaign's `server.url`; NULL: the campaign's. */
    const char *rate;       /**< in place of `delivery.rate`, as "60/m"; NULL: the campaign's. */
    const char *ca_file;    /**< in place of `server.ca_file`, anywhere; NULL: the campaign's. */
    unsigned connections;   /**< in place of `delivery.connections`; 0: the campaign's. */
} prankcurl_campaign_options;

#define PRANKCURL_CAMPAIGN_OPTIONS_INIT                                                            \
    {                                                                                              \
        false, NULL, NULL, NULL, 0                                                                 \
    }

/**
 * Reads and checks a campaign file.
 * @param path     the file, as the user named it; files it names are relative to its folder.
 * @param options  NULL for the defaults.
 * @param out      the campaign, owned by the caller, free with prankcurl_campaign_free(); NULL on
 *                 any error.
 * @param errors   gets every error of the file, not just the first.
 * @return OK; CAMPAIGN, CONFIG, NO_INPUT or IO by what was found; NO_MEMORY.
 */
PRANKCURL_API prankcurl_status prankcurl_campaign_load(const char *path,
                                                       const prankcurl_campaign_options *options,
                                                       prankcurl_campaign **out,
                                                       prankcurl_errors *errors);

/** The same from memory: len bytes of JSON; path names them in errors and says where files lie. */
PRANKCURL_API prankcurl_status prankcurl_campaign_parse(const char *json, size_t len,
                                                        const char *path,
                                                        const prankcurl_campaign_options *options,
                                                        prankcurl_campaign **out,
                                                        prankcurl_errors *errors);

/** NULL-safe. */
PRANKCURL_API void prankcurl_campaign_free(prankcurl_campaign *campaign);

/** The campaign's name: letters, digits, `-`, `_` and `.`. Lent, as all that follows. */
PRANKCURL_API const char *prankcurl_campaign_name(const prankcurl_campaign *campaign);
/** Who answers for the campaign: envelope sender and Sender of every message. */
PRANKCURL_API const prankcurl_person *
prankcurl_campaign_organiser(const prankcurl_campaign *campaign);
/** The seed in the file, or the one derived from the campaign's name. Below 2^53. */
PRANKCURL_API uint64_t prankcurl_campaign_seed(const prankcurl_campaign *campaign);
/** Victims that take part; those who opted out are not among them. */
PRANKCURL_API size_t prankcurl_campaign_victim_count(const prankcurl_campaign *campaign);
/** How many victims and witnesses of the file were left out because they opted out. */
PRANKCURL_API size_t prankcurl_campaign_opted_out_count(const prankcurl_campaign *campaign);
/** Number of message templates. */
PRANKCURL_API size_t prankcurl_campaign_message_count(const prankcurl_campaign *campaign);
/** The server's URL, as given. */
PRANKCURL_API const char *prankcurl_campaign_server_url(const prankcurl_campaign *campaign);
/** Whether the file holds a `reveal` message. */
PRANKCURL_API bool prankcurl_campaign_has_reveal(const prankcurl_campaign *campaign);

/** Display name, UTF-8 without control characters. */
PRANKCURL_API const char *prankcurl_person_name(const prankcurl_person *person);
/** Address as it goes to SMTP: local-part@domain, domain in A-labels. */
PRANKCURL_API const char *prankcurl_person_address(const prankcurl_person *person);
/** The same for people to read: an international domain stands in its own letters, as the file has
 * it. */
PRANKCURL_API const char *prankcurl_person_shown_address(const prankcurl_person *person);

#ifdef __cplusplus
}
#endif

#endif
