"""A real Postfix that puts off, refuses, and limits: each is right, and nobody else is harmed."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from campaigns import (
    ALONE, MESSAGE, ONCE, ORGANISER, Campaign, CampaignFolder, group, many_groups, two_groups,
    victim,
)
from ledger import beside, by_address, states
from mailserver import MailServer
from mailserver_config import MESSAGE_SIZE_LIMIT, MESSAGES_PER_TIME_UNIT
from messages import by_id
from runner import Prankcurl, Result

PATIENT = {"first_retry": "1s"}
QUICK = {"first_retry": "10ms"}


def send(prankcurl: Prankcurl, server: MailServer, path: Path, *words: str) -> Result:
    return prankcurl("send", "--yes", "--json", *words, path, password=server.password)


def assert_delivered(server: MailServer, sent: list[Result], path: Path) -> None:
    """Who is told to be served has the message in the mailbox, once; nobody else has any."""
    server.wait_for_mail(sum(state == "accepted" for state in states(beside(path)).values()))
    ids = {prank["id"]: prank["message_id"] for result in sent for prank in result.pranks}
    for address, entry in by_address(beside(path)).items():
        expected = [ids[entry.prank]] if entry.state == "accepted" else []
        assert list(by_id(server.mailbox(address))) == expected, address
    for result in sent:
        for address, one in result.recipients.items():
            assert one["code"] == by_address(beside(path))[address].code or len(sent) > 1


def with_names(*names: str) -> Campaign:
    """Two groups, the first with these recipients: as `**changes`."""
    changes = two_groups()
    team = ["ada1@example.test", *(f"{name}@example.test" for name in names)]
    changes["victims"] = [victim(one) for one in team] + changes["victims"][3:]
    changes["groups"][0] = group("one", team)
    return changes


def test_greylisting_ends_accepted(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder
) -> None:
    """In one run: each recipient is put off once, and has to wait a little."""
    path = campaign(mailserver.url("greylisting"), delivery=PATIENT, **many_groups(3))
    sent = send(prankcurl, mailserver, path).expect(0)
    assert {prank["status"] for prank in sent.pranks} == {"accepted"}
    assert {prank["attempts"] for prank in sent.pranks} == {2}
    assert {(one.state, one.attempts, one.code) for one in by_address(beside(path)).values()} == {
        ("accepted", 2, 250)
    }
    assert mailserver.log().count("Greylisted, please try again") == 6
    assert_delivered(mailserver, [sent], path)
    [fetched] = mailserver.imap_fetch("ben2@example.test")
    assert by_id([fetched]).keys() == by_id(mailserver.mailbox("ben2@example.test")).keys()


def test_greylisting_of_some(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder
) -> None:
    """Those whom the server knows already get it at once, and not again with the others."""
    known = campaign(mailserver.url("greylisting"), delivery=PATIENT,
                     members=["adam@example.test", "bela@example.test"])
    send(prankcurl, mailserver, known).expect(0)
    mailserver.wait_for_mail(1)
    path = campaign(mailserver.url("greylisting"), delivery=PATIENT, campaign="other")
    path = path.rename(path.with_name("other.json"))
    sent = send(prankcurl, mailserver, path).expect(0)
    assert {name: one.attempts for name, one in by_address(beside(path)).items()} == {
        "bela@example.test": 1, "cleo@example.test": 2,
    }
    assert sent.pranks[0]["attempts"] == 2
    mailserver.wait_for_mail(3)
    assert len(by_id(mailserver.mailbox("bela@example.test"))) == 2  # one of each campaign
    assert len(mailserver.mailbox("cleo@example.test")) == 1


@pytest.mark.parametrize("name, state, code, told, returncode", [
    ("full1", "deferred", 452, "452 4.2.2 .*The mailbox is full", 75),
    ("tempfail1", "deferred", 451, "451 4.3.0 .*Not now", 75),
    ("policy1", "refused", 554, "554 5.7.1 .*Refused by policy", 69),
    ("nobody1", "refused", 550, "550 5.1.1 .*nobody1@example.test", 69),
])
def test_one_of_many_is_not_served(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder, name: str, state: str,
    code: int, told: str, returncode: int
) -> None:
    """Not by the second run either; the others have the message once, after both."""
    address = f"{name}@example.test"
    path = campaign(mailserver.url(), delivery=QUICK | {"attempts": 2}, **with_names("ben1", name))
    first = send(prankcurl, mailserver, path).expect(returncode)
    assert {prank["group"]: prank["status"] for prank in first.pranks} == {
        "one": "accepted", "two": "accepted",
    }
    assert (first.recipients[address]["status"], first.recipients[address]["code"]) == (state, code)
    assert re.search(told, first.recipients[address]["reply"])
    assert re.search(told, first.stderr), first.stderr
    tries = 2 if state == "deferred" else 1
    entry = by_address(beside(path))[address]
    assert (entry.state, entry.code, entry.attempts) == (state, code, tries)
    assert_delivered(mailserver, [first], path)

    second = send(prankcurl, mailserver, path).expect(returncode)
    assert [prank["group"] for prank in second.pranks] == ["one"]
    assert second.recipients[address]["status"] == state
    assert by_address(beside(path))[address].attempts == (4 if state == "deferred" else 1)
    assert_delivered(mailserver, [first, second], path)


def test_nobody_of_a_group_is_served(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder
) -> None:
    """One for now, one for good: so the prank is to be tried again, for the one."""
    path = campaign(mailserver.url(), delivery=ONCE, **with_names("full1", "policy1"))
    sent = send(prankcurl, mailserver, path).expect(75)
    assert {prank["group"]: prank["status"] for prank in sent.pranks} == {
        "one": "deferred", "two": "accepted",
    }
    assert states(beside(path)) == {
        "full1": "deferred", "policy1": "refused", "ben2": "accepted", "cai2": "accepted",
    }
    assert_delivered(mailserver, [sent], path)


def test_too_big_a_message_harms_no_other(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder
) -> None:
    big = {"name": "big", "subject": "Big", "text": "No play.\n" * (MESSAGE_SIZE_LIMIT // 8)}
    changes = many_groups(3, message="coffee")
    changes["groups"][1]["message"] = "big"
    path = campaign(mailserver.url(), delivery=ALONE, messages=[MESSAGE, big], **changes)
    sent = send(prankcurl, mailserver, path).expect(69)
    assert {prank["group"]: prank["status"] for prank in sent.pranks} == {
        "g1": "accepted", "g2": "refused", "g3": "accepted",
    }
    assert "552 5.3.4" in sent.complaint and "g2" in sent.complaint
    codes = {one.code for one in by_address(beside(path)).values() if one.state == "refused"}
    assert codes == {552}
    assert_delivered(mailserver, [sent], path)


@pytest.mark.parametrize("listener", ["submission", "prompt"])
def test_sender_that_the_login_does_not_own(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder, listener: str
) -> None:
    """Told at the first RCPT or at MAIL; in words that say what to change, and once."""
    path = campaign(mailserver.url(listener), delivery=ALONE,
                    organiser=ORGANISER | {"address": "foreign@example.test"}, **two_groups())
    sent = send(prankcurl, mailserver, path).expect(69)
    told = sent.stderr.splitlines()[0]
    for part in ("553", "foreign@example.test", "not owned by user", "organiser"):
        assert part in told, f"nothing of {part!r} in: {told}"
    by_group = {prank["group"]: prank["status"] for prank in sent.pranks}
    assert by_group["one"] == "refused" and by_group["two"] in ("refused", "skipped")
    if listener == "prompt":
        assert by_group["two"] == "skipped", "it concerns every message"
        assert sent.complaint
    assert states(beside(path))["ben1"] == "refused"
    mailserver.wait_for_mail(0)


def test_sender_that_is_owned_after_all(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder
) -> None:
    """The cause was the organiser's address; with another one, --only-failed sends them all."""
    path = campaign(mailserver.url("prompt"), delivery=ALONE,
                    organiser=ORGANISER | {"address": "foreign@example.test"}, **two_groups())
    send(prankcurl, mailserver, path).expect(69)
    mailserver.wait_for_mail(0)
    campaign(mailserver.url("prompt"), delivery=ALONE, **two_groups())
    sent = send(prankcurl, mailserver, path, "--only-failed")
    sent = send(prankcurl, mailserver, path).expect(0)
    assert Counter(states(beside(path)).values()) == {"accepted": 4}, sent.stderr
    mailserver.wait_for_mail(4)


