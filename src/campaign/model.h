/* The checked campaign, as later stages read it. Everything lives in the campaign's arena. */
#ifndef PK_CAMPAIGN_MODEL_H
#define PK_CAMPAIGN_MODEL_H

#include <prankcurl/campaign.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "mustache/mustache.h"

/* A person's own variable: a string as it is, a number as it stands in the file, true or false. */
typedef struct pk_var {
    const char *name;
    const char *value;
    bool is_true; /* what a section makes of it: not for "", 0 and false */
} pk_var;

typedef enum pk_origin {
    PK_FROM_ORGANISER,
    PK_FROM_VICTIMS,
    PK_FROM_WITNESSES,
    PK_FROM_CSV,
} pk_origin;

/* There may be a million of them. */
struct prankcurl_person {
    const char *name;
    pk_address address;
    const pk_var *vars; /* in the file's order */
    uint32_t var_count;
    uint32_t number;       /* in the list, from 0; of the CSV file's row, the header being row 1 */
    unsigned line, column; /* of the address: see pk_person_place() */
    uint8_t origin;        /* of pk_origin */
    bool opted_in;
    bool opted_out; /* takes no part */
};

/* A template's text and where it stands. Line and column of a text of its own file count from 1:1
 * there; an inline text has the place of its JSON value. */
typedef struct pk_source {
    const char *text; /* NULL: there is none */
    pk_place place;
    bool is_inline;
    const pk_mustache *parsed; /* NULL: there is no text, or it is wrong */
} pk_source;

/* A file as it goes out: read and encoded once, however many messages carry it. */
typedef struct pk_content {
    const struct pk_content *next; /* of the campaign's */
    const char *path;              /* resolved */
    const char *type;              /* as image/png */
    const char *encoded;           /* base64, in lines */
    size_t encoded_len;
    size_t size;          /* bytes of the file */
    uint64_t fingerprint; /* of its bytes */
} pk_content;

/* An attachment, or a picture within the html. */
typedef struct pk_attachment {
    const pk_content *content;
    const char *name; /* of the file, as the recipient sees it */
    const char *id;   /* a picture's: the html shows it as cid:ID; NULL for an attachment */
    pk_place place;
} pk_attachment;

/* A header field that a message adds; its value is a template of one line. */
typedef struct pk_field_template {
    const char *name;
    pk_source value;
} pk_field_template;

/* Where answers go to, when not to the author. */
typedef struct pk_reply_to {
    pk_address address;
    pk_place place;
} pk_reply_to;

/* A message that is an invitation too. Times are seconds since 1970 in UTC. */
typedef struct pk_meeting {
    int64_t start_s;
    int64_t end_s;
    pk_source location;
} pk_meeting;

/* A template of its own file that others name. Its parsed template's owner is this. */
typedef struct pk_partial {
    const char *name; /* as the first one named it: "signature" */
    pk_source source;
} pk_partial;

typedef struct pk_template {
    const char *name; /* "" for the reveal */
    pk_source subject;
    pk_source text;
    pk_source html;
    pk_source markdown; /* in place of html */
    pk_field_template *fields;
    size_t field_count;
    pk_reply_to *reply_to; /* NULL: the author */
    pk_meeting *meeting;   /* NULL: it is no invitation */
    const pk_attachment *pictures;
    size_t picture_count;
    const pk_attachment *attachments;
    size_t attachment_count;
    const char *const *notes; /* what of a saved mail was not kept, or is guessed */
    size_t note_count;
    pk_place notes_place;
} pk_template;

/* The templates of a message, one after the other, and what errors call them; NULL behind the last.
 * Some may have no text. */
pk_source *pk_template_source(const pk_template *message, size_t i, const char **name);

typedef struct pk_group {
    const char *name;
    const size_t *members; /* indexes of victims, ascending; opted-out ones are not there */
    size_t member_count;
    size_t author;  /* index of a victim, or PK_ANY */
    size_t message; /* index of a message, or PK_ANY */
} pk_group;

#define PK_ANY ((size_t)-1)

typedef enum pk_auth {
    PK_AUTH_DEFAULT, /* plain, or login where plain is not offered */
    PK_AUTH_PLAIN,
    PK_AUTH_LOGIN,
    PK_AUTH_CRAM_MD5,
    PK_AUTH_XOAUTH2,
    PK_AUTH_OAUTHBEARER,
} pk_auth;

typedef enum pk_password_kind {
    PK_PASSWORD_NONE,
    PK_PASSWORD_ENV,
    PK_PASSWORD_COMMAND,
    PK_PASSWORD_FILE,
} pk_password_kind;

/* Where the password (or the OAuth token) comes from; never the password itself. */
typedef struct pk_password_source {
    pk_password_kind kind;
    const char *env;
    const char *file;           /* resolved path */
    const char *const *command; /* argv, NULL at the end */
} pk_password_source;

typedef struct pk_server {
    const char *url;  /* as given */
    const char *host; /* a name, or an address without brackets */
    unsigned port;
    bool implicit_tls;
    bool plaintext; /* "starttls": "never"; only where is_loopback */
    bool is_loopback;
    const char *username; /* NULL: no AUTH; only where is_loopback */
    pk_auth auth;
    pk_password_source password;
    const char *ca_file; /* NULL: the system's */
} pk_server;

typedef struct pk_delivery {
    unsigned connections;
    unsigned messages_per_connection;
    double rate_per_s; /* 0: no limit */
    unsigned attempts;
    int64_t first_retry_ms;
    int64_t give_up_after_ms;
} pk_delivery;

struct prankcurl_campaign {
    pk_arena arena;
    const char *name;
    uint64_t seed;
    prankcurl_person *organiser;
    prankcurl_person **victims; /* as in the file; PK_ANY-free indexes of groups point here */
    size_t victim_count;
    const char *victims_file;     /* in which their lines and columns count */
    prankcurl_person **witnesses; /* only those that take part */
    size_t witness_count;
    size_t opted_out_count;
    const pk_group *groups; /* NULL: groups are formed by the plan, group_count of them */
    size_t group_count;
    pk_template *messages;
    size_t message_count;
    pk_template *reveal;        /* NULL: none */
    const pk_content *contents; /* every file that some message carries; NULL: none */
    const char **var_names;     /* every name of a variable that some victim has, sorted */
    size_t var_name_count;
    pk_server server;
    pk_delivery delivery;
};

/* How errors name a message's template: `message "coffee", text`; a source of NULL: without the
 * comma and what is behind it. */
void pk_add_source_name(pk_buf *out, const prankcurl_campaign *campaign, const pk_template *message,
                        const pk_source *source);

#endif
