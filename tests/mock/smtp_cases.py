"""Commands and the replies that RFC 5321 and its extensions ask for, as tables."""

from __future__ import annotations

SENDER = "MAIL FROM:<sender@example.test>"
RECIPIENT = "RCPT TO:<tom@example.test>"

# The states of a dialogue, and what leads there.
STATES: dict[str, list[str]] = {
    "new": [],
    "greeted": ["EHLO client.example"],
    "mail": ["EHLO client.example", SENDER],
    "rcpt": ["EHLO client.example", SENDER, RECIPIENT],
    "sent": ["EHLO client.example", SENDER, RECIPIENT, "DATA", "Subject: one\r\n\r\ntext\r\n."],
}

# What each command is told in each of these states, in that order.
_EARLY, _NO_MAIL, _UNDER_WAY = "503 5.5.1 say EHLO", "503 5.5.1 MAIL", "503 5.5.1 not while"
ORDER: dict[str, list[str]] = {
    "EHLO other.example": ["250-"] * 5,
    "HELO other.example": ["250 "] * 5,
    SENDER: [_EARLY, "250 2.1.0", _UNDER_WAY, _UNDER_WAY, "250 2.1.0"],
    RECIPIENT: [_EARLY, _NO_MAIL, "250 2.1.5", "250 2.1.5", _NO_MAIL],
    "DATA": [_EARLY, _NO_MAIL, "554 5.5.1 no valid recipients; RCPT TO comes first", "354 ", _NO_MAIL],
    "RSET": ["250 2.0.0"] * 5,
    "NOOP": ["250 2.0.0"] * 5,
    "NOOP with a word": ["250 2.0.0"] * 5,
    "VRFY tom": ["252 2.5.2"] * 5,
    "VRFY": ["501 5.5.4"] * 5,
    "EXPN all": ["502 5.5.1 there are no mailing lists"] * 5,
    "HELP": ["214 2.0.0 EHLO HELO"] * 5,
    "HELP MAIL": ["214 2.0.0 MAIL FROM:<name@domain> [SIZE="] * 5,
    "BDAT 3 LAST": ["502 5.5.1 CHUNKING is not offered"] * 5,
    "STARTTLS": [_EARLY, "220 2.0.0", _UNDER_WAY, _UNDER_WAY, "220 2.0.0"],
    "AUTH PLAIN AHRvbQBwdw==": [_EARLY, "235 2.7.0", _UNDER_WAY, _UNDER_WAY, "235 2.7.0"],
    "QUIT": ["221 2.0.0"] * 5,
    "": ["500 5.5.1"] * 5,
    "TURN": ["500 5.5.1 that is no command"] * 5,
    "Subject: hi": ["500 5.5.1 header fields come after DATA"] * 5,
    "GET / HTTP/1.1": ["521 5.5.1"] * 5,
    "POST / HTTP/1.1": ["521 5.5.1"] * 5,
}

# Each after EHLO.
SYNTAX: list[tuple[str, str]] = [
    ("EHLO", "501 5.5.4"),
    ("EHLO ", "501 5.5.4"),
    ("EHLO " + "a" * 255, "250-"),
    ("EHLO " + "a" * 256, "501 5.5.4"),
    ("EHLO [127.0.0.1]", "250-"),
    ("EHLO [IPv6:::1]", "250-"),
    ("EHLO x y", "501 5.5.4 say who you are, in one word"),
    ("HELO x y", "501 5.5.4 say who you are, in one word"),
    ("EHLO  x", "501 5.5.4"),
    ("EHLO client.example  ", "250-"),
    ("HELO", "501 5.5.4"),
    ("ehlo client.example", "250-"),
    ("nOoP", "250 2.0.0"),
    ("NOOP\t", "500 5.5.2"),
    ("NOOPS", "500 5.5.1"),
    (" NOOP", "500 5.5.1"),
    ("DATA now", "503 5.5.1"),
    ("STARTTLS now", "501 5.5.4"),
    ("AUTH", "504 5.5.4"),
    ("AUTH NTLM", "504 5.5.4"),
    ("AUTH " + "X" * 40, "504 5.5.4"),
    ("MAIL", "501 5.5.2"),
    ("MAIL FROM", "501 5.5.2"),
    ("MAIL TO:<a@b.example>", "501 5.5.2"),
    ("RCPT TO:<a@b.example>", "503 5.5.1"),
    ("mail from:<a@b.example>", "250 2.1.0"),
    ("MAIL  FROM:<a@b.example>", "501 5.5.2"),
    ("VRFY jürgen", "252 2.5.2"),
    ("X-Prank-Campaign:hi", "500 5.5.1 header fields come after DATA"),
    (": hi", "500 5.5.1 that is no command"),
    ("help rcpt to:<tom@example.test>", "214 2.0.0 RCPT TO:<name@domain>"),
    ("HELP AUTH", "214 2.0.0 AUTH <mechanism>"),
    ("HELP EXPN", "504 5.5.4 there is no such command"),
    ("HELP me", "504 5.5.4 there is no such command"),
]

