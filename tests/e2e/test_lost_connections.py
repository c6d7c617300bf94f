"""A connection that ends, or is meddled with, in between: nothing twice, nothing lost or told."""

from __future__ import annotations

import pytest

from campaigns import ALONE, ONCE, CampaignFolder, many_groups, scripted, two_groups
from certificates import Certificates
from ledger import beside, counts
from mailserver import wait_until
from messages import by_id
from runner import Prankcurl
from scripted_session import Answer
from scripted_smtp import ScriptedSmtp, Step

PROMPT_S = 20


@pytest.mark.parametrize("script", [
    {"idle": [Answer(reset=True)]},
    {"mail": [None, Answer("421 4.4.2 idle for too long", close=True)]},
    {"mail": [None, Answer(close=True)]},
    {"mail": [None, Answer(reset=True)]},
], ids=["reset", "421-at-mail", "close-at-mail", "reset-at-mail"])
def test_kept_connection_turns_out_to_be_dead(
    campaign: CampaignFolder, prankcurl: Prankcurl, script: dict[str, Step]
) -> None:
    """It shows only when the second message begins, of which nothing was sent: once more, anew."""
    with ScriptedSmtp(script) as server:
        path = campaign(server.url, server=scripted(server.url), delivery=ALONE, **two_groups())
        sent = prankcurl("send", "--yes", "--json", path, timeout_s=PROMPT_S).expect(0)
    assert [prank["status"] for prank in sent.pranks] == ["accepted", "accepted"]
    assert len(by_id([message.data for message in server.received])) == 2
    assert [message.connection for message in server.received] == [1, 2]


@pytest.mark.parametrize("fault, first, returncode", [
    (Answer("554 5.6.0 not this one"), "refused", 69),
    (Answer("451 4.3.0 not now"), "deferred", 75),
    (Answer(close=True), "uncertain", 75),
    (Answer("354 go on"), "uncertain", 75),  # an answer, but to another question
])
def test_the_next_message_is_not_harmed(
    campaign: CampaignFolder, prankcurl: Prankcurl, fault: Answer, first: str, returncode: int
) -> None:
    """What befell the first says nothing of the second, and the first is not sent twice."""
    with ScriptedSmtp({"final": [fault]}) as server:
        path = campaign(server.url, server=scripted(server.url), delivery=ONCE | ALONE,
                        **two_groups())
        sent = prankcurl("send", "--yes", "--json", path, timeout_s=PROMPT_S).expect(returncode)
    assert [prank["status"] for prank in sent.pranks] == [first, "accepted"]
    assert [message.accepted for message in server.received] == [False, True]


def test_an_answer_to_data_that_is_no_354(campaign: CampaignFolder, prankcurl: Prankcurl) -> None:
    """A failure can come with a 2xx code. Nothing was handed over, so nothing was accepted."""
    with ScriptedSmtp({"data": Answer("250 2.0.0 ok")}) as server:
        path = campaign(server.url, server=scripted(server.url), delivery=ONCE)
        sent = prankcurl("send", "--yes", "--json", path, timeout_s=PROMPT_S)
    assert sent.returncode in (69, 75, 76)
    assert [prank["status"] for prank in sent.pranks] in (["deferred"], ["refused"])
    assert not server.received


def test_replies_slipped_in_before_tls(
    campaign: CampaignFolder, prankcurl: Prankcurl, certs: Certificates
) -> None:
    """What came in plaintext behind the 220 must not be taken for what came under TLS."""
    injected = Answer("220 2.0.0 go\n250-mallory\n250 AUTH PLAIN")
    with ScriptedSmtp({"starttls": injected}, certs, auth="PLAIN") as server:
        path = campaign(server.url, delivery=ONCE)
        sent = prankcurl("send", "--yes", path, password="not for mallory", timeout_s=PROMPT_S)
    assert sent.returncode in (75, 76, 77)
    assert server.said_by_client("AUTH") == server.said_by_client("MAIL") == []


HANGS_AT_THE_SECOND: dict[str, Step] = {"mail": [None, Answer(hang=True)]}


def test_server_is_started_anew(campaign: CampaignFolder, prankcurl: Prankcurl) -> None:
    """It went away amid the run, and nobody answers for a while: the run waits, and goes on."""
    with ScriptedSmtp(HANGS_AT_THE_SECOND) as before:
        path = campaign(before.url, server=scripted(before.url),
                        delivery=ALONE | {"first_retry": "300ms"}, **many_groups(3))
        running = prankcurl.start("send", "--yes", "--json", path)
        wait_until(lambda: len(before.said_by_client("MAIL")) == 2, "the second message to begin")
    with running, ScriptedSmtp(port=before.port) as after:
        sent = running.finish(PROMPT_S).expect(0)
    assert sent.summary["accepted"] == 3
    assert (len(before.accepted), len(after.accepted)) == (1, 2)
    assert len(by_id([one.data for one in before.received + after.received])) == 3
    assert counts(beside(path)) == {"accepted": 6}


def test_server_does_not_come_back(campaign: CampaignFolder, prankcurl: Prankcurl) -> None:
    """After so many attempts in a row it stops; what was not begun is left as it was."""
    with ScriptedSmtp(HANGS_AT_THE_SECOND) as before:
        path = campaign(before.url, server=scripted(before.url),
                        delivery=ALONE | {"first_retry": "10ms", "attempts": 3}, **many_groups(4))
        running = prankcurl.start("send", "--yes", "--json", path)
        wait_until(lambda: len(before.said_by_client("MAIL")) == 2, "the second message to begin")
    with running:
        sent = running.finish(PROMPT_S)
    sent.expect(75)  # it was there, so running again may help
    assert f"127.0.0.1:{before.port}" in sent.stderr
    assert sent.summary["accepted"] == 1 and sent.summary["deferred"] >= 1
    assert sent.summary["deferred"] + sent.summary["skipped"] == 3
    found = counts(beside(path))
    assert (found["accepted"], found["deferred"] + found["planned"]) == (2, 6)
    with ScriptedSmtp(port=before.port) as after:
        prankcurl("send", "--yes", path).expect(0)
    assert len(by_id([one.data for one in before.received + after.received])) == 4


def test_connection_breaks_for_many_at_once(
    campaign: CampaignFolder, prankcurl: Prankcurl
) -> None:
    """Four connections, whose every other message is broken off in the middle, one way or other."""
    faults = [None, Answer(close=True), Answer("451 4.3.0 not now"), Answer(reset=True)] * 6
    with ScriptedSmtp({"data": faults, "rcpt": [None, None, Answer(close=True)] * 8}) as server:
        path = campaign(server.url, server=scripted(server.url),
                        delivery={"connections": 4, "first_retry": "10ms", "attempts": 50},
                        **many_groups(16))
        sent = prankcurl("send", "--yes", "--json", path, timeout_s=PROMPT_S).expect(0)
    assert sent.summary["accepted"] == 16
    assert len(by_id([one.data for one in server.received])) == 16
    assert counts(beside(path)) == {"accepted": 32}
