"""The configuration of the tests' own Postfix and Dovecot, as text. No process is started here."""

from __future__ import annotations

from pathlib import Path

from certificates import Certificates

USER = "nadia@example.test"
MASTER_USER = "reader"
# The last two are those of examples/smtp-lab.json.
DOMAINS = ("example.test", "xn--bcher-kva.example", "school.example", "students.example",
           "utf8.example")
MAIL_UID = 5000
MESSAGE_SIZE_LIMIT = 524_288

# One listener for each way in which a submission server can be right or wrong. The options are
# what each changes in main.cf. Those without AUTH take mail from anybody on loopback: a client
# that goes on silently where it should have logged in gets caught by the mail that arrives.
_NO_AUTH = (
    "smtpd_sasl_auth_enable=no",
    "smtpd_client_restrictions=permit_mynetworks",
    "smtpd_sender_restrictions=",
)
# The clients of all other listeners are exempt from every limit.
_NO_EXCEPTIONS = "smtpd_client_event_limit_exceptions="
RATE_TIME_UNIT_S = 2
MESSAGES_PER_TIME_UNIT = 2
LISTENERS: dict[str, tuple[str, ...]] = {
    "submission": ("smtpd_tls_security_level=encrypt",),
    "smtps": ("smtpd_tls_wrappermode=yes",),
    "expired": ("smtpd_tls_security_level=encrypt", "smtpd_tls_chain_files=@expired@"),
    "wronghost": ("smtpd_tls_security_level=encrypt", "smtpd_tls_chain_files=@wronghost@"),
    "selfsigned": ("smtpd_tls_security_level=encrypt", "smtpd_tls_chain_files=@selfsigned@"),
    "plaintext-auth": ("smtpd_tls_security_level=none", "smtpd_tls_auth_only=no"),
    "plaintext-noauth": ("smtpd_tls_security_level=none", *_NO_AUTH),
    "starttls-noauth": ("smtpd_tls_security_level=encrypt", *_NO_AUTH),
    # Hangs up on clients that are silent for a second, as between two messages.
    "impatient": ("smtpd_tls_security_level=encrypt", "smtpd_timeout=1s"),
    # Refuses a sender at MAIL, where all others wait for the first RCPT.
    "prompt": ("smtpd_tls_security_level=encrypt", "smtpd_delay_reject=no",
               "smtpd_client_restrictions="),
    "greylisting": (
        "smtpd_tls_security_level=encrypt",
        "smtpd_recipient_restrictions=check_policy_service unix:private/greylist",
    ),
    "limited": (
        "smtpd_tls_security_level=encrypt", _NO_EXCEPTIONS,
        f"smtpd_client_message_rate_limit={MESSAGES_PER_TIME_UNIT}",
    ),
    "single": (
        "smtpd_tls_security_level=encrypt", _NO_EXCEPTIONS,
        "smtpd_client_connection_count_limit=1",
    ),
    "ascii": ("smtpd_tls_security_level=encrypt", "smtputf8_enable=no"),  # no SMTPUTF8
    "probe": ("smtpd_tls_security_level=none", *_NO_AUTH),  # MailServer's own: a mark in the log
}

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {root}/postfix/spool
data_directory = {root}/postfix/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = {root}/postfix/log/mail.log
maillog_file_prefixes = {root}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.test
mynetworks = 127.0.0.0/8
mydestination =
local_transport = error:no local mail here
default_transport = error:mail leaves this machine never
relay_transport = error:mail leaves this machine never
alias_maps =
alias_database =
biff = no
# No DNS in the tests.
smtpd_peername_lookup = no
# Three things that make a server slow to clients that make mistakes, which is all that some do.
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 1000
smtpd_client_event_limit_exceptions = static:all
anvil_rate_time_unit = {rate_time_unit_s}s
message_size_limit = {size_limit}
virtual_mailbox_limit = 0

smtpd_tls_chain_files = {good}
smtpd_tls_auth_only = yes
smtpd_tls_session_cache_database =
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sasl_security_options = noanonymous
smtpd_client_restrictions = permit_sasl_authenticated, reject
smtpd_sender_login_maps = regexp:{root}/postfix/etc/sender_logins
smtpd_sender_restrictions = reject_sender_login_mismatch
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access regexp:{root}/postfix/etc/recipients

virtual_mailbox_domains = {domains}
virtual_mailbox_maps = regexp:{root}/postfix/etc/mailboxes
virtual_transport = lmtp:unix:private/dovecot-lmtp
# Dovecot's LMTP offers no SMTPUTF8: Postfix itself delivers what needs that.
transport_maps = inline:{{ utf8.example=virtual }}
# All recipients of a message in one delivery, so that the queue empties at once.
lmtp_destination_recipient_limit = 100
"""

MASTER_CF_DAEMONS = """\
cleanup    unix  n       -  n  -     0  cleanup
qmgr       unix  n       -  n  300   1  qmgr
tlsmgr     unix  -       -  n  1000? 1  tlsmgr
rewrite    unix  -       -  n  -     -  trivial-rewrite
bounce     unix  -       -  n  -     0  bounce
defer      unix  -       -  n  -     0  bounce
trace      unix  -       -  n  -     0  bounce
verify     unix  -       -  n  -     1  verify
flush      unix  n       -  n  1000? 0  flush
proxymap   unix  -       -  n  -     -  proxymap
proxywrite unix  -       -  n  -     1  proxymap
showq      unix  n       -  n  -     -  showq
error      unix  -       -  n  -     -  error
retry      unix  -       -  n  -     -  error
lmtp       unix  -       -  n  -     -  lmtp
virtual    unix  -       n  n  -     -  virtual
  -o virtual_mailbox_base={root}/mail -o virtual_mailbox_maps=regexp:{root}/postfix/etc/maildirs
  -o virtual_uid_maps=static:{uid} -o virtual_gid_maps=static:{uid}
