"""On a terminal `send` shows what it is about to do, and asks; everywhere else it just does it."""

from __future__ import annotations

import re
import threading

import pytest

from campaigns import ALONE, ONCE, CampaignFolder, many_groups, scripted, two_groups
from ledger import beside, states
from messages import by_id
from runner import Prankcurl
from scripted_session import Answer
from scripted_smtp import ScriptedSmtp, Step
from terminal import Terminal

QUESTION = r"\?[^\n]*$"  # the cursor stays behind it


@pytest.mark.parametrize("keys", ["n\n", "\n", "no\n", "maybe\n", "\x04"])
def test_no_sends_nothing(prankcurl: Prankcurl, campaign: CampaignFolder, keys: str) -> None:
    """Only a yes is a yes: not Enter alone, not Ctrl-D. To say no is no failure."""
    with ScriptedSmtp() as server:
        path = campaign(server.url, server=scripted(server.url))
        with Terminal(prankcurl, "send", path) as terminal:
            terminal.wait_for(QUESTION)
            terminal.type(keys)
            assert terminal.finish() == 0
    assert server.connections == 0


@pytest.mark.parametrize("keys", ["y\n", "Y\n", "yes\n"])
def test_yes_sends(prankcurl: Prankcurl, campaign: CampaignFolder, keys: str) -> None:
    with ScriptedSmtp() as server:
        path = campaign(server.url, server=scripted(server.url), **two_groups())
        with Terminal(prankcurl, path) as terminal:
            shown = terminal.wait_for(QUESTION)
            assert server.connections == 0, "nothing before the answer"
            terminal.type(keys)
            assert terminal.finish() == 0
    assert len(server.accepted) == 2
    # The plan in short: how many, and through which server.
    assert "2" in shown and f"127.0.0.1:{server.port}" in shown


