"""The verdict on a message, for each step of the dialogue at which a server can fail it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from campaigns import ALONE, MESSAGE, ONCE, CampaignFolder, scripted, two_groups
from messages import by_id
from runner import Prankcurl, Result
from scripted_session import Answer
from scripted_smtp import ScriptedSmtp, Step

PROMPT_S = 20  # no verdict here may need a timeout
# More than the buffers of both ends of a connection hold.
HUGE = [MESSAGE | {"text": "All work and no play makes Jack a dull boy.\n" * 200_000}]


def send(prankcurl: Prankcurl, path: Path) -> Result:
    return prankcurl("send", "--yes", "--json", path, timeout_s=PROMPT_S)


@dataclass(frozen=True)
class Case:
    """A server that does this at a step, each time: the prank's status, the exit code."""

    step: str
    answer: Answer
    status: str
    returncode: int
    huge: bool = False

    def __str__(self) -> str:
        how = [way for way in ("close", "reset", "hang") if getattr(self.answer, way)]
        return "-".join([self.step, self.answer.reply[:3], *how])


CASES = [
    # Before MAIL nothing is said of the message, so it was not sent, whatever the code.
    Case("connect", Answer(close=True), "deferred", 75),
    Case("connect", Answer("421 4.3.2 too busy", close=True), "deferred", 75),
    Case("connect", Answer("HTTP/1.1 400 Bad Request\nServer: x", close=True), "deferred", 76),
    Case("connect", Answer("HTTP/1.1 400 Bad Request\nServer: x"), "deferred", 76),
    Case("ehlo", Answer(close=True), "deferred", 75),
    Case("ehlo", Answer("hello yourself", close=True), "deferred", 76),
    Case("ehlo", Answer("hello yourself"), "deferred", 76),
    Case("mail", Answer("451 4.3.0 not now"), "deferred", 75),
    Case("mail", Answer("421 4.3.0 closing", close=True), "deferred", 75),
    Case("mail", Answer("550 5.7.1 not you"), "refused", 69),
    Case("mail", Answer(close=True), "deferred", 75),
    Case("mail", Answer(reset=True), "deferred", 75),
    Case("rcpt", Answer("450 4.2.0 not now"), "deferred", 75),
    Case("rcpt", Answer("550 5.1.1 unknown"), "refused", 69),
    Case("rcpt", Answer("421 4.3.0 closing", close=True), "deferred", 75),
    Case("rcpt", Answer(close=True), "deferred", 75),
    Case("data", Answer("451 4.3.0 not now"), "deferred", 75),
    Case("data", Answer("554 5.7.1 no data"), "refused", 69),
    Case("data", Answer("421 4.3.0 closing", close=True), "deferred", 75),
    Case("data", Answer(close=True), "deferred", 75),
    # The server cannot have taken what was not handed over.
    Case("body", Answer(close=True), "deferred", 75, huge=True),
    Case("body", Answer(reset=True), "deferred", 75, huge=True),
    # A reply to the final dot is definite, also where the connection ends with it.
    Case("final", Answer("451 4.3.0 not now"), "deferred", 75),
    Case("final", Answer("452 4.3.1 no room", close=True), "deferred", 75),
    Case("final", Answer("421 4.3.0 closing", close=True), "deferred", 75),
    Case("final", Answer("550 5.7.1 spam"), "refused", 69),
    Case("final", Answer("554 5.7.1 spam", close=True), "refused", 69),
    Case("final", Answer("250 2.0.0 Ok: queued as X", close=True), "accepted", 0),
    Case("final", Answer("251 2.0.0 Ok, forwarded"), "accepted", 0),
    Case("final", Answer("200 fine"), "accepted", 0),
    # No reply to it, or none that says anything: it may lie in the mailboxes.
    Case("final", Answer(close=True), "uncertain", 75),
    Case("final", Answer(reset=True), "uncertain", 75),
    Case("final", Answer("250", close=True), "accepted", 0),
    Case("final", Answer("what was that?", close=True), "uncertain", 75),
    Case("final", Answer("250-2.0.0 half a rep", close=True), "uncertain", 75),
    Case("quit", Answer(close=True), "accepted", 0),
    Case("quit", Answer(hang=True), "accepted", 0),
    Case("quit", Answer("500 5.5.1 stay"), "accepted", 0),
    Case("rcpt", Answer("251 2.1.5 will forward"), "accepted", 0),
    Case("rcpt", Answer("252 2.1.5 cannot verify"), "accepted", 0),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_verdict(prankcurl: Prankcurl, campaign: CampaignFolder, case: Case) -> None:
    with ScriptedSmtp({case.step: case.answer}) as server:
        changes = {"messages": HUGE} if case.huge else {}
        path = campaign(server.url, server=scripted(server.url), delivery=ONCE, **changes)
        sent = send(prankcurl, path)
    sent.expect(case.returncode)
    [prank] = sent.pranks
    assert prank["status"] == case.status
    assert sent.summary[case.status] == 1 and sum(sent.summary.values()) == 1
    assert [one["status"] for one in prank["recipients"]] == [case.status] * 2
    assert len(server.accepted) == (1 if case.status == "accepted" else 0)
    if case.status == "uncertain":
        assert len(server.received) == 1, "it must not be sent again unasked"
    if case.returncode:
        assert sent.complaint
        # Where it hangs up amid the recipients, the next RCPT may be what is told of instead.
        is_last = case.status != "uncertain" and (case.step != "rcpt" or not case.answer.close)
        if case.answer.reply[:3].isdigit() and is_last:
            assert case.answer.reply[:3] in sent.complaint


def test_service_refused_at_the_greeting(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """RFC 5321 §3.1: no mail service here. Nobody was refused, but trying again is no use."""
    with ScriptedSmtp({"connect": Answer("554 5.3.2 no SMTP here")}) as server:
        path = campaign(server.url, server=scripted(server.url), delivery=ONCE)
        sent = send(prankcurl, path)
    sent.expect(69)
    assert "554" in sent.complaint
    assert sent.summary["accepted"] == sent.summary["uncertain"] == 0


@pytest.mark.parametrize("idle", [
    Answer("421 4.4.2 idle for too long", close=True), Answer(close=True),
], ids=["421", "silently"])
def test_connection_closed_between_two_messages(
    prankcurl: Prankcurl, campaign: CampaignFolder, idle: Answer
) -> None:
    """Nothing was handed over on the dead connection, so the message goes through a fresh one."""
    with ScriptedSmtp({"idle": idle}) as server:
        path = campaign(server.url, server=scripted(server.url), delivery=ALONE, **two_groups())
        sent = send(prankcurl, path)
    sent.expect(0)
    assert sent.summary["accepted"] == 2
    assert len(server.received) == len(by_id([one.data for one in server.received])) == 2
    assert [one.connection for one in server.received] == [1, 2]
    assert sent.stderr == ""


def test_one_connection_for_all(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """Also after a recipient was refused."""
    script: dict[str, Step] = {"rcpt": [Answer("550 5.1.1 unknown"), None]}
    with ScriptedSmtp(script) as server:
        path = campaign(server.url, server=scripted(server.url), delivery=ALONE, **two_groups())
        sent = send(prankcurl, path)
    sent.expect(69)
    assert sent.summary["accepted"] == 2
    assert server.connections == 1
    assert [message.recipients for message in server.received] == [
        ["cai1@example.test"], ["ben2@example.test", "cai2@example.test"],
    ]


def test_next_message_does_not_take_a_stale_reply(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    """After an uncertain message the next one has a connection, and a verdict, of its own."""
    script: dict[str, Step] = {
        "final": [Answer(close=True), Answer("554 5.7.1 spam"), None],
    }
    with ScriptedSmtp(script) as server:
        path = campaign(server.url, server=scripted(server.url), delivery=ONCE | ALONE,
                        **two_groups())
        sent = send(prankcurl, path).expect(75)  # which counts more than a refusal's 69
    assert [prank["status"] for prank in sent.pranks] == ["uncertain", "refused"]
    assert [message.connection for message in server.received] == [1, 2]


def test_each_recipient_has_its_own_reply(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """In the envelope's order, multi-line replies in between, which count as one each."""
    members = [f"{name}@example.test" for name in ("adam", "bela", "cleo", "dora", "emil", "fay")]

    def rcpt(address: str) -> Answer:
        if address[0] in "bd":
            return Answer(f"550-5.1.1 <{address}>\n550-5.1.1 does not\n550 5.1.1 live here")
        return Answer(f"250-2.1.5 <{address}>\n250 2.1.5 ok" if address[0] == "c" else "250 ok")

    with ScriptedSmtp({"rcpt": rcpt}) as server:
        sent = send(prankcurl, campaign(server.url, members, server=scripted(server.url)))
    sent.expect(69)
    assert server.received[0].recipients == [members[2], *members[4:]]
    told = sent.pranks[0]["recipients"]
    assert [one["address"] for one in told] == members[1:]
    assert [one["status"] for one in told] == [
        "refused", "accepted", "refused", "accepted", "accepted",
    ]
    assert [one["code"] for one in told] == [550, 250, 550, 250, 250]
    for one in (told[0], told[2]):
        for part in (f"<{one['address']}>", "does not", "live here"):
            assert part in one["reply"]
    assert sent.pranks[0]["status"] == "accepted"