anvil      unix  -       -  n  -     1  anvil
postlog    unix-dgram n  -  n  -     1  postlogd
greylist   unix  -       n  n  -     0  spawn
  user=nobody argv=/usr/bin/python3 -I {root}/greylist.py {root}/greylist
"""

# SMTP access policy delegation (SMTPD_POLICY_README): each pair of sender and recipient is put off
# once, and has to come back a little later. What it has seen are files in a folder.
GREYLIST_PY = """\
import hashlib, pathlib, sys, time

SHORTEST_WAIT_S = 0.3
seen = pathlib.Path(sys.argv[1])

def action(request):
    pair = request["sender"] + " " + request["recipient"]
    mark = seen / hashlib.sha256(pair.lower().encode()).hexdigest()
    if mark.exists() and time.time() - mark.stat().st_mtime >= SHORTEST_WAIT_S:
        return "DUNNO"
    if not mark.exists():
        mark.touch()
    return "451 4.7.1 Greylisted, please try again in a second"

request = {}
for line in sys.stdin:
    name, equals, value = line.rstrip("\\n").partition("=")
    if equals:
        request[name] = value
    else:
        print("action=" + action(request) + "\\n", flush=True)
        request = {}
"""

# The local part decides what becomes of a recipient.
RECIPIENTS = """\
/^tempfail/  451 4.3.0 Not now, please try again later
/^full/      452 4.2.2 The mailbox is full
/^policy/    554 5.7.1 Refused by policy
"""
MAILBOXES = """\
!/^nobody/  exists
"""
# Those of utf8.example; virtual(8) takes no part of an address into a path.
MAILDIRS = "".join(f"/^{name}@/  utf8.example/{name}/Maildir/\n" for name in ("zoé", "ζωή", "ben"))
# nadia may send as everybody, except as those whose local part begins with "foreign".
SENDER_LOGINS = """\
/^foreign/  somebody-else@example.test
/@/         {user}
"""

DOVECOT_CONF = """\
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {root}/dovecot/run
state_dir = {root}/dovecot/state
log_path = {root}/dovecot/dovecot.log
ssl = required
ssl_cert = <{good_cert}
ssl_key = <{good_key}
mail_location = maildir:~/Maildir
mail_fsync = never
# Postfix decides whether a mechanism may be used without TLS, and it has a listener for that.
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 xoauth2 oauthbearer
# A refused login still takes up to half a second: delayed answers go out at that pace.
auth_failure_delay = 0
auth_master_user_separator = *
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {root}/dovecot/users
  mechanisms = plain login cram-md5
}}
passdb {{
  driver = oauth2
  args = {root}/dovecot/oauth2.conf
  mechanisms = xoauth2 oauthbearer
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {root}/dovecot/masters
  master = yes
}}
userdb {{
  driver = static
  args = uid={uid} gid={uid} home={root}/mail/%d/%n allow_all_users=yes
}}
service auth {{
  unix_listener {root}/postfix/spool/private/auth {{
    user = postfix
    mode = 0600
  }}
}}
service lmtp {{
  unix_listener {root}/postfix/spool/private/dovecot-lmtp {{
    user = postfix
    mode = 0600
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
# Without this, every wrong password makes the next login wait longer.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

OAUTH2_CONF = """\
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={root}/dovecot/keys/
username_attribute = sub
"""


def main_cf(root: Path, certs: Certificates) -> str:
    return MAIN_CF.format(root=root, domains=", ".join(DOMAINS), size_limit=MESSAGE_SIZE_LIMIT,
                          rate_time_unit_s=RATE_TIME_UNIT_S,
                          good=f"{certs.good.key} {certs.good.cert}")


def master_cf(root: Path, ports: dict[str, int], certs: Certificates) -> str:
    """The daemons, and a listener a port; each logs under its own name, so it can be counted."""
    lines = [MASTER_CF_DAEMONS.format(root=root, uid=MAIL_UID)]
    for name, options in LISTENERS.items():
        lines.append(f"127.0.0.1:{ports[name]} inet n - n - - smtpd\n")
        for option in (f"syslog_name=postfix/{name}", *options):
            lines.append(f"  -o {{ {_with_certificate(option, certs)} }}\n")
    return "".join(lines)


def dovecot_conf(root: Path, imaps_port: int, certs: Certificates) -> str:
    return DOVECOT_CONF.format(root=root, uid=MAIL_UID, imaps_port=imaps_port,
                               good_cert=certs.good.cert, good_key=certs.good.key)


def _with_certificate(option: str, certs: Certificates) -> str:
    name, at, rest = option.partition("@")
    if not at:
        return option
    certificate = getattr(certs, rest.rstrip("@"))
    return f"{name}{certificate.key} {certificate.cert}"
