"""Every place of a campaign that takes text, and what an attacker would write there.

MARK stands for the control character. A campaign is written with MARK in one place, where the
character is then put in as a JSON escape or raw.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]
MARK = "\ue000"
CONTROLS = [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029]
SAMPLE = [0x00, 0x07, 0x09, 0x0A, 0x0D, 0x1B, 0x7F, 0x85, 0x9B, 0x2028]
BODY_LEGITIMATE = {0x09, 0x0A, 0x0D} | set(range(0x80, 0xA0)) | {0x2028, 0x2029}

FIELD = f"x{MARK}Bcc: mallory@evil.invalid{MARK}{MARK}y"
COMMAND = f"x{MARK}.{MARK}RCPT TO:<mallory@evil.invalid>{MARK}y"
BASE: Json = {
    "campaign": "inject",
    "seed": 1,
    "organiser": {"name": "Nadia", "address": "nadia@example.test"},
    "server": {"url": "smtp://127.0.0.1:2525", "starttls": "never"},
    "consent": {"domains": ["example.test"]},
    "victims": [
        {"name": "Adam", "address": "adam@example.test", "vars": {"v": "value"}},
        {"name": "Bela", "address": "bela@example.test"},
    ],
    "witnesses": [{"name": "Wim", "address": "wim@example.test"}],
    "groups": [{"name": "one", "members": ["adam@example.test", "bela@example.test"],
                "author": "adam@example.test", "message": "m"}],
    "messages": [{"name": "m", "subject": "a subject", "text": "a text\n", "html": "<p>a</p>\n"}],
}


@dataclass(frozen=True)
class Place:
    name: str
    document: Json
    files: dict[str, str]
    body: str | None = None  # the part that legitimately holds the character, as "text"
    wrong_anyhow: bool = False  # refused without the character, too
    names_file: bool = False  # which is not there then

    def write(self, folder: Path, control: int, raw: bool) -> Path:
        """The campaign with this character; raw: not as a JSON escape."""
        return self.fill(folder, chr(control) if raw else f"\\u{control:04x}", chr(control))

    def fill(self, folder: Path, in_json: str, in_files: str) -> Path:
        text = json.dumps(self.document, ensure_ascii=False, indent=1).replace(MARK, in_json)
        path = folder / "inject.json"
        path.write_bytes(text.encode())
        for name, content in self.files.items():
            (folder / name).write_bytes(content.replace(MARK, in_files).encode())
        return path


def place(name: str, change: Callable[[Json], object], files: dict[str, str] | None = None,
          body: str | None = None, **more: bool) -> Place:
    document = copy.deepcopy(BASE)
    change(document)
    return Place(name, document, files or {}, body, **more)


def at(value: Any, *path: str | int) -> Callable[[Json], object]:
    """Sets what stands at a path."""
    def change(document: Json) -> None:
        inner: Any = document
        for step in path[:-1]:
            inner = inner.setdefault(step, {}) if isinstance(inner, dict) else inner[step]
        inner[path[-1]] = value
    return change


def both(*changes: Callable[[Json], object]) -> Callable[[Json], object]:
    return lambda document: [change(document) for change in changes]


def _person(name: str, person: str, *path: str | int) -> list[Place]:
    """A person's name and address, of several shapes."""
    def address(shape: str, value: str, wrong_anyhow: bool = False) -> Place:
        return place(f"{name} {shape}", at(value, *path, "address"), wrong_anyhow=wrong_anyhow)

    first, rest = person[0], person[1:]
    return [
        place(f"{name} name", at(FIELD, *path, "name")),
        place(f"{name} name, at its ends", at(f"{MARK}x{MARK}", *path, "name")),
        address("local part", f"{first}{MARK}{rest}@example.test"),
        address("quoted local part", f'"{first}{MARK}{rest}"@example.test'),
        address("escaped local part", f'"{first}\\{MARK}{rest}"@example.test'),
        address("domain", f"{person}@exam{MARK}ple.test"),
        address("address, before it", f"{MARK}{person}@example.test"),
        address("address, behind it", f"{person}@example.test{MARK}"),
        address("address and a field", f"{person}@example.test{MARK}Bcc: m@evil.invalid", True),
        address("address and a command",
                f"{person}@example.test>{MARK}RCPT TO:<m@evil.invalid", True),
    ]


