"""Seeded campaigns with many messages each, and what every one of these messages must say."""

from __future__ import annotations

import html
import json
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import markdown
import material
from addresses import Address, address, consent_domains
from parts import Carrier, File, Invitation, header_fields, invitation

Json = dict[str, Any]
MESSAGES_PER_CAMPAIGN = 150


@dataclass(frozen=True)
class Person:
    given: str  # the name as the campaign has it
    address: Address

    @property
    def name(self) -> str:
        """As it is meant to be seen: composed."""
        return unicodedata.normalize("NFC", self.given)

    @property
    def mailbox(self) -> tuple[str, str]:
        return self.name, self.address.sent


@dataclass(frozen=True)
class Meant:
    """One message as it was meant: names and texts as a reader must see them."""

    campaign: str
    group: str
    message: str
    organiser: Person
    author: Person
    recipients: list[Person]
    witnesses: list[Person]
    subject: str
    text: str | None  # None: it is made from the html
    html: str | None  # None: there is no such part
    words: list[str]  # that a text made from the html must have in this order
    pictures: list[File]
    attachments: list[File]
    fields: dict[str, str]  # of its own
    invitation: Invitation | None

    @property
    def has_sender(self) -> bool:
        return self.author.address.sent.casefold() != self.organiser.address.sent.casefold()

    @property
    def structure(self) -> Any:
        """A leaf is its type, a multipart a list of its type and parts; none is in there alone."""
        related = contain("related", ["text/html", *(one.type for one in self.pictures)])
        forms = ["text/plain"] + ([related] if self.html is not None else [])
        forms += ["text/calendar"] if self.invitation else []
        return contain("mixed", [contain("alternative", forms),
                                 *(one.type for one in self.attachments)])

    @property
    def files(self) -> list[File]:
        return self.pictures + self.attachments


def contain(subtype: str, parts: list[Any]) -> Any:
    return [f"multipart/{subtype}", *parts] if len(parts) > 1 else parts[0]


@dataclass
class Made:
    """A campaign, the files beside it, and its messages in the order of its groups."""

    document: Json
    files: dict[str, bytes] = field(default_factory=dict)
    meant: list[Meant] = field(default_factory=list)

    def write(self, folder: Path) -> Path:
        for file_name, content in self.files.items():
            (folder / file_name).parent.mkdir(parents=True, exist_ok=True)
            (folder / file_name).write_bytes(content)
        path = folder / f"{self.document['campaign']}.json"
        path.write_text(json.dumps(self.document, ensure_ascii=False, indent=1), "utf-8")
        return path


