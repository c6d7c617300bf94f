"""Comparing messages: what was printed, what went over the wire, what lies in a mailbox."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path

# What Postfix and Dovecot may put above the first field of ours.
TRACE_FIELDS = {b"return-path", b"delivered-to", b"x-original-to", b"received"}


def parse(message: bytes) -> EmailMessage:
    return email.message_from_bytes(message, policy=email.policy.SMTP)


def message_id(message: bytes) -> str:
    """The Message-ID, with its angle brackets."""
    found = parse(message)["Message-ID"]
    assert found, f"no Message-ID in {message[:400]!r}"
    return str(found).strip()


def same_id(one: str, other: str) -> bool:
    return one.strip("<>") == other.strip("<>")


def by_id(messages: list[bytes]) -> dict[str, bytes]:
    """Messages by their Message-ID, each of which may come once only."""
    found = {message_id(message): message for message in messages}
    assert len(found) == len(messages), "a Message-ID came twice"
    return found


def read_folder(folder: Path) -> dict[str, bytes]:
    """The .eml files that a dry run wrote, by Message-ID."""
    return by_id([path.read_bytes() for path in sorted(folder.glob("*.eml"))])


def without_trace(stored: bytes, sent: bytes) -> bytes:
    """A stored message without the fields the servers put on top, which may be trace fields only.

    `sent` is what was sent: its first line is where the message of ours begins.
    """
    first_line = sent.splitlines(keepends=True)[0]
    trace, begin, rest = stored.partition(b"\n" + first_line)
    assert begin, f"{first_line!r} is not in the stored message:\n{stored[:2000]!r}"
    names = {name.lower() for name in re.findall(rb"(?m)^([!-9;-~]+):", trace)}
    assert names <= TRACE_FIELDS, f"the server added {names - TRACE_FIELDS}"
    return first_line + rest


def with_lf(message: bytes) -> bytes:
    return message.replace(b"\r\n", b"\n")


def to_ascii(address: str) -> str:
    """An address with its domain as A-labels: how a server knows it."""
    local_part, _, domain = address.rpartition("@")
    return f"{local_part}@{domain.encode('idna').decode('ascii')}"


def assert_fit_for_smtp(message: bytes) -> None:
    """7-bit, CRLF only, no NUL, lines within RFC 5321's 1000 with CRLF."""
    assert max(message) < 128 and 0 not in message
    lines = message.split(b"\r\n")
    assert lines.pop() == b"", "no CRLF at the end"
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert max(map(len, lines)) <= 998


def parse_mboxrd(mbox: bytes) -> list[tuple[str, bytes]]:
    """The messages of an mboxrd file with LF line ends: envelope sender, bytes with CRLF."""
    parts = re.split(rb"(?m)^From (\S+) .*\n", mbox)
    assert parts[0] == b"", "an mbox begins with a From line"
    found = []
    for sender, quoted in zip(parts[1::2], parts[2::2]):
        assert quoted.endswith(b"\n\n"), "an empty line ends each message of an mbox"
        message = re.sub(rb"(?m)^>(>*From )", rb"\1", quoted[:-1])
        found.append((sender.decode(), message.replace(b"\n", b"\r\n")))
    return found


def parse_bsmtp(dialogue: bytes) -> list[tuple[str, list[str], bytes]]:
    """The transactions of a batch-SMTP file: sender, recipients, message with CRLF."""
    found = []
    for commands, stuffed in re.findall(rb"(?s)(.*?)\nDATA\n(.*?)\n\.\n", with_lf(dialogue)):
        [sender] = re.findall(rb"(?im)^MAIL FROM:<(.*?)>", commands)
        recipients = re.findall(rb"(?im)^RCPT TO:<(.*?)>", commands)
        message = re.sub(rb"(?m)^\.", b"", stuffed) + b"\n"
        found.append((sender.decode(), [one.decode() for one in recipients],
                      message.replace(b"\n", b"\r\n")))
    return found
