"""What a generated message carries beside its texts: files, pictures, header fields of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

import material

NAME_MAX = 255
SIZES = [0, 1, 2, 3, 55, 56, 57, 58, 59, 113, 114, 115, 171, 700, 5_000]  # 57 bytes fill a line
CONTENT_IDS = ["logo", "a.b_c-d", "Pic1", "1", "x" * 64]


@dataclass(frozen=True)
class File:
    """A file as its reader must see it."""

    name: str
    type: str
    data: bytes
    content_id: str | None = None  # of a picture inside


@dataclass(frozen=True)
class Invitation:
    """A meeting as its reader must see it; times in UTC."""

    start: str
    end: str
    location: str


def _binary(random: Random, size: int) -> bytes:
    """Not UTF-8, and no magic number."""
    return (b"\xc0" + random.randbytes(size))[:size]


def _text(random: Random, size: int) -> bytes:
    return f" {material.text(random)}"[:size].replace("\x7f", "").encode()


def _behind(magic: bytes) -> Callable[[Random, int], bytes]:
    return lambda random, size: magic + random.randbytes(size)


PNG = b"\x89PNG\r\n\x1a\n"
_KINDS: list[tuple[str, str, Callable[[Random, int], bytes]]] = [
    (".bin", "application/octet-stream", _binary),
    (".bin", "application/octet-stream", _binary),
    (".dat", "application/octet-stream", _binary),
    (".eml", "application/octet-stream", _text),  # RFC 2045 §6.4: message/… can't be base64
    (".txt", "text/plain", _text),
    (".csv", "text/csv", _text),
    (".html", "text/html", _text),
    (".json", "application/json", _text),
    (".pdf", "application/pdf", _behind(b"%PDF-1.4\n")),
    (".PNG", "image/png", _behind(PNG)),
    (".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
     _behind(b"PK\3\4")),
]
_PICTURES = [(".png", "image/png", PNG), (".gif", "image/gif", b"GIF89a"),
             (".jpeg", "image/jpeg", b"\xff\xd8\xff")]

_BASES: list[Callable[[Random], str]] = [
    lambda r: r.choice(material.ASCII_WORDS),
    lambda r: material.name(r),
    lambda r: material.name(r),
    lambda r: f"{r.choice(material.SCRIPTS)} ({r.randint(1, 99)})",
    lambda r: "".join(r.choice(material.EMOJI) for _ in range(r.randint(1, 8))),
    lambda r: "".join(r.choice(material.COMBINING) for _ in range(r.randint(1, 8))),
    lambda r: f"100% it's {r.choice(material.LOOKALIKES)}*{r.randint(0, 9)}*",
    lambda r: "UTF-8''%41%0D%0A",
    lambda r: r.choice(['say "cheese"', "a;b=c", "a,b", "filename*0*=x", "%", "'", "*", '"', "=",
                        "..", "- x", "x.", "(c)", "<>", "[1]", "@", "?="]),
    lambda r: material.long_word(r, "abc def", r.randint(20, NAME_MAX)),
    lambda r: material.long_word(r, "é🎈שx", r.randint(1, 120)),
    lambda r: "x" * r.randint(40, 70),
    lambda r: "שלום עולם \u202eabc\u202c",
]


def file_name(random: Random, extension: str) -> str:
    """1 to 255 bytes without slashes, with that extension."""
    base = random.choice(_BASES)(random).replace("/", "").replace("\\", "")
    return (material.cut(base, NAME_MAX - len(extension)) or "x") + extension


class Carrier:
    """The files of one campaign: what a template says of them, and what its readers must see."""

    def __init__(self, random: Random, files: dict[str, bytes]) -> None:
        self.random = random
        self.files = files  # by their path below the campaign's folder

    def attachments(self) -> tuple[Any, list[File]]:
        """The template's member, None for none, and the files."""
        made = [self._attachment() for _ in range(self.random.choice([0, 0, 0, 1, 1, 2, 5]))]
        return [entry for entry, _ in made] or None, [file for _, file in made]

    def _attachment(self) -> tuple[Any, File]:
        extension, mime_type, make = self.random.choice(_KINDS)
        file = File(file_name(self.random, extension), mime_type,
                    make(self.random, self.random.choice(SIZES)))
        if self.random.random() < 0.5:  # the name on disk is the name
            return self._put(file.name, file.data), file
        return {"file": self._put(f"x{extension}", file.data), "name": file.name}, file

    def _put(self, name: str, data: bytes) -> str:
        path = f"files/{len(self.files)}/{name}"
        self.files[path] = data
        return path

    def pictures(self) -> tuple[Any, list[File]]:
        count = self.random.choice([0, 0, 1, 1, 2])
        entries: dict[str, str] = {}
        files = []
        for content_id in self.random.sample(CONTENT_IDS, count):
            extension, mime_type, magic = self.random.choice(_PICTURES)
            data = magic + self.random.randbytes(self.random.choice(SIZES))
            files.append(File(file_name(self.random, extension), mime_type, data, content_id))
            entries[content_id] = self._put(files[-1].name, data)
        return entries or None, files


def header_fields(random: Random, reply_to: str) -> dict[str, str]:
    """Fields of a message's own; empty for most."""
    possible = {
        "Reply-To": reply_to,
        "Importance": random.choice(["high", "normal", "low"]),
        "Organization": material.subject(random),
        "X-Mood": material.subject(random),
        f"X-{material.long_word(random, 'ab-9', 20)}z": material.name(random),
    }
    names = random.sample(list(possible), random.choice([0, 0, 0, 1, 2, 5]))
    return {name: possible[name] for name in names if "{{" not in possible[name]}


_BASIC = "%Y%m%dT%H%M%SZ"


def invitation(random: Random) -> tuple[Any, Invitation | None]:
    """The template's member, None for most, and what is meant."""
    if random.random() < 0.8:
        return None, None
    zone = timezone(timedelta(minutes=random.choice([0, 120, -210, 345])))
    start = datetime(2027, 4, 1, random.randrange(24), random.choice([0, 59]), tzinfo=zone)
    minutes = random.choice([1, 30, 60, 3000])
    end = start + timedelta(minutes=minutes)
    location = random.choice(["", material.subject(random), material.name(random)])
    location = "" if "{{" in location else location
    entry = {"start": start.isoformat(timespec="minutes")}
    entry |= random.choice([{"duration": f"{minutes}m"},
                            {"end": end.isoformat(timespec="minutes")}])
    entry |= {"location": location} if location else {}
    return entry, Invitation(start.astimezone(timezone.utc).strftime(_BASIC),
                             end.astimezone(timezone.utc).strftime(_BASIC), location)
