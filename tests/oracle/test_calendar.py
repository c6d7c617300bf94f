"""Invitations, read by icalendar: what was meant is what it says, whatever the values are."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime, timezone
from random import Random
from typing import Any
from urllib.parse import unquote

import icalendar
import program
import pytest

PIECES = ["a", "Zoë", " ", "  ", ",", ";", ":", "\\", "\\n", "\n", '"', "^", "^n", "'", "日本語", "😀", "\t",
          "é", "END:VEVENT", "=", "%", "%20", "שלום", "x" * 70, "&", "<b>"]


def calendar_of(invitation: dict[str, Any]) -> bytes:
    dump = program.gmime_dump().with_name("calendar_dump")
    return subprocess.run([dump], input=json.dumps(invitation).encode(), capture_output=True, check=True).stdout


# icalendar 4 takes escapes back in the wrong order and knows no RFC 6868: these are for the unit test.
MISREAD = ("\\", "\\n")
MISREAD_IN_NAMES = (*MISREAD, "\n", '"', "^", "^n", "\t")


def any_text(random: Random, *without: str) -> str:
    pieces = [piece for piece in PIECES if piece not in without]
    return "".join(random.choice(pieces) for _ in range(random.randint(1, 14)))


def any_person(random: Random) -> dict[str, str]:
    return {"name": any_text(random, *MISREAD_IN_NAMES),
            "address": f"{random.choice(['zoe', 'a+b', 'x_y', '%', 'a&b'])}@example.test"}


def any_invitation(seed: int) -> dict[str, Any]:
    random = Random(seed)
    start_s = random.randrange(4_000_000_000)
    return {"uid": f"p{seed}.april@example.test", "summary": any_text(random, *MISREAD),
            "description": any_text(random, *MISREAD), "location": any_text(random, *MISREAD),
            "start_s": start_s, "end_s": start_s + 3600, "stamp_s": start_s - 1000,
            "organiser": any_person(random), "sent_by": random.choice([None, "nadia@example.test"]),
            "attendees": [any_person(random) for _ in range(random.randint(0, 5))]}


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


def person_of(address: icalendar.vCalAddress) -> dict[str, str]:
    assert address.startswith("mailto:")
    return {"name": address.params["CN"], "address": unquote(address[len("mailto:"):])}


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


@pytest.mark.parametrize("seed", range(150))
def test_icalendar_reads_what_was_meant(seed: int) -> None:
    meant = any_invitation(seed)
    data = calendar_of(meant)
    assert all(len(line) <= 75 and line.decode() is not None for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    calendar = icalendar.Calendar.from_ical(data)
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "REQUEST")
    [event] = calendar.walk("VEVENT")
    assert not event.errors
    assert [str(event[key]) for key in ("UID", "SUMMARY", "DESCRIPTION", "LOCATION")] == [
        meant[key] for key in ("uid", "summary", "description", "location")]
    assert [event.decoded(key) for key in ("DTSTART", "DTEND", "DTSTAMP")] == [
        moment(meant[key]) for key in ("start_s", "end_s", "stamp_s")]
    assert person_of(event["ORGANIZER"]) == meant["organiser"]
    assert event["ORGANIZER"].params.get("SENT-BY") == (meant["sent_by"] and f"mailto:{meant['sent_by']}")
    attendees = list_of(event.get("ATTENDEE"))
    assert [person_of(one) for one in attendees] == meant["attendees"]
    assert all(one.params["PARTSTAT"] == "NEEDS-ACTION" and one.params["RSVP"] == "TRUE" for one in attendees)
