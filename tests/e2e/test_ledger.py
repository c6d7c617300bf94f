"""Sending twice: what was accepted is never sent again, and what can't be recorded is not sent."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from campaigns import (
    ALONE, MESSAGE, ONCE, Campaign, CampaignFolder, many_groups, scripted, two_groups, victim,
)
from ledger import beside, by_address, counts, entries, rows, states
from mailserver import wait_until
from messages import by_id, message_id, parse
from runner import REPOSITORY, Prankcurl, Result
from scripted_session import Answer
from scripted_smtp import ScriptedSmtp, Step

PROMPT_S = 20
NOBODY = 65_534
LATER, NEVER = Answer("451 4.3.0 not now"), Answer("550 5.1.1 unknown")
COFFEE, PRINTER = MESSAGE, MESSAGE | {"name": "printer", "subject": "The printer"}


def write(folder: CampaignFolder, server: ScriptedSmtp, delivery: Campaign | None = None,
          **changes: Any) -> Path:
    return folder(server.url, server=scripted(server.url), delivery=ONCE | (delivery or {}),
                    **changes)


def send(prankcurl: Prankcurl, path: Path, *words: str | Path) -> Result:
    return prankcurl("send", "--yes", "--json", *words, path, timeout_s=PROMPT_S)


def two_messages(**changes: Any) -> Campaign:
    """Two groups, each with a message of its own: as `**changes`."""
    both = two_groups()
    both["groups"] = [one | {"message": message["name"]}
                      for one, message in zip(both["groups"], (COFFEE, PRINTER))]
    return both | {"messages": [COFFEE, PRINTER]} | changes


def later_for(*names: str, answer: Answer = LATER) -> Callable[[str], Answer]:
    """For `rcpt`: these are not served, until their names are taken out of the set."""
    def rcpt(address: str) -> Answer:
        return answer if address.partition("@")[0] in names else Answer("250 2.1.5 ok")
    return rcpt


def assert_nobody_twice(server: ScriptedSmtp) -> None:
    """By Message-ID and recipient, of what the server accepted."""
    got = Counter((message_id(one.data), to) for one in server.accepted for to in one.recipients)
    assert not [pair for pair, count in got.items() if count > 1]


# The second run

def test_second_run_sends_nothing(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server, **two_groups())
        assert send(prankcurl, path).expect(0).summary["accepted"] == 2
        connections = server.connections
        again = send(prankcurl, path).expect(0)
        assert again.pranks == []
        assert again.summary == {"accepted": 0, "refused": 0, "deferred": 0, "uncertain": 0,
                                 "skipped": 0, "accepted_before": 2}
        assert again.stderr == ""
        told = prankcurl("send", "--yes", path).expect(0)
        assert told.stdout == b"" and told.stderr
        assert server.connections == connections
    assert len(server.received) == 2
    assert set(states(beside(path)).values()) == {"accepted"}


def test_second_run_needs_no_password(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """As nothing is to be sent. A wrong one does no harm either: nobody is asked."""
    with ScriptedSmtp() as server:
        path = write(campaign, server)
        send(prankcurl, path).expect(0)
        campaign(server.url, server=scripted(server.url) | {
            "username": "nadia@example.test", "password": {"command": ["echo", "wrong"]}})
        send(prankcurl, path).expect(0)
        assert server.connections == 1


def test_only_who_was_put_off_gets_it_later(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """The header is the same to the byte: so the copies are known to be one message."""
    script: dict[str, Step] = {"rcpt": [LATER, None]}
    with ScriptedSmtp(script) as server:
        path = write(campaign, server, ALONE, **two_groups())
        first = send(prankcurl, path).expect(75)
        assert states(beside(path)) == {
            "ben1": "deferred", "cai1": "accepted", "ben2": "accepted", "cai2": "accepted",
        }
        second = send(prankcurl, path).expect(0)
    [prank] = second.pranks
    assert (prank["group"], prank["status"], prank["attempts"]) == ("one", "accepted", 2)
    assert second.summary["accepted_before"] == 1
    assert [one.recipients for one in server.received] == [
        ["cai1@example.test"], ["ben2@example.test", "cai2@example.test"], ["ben1@example.test"],
    ]
    assert server.received[2].data == server.received[0].data
    assert prank["message_id"] == first.pranks[0]["message_id"]
    told = {one["address"]: one["status"] for one in prank["recipients"]}
    assert told == {"ben1@example.test": "accepted", "cai1@example.test": "accepted"}
    attempts = {address: one.attempts for address, one in by_address(beside(path)).items()}
    assert attempts["ben1@example.test"] == 2 and attempts["cai1@example.test"] == 1


def test_date_stays_whenever_it_is_tried(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """It is the date of the first try; the clock may say another one by now."""
    with ScriptedSmtp({"final": [LATER]}) as server:
        path = write(campaign, server)
        for epoch_s, returncode in (("1806566400", 75), ("1806652800", 0)):
            prankcurl("send", "--yes", path, env={"SOURCE_DATE_EPOCH": epoch_s}).expect(returncode)
    first, second = server.received
    assert parse(first.data)["Date"] == parse(second.data)["Date"]
    assert first.data == second.data


@pytest.mark.parametrize("step", ["rcpt", "data", "final"])
def test_put_off_by_one_process_and_accepted_by_the_next(
    prankcurl: Prankcurl, campaign: CampaignFolder, step: str
) -> None:
    with ScriptedSmtp({step: [LATER] * (2 if step == "rcpt" else 1)}) as server:
        path = write(campaign, server)
        first = send(prankcurl, path).expect(75)
        assert first.pranks[0]["attempts"] == 1
        second = send(prankcurl, path).expect(0)
        assert (second.pranks[0]["status"], second.pranks[0]["attempts"]) == ("accepted", 2)
        send(prankcurl, path).expect(0)
    assert len(server.accepted) == 1
    assert {one.attempts for one in entries(beside(path))} == {2}


def test_refused_is_told_and_not_tried_again(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    with ScriptedSmtp({"rcpt": later_for("ben1", answer=NEVER)}) as server:
        path = write(campaign, server, **two_groups())
        send(prankcurl, path).expect(69)
        connections = server.connections
        again = send(prankcurl, path).expect(69)
        assert server.connections == connections
    assert [prank["group"] for prank in again.pranks] == ["one"]
    assert again.recipients["ben1@example.test"]["status"] == "refused"
    assert again.recipients["ben1@example.test"]["code"] == 550
    assert "ben1@example.test" in again.stderr
    assert again.summary == dict.fromkeys(again.summary, 0) | {"accepted_before": 2}


def test_stopped_run_is_finished_by_the_next(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    """Whom the first run never came to is the second one's, without any option."""
    with ScriptedSmtp({"mail": [None, *2 * [Answer("550 5.7.1 not you")]]}) as server:
        path = write(campaign, server, ALONE, **many_groups(4))
        first = send(prankcurl, path).expect(69)
        assert first.summary["skipped"] == 2
        assert counts(beside(path))["planned"] == 4
        second = send(prankcurl, path, "--only-failed").expect(0)
        assert [prank["group"] for prank in second.pranks] == ["g2"]
        third = send(prankcurl, path).expect(0)
        assert sorted(prank["group"] for prank in third.pranks) == ["g3", "g4"]
        assert third.summary["accepted_before"] == 2
    assert len(by_id([one.data for one in server.accepted])) == 4
    assert counts(beside(path)) == {"accepted": 8}


