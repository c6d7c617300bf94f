"""Pictures, files, an invitation and Markdown, through real servers: they arrive as meant."""

from __future__ import annotations

import re
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from campaigns import CampaignFolder, two_groups
from mailserver import MailServer
from messages import assert_fit_for_smtp, by_id, message_id, parse, read_folder, without_trace
from runner import Prankcurl
from sample_files import pdf, png

DATED = {"SOURCE_DATE_EPOCH": "1806566400"}  # 2027-04-01 08:00:00 UTC
NAMES = ["agenda.pdf", "Отчёт за март.pdf", "日本語の計画.pdf", "סדר היום.pdf", "جدول الأعمال.pdf",
         "👨‍👩‍👧‍👦 été.pdf", "it's 100% \"new\"*.pdf", f"{'long ' * 40}name.pdf"]
FILES = {
    "agenda.pdf": pdf(), "logo.png": png(), "tour.gif": b"GIF89a" + bytes(range(256)) * 30,
    "noise.bin": bytes(range(256)) * 57, "empty.txt": b"", "notes.md": (
        "# Coffee, *again*\n\n![the machine](cid:machine)\n\n"
        "* {{author.name}} wrote this\n* all of `it`\n\n| who | desk |\n|---|---|\n| Zoé | 4.12 |\n"
    ).encode(),
}
MEETING = {
    "name": "meeting", "subject": "Réunion: {{author.name}} and the coffee machine",
    "text": "We have to talk.\n", "html": '<p>We have to <b>talk</b>. <img src="cid:logo"></p>\n',
    "inline": {"logo": "logo.png"},
    "attachments": [{"file": "agenda.pdf", "name": name} for name in NAMES] + ["noise.bin",
                                                                               "empty.txt"],
    "invitation": {"start": "2027-04-01T10:00+02:00", "duration": "30m",
                   "location": "Küche, 4. OG"},
    "headers": {"Importance": "high", "Reply-To": "nadia@example.test"},
}
NOTES = {"name": "notes", "subject": "Notes", "markdown_file": "notes.md",
         "inline": {"machine": "tour.gif"}, "attachments": ["agenda.pdf"]}


@pytest.fixture
def path(mailserver: MailServer, campaign: CampaignFolder) -> Path:
    """Two groups, the first with the meeting, the second with the notes."""
    for name, content in FILES.items():
        (campaign.folder / name).write_bytes(content)
    groups = two_groups()
    for group, message in zip(groups["groups"], [MEETING, NOTES]):
        group["message"] = message["name"]
    return campaign(mailserver.url(), messages=[MEETING, NOTES], **groups)


@pytest.fixture
def fetched(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder, path: Path
) -> dict[str, EmailMessage]:
    """What a recipient of each group fetches over IMAP, by the message's name; the bytes behind the
    servers' trace fields are the dry run's."""
    prankcurl("-n", "-o", campaign.folder / "composed", path, env=DATED).expect(0)
    composed = read_folder(campaign.folder / "composed")
    prankcurl("send", "--yes", path, password=mailserver.password, env=DATED).expect(0)
    mailserver.wait_for_mail(4)
    found = {}
    for address, name in (("ben1@example.test", "meeting"), ("cai2@example.test", "notes")):
        [stored] = mailserver.imap_fetch(address)
        sent = composed[message_id(stored)]
        assert_fit_for_smtp(sent)
        assert without_trace(stored, sent) == sent
        found[name] = parse(stored)
    assert by_id([one.as_bytes() for one in found.values()]).keys() == composed.keys()
    return found


def tree(part: EmailMessage) -> Any:
    if part.is_multipart():
        return [part.get_content_type(), *map(tree, part.iter_parts())]
    return part.get_content_type()


def attachments(message: EmailMessage) -> list[tuple[str | None, bytes]]:
    return [(part.get_filename(), part.get_payload(decode=True))
            for part in message.iter_attachments()]


def content(message: EmailMessage, content_type: str) -> str:
    [part] = [one for one in message.walk() if one.get_content_type() == content_type]
    return part.get_content().replace("\r\n", "\n")


def picture(message: EmailMessage, content_id: str) -> bytes:
    [part] = [one for one in message.walk() if one["Content-ID"] == f"<{content_id}>"]
    assert part.get_content_disposition() == "inline"
    return part.get_payload(decode=True)


def test_everything_arrives_as_it_was_meant(fetched: dict[str, EmailMessage]) -> None:
    check_meeting(fetched["meeting"])
    check_notes(fetched["notes"])


def check_meeting(message: EmailMessage) -> None:
    assert tree(message) == [
        "multipart/mixed",
        ["multipart/alternative", "text/plain",
         ["multipart/related", "text/html", "image/png"], "text/calendar"],
        *["application/pdf"] * len(NAMES), "application/octet-stream", "text/plain",
    ]
    assert attachments(message) == [(name, FILES["agenda.pdf"]) for name in NAMES] + [
        ("noise.bin", FILES["noise.bin"]), ("empty.txt", b"")]
    assert content(message, "text/html") == MEETING["html"]
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == MEETING["text"]
    assert picture(message, "logo") == FILES["logo.png"]
    assert (message["Importance"], message["Reply-To"]) == ("high", "nadia@example.test")
    assert message["Subject"] == "Réunion: Ada1 and the coffee machine"
    check_invitation(message)


def check_invitation(message: EmailMessage) -> None:
    [part] = [one for one in message.walk() if one.get_content_type() == "text/calendar"]
    assert part["Content-Type"].params["method"] == "REQUEST"
    lines = content(message, "text/calendar").replace("\n ", "").splitlines()
    for line in ("METHOD:REQUEST", "DTSTART:20270401T080000Z", "DTEND:20270401T083000Z",
                 "LOCATION:Küche\\, 4. OG", "SUMMARY:Réunion: Ada1 and the coffee machine"):
        assert line in lines
    invited = [line.rpartition("mailto:")[2] for line in lines if line.startswith("ATTENDEE")]
    assert invited == ["ben1@example.test", "cai1@example.test"]


def check_notes(message: EmailMessage) -> None:
    assert tree(message) == [
        "multipart/mixed", ["multipart/alternative", "text/plain",
                            ["multipart/related", "text/html", "image/gif"]],
        "application/pdf",
    ]
    assert attachments(message) == [("agenda.pdf", FILES["agenda.pdf"])]
    assert picture(message, "machine") == FILES["tour.gif"]
    html = content(message, "text/html")
    for piece in ("<h1>Coffee, <em>again</em></h1>", '<img src="cid:machine" alt="the machine" />',
                  "<li>Ada2 wrote this</li>", "<code>it</code>", "<td>Zoé</td>"):
        assert piece in html
    text = content(message, "text/plain")
    assert re.search(r"Coffee, again.*- Ada2 wrote this\n- all of it\n.*Zoé \| 4\.12", text, re.S)
