"""On a terminal `send` shows what it is about to do, and asks; everywhere else it just does it."""

from __future__ import annotations

import pytest

from campaigns import CampaignFolder, scripted, two_groups
from runner import Prankcurl
from scripted_smtp import ScriptedSmtp
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
