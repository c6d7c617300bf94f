"""Ctrl-C, SIGTERM, and readers that go away: nothing twice, nothing lost, and told how to go on."""

from __future__ import annotations

import re
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from campaigns import Campaign, CampaignFolder, many_groups, scripted
from ledger import beside, counts, counts_so_far, states
from mailserver import wait_until
from messages import by_id
from runner import Prankcurl, Result
from scripted_session import Answer
from scripted_smtp import ScriptedSmtp

PROMPT_S = 20
AT_ONCE_S = 10
SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM],
                                  ids=["SIGINT", "SIGTERM"])
GROUPS = 5


class Gate:
    """For `final`: lets the first message pass, and holds the next ones until it is opened."""

    def __init__(self, free: int = 1) -> None:
        self._free = free
        self._opened = threading.Event()
        self._lock = threading.Lock()
        self.waiting = 0

    def __call__(self, _: str) -> Answer:
        with self._lock:
            self._free -= 1
            is_free = self._free >= 0
            self.waiting += 0 if is_free else 1
        if not is_free:
            assert self._opened.wait(PROMPT_S * 2)
        return Answer("250 2.0.0 Ok: queued as SCRIPTED")

    def open(self) -> None:
        self._opened.set()


def write(campaign: CampaignFolder, server: ScriptedSmtp, delivery: Campaign | None = None,
          groups: int = GROUPS) -> Path:
    return campaign(server.url, server=scripted(server.url), delivery=delivery,
                    **many_groups(groups))


def send(prankcurl: Prankcurl, path: Path, *words: str) -> Result:
    return prankcurl("send", "--yes", "--json", *words, path, timeout_s=PROMPT_S)


def assert_says_how_to_go_on(stderr: str) -> None:
    """In the last line, for whoever pressed Ctrl-C."""
    last = stderr.splitlines()[-1]
    assert re.search(r"(?i)interrupt|stopped", stderr), stderr
    assert re.search(r"(?i)again|go(es)? on|resume|continue|rest", last), last


@SIGNALS
@pytest.mark.parametrize("json", [True, False], ids=["json", "text"])
def test_once_lets_those_in_flight_finish(
    prankcurl: Prankcurl, campaign: CampaignFolder, number: int, json: bool
) -> None:
    gate = Gate()
    with ScriptedSmtp({"final": gate}) as server:
        path = write(campaign, server, {"connections": 2})
        with prankcurl.start("send", "--yes", *(["--json"] if json else []), path) as running:
            wait_until(lambda: gate.waiting == 2, "two messages in flight")
            running.signal(number)
            gate.open()
            stopped = running.finish(AT_ONCE_S).expect(130)
        assert len(server.accepted) == 3, "those in flight finish, and no other begins"
        assert counts(beside(path)) == {"accepted": 6, "planned": 4}
        assert_says_how_to_go_on(stopped.stderr)
        if json:
            assert (stopped.summary["accepted"], stopped.summary["skipped"]) == (3, 2)
            assert len(stopped.pranks) == GROUPS
        rest = send(prankcurl, path).expect(0)
        assert (rest.summary["accepted"], rest.summary["accepted_before"]) == (2, 3)
    assert len(by_id([one.data for one in server.received])) == GROUPS
    assert counts(beside(path)) == {"accepted": 10}


@SIGNALS
def test_twice_ends_at_once(
    prankcurl: Prankcurl, campaign: CampaignFolder, number: int
) -> None:
    """Those in flight are uncertain from then on: nobody knows what becomes of them."""
    held: set[str] = set()

    def final(_: str) -> Answer:
        return Answer(hang=True) if "hang" in held else Answer("250 2.0.0 ok")

    held.add("hang")
    with ScriptedSmtp({"final": final}) as server:
        path = write(campaign, server, {"connections": 1})
        with prankcurl.start("send", "--yes", "--json", path) as running:
            wait_until(lambda: len(server.received) == 1, "a message in flight")
            running.signal(number)
            assert running.process.poll() is None, "it waits for what is in flight"
            running.signal(number)
            running.finish(AT_ONCE_S).expect(130)
        found = counts(beside(path))
        assert found["in_flight"] + found["uncertain"] == 2 and found["planned"] == 8, found
        held.clear()
        again = send(prankcurl, path).expect(75)
        [uncertain] = [one for one in again.pranks if one["status"] == "uncertain"]
        assert uncertain["group"] == "g1" and uncertain["message_id"] in again.stderr
        assert "--resend-uncertain" in again.stderr
        assert again.summary["accepted"] == GROUPS - 1
        assert len(by_id([one.data for one in server.received])) == GROUPS, "it is not sent again"
        send(prankcurl, path, "--resend-uncertain").expect(0)
    assert len(server.received) == GROUPS + 1
    assert counts(beside(path)) == {"accepted": 2 * GROUPS}