def canonical(text: str) -> str:
    """The composer's only changes: one kind of line end, and one behind what is not empty."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if not text or text.endswith("\n") else text + "\n"


def normal_form(line: str) -> str:
    """A rendered line goes out in normal form C."""
    return unicodedata.normalize("NFC", line)


def escaped(value: str) -> str:
    """What {{name}} makes of a value in html."""
    return html.escape(value).replace("&#x27;", "&#39;")


class Generator:
    """Makes one campaign; the same seed makes the same."""

    def __init__(self, seed: int) -> None:
        self.random = Random(f"prankcurl oracle {seed}")
        self.seed = seed
        self.count = 0
        self.made = Made({})
        self.carrier = Carrier(self.random, self.made.files)
        self.name = self.random.choice([f"oracle-{seed}", f"o_{seed}.".ljust(64, "x"), f"O{seed}"])
        self.organiser = self.person()
        self.witnesses = [self.person() for _ in range(self.random.choice([0, 1, 1, 2, 5]))]

    def person(self) -> Person:
        self.count += 1
        return Person(material.name(self.random), address(self.random, self.count))

    def campaign(self, messages: int) -> Made:
        parts = [self.message(i) for i in range(messages)]
        self.made.document = {
            "campaign": self.name,
            "seed": self.seed,
            "organiser": as_json(self.organiser),
            "server": {"url": "smtp://127.0.0.1:2525", "starttls": "never"},
            "consent": {"domains": consent_domains()},
            "victims": [victim for part in parts for victim in part["victims"]],
            "witnesses": [as_json(witness) for witness in self.witnesses],
            "groups": [part["group"] for part in parts],
            "messages": [part["message"] for part in parts],
        }
        return self.made

    def message(self, i: int) -> Json:
        """A group of its own with its own message."""
        members = [self.person() for _ in range(self.random.choice([2, 2, 3, 4]))]
        author = self.random.randrange(len(members))
        if i == 0:  # once in a campaign the organiser takes part, and is the author
            members[author] = Person(material.name(self.random), self.organiser.address)
        victims = [as_json(member) for member in members]
        template, said = self.template(i, members, author, victims[author])
        group = f"{i} {material.name(self.random)}".strip()
        self.made.meant.append(Meant(
            self.name, group, template["name"], self.organiser, members[author],
            members[:author] + members[author + 1:], self.witnesses, **said,
        ))
        return {
            "victims": victims,
            "message": template,
            "group": {"name": group, "members": [member.address.given for member in members],
                      "author": members[author].address.given, "message": template["name"]},
        }

    def template(self, i: int, members: list[Person], author: int,
                 victim: Json) -> tuple[Json, Json]:
        template: Json = {"name": f"{i} {material.name(self.random)}".strip()}
        said: Json = {"text": None, "html": None, "words": [], "pictures": []}
        template["subject"], meant = self.subject(members, author, victim)
        said["subject"] = normal_form(meant)
        kind = self.random.choice(["text"] * 4 + ["html", "both", "both", "both"]
                                  + ["markdown", "markdown and text"])
        if kind in ("text", "both", "markdown and text"):
            source, meant = self.text(material.text(self.random), "text", victim, i)
            template |= source
            said["text"] = canonical(meant)
        if kind != "text":
            template["inline"], said["pictures"] = self.carrier.pictures()
        if kind in ("html", "both"):
            self.html(template, said, victim, i)
        if kind.startswith("markdown"):
            self.markdown(template, said, victim, i)
        template["attachments"], said["attachments"] = self.carrier.attachments()
        fields = header_fields(self.random, self.reply_to())
        template["headers"] = fields or None
        said["fields"] = {name: normal_form(value) for name, value in fields.items()}
        template["invitation"], said["invitation"] = invitation(self.random)
        return {key: value for key, value in template.items() if value is not None}, said

    def reply_to(self) -> str:
        """Not a local part that Python takes for an encoded word."""
        sent = self.organiser.address.sent
        return "answers@example.test" if "=?" in sent else sent

    def html(self, template: Json, said: Json, victim: Json, i: int) -> None:
        pictures = "".join(f'<img src="cid:{one.content_id}">' for one in said["pictures"])
        value = material.html(self.random)
        if said["text"] is None and self.random.random() < 0.5:
            said["words"] = [markdown.words(self.random) for _ in range(3)]
            value = "<h1>{}</h1><div><p>{}<ul><li>{}</ul></div>\n".format(*said["words"])
        source, meant = self.text(value + pictures, "html", victim, i)
        template |= source
        said["html"] = canonical(meant)

    def markdown(self, template: Json, said: Json, victim: Json, i: int) -> None:
        value = material.subject(self.random)
        victim.setdefault("vars", {})["markdown"] = value
        content_ids = [one.content_id for one in said["pictures"]]
        source, said["html"] = markdown.document(self.random, "{{author.markdown}}", value,
                                                 content_ids)
        said["words"] = ["so", "says"]
        if self.random.random() < 0.5:
            template["markdown"] = source
        else:
            template["markdown_file"] = f"{i}.md"
            self.made.files[f"{i}.md"] = source.encode()

    def subject(self, members: list[Person], author: int, victim: Json) -> tuple[str, str]:
        value = material.subject(self.random)
        kind = self.random.randrange(8)
        if kind == 0:
            names = [m.name for k, m in enumerate(members) if k != author]
            return ("{{author.name}}: {{#recipients}}{{name}} {{/recipients}}",
                    f"{members[author].name}: {''.join(one + ' ' for one in names)}")
        if kind == 1:
            return "{{campaign}} {{{organiser.name}}}", f"{self.name} {self.organiser.name}"
        if kind == 2 or "{{" in value:
            victim.setdefault("vars", {})["subject"] = value
            return "{{author.subject}}", value
        return value, value

    def text(self, value: str, kind: str, victim: Json, i: int) -> tuple[Json, str]:
        """The template's members for one body, and what it must say."""
        how = self.random.randrange(6)
        if how == 0 or "{{" in value:
            victim.setdefault("vars", {})[kind] = value
            source, meant = self.around_value(value, kind)
            return {kind: source}, meant
        if how == 1:
            file_name = f"{i}.{kind}"
            self.made.files[file_name] = value.encode()
            return {f"{kind}_file": file_name}, value.removeprefix("\ufeff")
        return {kind: value}, value

    def around_value(self, value: str, kind: str) -> tuple[str, str]:
        before, after = self.random.choice([("", ""), ("<", ">\n"), (".", "."), ("é=\n", "\n--\n")])
        tag = self.random.choice(["{{author.%s}}", "{{{author.%s}}}", "{{&author.vars.%s}}",
                                  "{{#author}}{{{%s}}}{{/author}}"]) % kind
        is_escaped = kind == "html" and tag.startswith("{{author")
        return before + tag + after, before + (escaped(value) if is_escaped else value) + after


def as_json(person: Person) -> Json:
    return {"name": person.given, "address": person.address.given}


def campaigns(seed: int, messages: int) -> list[Made]:
    """Enough campaigns for this many messages."""
    count = -(-messages // MESSAGES_PER_CAMPAIGN)
    return [Generator(seed * 1000 + i).campaign(MESSAGES_PER_CAMPAIGN) for i in range(count)]