# Which ones

def test_only_failed(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """The put off and the refused, but not the one that nobody has tried yet."""
    names = {"ben2", "cai2"}
    refused = {"ben3"}

    def rcpt(address: str) -> Answer:
        name = address.partition("@")[0]
        return LATER if name in names else NEVER if name in refused else Answer("250 2.1.5 ok")

    with ScriptedSmtp({"rcpt": rcpt}) as server:
        path = write(campaign, server, ALONE, **many_groups(4))
        send(prankcurl, path, "-g", "g1", "-g", "g2", "-g", "g3").expect(75)
        before = len(server.received)
        names.clear()
        refused.clear()
        again = send(prankcurl, path, "--only-failed").expect(0)
        assert sorted(prank["group"] for prank in again.pranks) == ["g2", "g3"]
        assert {tuple(one.recipients) for one in server.received[before:]} == {
            ("ben2@example.test", "cai2@example.test"), ("ben3@example.test",),
        }
        assert states(beside(path)).get("ben4", "planned") == "planned"
        last = send(prankcurl, path).expect(0)
        assert [prank["group"] for prank in last.pranks] == ["g4"]
    assert_nobody_twice(server)
    assert counts(beside(path)) == {"accepted": 8}


def test_only_failed_when_nothing_has(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server, **two_groups())
        send(prankcurl, path, "-g", "one").expect(0)
        assert send(prankcurl, path, "--only-failed").expect(0).pranks == []
    assert len(server.received) == 1


def test_uncertain_is_not_only_failed(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp({"final": [Answer(close=True)]}) as server:
        path = write(campaign, server)
        send(prankcurl, path).expect(75)
        again = send(prankcurl, path, "--only-failed").expect(75)
        assert "--resend-uncertain" in again.stderr
        assert len(server.received) == 1


def test_group_after_group(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server, **many_groups(3))
        for name in ("g2", "g1", "g2"):
            send(prankcurl, path, "--group", name).expect(0)
        assert [one.recipients[0] for one in server.received] == [
            "ben2@example.test", "ben1@example.test",
        ]
        rest = send(prankcurl, path).expect(0)
        assert [prank["group"] for prank in rest.pranks] == ["g3"]
        assert rest.summary["accepted_before"] == 2
    assert len(by_id([one.data for one in server.accepted])) == 3


def test_limit_after_limit(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server, **many_groups(3))
        groups = [[prank["group"] for prank in send(prankcurl, path, "-l", limit).expect(0).pranks]
                  for limit in ("2", "3", "3")]
    assert [sorted(names) for names in groups] == [["g1", "g2"], ["g3"], []]
    assert len(by_id([one.data for one in server.received])) == 3


def test_only_the_uncertain_recipients_get_it_again(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    """Of one prank one is refused, one has it, and one is uncertain, by a second try."""
    members = [f"{name}@example.test" for name in ("adam", "bela", "cleo", "dora")]
    cleo = iter([LATER])

    def rcpt(address: str) -> Answer:
        if address.startswith("cleo"):
            return next(cleo, Answer("250 2.1.5 ok"))
        return NEVER if address.startswith("bela") else Answer("250 2.1.5 ok")

    with ScriptedSmtp({"rcpt": rcpt, "final": [None, Answer(close=True)]}) as server:
        path = write(campaign, server, {"attempts": 5, "first_retry": "10ms"}, members=members)
        first = send(prankcurl, path).expect(75)
        assert states(beside(path)) == {
            "bela": "refused", "cleo": "uncertain", "dora": "accepted",
        }
        assert first.pranks[0]["message_id"] in first.stderr
        assert "--resend-uncertain" in first.stderr
        assert {one["address"][:4]: one["status"] for one in first.pranks[0]["recipients"]} == {
            "bela": "refused", "cleo": "uncertain", "dora": "accepted",
        }
        again = send(prankcurl, path).expect(75)
        assert first.pranks[0]["message_id"] in again.stderr and len(server.received) == 2
        last = send(prankcurl, path, "--resend-uncertain").expect(69)
        assert last.recipients["bela@example.test"]["status"] == "refused"
    assert [one.recipients for one in server.received] == [
        ["dora@example.test"], ["cleo@example.test"], ["cleo@example.test"],
    ]
    assert len({one.data for one in server.received}) == 1
    assert states(beside(path)) == {"bela": "refused", "cleo": "accepted", "dora": "accepted"}


def test_who_opts_out_meanwhile_gets_nothing(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    """Put off, and gone from the campaign before the next run: with another seat in the group."""
    members = [f"{name}@example.test" for name in ("adam", "bela", "cleo", "dora")]
    opt_out = campaign.folder / "opt-out.txt"
    opt_out.write_text("")
    consent = {"domains": ["example.test"], "opt_out": "opt-out.txt"}
    with ScriptedSmtp({"final": [LATER]}) as server:
        path = write(campaign, server, members=members, consent=consent)
        send(prankcurl, path).expect(75)
        opt_out.write_text("cleo@example.test\n")
        others = [one for one in members if not one.startswith("cleo")]
        write(campaign, server, members=others, consent=consent)
        send(prankcurl, path).expect(0)
        send(prankcurl, path).expect(0)
    [message] = server.accepted
    assert message.recipients == ["bela@example.test", "dora@example.test"]
    assert b"cleo@" not in message.data
    assert set(states(beside(path))) == {"bela", "dora"}


@pytest.mark.parametrize("step, words", [
    ("connect", []), ("connect", ["--only-failed"]), ("mail", []), ("mail", ["--only-failed"]),
    ("rcpt", ["--only-failed"]), ("data", ["--only-failed"]), ("final", ["--only-failed"]),
])
def test_put_off_wherever_it_was(
    prankcurl: Prankcurl, campaign: CampaignFolder, step: str, words: list[str]
) -> None:
    """Also before anything of the message was said; and the attempts are those of both."""
    answer = Answer("421 4.3.2 not now", close=True) if step == "connect" else LATER
    with ScriptedSmtp({step: [answer] * (2 if step == "rcpt" else 1)}) as server:
        path = write(campaign, server)
        send(prankcurl, path).expect(75)
        assert set(states(beside(path)).values()) == {"deferred"}
        again = send(prankcurl, path, *words).expect(0)
    assert [(one["status"], one["attempts"]) for one in again.pranks] == [("accepted", 2)]
    assert {one.attempts for one in entries(beside(path))} == {2}


def test_groups_that_are_left_out_are_not_forgotten(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    """A run for one group says nothing of the others: what was refused stays so."""
    with ScriptedSmtp({"rcpt": later_for("ben2", "cai2", answer=NEVER)}) as server:
        path = write(campaign, server, **many_groups(3))
        send(prankcurl, path, "-g", "g1", "-g", "g2").expect(69)
        before = len(server.said_by_client("RCPT"))
        send(prankcurl, path, "-g", "g3").expect(0)
        send(prankcurl, path, "-l", "1").expect(0)
        last = send(prankcurl, path).expect(69)
        assert len(server.said_by_client("RCPT")) == before + 2
    assert [prank["group"] for prank in last.pranks] == ["g2"]
    assert counts(beside(path)) == {"accepted": 4, "refused": 2}


def test_another_seed_while_nobody_was_served(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    """Nothing was sent, so all can be drawn anew; what was planned before is gone."""
    with ScriptedSmtp({"connect": [Answer("421 4.3.2 not now", close=True)]}) as server:
        path = write(campaign, server, **by_chance())
        send(prankcurl, path).expect(75)
        sent = send(prankcurl, path, "-s", "7").expect(0)
        assert sent.summary["accepted"] == 3
        refused = send(prankcurl, path)
        assert refused.returncode == 65 and "seed" in refused.stderr, refused
        send(prankcurl, path, "-s", "7").expect(0)
    assert counts(beside(path)) == {"accepted": 6}
    assert len(server.accepted) == 3


# Where it is

def test_beside_the_campaign_wherever_one_is(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    """And --ledger counts from where one is."""
    elsewhere = campaign.folder / "elsewhere"
    elsewhere.mkdir()
    with ScriptedSmtp() as server:
        path = write(campaign, server)
        prankcurl("send", "--yes", "../e2e.json", cwd=elsewhere).expect(0)
        prankcurl("send", "--yes", path).expect(0)
        assert list(elsewhere.iterdir()) == [] and len(server.received) == 1
        prankcurl("send", "--yes", "--ledger", "mine.db", "../e2e.json", cwd=elsewhere).expect(0)
    assert (elsewhere / "mine.db").is_file() and len(server.received) == 2


def test_link_to_a_ledger_is_that_ledger(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server)
        send(prankcurl, path).expect(0)
        link = campaign.folder / "link.db"
        link.symlink_to(beside(path).name)
        send(prankcurl, path, "--ledger", link).expect(0)
    assert len(server.received) == 1 and link.is_symlink()


def test_another_ledger_knows_nothing(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server)
        send(prankcurl, path).expect(0)
        other = campaign.folder / "other.db"
        send(prankcurl, path, "--ledger", other).expect(0)
        send(prankcurl, path, "--ledger", other).expect(0)
    assert len(server.accepted) == 2
    assert states(beside(path)) == states(other)


def test_only_sending_makes_a_ledger(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    path = campaign("smtps://smtp.example.test:465")
    prankcurl("plan", path).expect(0)
    prankcurl("check", path).expect(0)
    prankcurl("-n", path).expect(0)
    assert list(campaign.folder.glob("*.db*")) == []


def test_only_its_owner_can_read_it(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """It has people's addresses. It is one file; what was beside it is gone at the end."""
    with ScriptedSmtp() as server:
        path = write(campaign, server)
        send(prankcurl, path).expect(0)
    assert beside(path).stat().st_mode & 0o777 == 0o600
    assert list(campaign.folder.glob("e2e.ledger.db*")) == [beside(path)]


def test_who_got_what(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """A plain query answers who got what, when, with which reply."""
    with ScriptedSmtp({"rcpt": later_for("cai2", answer=NEVER)}) as server:
        path = write(campaign, server, **two_groups())
        sent = send(prankcurl, path).expect(69)
    found = rows(beside(path), "SELECT recipient, state, since, reply, message, message_id"
                               " FROM who_got_what ORDER BY recipient")
    assert [(row[0], row[1]) for row in found] == [
        ("ben1@example.test", "accepted"), ("ben2@example.test", "accepted"),
        ("cai1@example.test", "accepted"), ("cai2@example.test", "refused"),
    ]
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", str(row[2])) for row in found)
    assert [row[3] for row in found] == ["250 2.0.0 Ok: queued as SCRIPTED"] * 3 + [
        "550 5.1.1 unknown"]
    assert {row[4] for row in found} == {"coffee"}
    assert {row[5] for row in found} == {prank["message_id"] for prank in sent.pranks}


def test_queries_of_the_documentation(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """Each SELECT that docs/ledger.md shows runs, as it stands there."""
    text = (REPOSITORY / "docs/ledger.md").read_text("utf-8")
    queries = [query for _, query in re.findall(r"""ledger\.db (['"])(SELECT.*?)\1""", text, re.S)]
    assert len(queries) >= 3
    with ScriptedSmtp() as server:
        path = write(campaign, server)
        send(prankcurl, path).expect(0)
    for query in queries:
        rows(beside(path), query)


# Campaigns that have changed

def assert_told_and_not_sent(result: Result, server: ScriptedSmtp, *told: str) -> None:
    """The server has had one connection, which was the first run's."""
    for pattern in told:
        assert re.search(pattern, result.stderr), f"nothing of {pattern!r} in: {result.stderr}"
    assert not [prank for prank in result.pranks if prank["status"] == "accepted"]
    assert server.connections == 1


def test_change_to_what_was_sent_is_refused(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server, **two_messages())
        send(prankcurl, path, "-g", "one").expect(0)
        write(campaign, server, **two_messages(
            messages=[COFFEE | {"text": "It was somebody else.\n"}, PRINTER]))
        refused = send(prankcurl, path).expect(65)
        assert_told_and_not_sent(refused, server, r"\bone\b", "--new-run|undo|back|restore")
        assert states(beside(path))["ben1"] == "accepted"
        write(campaign, server, **two_messages())
        send(prankcurl, path).expect(0)
    assert len(by_id([one.data for one in server.accepted])) == 2


@pytest.mark.parametrize("change", [
    {"subject": "Another subject"}, {"html": "<p>It was me.</p>\n"},
], ids=["subject", "html"])
def test_any_change_of_its_bytes_counts(
    prankcurl: Prankcurl, campaign: CampaignFolder, change: Campaign
) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server)
        send(prankcurl, path).expect(0)
        write(campaign, server, messages=[COFFEE | change])
        assert_told_and_not_sent(send(prankcurl, path).expect(65), server, r"\bone\b")


def test_recipient_more_in_a_group_that_was_served(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    """The newcomer is in the header, which is not what the others have."""
    members = [f"{name}@example.test" for name in ("adam", "bela", "cleo", "dora")]
    with ScriptedSmtp() as server:
        path = write(campaign, server, members=members[:3])
        send(prankcurl, path).expect(0)
        write(campaign, server, members=members)
        assert_told_and_not_sent(send(prankcurl, path).expect(65), server, r"\bone\b")


@pytest.mark.parametrize("words", [[], ["--resend-uncertain"], ["--only-failed"]])
def test_change_to_what_may_have_been_sent_is_refused(
    prankcurl: Prankcurl, campaign: CampaignFolder, words: list[str]
) -> None:
    """Or somebody would have two different ones, under one Message-ID."""
    with ScriptedSmtp({"final": [Answer(close=True)]}) as server:
        path = write(campaign, server)
        send(prankcurl, path).expect(75)
        write(campaign, server, messages=[COFFEE | {"text": "It was somebody else.\n"}])
        assert_told_and_not_sent(send(prankcurl, path, *words).expect(65), server, r"\bone\b")
        write(campaign, server)
        send(prankcurl, path, "--resend-uncertain").expect(0)
    assert len(server.received) == 2


def test_change_of_what_is_not_in_the_message_is_none(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server)
        send(prankcurl, path).expect(0)
        write(campaign, server, {"connections": 7, "rate": "100/s"}, messages=[COFFEE],
              reveal={"subject": "It was a prank", "text": "Nobody broke it.\n"})
        assert send(prankcurl, path).expect(0).pranks == []
        assert server.connections == 1


@pytest.mark.parametrize("tried", [False, True], ids=["planned", "put-off"])
def test_change_to_what_was_not_sent_is_taken(
    prankcurl: Prankcurl, campaign: CampaignFolder, tried: bool
) -> None:
    put_off = {"ben2", "cai2"}

    def rcpt(address: str) -> Answer:
        return LATER if address.partition("@")[0] in put_off else Answer("250 2.1.5 ok")

    with ScriptedSmtp({"rcpt": rcpt}) as server:
        path = write(campaign, server, ALONE, **two_messages())
        words = [] if tried else ["-g", "one"]
        send(prankcurl, path, *words).expect(75 if tried else 0)
        put_off.clear()
        write(campaign, server, ALONE, **two_messages(
            messages=[COFFEE, PRINTER | {"text": "Paper jam.\n"}]))
        sent = send(prankcurl, path).expect(0)
    assert [prank["group"] for prank in sent.pranks] == ["two"]
    assert len(server.accepted) == 2
    assert parse(server.accepted[1].data).get_content() == "Paper jam.\r\n"
    assert_nobody_twice(server)
    assert set(states(beside(path)).values()) == {"accepted"}


def test_recipient_more_in_a_group_that_was_not_served(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server, **two_messages())
        send(prankcurl, path, "-g", "one").expect(0)
        changes = two_messages()
        changes["victims"].append(victim("dan2@example.test"))
        changes["groups"][1]["members"] = [*changes["groups"][1]["members"], "dan2@example.test"]
        write(campaign, server, **changes)
        send(prankcurl, path).expect(0)
    assert server.accepted[1].recipients == [
        "ben2@example.test", "cai2@example.test", "dan2@example.test",
    ]
    assert set(states(beside(path))) == {"ben1", "cai1", "ben2", "cai2", "dan2"}


def test_group_more(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """What was sent stays sent, and the new group is served."""
    with ScriptedSmtp() as server:
        path = write(campaign, server, **many_groups(2, message="coffee"))
        send(prankcurl, path).expect(0)
        write(campaign, server, **many_groups(3, message="coffee"))
        sent = send(prankcurl, path).expect(0)
    assert [prank["group"] for prank in sent.pranks] == ["g3"]
    assert sent.summary["accepted_before"] == 2
    assert len(by_id([one.data for one in server.accepted])) == 3


def test_another_campaign_is_refused(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server)
        send(prankcurl, path).expect(0)
        write(campaign, server, campaign="other")
        refused = send(prankcurl, path)
        assert refused.returncode == 65, refused.stderr
        assert_told_and_not_sent(refused, server, "e2e", "other", "--ledger|name")


def by_chance() -> Campaign:
    """Nine people in three groups that the seed makes: as `**changes`."""
    people = [f"{name}@example.test" for name in
              ("ada", "ben", "cai", "dee", "eli", "flo", "gus", "hal", "ida")]
    return {"victims": [victim(one) for one in people], "groups": {"count": 3, "min_size": 3}}


def test_another_seed_is_refused(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """It would make other groups, and somebody would be pranked twice."""
    with ScriptedSmtp() as server:
        path = write(campaign, server, ALONE, **by_chance())
        send(prankcurl, path, "-l", "1").expect(0)
        refused = send(prankcurl, path, "-s", "7")
        assert refused.returncode == 65, refused.stderr
        assert_told_and_not_sent(refused, server, "seed", "20270401")
        write(campaign, server, ALONE, seed=8, **by_chance())
        refused = send(prankcurl, path)
        assert refused.returncode == 65, refused.stderr
        assert_told_and_not_sent(refused, server, "seed")
        write(campaign, server, ALONE, **by_chance())
        send(prankcurl, path).expect(0)
    assert len(by_id([one.data for one in server.accepted])) == 3


def test_seed_of_the_option_is_given_again(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server, **by_chance())
        send(prankcurl, path, "-s", "7", "-l", "1").expect(0)
        send(prankcurl, path, "-s", "7").expect(0)
    assert len(by_id([one.data for one in server.accepted])) == 3


# A second run through the same campaign

def test_new_run_without_anybody_to_ask(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server)
        send(prankcurl, path).expect(0)
        refused = prankcurl("send", "--json", "--new-run", path).expect(64)
        assert "--yes" in refused.stderr
        assert server.connections == 1


def test_new_run_sends_to_everybody_again(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server, **two_groups())
        send(prankcurl, path).expect(0)
        again = send(prankcurl, path, "--new-run").expect(0)
        assert (again.summary["accepted"], again.summary["accepted_before"]) == (2, 0)
        assert send(prankcurl, path).expect(0).summary["accepted_before"] == 2
    assert len(server.accepted) == 4
    assert len({message_id(one.data) for one in server.accepted}) == 4, "they are other messages"
    assert {prank["message_id"] for prank in again.pranks} <= {
        message_id(one.data) for one in server.accepted[2:]}
    assert states(beside(path), run=1) == states(beside(path), run=2)
    assert counts(beside(path)) == {"accepted": 8}


def test_new_run_of_an_edited_campaign(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server)
        send(prankcurl, path).expect(0)
        write(campaign, server, messages=[COFFEE | {"text": "Once more.\n"}])
        send(prankcurl, path, "--new-run").expect(0)
        send(prankcurl, path).expect(0)
    assert [parse(one.data).get_content()[:4] for one in server.accepted] == ["Dear", "Once"]


def test_new_run_as_the_first_one(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server)
        send(prankcurl, path, "--new-run").expect(0)
    assert set(states(beside(path)).values()) == {"accepted"}


# A ledger that somebody else has

def test_held_by_another_process(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """It says which one; when that one has crashed, the ledger is free, and knows what was left."""
    with ScriptedSmtp({"final": [Answer(hang=True)]}) as server:
        path = write(campaign, server, **two_groups())
        with prankcurl.start("send", "--yes", "--json", path) as first:
            wait_until(lambda: len(server.received) == 1, "the first message")
            refused = send(prankcurl, path).expect(75)
            assert re.search(rf"\b{first.pid}\b", refused.complaint), refused.complaint
            assert server.connections == 1 and refused.pranks == []
            assert counts(beside(path))["in_flight"] == 2
            first.kill()
        second = send(prankcurl, path).expect(75)
    assert {prank["group"]: prank["status"] for prank in second.pranks} == {
        "one": "uncertain", "two": "accepted",
    }
    [held] = [one for one in second.pranks if one["status"] == "uncertain"]
    assert held["message_id"] in second.stderr and "--resend-uncertain" in second.stderr
    assert [one.recipients[0][:4] for one in server.received] == ["ben1", "ben2"]


def test_read_while_it_is_written(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """A reader with SQLite holds up nothing."""
    with ScriptedSmtp() as server:
        path = write(campaign, server, **two_groups())
        send(prankcurl, path, "-g", "one").expect(0)
        with closing(sqlite3.connect(beside(path))) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM recipient").fetchone()
            send(prankcurl, path).expect(0)
    assert len(server.accepted) == 2


# A ledger that can't be used

def make_random(ledger: Path) -> None:
    ledger.write_bytes(os.urandom(20_000))


def make_text(ledger: Path) -> None:
    ledger.write_text("This is no ledger.\n" * 100)


def make_half(ledger: Path) -> None:
    ledger.write_bytes(ledger.read_bytes()[:-4096])


def make_scribbled(ledger: Path) -> None:
    data = bytearray(ledger.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    ledger.write_bytes(data)


def make_other_database(ledger: Path) -> None:
    ledger.unlink()
    with closing(sqlite3.connect(ledger)) as database:
        database.execute("CREATE TABLE recipes (name TEXT)")


def make_newer(ledger: Path) -> None:
    with closing(sqlite3.connect(ledger)) as database:
        database.execute("PRAGMA user_version = 999")


def make_folder(ledger: Path) -> None:
    ledger.unlink()
    ledger.mkdir()


@pytest.mark.parametrize("spoil, returncodes", [
    (make_random, [74]), (make_text, [74]), (make_half, [74]), (make_scribbled, [74]),
    (make_other_database, [74]), (make_newer, [74]), (make_folder, [73, 74]),
])
def test_damaged(
    prankcurl: Prankcurl, campaign: CampaignFolder, spoil: Callable[[Path], None],
    returncodes: list[int]
) -> None:
    """Told, with its name; it is left as it is, and nothing is sent."""
    with ScriptedSmtp() as server:
        path = write(campaign, server, **two_groups())
        send(prankcurl, path, "-g", "one").expect(0)
        ledger = beside(path)
        for log in campaign.folder.glob("*-wal"):
            assert log.stat().st_size == 0, "a closed ledger is whole in one file"
        spoil(ledger)
        before = None if ledger.is_dir() else ledger.read_bytes()
        refused = send(prankcurl, path)
        assert refused.returncode in returncodes, refused.stderr
        assert_told_and_not_sent(refused, server, re.escape(ledger.name))
        assert len(refused.stderr.splitlines()) == 1
    if before is not None:
        assert ledger.read_bytes() == before, "what it can't read it does not write"


def test_empty_file_is_a_new_ledger_or_told(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """An editor, or a full disk, may have left it. Either way nothing is sent unrecorded."""
    with ScriptedSmtp() as server:
        path = write(campaign, server)
        beside(path).touch()
        sent = send(prankcurl, path)
        assert sent.returncode in (0, 74)
    assert len(server.accepted) == (sent.returncode == 0)
    if sent.returncode == 0:
        assert set(states(beside(path)).values()) == {"accepted"}


def test_in_a_folder_that_is_not_there(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server)
        refused = send(prankcurl, path, "--ledger", campaign.folder / "gone" / "x.db").expect(73)
        assert "gone" in refused.complaint and refused.pranks == []
    assert server.connections == 0


@pytest.fixture
def open_folder(campaign: CampaignFolder) -> Iterator[Path]:
    """One that other users can get at; the tests' own folders are only root's."""
    folder = Path(tempfile.mkdtemp(prefix="pk-open"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def become_nobody() -> None:
    """Root may write everywhere."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


@pytest.mark.parametrize("has_ledger", [False, True], ids=["new", "there"])
def test_read_only_folder(
    prankcurl: Prankcurl, campaign: CampaignFolder, open_folder: Path, has_ledger: bool
) -> None:
    with ScriptedSmtp() as server:
        made = write(campaign, server, **two_groups())
        path = Path(shutil.copy(made, open_folder))
        path.chmod(0o644)
        if has_ledger:
            send(prankcurl, path, "-g", "one").expect(0)
            beside(path).chmod(0o644)
        before = server.connections
        with prankcurl.start("send", "--yes", "--json", path, before_exec=become_nobody,
                             binary=Path(shutil.copy(prankcurl.binary, open_folder))) as running:
            refused = running.finish(PROMPT_S)
        assert refused.returncode == 73, refused
        assert beside(path).name in refused.complaint
        assert refused.pranks == [] and server.connections == before


# A full disk

def limit_files_to(size: int) -> Callable[[], None]:
    def limit() -> None:
        # The program ignores it by itself; what a sanitizer does before main() does not.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


def test_files_that_may_not_grow(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """However early or late it comes: nothing is sent that can't be recorded, nothing is lost."""
    stopped_in_between = 0
    for size in (0, 4_096, *range(40_000, 700_000, 60_000)):
        ledger = campaign.folder / f"{size}.db"
        with ScriptedSmtp() as server:
            path = write(campaign, server, **many_groups(16))
            words = ("send", "--yes", "--json", "--ledger", ledger, path)
            with prankcurl.start(*words, before_exec=limit_files_to(size)) as running:
                limited = running.finish(PROMPT_S)
            assert limited.returncode in (0, 73, 74), limited
            if limited.returncode:
                assert ledger.name in limited.stderr
            taken = len(server.received)
            stopped_in_between += 0 < taken < 16
            if taken:
                assert_in_ledger(ledger, server)
            resumed = send(prankcurl, path, "--ledger", ledger)
            assert resumed.returncode in (0, 75), resumed
            assert len(by_id([one.data for one in server.accepted])) == 16, "twice, or not at all"
        if limited.returncode == 0:
            break
    assert stopped_in_between, "no size stopped it in the middle: choose others"


def assert_in_ledger(ledger: Path, server: ScriptedSmtp) -> None:
    """Whatever was handed over whole is not taken for something that still has to be sent."""
    known = {one.address for one in entries(ledger)
             if one.state in ("in_flight", "uncertain", "accepted")}
    assert {to for one in server.received for to in one.recipients} <= known


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)],
                          capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no tmpfs here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("left", [0, 8_192, 100_000, 200_000])
def test_full_disk(
    prankcurl: Prankcurl, campaign: CampaignFolder, small_disk: Path, left: int
) -> None:
    """74, or 73 where there is not even room to begin; with room again it goes on."""
    ledger = small_disk / "e2e.db"
    room = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_bsize
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * (room - left))
    with ScriptedSmtp() as server:
        path = write(campaign, server, **many_groups(40))
        full = send(prankcurl, path, "--ledger", ledger)
        assert full.returncode in (73, 74), full
        assert ledger.name in full.stderr
        assert len(server.received) < 40
        filler.unlink()
        if server.received:
            assert_in_ledger(ledger, server)
        roomy = Path(shutil.move(ledger, campaign.folder / "moved.db")) if ledger.exists() else (
            campaign.folder / "moved.db")
        for beside_it in small_disk.glob("e2e.db-wal"):
            shutil.move(beside_it, campaign.folder / "moved.db-wal")
        resumed = send(prankcurl, path, "--ledger", roomy)
        assert resumed.returncode in (0, 75), resumed
        assert len(by_id([one.data for one in server.accepted])) == 40


def test_organiser_moves_to_another_server(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    """Half went through one server, the other half through the next."""
    with ScriptedSmtp() as one, ScriptedSmtp() as other:
        path = write(campaign, one, **two_groups())
        send(prankcurl, path, "-l", "1").expect(0)
        send(prankcurl, path, "--server", other.url).expect(0)
    assert len(one.accepted) == len(other.accepted) == 1
    assert message_id(one.accepted[0].data) != message_id(other.accepted[0].data)


# Nobody twice, by whatever way

def test_renamed_group(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """Another name makes another prank of it, for people who have theirs."""
    with ScriptedSmtp() as server:
        path = write(campaign, server, ALONE, **two_groups())
        send(prankcurl, path).expect(0)
        changes = two_groups()
        changes["groups"][0]["name"] = "uno"
        write(campaign, server, ALONE, **changes)
        again = send(prankcurl, path).expect(65)
    assert "uno: ben1@example.test has a prank of this run already" in again.stderr
    assert len(server.received) == 2


def test_member_that_moves_to_another_group(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server, ALONE, **two_groups())
        send(prankcurl, path, "-g", "one").expect(0)
        changes = two_groups()
        moved = changes["groups"][0]["members"].pop()
        changes["groups"][1]["members"].append(moved)
        changes["groups"][0]["members"].append("dan1@example.test")
        changes["victims"].append({"name": "Dan", "address": "dan1@example.test"})
        write(campaign, server, ALONE, **changes)
        again = send(prankcurl, path, "-g", "two").expect(65)
    assert moved in again.stderr and len(server.received) == 1


def test_campaign_reached_by_a_link(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server, ALONE)
        send(prankcurl, path).expect(0)
        (campaign.folder / "elsewhere").mkdir()
        link = campaign.folder / "elsewhere" / "another.json"
        link.symlink_to(path)
        assert send(prankcurl, link).expect(0).summary["accepted_before"] == 1
    assert len(server.received) == 1


def test_ledger_with_a_second_name(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """Under it there would be a log of changes, and a lock, of its own."""
    with ScriptedSmtp({"final": [Answer("451 4.3.0 not now")]}) as server:
        path = write(campaign, server, ALONE | {"attempts": 1})
        send(prankcurl, path).expect(75)
        (campaign.folder / "second.db").hardlink_to(beside(path))
        for ledger in (beside(path), campaign.folder / "second.db"):
            assert "hard link" in send(prankcurl, path, "--ledger", ledger).expect(74).stderr
    assert len(server.received) == 1


def test_lock_that_somebody_removes(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """The ledger itself is locked, too."""
    with ScriptedSmtp({"final": [Answer(hang=True)]}) as server:
        path = write(campaign, server, ALONE)
        with prankcurl.start("send", "--yes", path) as first:
            wait_until(lambda: len(server.received) == 1, "the message")
            beside(path).with_name(beside(path).name + ".lock").unlink()
            assert "in use" in send(prankcurl, path).expect(75).stderr
            first.kill()
    assert len(server.received) == 1


def test_file_that_bears_the_name_of_the_lock(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server, ALONE)
        precious = beside(path).with_name(beside(path).name + ".lock")
        precious.write_text("my diary\n")
        assert str(precious) in send(prankcurl, path).expect(73).stderr
    assert precious.read_text() == "my diary\n" and not server.received


def test_recipient_whom_the_server_did_not_take(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    """354 is no yes to RCPT: whoever heard it has nothing, whatever becomes of the message."""
    def rcpt(address: str) -> Answer:
        return Answer("354 well") if address.startswith("bela") else Answer("250 ok")

    with ScriptedSmtp({"rcpt": rcpt}) as server:
        path = write(campaign, server, ALONE | {"attempts": 1})
        send(prankcurl, path).expect(75)
    assert [one.recipients for one in server.received] == [["cleo@example.test"]]
    assert states(beside(path)) == {"bela": "deferred", "cleo": "accepted"}


def test_one_reply_too_many(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """The next prank must not take another's replies for its own."""
    def rcpt(address: str) -> Answer:
        return Answer("550 5.1.1 no") if address.startswith("ben2") else Answer("250 ok")

    script = {"final": [Answer("250 2.0.0 ok\n250 2.0.0 and again"), None], "rcpt": rcpt}
    with ScriptedSmtp(script) as server:
        path = write(campaign, server, ALONE | {"attempts": 3, "first_retry": "10ms"},
                     **two_groups())
        send(prankcurl, path).expect(69)
    assert states(beside(path)) == {
        "ben1": "accepted", "cai1": "accepted", "ben2": "refused", "cai2": "accepted",
    }
