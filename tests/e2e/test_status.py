"""`status` tells what the ledger knows, to people and to programs, also while `send` is at work."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from campaigns import ALONE, ONCE, Campaign, CampaignFolder, group, scripted, two_groups, victim
from runner import Prankcurl, Result
from scripted_session import Answer
from scripted_smtp import ScriptedSmtp, Step

PROMPT_S = 20
STATES = ("planned", "in_flight", "accepted", "refused", "deferred", "uncertain")
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
NASTY = "550 5.1.1 \x1b[31mred\x1b]0;title\x07 \x9b2J zoë"


def send(prankcurl: Prankcurl, path: Path, *words: str | Path) -> Result:
    return prankcurl("send", "--yes", "--json", *words, path, timeout_s=PROMPT_S)


def as_json(prankcurl: Prankcurl, path: Path, *words: str | Path) -> dict[str, Any]:
    done = prankcurl("status", "--format", "json", *words, path).expect(0)
    assert done.stderr == ""
    return json.loads(done.stdout)


def as_text(prankcurl: Prankcurl, path: Path, *words: str | Path) -> str:
    done = prankcurl("status", *words, path).expect(0)
    assert done.stderr == ""
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stdout.decode("utf-8"))
    return done.stdout.decode("utf-8")


def counts(**some: int) -> dict[str, int]:
    return dict.fromkeys(STATES, 0) | some


def groups_of_three(number: int) -> Campaign:
    """Groups g1, g2, … of three people each: as `**changes` of a campaign."""
    groups = {f"g{n}": [f"{name}{n}@example.test" for name in ("ada", "ben", "cai")]
              for n in range(1, number + 1)}
    return {
        "victims": [victim(address) for members in groups.values() for address in members],
        "groups": [group(name, members) for name, members in groups.items()],
    }


@contextmanager
def sending(
    prankcurl: Prankcurl, path: Path, server: ScriptedSmtp
) -> Iterator[subprocess.Popen[bytes]]:
    """`send` at work, which has handed over its first message; it is killed at the end."""
    process = subprocess.Popen(
        [str(prankcurl.binary), "send", "--yes", "--quiet", str(path)], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=prankcurl.environment(),
    )
    try:
        deadline = time.monotonic() + PROMPT_S
        while not server.received:
            assert process.poll() is None, f"it ended with {process.returncode}"
            assert time.monotonic() < deadline, "no message came"
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.wait(PROMPT_S)


def test_nothing_was_sent_yet(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    path = campaign("smtps://smtp.example.test:465")
    ledger = path.with_suffix(".ledger.db")
    assert as_text(prankcurl, path) == f"nothing was sent yet: there is no {ledger}\n"
    assert as_json(prankcurl, path) == {
        "version": 1, "ledger": str(ledger), "campaign": None, "run": 0, "server": None,
        "seed": None, "started": None, "held_by": None,
        "totals": {"pranks": counts(), "recipients": counts()}, "pranks": [],
    }
    assert not ledger.exists(), "who only looks makes nothing"


def test_where_the_ledger_is(prankcurl: Prankcurl, tmp_path: Path) -> None:
    """Beside the campaign, also where that has another ending; or where the user says."""
    for name in ("april", "april.json5", "april.json"):
        (tmp_path / name).touch()
    for words, ledger in [
        (["april.json"], "april.ledger.db"),
        (["april.json5"], "april.json5.ledger.db"),
        (["april"], "april.ledger.db"),
        (["--ledger", "else/where.db", "april"], "else/where.db"),
    ]:
        done = prankcurl("status", *words, cwd=tmp_path).expect(0)
        assert done.stdout.decode() == f"nothing was sent yet: there is no {ledger}\n"


def test_neither_campaign_nor_ledger(prankcurl: Prankcurl, tmp_path: Path) -> None:
    told = prankcurl("status", "gone.json", cwd=tmp_path).expect(66).complaint
    assert '"gone.json"' in told and '"gone.ledger.db"' in told


def test_everybody_was_served(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = campaign(server.url, server=scripted(server.url), **two_groups())
        sent = send(prankcurl, path).expect(0)
    found = as_json(prankcurl, path)
    assert (found["campaign"], found["run"], found["seed"]) == ("e2e", 1, 20270401)
    assert found["server"] == server.url
    assert re.fullmatch(TIME, found["started"]) and found["held_by"] is None
    assert found["totals"] == {"pranks": counts(accepted=2), "recipients": counts(accepted=4)}
    assert found["pranks"] == []
    everything = as_json(prankcurl, path, "--verbose")
    assert {prank["id"] for prank in everything["pranks"]} == {one["id"] for one in sent.pranks}
    for prank in everything["pranks"]:
        assert (prank["state"], prank["attempts"]) == ("accepted", 1)
        assert prank["message_id"] == f"<{prank['id']}.e2e@example.test>"
        for one in prank["recipients"]:
            assert (one["state"], one["attempts"], one["code"]) == ("accepted", 1, 250)
            assert re.fullmatch(TIME, one["since"])
    text = as_text(prankcurl, path)
    assert re.search(r"^accepted +2 +4$", text, re.MULTILINE)
    assert "@example.test" not in text and "prankcurl" not in text
    assert "ben1@example.test" in as_text(prankcurl, path, "-v")


def test_one_recipient_of_a_prank(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """The prank went out, and still there is something to see to."""

    def no_cleo(address: str) -> Answer:
        return Answer("550 5.1.1 no cleo" if address.startswith("cleo") else "250 2.1.5 ok")

    with ScriptedSmtp({"rcpt": no_cleo}) as server:
        path = campaign(server.url, server=scripted(server.url))
        send(prankcurl, path).expect(69)
    found = as_json(prankcurl, path)
    assert found["totals"] == {
        "pranks": counts(accepted=1), "recipients": counts(accepted=1, refused=1),
    }
    [prank] = found["pranks"]
    assert (prank["group"], prank["message"], prank["author"], prank["state"]) == (
        "one", "coffee", "adam@example.test", "accepted",
    )
    assert [(one["address"], one["state"], one["code"]) for one in prank["recipients"]] == [
        ("bela@example.test", "accepted", 250), ("cleo@example.test", "refused", 550),
    ]
    assert "no cleo" in prank["recipients"][1]["reply"]
    text = as_text(prankcurl, path)
    assert re.search(r"refused +cleo@example\.test +1 attempt +since .* UTC +550 5\.1\.1 no cleo$",
                     text, re.MULTILINE)
    assert "bela" not in text
    assert f"--only-failed" in text and "--resend-uncertain" not in text


ADVICE = ("the same command", "--only-failed", "--resend-uncertain")


@pytest.mark.parametrize("script, state, told", [
    ({"final": Answer("451 4.3.0 not now")}, "deferred", "the same command"),
    ({"final": Answer("554 5.6.0 spam")}, "refused", "--only-failed"),
    ({"final": Answer(close=True)}, "uncertain", "--resend-uncertain"),
])
def test_what_to_do(
    prankcurl: Prankcurl, campaign: CampaignFolder, script: dict[str, Step], state: str, told: str
) -> None:
    with ScriptedSmtp(script) as server:
        path = campaign(server.url, server=scripted(server.url), delivery=ONCE)
        sent = send(prankcurl, path)
    found = as_json(prankcurl, path)
    assert found["totals"] == {"pranks": counts(**{state: 1}), "recipients": counts(**{state: 2})}
    [prank] = found["pranks"]
    assert prank["state"] == state and prank["id"] == sent.pranks[0]["id"]
    text = as_text(prankcurl, path)
    assert re.search(rf"^{state} +1 +2$", text, re.MULTILINE)
    assert prank["message_id"] in text
    advice = text.rpartition("\n\n")[2]
    assert [word for word in ADVICE if word in advice] == [told]


@pytest.mark.parametrize("content", ["{", None], ids=["broken", "gone"])
def test_no_campaign_is_needed(
    prankcurl: Prankcurl, campaign: CampaignFolder, content: str | None
) -> None:
    with ScriptedSmtp() as server:
        path = campaign(server.url, server=scripted(server.url))
        send(prankcurl, path).expect(0)
    path.unlink() if content is None else path.write_text(content)
    assert as_json(prankcurl, path)["totals"]["pranks"] == counts(accepted=1)


def test_while_it_is_sent_and_after_a_crash(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    with ScriptedSmtp({"final": [Answer(hang=True)]}) as server:
        path = campaign(server.url, server=scripted(server.url), delivery=ALONE,
                        **groups_of_three(6))
        with sending(prankcurl, path, server) as process:
            found = as_json(prankcurl, path)
            text = as_text(prankcurl, path)
        assert re.search(rf"\b{process.pid}\b", found["held_by"])
        assert re.search(rf"being sent now by .*\b{process.pid}\b", text)
        assert "  prankcurl " not in text, "nothing is to be done while it works"
        crashed = as_json(prankcurl, path)
        assert crashed["held_by"] is None
        for one in (found, crashed):
            assert one["totals"]["pranks"] == counts(in_flight=1, planned=5)
        # It may have arrived; what was not tried is told in short.
        text = as_text(prankcurl, path)
        assert "--resend-uncertain sends it again" in text
        assert "and 2 more" in text and "cai5@example.test" not in text
        assert "cai5@example.test" in as_text(prankcurl, path, "-v")
        send(prankcurl, path)
    found = as_json(prankcurl, path)
    assert found["totals"]["pranks"] == counts(uncertain=1, accepted=5)
    [prank] = found["pranks"]
    assert prank["state"] == "uncertain"


def test_words_of_the_server_do_no_harm(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp({"rcpt": Answer(NASTY)}) as server:
        path = campaign(server.url, server=scripted(server.url))
        send(prankcurl, path).expect(69)
    assert "red" in as_text(prankcurl, path)  # and as_text() looks for what does harm
    [prank] = as_json(prankcurl, path)["pranks"]
    assert "\x1b" not in prank["recipients"][0]["reply"]


def test_what_is_no_ledger(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    path = campaign("smtps://smtp.example.test:465")
    path.with_suffix(".ledger.db").write_text("Dear diary,\n" * 1000)
    done = prankcurl("status", path).expect(74)
    assert str(path.with_suffix(".ledger.db")) in done.complaint and done.stdout == b""


@pytest.mark.parametrize("words, told", [
    (["status", "--json"], '--json is not for "status"'),
    (["status", "--quiet"], '--quiet is not for "status"'),
    (["status", "--server", "smtps://a.test"], '--server is not for "status"'),
    (["status", "--allow-outside"], '--allow-outside is not for "status"'),
    (["status", "--dry-run"], '--dry-run is not for "status"'),
    (["status", "--format", "mbox"], '--format of a status is text or json: "mbox"'),
    (["check", "--ledger", "a.db"], '--ledger is not for "check"'),
    (["plan", "--connections", "2"], '--connections is not for "plan"'),
    (["plan", "--new-run"], '--new-run is not for "plan"'),
    (["--ledger", ""], '--ledger needs the name of a file: ""'),
    (["-j", "0"], '--connections needs a number from 1 to 64: "0"'),
    (["-j", "65"], '--connections needs a number from 1 to 64: "65"'),
    (["-j", "two"], '--connections needs a number from 1 to 64: "two"'),
    (["-n", "--resend-uncertain"], "leave --resend-uncertain out"),
    (["-n", "--only-failed"], "leave --only-failed out"),
    (["-n", "--new-run"], "leave --new-run out"),
    (["--only-failed", "--new-run"], "give one of them"),
])
def test_options_that_do_not_fit(
    prankcurl: Prankcurl, campaign: CampaignFolder, words: list[str], told: str
) -> None:
    done = prankcurl(*words, campaign("smtps://smtp.example.test:465")).expect(64)
    assert told in done.stderr and done.stdout == b""


@pytest.mark.parametrize("connections", [1, 3])
def test_connections_of_the_command_line_count(
    prankcurl: Prankcurl, campaign: CampaignFolder, connections: int
) -> None:
    slow = {"final": Answer("250 2.0.0 ok", delay_s=0.2)}  # so that one alone isn't fast enough
    with ScriptedSmtp(slow) as server:
        path = campaign(server.url, server=scripted(server.url), delivery={"connections": 2},
                        **groups_of_three(6))
        send(prankcurl, path, "-j", str(connections)).expect(0)
    assert server.connections == connections
    assert len(server.accepted) == 6