# What stands behind MAIL FROM: when it is taken, and the address that is kept.
GOOD_PATHS: list[tuple[str, str]] = [
    ("<>", ""),
    ("<a@b.example>", "a@b.example"),
    ("<A.b+c=d_e@B.Example>", "A.b+c=d_e@B.Example"),
    ("<!#$%&'*+-/=?^_`{|}~@b.example>", "!#$%&'*+-/=?^_`{|}~@b.example"),
    ('<"a b"@c.example>', '"a b"@c.example'),
    (r'<"a\"b\\c"@d.example>', r'"a\"b\\c"@d.example'),
    ('<"a@b"@c.example>', '"a@b"@c.example'),
    ('<"a>b"@c.example>', '"a>b"@c.example'),
    ('<""@c.example>', '""@c.example'),
    ("<a@[127.0.0.1]>", "a@[127.0.0.1]"),
    ("<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]"),
    ("<@one.example:a@b.example>", "a@b.example"),
    ("<@one.example,@two.example:a@b.example>", "a@b.example"),
    ("<@[127.0.0.1]:a@b.example>", "a@b.example"),
    ("<a@localhost>", "a@localhost"),
    ("<Postmaster>", "Postmaster"),
    ("<a@xn--mller-kva.example>", "a@xn--mller-kva.example"),
    ("<a@b.example> ", "a@b.example"),
    ("<" + "a" * 64 + "@" + "b" * 63 + ".example>", "a" * 64 + "@" + "b" * 63 + ".example"),
    ("<a@" + "b." * 125 + "cc>", "a@" + "b." * 125 + "cc"),  # 254 bytes
]

BAD_PATHS: list[tuple[str, str]] = [
    ("", "501 5.5.2 the address must stand in brackets"),
    ("a@b.example", "501 5.5.2 the address must stand in brackets"),
    (" <a@b.example>", "501 5.5.2 there is a blank"),
    ("<a@b.example", "501 5.1.3 the > behind the address is missing"),
    ("<a@b.example SIZE=1", "501 5.1.3 the > behind the address is missing"),
    ("a@b.example>", "501 5.5.2"),
    ("<a@b.example>>", "501 5.1.3"),
    ("<<a@b.example>>", "501 5.1.3"),
    ("<a@b.example>x", "501 5.1.3 nothing but a blank and parameters"),
    ("<a@b.example>SIZE=1", "501 5.1.3 nothing but a blank and parameters"),
    ("<a@b.example>,<c@b.example>", "501 5.1.3 one address only"),
    ("<a@b.example,c@b.example>", "501 5.1.3 one address only"),
    ("<a>", "501 5.1.3 that address has no @domain"),
    ("<a@>", "501 5.1.3"),
    ("<@b.example>", "501 5.1.3"),
    ("<a@@b.example>", "501 5.1.3"),
    ("<a@b@c.example>", "501 5.1.3"),
    ("<a b@c.example>", "501 5.1.3"),
    ("<a @b.example>", "501 5.1.3"),
    ("< a@b.example>", "501 5.1.3"),
    ("< >", "501 5.1.3"),
    ("<.a@b.example>", "501 5.1.3"),
    ("<a.@b.example>", "501 5.1.3"),
    ("<a..b@c.example>", "501 5.1.3"),
    ("<a@.b.example>", "501 5.1.3"),
    ("<a@b..example>", "501 5.1.3"),
    ("<a@b.example.>", "501 5.1.3"),
    ("<a@[127.0.0.1>", "501 5.1.3"),
    ("<a@[]>", "501 5.1.3"),
    ("<a@[x]>", "501 5.1.3"),
    ('<"a@b.example>', "501 5.1.3"),
    ('<"a"b@c.example>', "501 5.1.3"),
    ('<a"b"@c.example>', "501 5.1.3"),
    ("<a(b)@c.example>", "501 5.1.3"),
    ("<a,b@c.example>", "501 5.1.3 one address only"),
    ("<@one.example a@b.example>", "501 5.1.3"),
    ("<one.example:a@b.example>", "501 5.1.3"),
    ("Tom <a@b.example>", "501 5.5.2 the address comes right behind the colon"),
    ('"Tom" <a@b.example>', "501 5.5.2 the address comes right behind the colon"),
    ("<a@" + "b." * 125 + "ccc>", "501 5.1.3 that address is too long"),
]

# Only --lenient takes these; what is kept.
LOOSE_PATHS: list[tuple[str, str]] = [
    (" <a@b.example>", "a@b.example"),
    ("a@b.example", "a@b.example"),
    (" a@b.example", "a@b.example"),
    ("postmaster", "postmaster"),
]