@pytest.mark.parametrize("connections", [1, 3])
def test_rate_limit_of_the_server(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder, connections: int
) -> None:
    """450 at MAIL until its time unit is over; then the rest goes out, in the same run."""
    count = 2 * MESSAGES_PER_TIME_UNIT + 1
    path = campaign(mailserver.url("limited"), delivery=PATIENT | {"connections": connections},
                    **many_groups(count))
    sent = send(prankcurl, mailserver, path).expect(0)
    assert sent.summary["accepted"] == count
    assert [prank["status"] for prank in sent.pranks] == ["accepted"] * count
    assert Counter(states(beside(path)).values()) == {"accepted": 2 * count}
    # Or else there was nothing to be shown.
    assert "Message delivery request rate limit exceeded" in mailserver.log()
    assert_delivered(mailserver, [sent], path)


def test_server_that_takes_one_connection_only(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder
) -> None:
    """421 to every further one: the pool shrinks, and all goes out over the one there is."""
    path = campaign(mailserver.url("single"), delivery=QUICK | {"connections": 4},
                    **many_groups(8))
    sent = send(prankcurl, mailserver, path).expect(0)
    assert sent.summary["accepted"] == 8
    assert [prank["status"] for prank in sent.pranks] == ["accepted"] * 8
    assert_delivered(mailserver, [sent], path)