def test_yes_option_skips_the_question(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = campaign(server.url, server=scripted(server.url))
        with Terminal(prankcurl, "send", "--yes", path) as terminal:
            assert terminal.finish() == 0
        assert "?" not in terminal.screen
    assert len(server.accepted) == 1


@pytest.mark.parametrize("words", [["-n"], ["plan"], ["check"]])
def test_only_send_asks(
    prankcurl: Prankcurl, campaign: CampaignFolder, words: list[str]
) -> None:
    with Terminal(prankcurl, *words, campaign("smtps://smtp.example.test:465")) as terminal:
        assert terminal.finish() == 0


def test_no_colour_where_it_is_not_wanted(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = campaign(server.url, server=scripted(server.url))
        with Terminal(prankcurl, "send", "--yes", path, env={"NO_COLOR": "1"}) as terminal:
            assert terminal.finish() == 0
    assert b"\x1b" not in terminal.raw


# Progress, and a campaign that was begun before

def test_progress_is_shown(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """While the second message is on its way, the first one counts; at the end the line is gone."""
    go_on = threading.Event()
    finals: list[None] = []

    def final(_: str) -> Answer:
        finals.append(None)
        assert len(finals) == 1 or go_on.wait(20)
        return Answer("250 2.0.0 Ok: queued as SCRIPTED")

    with ScriptedSmtp({"final": final}) as server:
        path = campaign(server.url, server=scripted(server.url), delivery=ALONE, **many_groups(3))
        with Terminal(prankcurl, "send", "--yes", path) as terminal:
            terminal.wait_for(r"\b1/3\b.*1 accepted")
            go_on.set()
            assert terminal.finish() == 0
    last = re.split(r"[\r\n]+", terminal.screen.strip())[-1]
    assert "3" in last and "accepted" in last and "[" not in last
    assert len(server.accepted) == 3


def test_wait_for_a_retry_is_shown(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """That it waits, and until when."""
    with ScriptedSmtp({"rcpt": [Answer("451 4.3.0 not now")] * 2}) as server:
        path = campaign(server.url, server=scripted(server.url), delivery={"first_retry": "2s"})
        with Terminal(prankcurl, "send", "--yes", path) as terminal:
            terminal.wait_for(r"(?i)wait\w* until \d\d:\d\d:\d\d.*again")
            assert terminal.finish() == 0
    assert len(server.accepted) == 1


def test_wait_for_the_pace_is_shown(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = campaign(server.url, server=scripted(server.url), delivery={"rate": "30/m"},
                        **two_groups())
        with Terminal(prankcurl, "send", "--yes", path) as terminal:
            terminal.wait_for(r"\d\d:\d\d:\d\d.*rate")
            assert terminal.finish() == 0
    assert len(server.accepted) == 2


@pytest.mark.parametrize("words", [["--quiet"], ["--trace"], []])
def test_no_progress_without_a_terminal_or_where_it_is_in_the_way(
    prankcurl: Prankcurl, campaign: CampaignFolder, words: list[str]
) -> None:
    with ScriptedSmtp() as server:
        path = campaign(server.url, server=scripted(server.url), **two_groups())
        if words:
            with Terminal(prankcurl, "send", "--yes", *words, path) as terminal:
                assert terminal.finish() == 0
            printed = terminal.screen
        else:
            printed = prankcurl("send", "--yes", path).expect(0).stderr
            assert "\r" not in printed and "\x1b" not in printed
    assert not re.search(r"\b\d/2\b", printed)


def test_question_says_how_many_are_left(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """Not how many the campaign has: two of its five are done."""
    with ScriptedSmtp() as server:
        path = campaign(server.url, server=scripted(server.url), **many_groups(5))
        prankcurl("send", "--yes", "-l", "2", path).expect(0)
        with Terminal(prankcurl, "send", path) as terminal:
            shown = terminal.wait_for(QUESTION)
            question = shown.splitlines()[-1]
            assert re.search(r"\b3\b", question), question
            assert re.search(r"\b2\b", shown), "and how many have gone before"
            assert "g1" not in shown and "g5" in shown
            terminal.type("y\n")
            assert terminal.finish() == 0
        with Terminal(prankcurl, "send", path) as terminal:
            assert terminal.finish() == 0, "nothing is left to be asked about"
            assert "?" not in terminal.screen
    assert len(by_id([one.data for one in server.accepted])) == 5


@pytest.mark.parametrize("keys, count", [("n\n", 1), ("y\n", 2)])
def test_new_run_asks(
    prankcurl: Prankcurl, campaign: CampaignFolder, keys: str, count: int
) -> None:
    """Who says no has the ledger as it was."""
    with ScriptedSmtp() as server:
        path = campaign(server.url, server=scripted(server.url))
        prankcurl("send", "--yes", path).expect(0)
        with Terminal(prankcurl, "send", "--new-run", path) as terminal:
            shown = terminal.wait_for(QUESTION)
            assert re.search(r"again|second|new run", shown), shown
            terminal.type(keys)
            assert terminal.finish() == 0
        assert len(server.accepted) == count
        assert set(states(beside(path), run=1).values()) == {"accepted"}
        assert (states(beside(path), run=2) != {}) == (count == 2)
        prankcurl("send", "--yes", path).expect(0)
    assert len(server.accepted) == count


def test_saying_no_changes_nothing(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """Also when some of it was put off before: it can be sent later."""
    script: dict[str, Step] = {"rcpt": [Answer("451 4.3.0 not now")] * 2}
    with ScriptedSmtp(script) as server:
        path = campaign(server.url, server=scripted(server.url), delivery=ONCE)
        prankcurl("send", "--yes", path).expect(75)
        with Terminal(prankcurl, "send", path) as terminal:
            terminal.wait_for(QUESTION)
            terminal.type("n\n")
            assert terminal.finish() == 0
        assert set(states(beside(path)).values()) == {"deferred"}
        prankcurl("send", "--yes", path).expect(0)
    assert len(server.accepted) == 1
