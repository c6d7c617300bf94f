"""What holds for the bytes of every message, whatever it says."""

from __future__ import annotations

import base64
import quopri
import re
from collections.abc import Iterator
from typing import Any

from generate import Meant

LINE_MAX = 76
_ENCODED_WORD = re.compile(r"=\?([^?\s]+)\?([QB])\?([^?\s]*)\?=")
_FIELDS = {"from", "to", "subject", "date", "message-id", "mime-version", "content-type",
           "content-transfer-encoding", "x-prank-campaign"}


def broken_rules(data: bytes, meant: Meant, message_id: str) -> list[str]:
    """What is wrong with a message's bytes, each in a line; empty: nothing."""
    bytes_found = list(_bytes(data))
    if bytes_found:
        return bytes_found
    text = data.decode("ascii")
    header, _, body = text.partition("\r\n\r\n")
    fields = header_fields(header)
    return [
        *_field_names(fields, meant),
        *_phrases(fields),
        *_body_lines(body),
        *_long_lines(text, meant, message_id),
        *(fault for part in headers(text) for fault in (*_header_lines(part),
                                                        *_encoded_words(part))),
        *_boundaries(text, meant.structure),
    ]


def headers(text: str) -> list[str]:
    """The message's header and those of all its parts."""
    begins = "|".join(re.escape(f"--{boundary}\r\n") for boundary in _boundaries_named(text))
    parts = re.split(f"^(?:{begins})", text, flags=re.MULTILINE) if begins else [text]
    return [part.partition("\r\n\r\n")[0] for part in parts]


_MULTIPART = re.compile(r'^Content-Type: multipart/\w+;\r\n (?:type="text/html";\r\n )?'
                        r'boundary="(=_[^"]+)"\r$', re.MULTILINE)


def _boundaries_named(text: str) -> list[str]:
    """From the outermost in."""
    return _MULTIPART.findall(text)


def header_fields(header: str) -> list[tuple[str, str]]:
    """Name and raw value, folds kept, of every field."""
    fields: list[tuple[str, str]] = []
    for line in header.removesuffix("\r\n").split("\r\n"):
        if line.startswith((" ", "\t")) and fields:
            fields[-1] = fields[-1][0], fields[-1][1] + "\r\n" + line
        else:
            name, _, value = line.partition(":")
            fields.append((name, value))
    return fields


def _bytes(data: bytes) -> Iterator[str]:
    if not data.endswith(b"\r\n"):
        yield "does not end with CRLF"
    if re.search(rb"(?<!\r)\n|\r(?!\n)", data):
        yield "has a bare CR or LF"
    if bad := re.search(rb"[^\t\r\n -~]", data):
        yield f"holds byte 0x{bad.group()[0]:02x} at {bad.start()}"
    if b"\t" in data.partition(b"\r\n\r\n")[0]:
        yield "has a tab in its header"


def _field_names(fields: list[tuple[str, str]], meant: Meant) -> Iterator[str]:
    expected = _FIELDS | ({"sender"} if meant.has_sender else set())
    expected |= {"cc"} if meant.witnesses else set()
    expected |= {name.lower() for name in meant.fields}
    names = [name.lower() for name, _ in fields]
    if sorted(names) != sorted(expected):
        yield f"has the fields {sorted(names)}, not {sorted(expected)}"
    for name, _ in fields:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name):
            yield f"has a field named {name!r}"


def _header_lines(header: str) -> Iterator[str]:
    for line in header.split("\r\n"):
        if not line.strip():
            yield f"has a header line that is only white space: {line!r}"
        elif line.endswith(" "):
            yield f"has a header line that ends with a blank: {line!r}"


def _encoded_words(header: str) -> Iterator[str]:
    """RFC 2047 §2 and §5: short enough, and whole characters in each."""
    for line in header.split("\r\n"):
        for word in _ENCODED_WORD.finditer(line):
            charset, encoding, content = word.groups()
            if len(word.group()) > 75:
                yield f"has an encoded word of more than 75 characters: {word.group()}"
            if encoding == "B":
                raw = base64.b64decode(content, validate=True)
            else:
                raw = quopri.decodestring(content, header=True)
            try:
                raw.decode(charset)
            except UnicodeDecodeError:
                yield f"has an encoded word with parts of characters: {word.group()}"


def _phrases(fields: list[tuple[str, str]]) -> Iterator[str]:
    """RFC 2047 §5 (3): in names few characters stand for themselves."""
    for name, value in fields:
        if name.lower() in ("from", "sender", "to", "cc"):
            for word in re.findall(r"=\?UTF-8\?Q\?\S*\?=", value):
                if not re.fullmatch(r"=\?UTF-8\?Q\?[A-Za-z0-9!*+/=_-]+\?=", word):
                    yield f"has a character in {name} that must be encoded: {word}"


def _body_lines(body: str) -> Iterator[str]:
    """Relays take away blanks at line ends, and mailboxes put a > before From."""
    for line in body.split("\r\n"):
        if line.endswith((" ", "\t")) or line.startswith("From "):
            yield f"has a line that does not arrive as it is: {line!r}"


def _long_lines(text: str, meant: Meant, message_id: str) -> Iterator[str]:
    """Only what nothing can break may be longer: an address, a Message-ID, a type's name."""
    people = [meant.organiser, meant.author, *meant.recipients, *meant.witnesses]
    addresses = {person.address.sent for person in people}
    unbreakable = {message_id} | addresses | {f"<{one}>" for one in addresses}
    unbreakable |= {f"Content-Type: {file.type};" for file in meant.files}
    unbreakable |= {f"Content-ID: <{file.content_id}>" for file in meant.pictures}
    for line in text.split("\r\n"):
        if len(line) > LINE_MAX and line.strip().removesuffix(",") not in unbreakable:
            yield f"has a line of {len(line)} characters: {line[:200]!r}"
        if len(line) > 998:
            yield f"has a line of {len(line)} characters, beyond what SMTP takes"


def _boundaries(text: str, structure: Any) -> Iterator[str]:
    """RFC 2046 §5.1.1: short, each before every part of its multipart and once behind them."""
    named = _boundaries_named(text)
    multiparts = list(_multiparts(structure))
    if len(named) != len(multiparts):
        yield f"has the boundaries {named} for {multiparts}"
        return
    for boundary, multipart in zip(named, multiparts):
        if len(boundary) > 70:
            yield f"has a boundary of {len(boundary)} characters"
        lines = [line for line in text.split("\r\n") if line.startswith(f"--{boundary}")]
        expected = [f"--{boundary}"] * (len(multipart) - 1) + [f"--{boundary}--"]
        if lines != expected:
            yield f"has its boundary {boundary} in the lines {lines}, not {expected}"


def _multiparts(structure: Any) -> Iterator[list[Any]]:
    """Every one, from the outermost in."""
    if isinstance(structure, list):
        yield structure
        for part in structure[1:]:
            yield from _multiparts(part)