@pytest.mark.parametrize("step", ["connect", "mail", "rcpt", "data"])
def test_twice_before_the_message_is_handed_over(
    prankcurl: Prankcurl, campaign: CampaignFolder, step: str
) -> None:
    """Nothing was handed over, so nothing is uncertain."""
    hung = threading.Event()

    def hang_once(_: str) -> Answer:
        if hung.is_set():
            return Answer({"connect": "220 scripted ESMTP", "data": "354 go"}.get(step, "250 ok"))
        hung.set()
        return Answer(hang=True)

    with ScriptedSmtp({step: hang_once}) as server:
        path = write(campaign, server, {"connections": 1}, groups=2)
        with prankcurl.start("send", "--yes", "--json", path) as running:
            assert hung.wait(PROMPT_S)
            running.signal(signal.SIGINT)
            running.signal(signal.SIGINT)
            running.finish(AT_ONCE_S).expect(130)
        found = counts(beside(path))
        assert found["uncertain"] == found["in_flight"] == found["accepted"] == 0, found
        send(prankcurl, path).expect(0)
    assert len(by_id([one.data for one in server.accepted])) == len(server.received) == 2


@SIGNALS
def test_while_it_waits_for_a_retry(
    prankcurl: Prankcurl, campaign: CampaignFolder, number: int
) -> None:
    """It does not wait until the retry is due."""
    rcpt = [Answer("451 4.3.0 not now")] * 2
    with ScriptedSmtp({"rcpt": rcpt}) as server:
        path = write(campaign, server, {"first_retry": "10m"}, groups=1)
        with prankcurl.start("send", "--yes", "--json", path) as running:
            wait_until(lambda: counts_so_far(beside(path))["deferred"] == 2,
                       "the deferral in the ledger")
            running.signal(number)
            stopped = running.finish(AT_ONCE_S).expect(130)
        assert_says_how_to_go_on(stopped.stderr)
        send(prankcurl, path).expect(0)
    assert len(server.accepted) == 1


def test_while_it_waits_for_the_pace(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server, {"rate": "1/h"})
        with prankcurl.start("send", "--yes", "--json", path) as running:
            wait_until(lambda: counts_so_far(beside(path))["accepted"] >= 2, "the first message")
            running.signal(signal.SIGINT)
            stopped = running.finish(AT_ONCE_S).expect(130)
        assert stopped.summary["accepted"] + stopped.summary["skipped"] == GROUPS
        send(prankcurl, path, "--rate", "1000/s").expect(0)
    assert len(by_id([one.data for one in server.received])) == GROUPS


def test_killed_amid_it_all(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """SIGKILL, as a crash: at most one uncertain prank a connection, and the rest is sent once."""
    gate = Gate(free=2)
    with ScriptedSmtp({"final": gate}) as server:
        path = write(campaign, server, {"connections": 2})
        with prankcurl.start("send", "--yes", "--json", path) as running:
            wait_until(lambda: gate.waiting == 2, "two messages in flight")
            running.kill()
        gate.open()
        again = send(prankcurl, path).expect(75)
        uncertain = [one["message_id"] for one in again.pranks if one["status"] == "uncertain"]
        assert len(uncertain) == 2
        assert all(one in again.stderr for one in uncertain)
        assert len(by_id([one.data for one in server.received])) == GROUPS
        assert again.summary["accepted"] == 1 and again.summary["accepted_before"] == 2
        send(prankcurl, path, "--resend-uncertain").expect(0)
    assert set(states(beside(path)).values()) == {"accepted"}


# Readers that go away

def start_and_read_one_line(prankcurl: Prankcurl, path: Path, gate: Gate) -> Any:
    running = prankcurl.start("send", "--yes", "--json", path)
    assert running.process.stdout
    assert running.process.stdout.readline().startswith(b"{")
    wait_until(lambda: gate.waiting > 0, "the next message")
    running.process.stdout.close()
    running.process.stdout = None
    gate.open()
    return running


def test_reader_of_the_output_goes(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """`--json | head -1`: what people wait for is sent and recorded, read or not."""
    gate = Gate()
    with ScriptedSmtp({"final": gate}) as server:
        path = write(campaign, server)
        with start_and_read_one_line(prankcurl, path, gate) as running:
            _, stderr = running.process.communicate(timeout=PROMPT_S)
            assert running.process.returncode == 74, stderr
            assert stderr, "that nobody read it is told"
    assert len(by_id([one.data for one in server.accepted])) == GROUPS
    assert counts(beside(path)) == {"accepted": 2 * GROUPS}


def test_reader_of_the_messages_goes(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """`2>&1 >/dev/null | head -1`"""
    gate = Gate()
    with ScriptedSmtp({"final": gate}) as server:
        path = write(campaign, server)
        with prankcurl.start("send", "--yes", "-v", path) as running:
            wait_until(lambda: gate.waiting > 0, "the next message")
            assert running.process.stderr
            running.process.stderr.close()
            running.process.stderr = None
            gate.open()
            assert running.process.wait(PROMPT_S) in (0, 74)
    assert len(by_id([one.data for one in server.accepted])) == GROUPS
    assert counts(beside(path)) == {"accepted": 2 * GROUPS}


def test_output_that_is_full(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = write(campaign, server)
        prankcurl("send", "--yes", "--json", path, stdout=Path("/dev/full")).expect(74)
    assert len(by_id([one.data for one in server.accepted])) == GROUPS
    assert counts(beside(path)) == {"accepted": 2 * GROUPS}
