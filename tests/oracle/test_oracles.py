"""Two mail readers and the rules of the wire agree on thousands of generated messages.

A failure tells which message of which campaign; the same PRANKCURL_ORACLE_SEED makes it again.
Ten thousand others take about two minutes:

    PRANKCURL_ORACLE_MESSAGES=10000 PRANKCURL_ORACLE_SEED=$RANDOM \\
        pytest tests/oracle/test_oracles.py
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import injection_places
import program
import pytest
import readers
from addresses import split
from conftest import Composed, message_count
from generate import Made, Meant, Person, canonical, normal_form
from parts import File
from readers import Mailbox, Seen, SeenFile
from wire_rules import broken_rules

SHOWN = 5  # faults that are shown of one campaign


def expect_none(composed: list[Composed], check: Callable[[Composed], list[str]]) -> None:
    """Fail with the first few of what `check` finds wrong with the messages."""
    wrong = [f"{one.meant.campaign}, group {ascii(one.meant.group)[:40]}, "
             f"{one.planned['message_id']}: {fault}" for one in composed for fault in check(one)]
    if wrong:
        pytest.fail(f"{len(wrong)} faults\n" + "\n".join(wrong[:SHOWN]), pytrace=False)


def mailbox(person: Person) -> Mailbox:
    return person.name, split(person.address.sent)


def seen_file(file: File) -> SeenFile:
    return SeenFile(
        type=file.type, disposition="inline" if file.content_id else "attachment",
        filename=file.name, name=file.name, content_id=file.content_id,
        sha256=hashlib.sha256(file.data).hexdigest())


def meant_to_be_seen(one: Composed) -> dict[str, Any]:
    meant = one.meant
    return {
        "subject": meant.subject,
        "author": [mailbox(meant.author)],
        "sender": [mailbox(meant.organiser)] if meant.has_sender else [],
        "to": [mailbox(person) for person in meant.recipients],
        "cc": [mailbox(person) for person in meant.witnesses],
        "text": meant.text,
        "html": meant.html,
        "structure": meant.structure,
        "files": [seen_file(file) for file in meant.files],
        "fields": sorted(meant.fields.items()),
        "message_id": one.planned["message_id"],
        "campaign": meant.campaign,
        "date": program.DATE,
        "complaints": [],
    }


def differences(seen: Seen, expected: dict[str, Any]) -> list[str]:
    found = []
    for what, value in expected.items():
        if what == "text" and value is None:
            continue  # it is made from the html: made_text_faults()
        is_seen = ascii(getattr(seen, what))
        if is_seen != ascii(value):
            same = len(os.path.commonprefix([is_seen, ascii(value)]))
            found.append(f"{what}, equal up to {same}\n    is    {clip(is_seen, same)}\n"
                         f"    meant {clip(ascii(value), same)}")
    return found


def made_text_faults(one: Composed, seen: Seen) -> list[str]:
    """A text that is made from the html has its words in their order; all readers see the same."""
    if one.meant.text is not None:
        return []
    line = " ".join((seen.text or "").split())
    for words in one.meant.words:
        _, found, line = line.partition(" ".join(words.split()))
        if not found:
            return [f"{words!a} is not in its place in {seen.text!a}"]
    is_same = seen.text == readers.by_gmime(one.dumped).text
    return [] if is_same else ["Python and GMime read different texts"]


def invitation_faults(meant: Meant, seen: Seen) -> list[str]:
    """It says of the meeting what was meant, and asks everybody who gets the message."""
    if not meant.invitation or not seen.calendar:
        return [] if not meant.invitation and seen.calendar is None else ["has no invitation"]
    event = readers.event(seen.calendar)
    location = normal_form(meant.invitation.location)
    expected = {
        "METHOD": ["REQUEST"],
        "DTSTART": [meant.invitation.start],
        "DTEND": [meant.invitation.end],
        "SUMMARY": [meant.subject],
        "LOCATION": [location] if location else [],
        "ORGANIZER": [mailto(meant.author)],
        "ATTENDEE": [mailto(one) for one in meant.recipients + meant.witnesses],
    }
    said = {name: list(map(unquote, event.get(name, []))) if name in ("ORGANIZER", "ATTENDEE")
            else event.get(name, []) for name in expected}
    return [f"its {name} is {said[name]!a}, meant {value!a}"
            for name, value in expected.items() if said[name] != value]


def mailto(person: Person) -> str:
    return f"mailto:{person.address.sent}"


def clip(text: str, around: int) -> str:
    """The part of a long text where it matters."""
    start = max(0, around - 100)
    return ("…" if start else "") + text[start:around + 200]


def test_python_reads_what_was_meant(composed: list[Composed]) -> None:
    def check(one: Composed) -> list[str]:
        seen = readers.by_python(one.data)
        return [*differences(seen, meant_to_be_seen(one)), *made_text_faults(one, seen),
                *invitation_faults(one.meant, seen)]

    expect_none(composed, check)


def test_gmime_reads_what_was_meant(composed: list[Composed]) -> None:
    def check(one: Composed) -> list[str]:
        expected = meant_to_be_seen(one)
        for field in ("author", "sender", "to", "cc"):  # it shows no blanks round a name
            expected[field] = [(name.strip(" "), address) for name, address in expected[field]]
        seen = readers.by_gmime(one.dumped)
        for names in (seen.files, expected["files"]):  # and one between encoded words in quotes
            names[:] = [replace(file, name=file.name.replace(" ", "")) for file in names]
        return differences(seen, expected) + invitation_faults(one.meant, seen)

    expect_none(composed, check)


def test_bytes_keep_the_rules_of_the_wire(composed: list[Composed]) -> None:
    expect_none(composed, lambda one: broken_rules(one.data, one.meant, one.planned["message_id"]))


def test_the_plan_names_what_was_meant(composed: list[Composed]) -> None:
    def said(people: list[Person]) -> list[dict[str, str]]:
        return [{"name": one.name, "address": one.address.sent} for one in people]

    def check(one: Composed) -> list[str]:
        meant: Meant = one.meant
        expected = {
            "group": meant.group,
            "message": meant.message,
            "author": said([meant.author])[0],
            "recipients": said(meant.recipients),
            "cc": said(meant.witnesses),
        }
        return [f"{key} is {one.planned[key]!r}, meant {value!r}"
                for key, value in expected.items() if one.planned[key] != value]

    expect_none(composed, check)


def test_message_ids_differ(composed: list[Composed]) -> None:
    assert len({one.planned["message_id"] for one in composed}) == len(composed)


def test_enough_messages(all_made: list[Made]) -> None:
    assert sum(len(made.meant) for made in all_made) >= message_count()


def boundaries(prank: dict[str, Any]) -> str:
    """Lines that the composer may take for its boundary, and some that begin like it."""
    names = [f"=_{prank['id']}_{n}" for n in range(1, 4)]
    return "".join(f"--{name}\n--{name}--\n{name}\n x--{name}0\n" for name in names)


@pytest.mark.parametrize("tail", ["", "é\n", "é" * 500])
def test_a_boundary_in_a_text_is_no_boundary(tail: str, tmp_path: Path) -> None:
    """In 7bit, quoted-printable and base64."""
    path = tmp_path / "boundary.json"
    document = injection_places.BASE | {"campaign": "boundary"}
    path.write_text(json.dumps(document))
    (prank,) = json.loads(program.good("plan", "--format", "json", path))["pranks"]
    text = boundaries(prank) + tail
    path.write_text(json.dumps(document | {"messages": [
        {"name": "m", "subject": "s", "text": text, "html": f"<pre>\n{text}</pre>\n"}]}))
    (data,) = readers.messages_of(program.good("--dry-run", path))
    seen = readers.by_python(data)
    assert seen.structure == ["multipart/alternative", "text/plain", "text/html"]
    assert seen.text == canonical(text)
    assert seen.html == f"<pre>\n{text}</pre>\n"
    assert not seen.complaints


def test_all_forms_hold_the_same_bytes(all_made: list[Made], tmp_path: Path) -> None:
    """mbox unquoted, .eml, and batch SMTP unstuffed."""
    path = all_made[-1].write(tmp_path)
    program.good("--dry-run", "-q", "-o", tmp_path / "out", path)
    files = {file.read_bytes() for file in (tmp_path / "out").iterdir()}
    mbox = readers.messages_of(program.good("--dry-run", path))
    bsmtp = program.good("--dry-run", "--format", "bsmtp", path)
    dialogue = readers.batch_smtp(bsmtp)
    assert len(files) == len(mbox)
    assert set(mbox) == files
    assert [data for _, _, data in dialogue] == mbox
    for (sender, recipients, _), meant in zip(dialogue, all_made[-1].meant):
        assert sender == meant.organiser.address.sent
        assert recipients == [one.address.sent for one in meant.recipients + meant.witnesses]
