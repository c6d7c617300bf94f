#include "campaign/field_names.h"

#include "base/text.h"

#include <string.h>

/* Fields by which servers, filters and lists speak, or prankcurl itself, by how they begin: nobody
 * else says them. */
static const char *const reserved[] = {
    "X-Abuse",        "X-Amavis",    "X-Antivirus",  "X-Apparently",
    "X-ARC",          "X-Auth",      "X-Barracuda",  "X-Bcc",
    "X-BeenThere",    "X-Bogosity",  "X-Complaints", "X-Confirm-Reading",
    "X-CRM114",       "X-Delivered", "X-DKIM",       "X-DMARC",
    "X-DSPAM",        "X-Envelope",  "X-Errors-To",  "X-Failed",
    "X-Feedback",     "X-Forefront", "X-Forward",    "X-Gm-",
    "X-Gmail",        "X-Google",    "X-Ham",        "X-IronPort",
    "X-Junk",         "X-List",      "X-Loop",       "X-Mail-From",
    "X-Mailing-List", "X-Mailman",   "X-Microsoft",  "X-Mimecast",
    "X-MS-",          "X-Original",  "X-Originat",   "X-Prank",
    "X-Proofpoint",   "X-Rcpt",      "X-Received",   "X-Reply-To",
    "X-Report",       "X-Resent",    "X-Return",     "X-Rspamd",
    "X-Scanned",      "X-Sender",    "X-Sieve",      "X-Source",
    "X-Spam",         "X-SPF",       "X-Virus",      "X-Yahoo",
};

/* What mail programs and providers write for themselves: which program it was, where a mail is
 * kept. It has no sense in a new message. */
static const char *const theirs[] = {
    "X-Account",
    "X-Apple",
    "X-Attachment",
    "X-Autocrypt",
    "X-AV-",
    "X-Cc",
    "X-Claws",
    "X-CM-",
    "X-Content-",
    "X-Draft",
    "X-Enigmail",
    "X-EOP",
    "X-Evolution",
    "X-Exchange",
    "X-Folder",
    "X-From",
    "X-Get-Message-Sender",
    "X-GMX",
    "X-HE-",
    "X-Identity",
    "X-IMAP",
    "X-Keywords",
    "X-KMail",
    "X-Label",
    "X-Mailer",
    "X-Mailgun",
    "X-Mandrill",
    "X-ME-",
    "X-Message",
    "X-Mime",
    "X-ML-",
    "X-Mozilla",
    "X-MSMail",
    "X-Newsreader",
    "X-PGP",
    "X-Provags",
    "X-QQ-",
    "X-Sent",
    "X-SES",
    "X-SG-",
    "X-Sonic",
    "X-Status",
    "X-Sylpheed",
    "X-Template",
    "X-Thread",
    "X-TM-",
    "X-TNEF",
    "X-To",
    "X-Tuid",
    "X-UI-",
    "X-UID",
    "X-Uni",
    "X-User-Agent",
    "X-VR-",
    "X-YMail",
};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static bool begins(const char *name, const char *with)
{
    return strlen(name) >= strlen(with) && pk_ascii_equal_nocase(name, with, strlen(with));
}

static bool begins_any(const char *name, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (begins(name, words[i])) {
            return true;
        }
    }
    return false;
}

bool pk_is_field(const char *name, const char *known)
{
    return strlen(name) == strlen(known) && begins(name, known);
}

bool pk_is_x_field(const char *name)
{
    enum { LONGEST = 60 };
    size_t len = strlen(name);
    for (const char *p = name; *p; p++) {
        char c = pk_ascii_lower(*p);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
            return false;
        }
    }
    return begins(name, "X-") && len > 2 && len <= LONGEST && name[len - 1] != '-';
}

bool pk_is_reserved_field(const char *name)
{
    return begins_any(name, reserved, COUNT(reserved));
}

bool pk_eml_keeps_field(const char *name)
{
    return pk_is_field(name, "Importance") || pk_is_field(name, "Organization") ||
           (pk_is_x_field(name) && !pk_is_reserved_field(name) &&
            !begins_any(name, theirs, COUNT(theirs)));
}