def _value(value: str) -> Callable[[Json], object]:
    return at(value, "victims", 0, "vars", "v")


_MESSAGE = ("messages", 0)
_LOGIN = both(at("u", "server", "username"), at({"env": "P"}, "server", "password"))
PLACES: list[Place] = [
    place("campaign", at(f"inj{MARK}ect", "campaign")),
    place("campaign, at its end", at(f"inject{MARK}", "campaign")),
    *_person("organiser", "nadia", "organiser"),
    *_person("victim", "bela", "victims", 1),
    *_person("witness", "wim", "witnesses", 0),
    place("value in a subject", both(_value(FIELD), at("{{author.v}}", *_MESSAGE, "subject"))),
    place("raw value in a subject", both(_value(FIELD),
                                         at("a {{{author.v}}}", *_MESSAGE, "subject"))),
    place("value in a text", both(_value(COMMAND), at("{{author.v}}", *_MESSAGE, "text")),
          body="text"),
    place("value in html", both(_value(COMMAND), at("{{{author.v}}}", *_MESSAGE, "html")),
          body="html"),
    place("value that nothing uses", _value(COMMAND), body="unused"),
    place("name of a variable", at("x", "victims", 0, "vars", f"v{MARK}w")),
    place("group name", at(FIELD, "groups", 0, "name")),
    place("group name in a subject", both(at(FIELD, "groups", 0, "name"),
                                          at("{{group}}", *_MESSAGE, "subject"))),
    place("group member", at(f"adam@example.test{MARK}", "groups", 0, "members", 0)),
    place("group author", at(f"ad{MARK}am@example.test", "groups", 0, "author")),
    place("group message", at(f"m{MARK}", "groups", 0, "message")),
    place("message name", both(at(FIELD, *_MESSAGE, "name"), at(FIELD, "groups", 0, "message"))),
    place("subject", at(FIELD, *_MESSAGE, "subject")),
    place("subject's tag", at(f"{{{{author{MARK}.name}}}}", *_MESSAGE, "subject")),
    place("text's tag", at(f"{{{{author.na{MARK}me}}}}", *_MESSAGE, "text")),
    place("text", at(COMMAND, *_MESSAGE, "text"), body="text"),
    place("html", at(COMMAND, *_MESSAGE, "html"), body="html"),
    place("text file", both(at("t.txt", *_MESSAGE, "text_file"),
                            lambda document: document["messages"][0].pop("text")),
          {"t.txt": COMMAND}, body="text"),
    place("name of a text file", both(at(f"t{MARK}.txt", *_MESSAGE, "text_file"),
                                      lambda document: document["messages"][0].pop("text")),
          {"t.txt": "a text"}, names_file=True),
    place("consent domain", at([f"exam{MARK}ple.test"], "consent", "domains")),
    place("second consent domain", at(["example.test", f"example.test{MARK}"],
                                      "consent", "domains")),
    place("opt-out line", at("out.txt", "consent", "opt_out"),
          {"out.txt": f"x{MARK}y@example.test\n"}),
    place("opt-out file", at(f"o{MARK}.txt", "consent", "opt_out"), {"o.txt": ""}, names_file=True),
    place("opted-in date", at(f"2027-03-01{MARK}", "victims", 0, "opted_in")),
    place("server url", at(f"smtp://127.0.0.1{MARK}:2525", "server", "url")),
    place("server url, at its end", at(f"smtp://127.0.0.1:2525{MARK}QUIT", "server", "url"),
          wrong_anyhow=True),
    place("server url's path", at(f"smtp://127.0.0.1:2525/x{MARK}QUIT", "server", "url"),
          wrong_anyhow=True),
    place("server username", both(_LOGIN, at(FIELD, "server", "username"))),
    place("server auth", both(_LOGIN, at(f"plain{MARK}", "server", "auth"))),
    place("server starttls", at(f"never{MARK}", "server", "starttls")),
    place("password variable", both(_LOGIN, at({"env": f"P{MARK}"}, "server", "password"))),
    place("delivery rate", at(f"60/m{MARK}", "delivery", "rate")),
    place("reveal subject", at({"subject": FIELD, "text": "x"}, "reveal")),
    place("unknown key", at("x", f"cam{MARK}paigns"), wrong_anyhow=True),
]
