#!/usr/bin/python3
"""Composes the pranks of compose.py with Python's email, and prints the CPU seconds that took.

    compose_email.py PRANKS.tsv FOLDER COUNT        FOLDER has compose.txt and compose.html
    compose_email.py PRANKS.tsv FOLDER COUNT OUT    writes them to OUT instead, an .eml each
"""

from __future__ import annotations

import html
import re
import sys
import time
from datetime import datetime, timezone
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

DATE = datetime.fromtimestamp(1_800_000_000, timezone.utc)
ORGANISER = "Nadia Rossi"
SENDER = f"{ORGANISER} <nadia@example.test>"


class Template:
    """A template with one kind of section, as str.format() takes it: parsed once."""

    def __init__(self, text: str) -> None:
        text = re.sub(r"(?m)^(\{\{[#/]\w+\}\})\n", r"\1", text)  # a tag on a line of its own
        text = text.replace("{{organiser.name}}", ORGANISER)
        pieces = re.split(r"\{\{#recipients\}\}(.*?)\{\{/recipients\}\}", text, flags=re.S)
        self._pieces = [re.sub(r"\{\{(?:\w+\.)?(\w+)\}\}", r"{\1}", piece) for piece in pieces]

    def fill(self, author: dict[str, str], recipients: list[dict[str, str]]) -> str:
        filled = []
        for i, piece in enumerate(self._pieces):
            if i % 2:
                filled += [piece.format_map(recipient) for recipient in recipients]
            else:
                filled.append(piece.format_map(author))
        return "".join(filled)


def escaped(person: dict[str, str]) -> dict[str, str]:
    return {key: html.escape(value) for key, value in person.items()}


def mailbox(person: dict[str, str]) -> str:
    return f"{person['name']} <{person['address']}>"  # no name here needs quotes


class Composer:
    def __init__(self, folder: Path) -> None:
        self._text = Template((folder / "compose.txt").read_text())
        self._html = Template((folder / "compose.html").read_text())

    def compose(self, fields: list[str]) -> bytes:
        author = dict(zip(("name", "address", "desk", "room"), fields[2:6]))
        recipients = [{"name": fields[i], "address": fields[i + 1]}
                      for i in range(6, len(fields), 2)]
        message = EmailMessage(SMTP)
        message["From"] = mailbox(author)
        message["Sender"] = SENDER
        message["To"] = ", ".join(map(mailbox, recipients))
        message["Subject"] = f"{author['name']} broke the coffee machine"
        message["Date"] = DATE
        message["Message-ID"] = fields[1]
        message["X-Prank-Campaign"] = "bench"
        message.set_content(self._text.fill(author, recipients))
        message.add_alternative(self._html.fill(escaped(author), list(map(escaped, recipients))),
                                subtype="html")
        return message.as_bytes()


def main() -> None:
    pranks = [line.split("\t") for line in Path(sys.argv[1]).read_text().splitlines()]
    pranks = pranks[:int(sys.argv[3])]
    composer = Composer(Path(sys.argv[2]))
    if len(sys.argv) > 4:
        for fields in pranks:
            Path(sys.argv[4], fields[0] + ".eml").write_bytes(composer.compose(fields))
        return
    begin = time.process_time()
    for fields in pranks:
        composer.compose(fields)
    print(time.process_time() - begin)


if __name__ == "__main__":
    main()
