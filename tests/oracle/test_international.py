"""Addresses with letters outside ASCII before the @, as two mail readers see them (RFC 6532)."""

from __future__ import annotations

import email
import email.policy
import json
from pathlib import Path

import injection_places
import pytest
import readers
from generate import normal_form

import program

LOCAL_PARTS = [
    "zoé", "ζωή", "анна.кузнецова", "日本語", "한국어", "דנה", "مثال", "क्षि", "ทดสอบ", "👩‍👩‍👧‍👦",
    "e\u0301", "a+ü", "\"zoé müller\"", "\"é\\\"\\\\, <x>\"", "ü" * 32,
]


@pytest.mark.parametrize("local", LOCAL_PARTS)
def test_both_read_what_was_meant(local: str, tmp_path: Path) -> None:
    people = [{"name": f"Zoé {n}", "address": f"{part}@example.test"}
              for n, part in enumerate(["adam", "ben", local, "cleo"])]
    members = [one["address"] for one in people]
    path = tmp_path / "international.json"
    path.write_text(json.dumps(injection_places.BASE | {
        "campaign": "international", "victims": people, "consent": {"domains": ["example.test"]},
        "groups": [{"name": "one", "members": members, "author": members[0]}],
        "messages": [{"name": "m", "subject": "é", "text": "t\n"}],
    }))
    (data,) = readers.messages_of(program.good("--dry-run", path))
    meant = [(one["name"], readers.split(normal_form(one["address"]))) for one in people[1:]]
    eml = tmp_path / "international.eml"
    eml.write_bytes(data)
    (dumped,) = program.gmime(eml)
    by_gmime = readers.by_gmime(dumped)
    assert by_gmime.to == meant and not by_gmime.complaints
    # Python takes no bytes beyond ASCII for UTF-8 by itself.
    read = email.message_from_string(data.decode("utf-8"), policy=email.policy.SMTPUTF8)
    assert [(one.display_name, readers.split(one.addr_spec)) for one in read["To"].addresses] == (
        meant)
    header = data.partition(b"\r\n\r\n")[0].decode("utf-8")
    assert [line for line in header.split("\r\n") if not line.isascii()] != []
    assert all(len(line) <= 76 for line in header.split("\r\n"))
