#include "campaign/eml.h"

#include "base/text.h"

#include <string.h>

static const char *const kept[] = {"Reply-To", "Importance", "Priority", "Organization"};

/* How names of fields begin that are not kept. */
static const char *const dropped[] = {
    "X-Prank-", /* ours */
    /* How it travelled, and what was thought of it. */
    "X-Received",
    "X-Forward",
    "X-Original",
    "X-Originat",
    "X-Envelope",
    "X-Delivered",
    "X-Rcpt",
    "X-Return",
    "X-Loop",
    "X-Auth",
    "X-DKIM",
    "X-ARC",
    "X-SPF",
    "X-Spam",
    "X-Virus",
    "X-AV-",
    "X-Antivirus",
    "X-Amavis",
    "X-Barracuda",
    "X-IronPort",
    "X-Proofpoint",
    "X-Forefront",
    "X-EOP",
    "X-TM-",
    "X-SES",
    "X-SG-",
    "X-Mailgun",
    "X-Mandrill",
    "X-Report",
    "X-Abuse",
    "X-Complaints",
    "X-Feedback",
    "X-Provags",
    "X-UI-",
    "X-GMX",
    "X-HE-",
    "X-Yahoo",
    "X-YMail",
    "X-Sonic",
    "X-QQ-",
    "X-ME-",
    "X-VR-",
    "X-CM-",
    "X-Source",
    "X-Get-Message-Sender",
    "X-List",
    "X-Mailing-List",
    "X-BeenThere",
    "X-Mailman",
    "X-ML-",
    "X-Sender",
    "X-Sent",
    "X-From",
    "X-To",
    "X-Cc",
    "X-Bcc",
    /* Which program wrote it, and where it keeps it. */
    "X-Mailer",
    "X-MimeOLE",
    "X-User-Agent",
    "X-Newsreader",
    "X-MS-",
    "X-Microsoft",
    "X-Exchange",
    "X-MSMail",
    "X-Google",
    "X-Gm-",
    "X-Gmail",
    "X-Apple",
    "X-Mozilla",
    "X-Account",
    "X-Identity",
    "X-Evolution",
    "X-KMail",
    "X-Claws",
    "X-Sylpheed",
    "X-Uni",
    "X-UID",
    "X-IMAP",
    "X-Keywords",
    "X-Status",
    "X-Label",
    "X-Folder",
    "X-Draft",
    "X-Template",
    "X-Attachment",
    "X-Thread",
    "X-Tuid",
    "X-Content-",
    "X-Enigmail",
    "X-Autocrypt",
    "X-PGP",
    "X-TNEF",
    "X-Message",
    "X-Mime-",
};

static bool is_any(const char *name, const char *const *words, size_t count, bool whole)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(words[i]);
        if (strlen(name) >= len && pk_ascii_equal_nocase(name, words[i], len) &&
            (!whole || !name[len])) {
            return true;
        }
    }
    return false;
}

/* RFC 5322 §3.6.8, and as short as people write them. */
static bool is_name(const char *name)
{
    enum { LONGEST = 60 };
    size_t len = 0;
    while (len <= LONGEST && name[len] > ' ' && name[len] < 0x7f && name[len] != ':') {
        len++;
    }
    return len > 2 && len <= LONGEST && !name[len];
}

bool pk_eml_keeps_field(const char *name)
{
    if (is_any(name, kept, sizeof kept / sizeof kept[0], true)) {
        return true;
    }
    return is_name(name) && pk_ascii_equal_nocase(name, "X-", 2) &&
           !is_any(name, dropped, sizeof dropped / sizeof dropped[0], false);
}