MAIL_PARAMETERS: list[tuple[str, str]] = [
    ("SIZE=0", "250"), ("SIZE=1000", "250"), ("size=1000", "250"), ("SIZE=33554432", "250"),
    ("SIZE=33554433", "552 5.3.4 that message is too large; 33554432 bytes are the limit"),
    ("SIZE=999999999999999999", "552 5.3.4"),
    ("SIZE", "501 5.5.4 SIZE=<number of bytes> is expected"), ("SIZE=", "501 5.5.4"),
    ("SIZE=x", "501 5.5.4"), ("SIZE=-1", "501 5.5.4"),
    ("SIZE=1k", "501 5.5.4"), ("SIZE=99999999999999999999999", "501 5.5.4"),
    ("SIZE=1 SIZE=2", "501 5.5.4 SIZE was given twice"),
    ("SIZE=1 size=1", "501 5.5.4 SIZE was given twice"),
    ("BODY=7BIT", "250"), ("BODY=8BITMIME", "250"), ("body=8bitmime", "250"),
    ("BODY", "501 5.5.4"), ("BODY=", "501 5.5.4"), 
    ("BODY=BINARYMIME", "501 5.5.4 BODY=7BIT or BODY=8BITMIME is expected"),
    ("BODY=7BIT BODY=7BIT", "501 5.5.4"),
    ("SMTPUTF8", "250"), ("smtputf8", "250"), 
    ("SMTPUTF8=1", "501 5.5.4 SMTPUTF8 without a value is expected"),
    ("SMTPUTF8=", "501 5.5.4"), ("SMTPUTF8 SMTPUTF8", "501 5.5.4"),
    ("RET=FULL", "250"), ("RET=HDRS", "250"), ("ret=hdrs", "250"), ("RET=ALL", "501 5.5.4"),
    ("RET", "501 5.5.4"), ("RET=FULL RET=HDRS", "501 5.5.4"),
    ("ENVID=abc", "250"), ("ENVID=a+2Bb", "250"), ("ENVID=a+2b", "501 5.5.4"),
    ("ENVID=a+", "501 5.5.4"), ("ENVID=a+2", "501 5.5.4"), ("ENVID=", "501 5.5.4"),
    ("ENVID=a=b", "501 5.5.4"), ("ENVID", "501 5.5.4"),
    ("AUTH=<>", "250"), ("AUTH=e+3Dmc2@example.com", "250"), ("AUTH=", "501 5.5.4"),
    ("AUTH", "501 5.5.4"), ("AUTH=a+x", "501 5.5.4"),
    ("NOTIFY=NEVER", "555 5.5.4 MAIL FROM has no parameter NOTIFY; it takes SIZE BODY SMTPUTF8"),
    ("zoé=1", "555 5.5.4 MAIL FROM has no parameter that;"),
    ("X" * 400, "555 5.5.4 MAIL FROM has no parameter that;"),
    ("ORCPT=rfc822;a@b.example", "555 5.5.4"),
    ("BANANA", "555 5.5.4"), ("BANANA=1", "555 5.5.4"), ("=1", "555 5.5.4"), ("SIZE =1", "501 5.5.4"),
    ("SIZE=1 BODY=8BITMIME RET=FULL ENVID=q SMTPUTF8 AUTH=<>", "250"),
    ("  SIZE=1   BODY=7BIT  ", "250"),
]

RCPT_PARAMETERS: list[tuple[str, str]] = [
    ("NOTIFY=NEVER", "250"), ("NOTIFY=SUCCESS", "250"), ("NOTIFY=SUCCESS,FAILURE,DELAY", "250"),
    ("notify=delay", "250"), ("NOTIFY=NEVER,FAILURE", "501 5.5.4"), ("NOTIFY=", "501 5.5.4"),
    ("NOTIFY", "501 5.5.4"), ("NOTIFY=SUCCESS,", "501 5.5.4"), ("NOTIFY=,SUCCESS", "501 5.5.4"),
    ("NOTIFY=SUCCESS,,DELAY", "501 5.5.4"), ("NOTIFY=OFTEN", "501 5.5.4"),
    ("NOTIFY=NEVER NOTIFY=NEVER", "501 5.5.4"),
    ("ORCPT=rfc822;a+2Bb@example.test", "250"), ("orcpt=x;y", "250"), ("ORCPT=rfc822", "501 5.5.4"),
    ("ORCPT=;a@b.example", "501 5.5.4"), ("ORCPT=rfc822;", "501 5.5.4"),
    ("ORCPT=rfc822;a+zz", "501 5.5.4"), ("ORCPT=rfc822;a=b", "501 5.5.4"), ("ORCPT", "501 5.5.4"),
    ("ORCPT=x;y ORCPT=x;y", "501 5.5.4"),
    ("SIZE=1", "555 5.5.4 RCPT TO has no parameter SIZE; it takes NOTIFY ORCPT"),
    ("SMTPUTF8", "555 5.5.4"), ("BANANA", "555 5.5.4"),
    ("NOTIFY=DELAY ORCPT=rfc822;tom@example.test", "250"),
]

# Without and with SMTPUTF8 on MAIL.
INTERNATIONAL: list[str] = [
    "<zoé@example.test>", "<zoe@müller.example>", "<用户@例え.テスト>",
    '<"zoé x"@example.test>',
]
