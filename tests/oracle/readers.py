"""What two independent mail readers, Python's email and GMime, see in a composed message.

`gmime_dump` prints an object a message: subject, text, html, calendar, date, message_id,
x_prank_campaign (text or null), from, sender, to, cc (lists of [name, address]), structure (a type,
or a list of a type and the parts below it), files (what has a disposition, in order: an object with
type, disposition, filename, name, content_id, sha256), fields (the header's [name, value] in order)
and warnings.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader, HeaderRegistry
from email.message import EmailMessage
from email.utils import unquote
from functools import lru_cache
from typing import Any

from addresses import split

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_MAILBOX = re.compile(rf'((?:{_QUOTED}|[^",<])+?) *<((?:{_QUOTED}|[^"<>])+)>,? *')

Mailbox = tuple[str, tuple[str, str]]  # name, (local part without quotes, domain)


# policy.SMTP, which reads a field each time that it is asked for, but with what it read kept.
_POLICY = email.policy.SMTP.clone(header_factory=lru_cache(500)(HeaderRegistry()))

# Fields that Seen tells in other ways, or that are no business of readers.
_KNOWN = {"subject", "from", "sender", "to", "cc", "date", "message-id", "mime-version",
          "content-type", "content-transfer-encoding", "x-prank-campaign"}


@dataclass(frozen=True)
class SeenFile:
    """An attachment, or a picture inside."""

    type: str
    disposition: str
    filename: str  # of Content-Disposition
    name: str  # of Content-Type
    content_id: str | None
    sha256: str


@dataclass(frozen=True)
class Seen:
    """What a reader says; line ends of texts are LF."""

    subject: str
    author: list[Mailbox]
    sender: list[Mailbox]
    to: list[Mailbox]
    cc: list[Mailbox]
    text: str | None
    html: str | None
    calendar: str | None
    structure: Any
    files: list[SeenFile]
    fields: list[tuple[str, str]]  # that no other member tells
    message_id: str
    campaign: str
    date: str
    complaints: list[str]


def messages_of(mbox: bytes) -> list[bytes]:
    """The messages of an mboxrd as they are sent: unquoted, with CRLF."""
    entries: list[list[bytes]] = []
    for line in mbox.removesuffix(b"\n").split(b"\n"):
        if line.startswith(b"From "):
            entries.append([])
        else:
            entries[-1].append(re.sub(rb"^>(>*From )", rb"\1", line))
    assert all(entry[-1] == b"" for entry in entries), "no empty line behind a message"
    return [b"".join(line + b"\r\n" for line in entry[:-1]) for entry in entries]


def batch_smtp(dialogue: bytes) -> list[tuple[str, list[str], bytes]]:
    """Envelope sender, recipients and message, unstuffed, of each transaction; fails at anything
    but the commands that belong there."""
    posted: list[tuple[str, list[str], bytes]] = []
    assert dialogue.endswith(b"\r\n")
    lines = iter(dialogue.removesuffix(b"\r\n").split(b"\r\n"))
    assert next(lines) == b"EHLO localhost"
    for line in lines:
        if line == b"QUIT":
            assert next(lines, None) is None, "QUIT is not the end"
            return posted
        sender = _path(line, "MAIL FROM")
        recipients = [_path(rcpt, "RCPT TO") for rcpt in iter(lines.__next__, b"DATA")]
        data = [text.removeprefix(b".") for text in iter(lines.__next__, b".")]
        posted.append((sender, recipients, b"".join(text + b"\r\n" for text in data)))
    raise AssertionError("no QUIT at the end")


def _path(command: bytes, verb: str) -> str:
    found = re.fullmatch(verb + r":<(.+@[^<>@]+)>", command.decode("ascii"))
    assert found, f"no {verb}: {command!r}"
    return found.group(1)


def by_python(data: bytes) -> Seen:
    message = email.message_from_bytes(data, policy=_POLICY)
    assert isinstance(message, EmailMessage)
    leaves = [part for part in message.walk() if not part.is_multipart()]
    read = [part for part in leaves if not part["Content-Disposition"]]
    exact = {name: _exact_mailboxes(message, name) for name in ("From", "Sender", "To", "Cc")}
    return Seen(
        subject=str(message["Subject"]),
        author=exact["From"],
        sender=exact["Sender"],
        to=exact["To"],
        cc=exact["Cc"],
        text=_python_text(read, "text/plain"),
        html=_python_text(read, "text/html"),
        calendar=_python_text(read, "text/calendar"),
        structure=_python_structure(message),
        files=[_python_file(part) for part in leaves if part["Content-Disposition"]],
        fields=sorted((name, str(value)) for name, value in message.items()
                      if name.lower() not in _KNOWN),
        message_id=str(message["Message-ID"]).strip(" "),  # a fold before a token means nothing
        campaign=str(message["X-Prank-Campaign"]).strip(" "),
        date=str(message["Date"]),
        complaints=_python_defects(message) + _disagreements(message, exact),
    )


def _exact_mailboxes(message: EmailMessage, field: str) -> list[Mailbox]:
    """Names decoded to the letter by email.header, for which they are cut out here."""
    raw = "".join(str(value) for name, value in message.raw_items() if name == field)
    cut = _MAILBOX.findall(re.sub(r"\r?\n(?=[ \t])", "", raw))
    return [(unquote(name) if name.startswith('"') else str(make_header(decode_header(name))),
             split(address)) for name, address in cut]


def _disagreements(message: EmailMessage, exact: dict[str, list[Mailbox]]) -> list[str]:
    """Where policy.SMTP reads mailboxes otherwise, but for its known faults (Python 3.11).

    In names it puts a blank between adjacent encoded words, and makes one blank of several, and of
    a blank with U+00A0 and the like behind it; and it decodes what looks like an encoded word in a
    local part.
    """
    found = []
    for field, mailboxes in exact.items():
        header: AddressHeader | None = message[field]
        read = [_without_blanks(one.display_name, (one.username, one.domain))
                for one in (header.addresses if header else ())]
        expected = [_without_blanks(name, address) for name, address in mailboxes]
        if read != expected:
            found.append(f"{field}: policy.SMTP reads {read!r}, not {expected!r}")
    return found


def _without_blanks(name: str, address: tuple[str, str]) -> Mailbox:
    local, domain = address
    return "".join(name.split()), (re.sub(r"=\?utf-8\?q\?(\w+)\?=", r"\1", local), domain)


def _python_text(leaves: list[EmailMessage], wanted: str) -> str | None:
    for part in leaves:
        if part.get_content_type() == wanted:
            charset = part.get_content_charset("us-ascii")
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            return payload.decode(charset).replace("\r\n", "\n")
    return None


def _python_file(part: EmailMessage) -> SeenFile:
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    content_id = part["Content-ID"]
    return SeenFile(
        type=part.get_content_type(),
        disposition=part.get_content_disposition() or "",
        filename=part["Content-Disposition"].params["filename"],
        name=part["Content-Type"].params["name"],
        content_id=None if content_id is None else str(content_id).strip().strip("<>"),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _python_structure(part: EmailMessage) -> Any:
    if not part.is_multipart():
        return part.get_content_type()
    return [part.get_content_type(), *map(_python_structure, part.iter_parts())]


def _python_defects(message: EmailMessage) -> list[str]:
    defects = [f"{part.get_content_type()}: {defect!r}" for part in message.walk()
               for defect in part.defects]
    raw = dict(message.raw_items())
    for name, value in message.items():
        defects += [f"{name}: {defect!r}" for defect in value.defects
                    if not ("<=?" in raw[name] and "local-part" in str(defect))]
    return defects


def by_gmime(dumped: dict[str, Any]) -> Seen:
    return Seen(
        subject=dumped["subject"],
        author=_gmime_mailboxes(dumped["from"]),
        sender=_gmime_mailboxes(dumped["sender"]),
        to=_gmime_mailboxes(dumped["to"]),
        cc=_gmime_mailboxes(dumped["cc"]),
        text=_gmime_text(dumped["text"]),
        html=_gmime_text(dumped["html"]),
        calendar=_gmime_text(dumped["calendar"]),
        structure=dumped["structure"],
        files=[SeenFile(**one) for one in dumped["files"]],
        fields=sorted((name, value) for name, value in dumped["fields"]
                      if name.lower() not in _KNOWN),
        message_id=f"<{dumped['message_id']}>",
        campaign=dumped["x_prank_campaign"],
        date=dumped["date"],
        complaints=dumped["warnings"],
    )


def _gmime_mailboxes(pairs: list[list[str]]) -> list[Mailbox]:
    return [(name, split(address)) for name, address in pairs]


def _gmime_text(text: str | None) -> str | None:
    return None if text is None else text.replace("\r\n", "\n")


def event(calendar: str) -> dict[str, list[str]]:
    """The values of an invitation's properties by name (RFC 5545 §3.1), texts unescaped."""
    found: dict[str, list[str]] = {}
    for line in calendar.replace("\n ", "").removesuffix("\n").split("\n"):
        parts = re.fullmatch(r'([A-Z-]+)((?:;[A-Z-]+=(?:"[^"]*"|[^";:,]*))*):(.*)', line)
        assert parts, f"no line of a calendar: {line!r}"
        value = re.sub(r"\\(.)", lambda escaped: escaped[1].replace("n", "\n"), parts[3])
        found.setdefault(parts[1], []).append(value)
    return found
