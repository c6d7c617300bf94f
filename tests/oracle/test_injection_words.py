"""The same for what does not come from the campaign: the command line and the environment; and for
values without any control character that a careless reader would decode to some."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import program
import pytest
import readers
from injection_places import BASE, CONTROLS
from program import environment, run
from test_injection import REFUSED, check_clean, check_message, check_refused

WORDS = {
    "--group": ["--dry-run", "--group", "o{}ne"],
    "--group, a field": ["--dry-run", "--group", "one{}Bcc: mallory@evil.invalid"],
    "--group, twice": ["plan", "-g", "one", "-g", "{}"],
    "--seed": ["--dry-run", "--seed", "1{}"],
    "--seed, before": ["--dry-run", "--seed", "{}1"],
    "--limit": ["--dry-run", "--limit", "1{}"],
    "--format": ["--dry-run", "--format", "mbox{}"],
    "--format of a plan": ["plan", "--format", "{}json"],
    "--server": ["--dry-run", "--server", "smtp://127.0.0.1:25{}25"],
    "--server's host": ["--dry-run", "--server", "smtp://local{}host:25"],
    "--server, a command": ["--dry-run", "--server", "smtp://localhost:25/{}QUIT"],
    "--rate": ["--rate", "1/s{}", "--dry-run"],
    "an option": ["--dry-{}run"],
    "a command": ["pl{}an"],
    "too many words": ["plan", "{}"],
}
BYTES = [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x8a", b"\xf8\x88\x80\x80\x80"]  # none is UTF-8
DISGUISED = [
    "=?utf-8?q?x=0D=0ABcc:_mallory@evil.invalid?=", "=?UTF-8?B?DQpCY2M6IG1AZXZpbC5pbnZhbGlk?=",
    "x=0D=0ABcc: mallory@evil.invalid", "x%0d%0aBcc: mallory@evil.invalid",
    "x\\r\\nBcc: m@evil.invalid", "x&#13;&#10;Bcc: mallory@evil.invalid",
    "x?=\\n =?utf-8?q?=0ABcc:?= y", "\u240d\u240aBcc: m@evil.invalid",
    "x\u560d\u560aBcc: mallory@evil.invalid", "x\uff0d\uff0aBcc: m@evil.invalid", "{{{author.v}}}",
    "=?utf-8?q?a?= =?utf-8?q?=0D=0A=0D=0Ab?=", "Bcc: mallory@evil.invalid",
    "x, mallory@evil.invalid", "x <mallory@evil.invalid>,", "\">, <mallory@evil.invalid>",
    "x\\", "x\\\"", "(", "=?utf-8?q?",
]


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    path = tmp_path / "base.json"
    path.write_text(json.dumps(BASE))
    return path


def arguments() -> list[bytes]:
    return [chr(control).encode() for control in CONTROLS if control] + BYTES


@pytest.mark.parametrize("place", WORDS)
def test_command_line(place: str, campaign: Path) -> None:
    """Every control character an argument can hold, and bytes that are no text."""
    for odd in arguments():
        words = [word.encode().replace(b"{}", odd) for word in WORDS[place]]
        result = run(*words, campaign)
        check_refused(result, REFUSED)


def test_name_of_the_campaign(tmp_path: Path) -> None:
    for odd in arguments():
        result = run("--dry-run", bytes(tmp_path) + b"/not" + odd + b"there.json")
        assert result.code == 66 and not result.out
        assert len(check_clean(result.err, "stderr").splitlines()) == 1


def test_errors_of_a_campaign_with_an_odd_name(tmp_path: Path) -> None:
    for odd in arguments():
        path = bytes(tmp_path) + b"/odd" + odd + b".json"
        Path(path.decode(errors="surrogateescape")).write_text("{}")
        result = run("check", path)
        assert result.code == 65 and not result.out
        for line in check_clean(result.err, "stderr").splitlines():
            assert line.startswith(f"{tmp_path}/odd"), line


def test_name_of_the_output_folder(campaign: Path, tmp_path: Path) -> None:
    for odd in arguments():
        result = run("--dry-run", "-o", bytes(tmp_path) + b"/out" + odd, campaign)
        assert result.code in {0} | REFUSED and not result.out
        assert len(check_clean(result.err, "stderr").splitlines()) == 1, result.err


def test_source_date_epoch(campaign: Path) -> None:
    plain = program.good("--dry-run", campaign, env=environment(SOURCE_DATE_EPOCH="5"))
    for odd in arguments():
        for value in (b"5" + odd, odd + b"5", b"5" + odd + b"Bcc: mallory@evil.invalid"):
            env = environment() | {"SOURCE_DATE_EPOCH": value.decode(errors="surrogateescape")}
            result = run("--dry-run", campaign, env=env)
            if result.code == 0:  # blanks in front of a number are the C library's custom
                assert result.out == plain
            else:
                check_refused(result, REFUSED)


@pytest.mark.parametrize("value", ["", "x", "-1", "1.5", "0x10", "99999999999999999999", "1e9"])
def test_source_date_epoch_that_is_none(campaign: Path, value: str) -> None:
    check_refused(run("--dry-run", campaign, env=environment(SOURCE_DATE_EPOCH=value)), REFUSED)


@pytest.mark.parametrize("value", DISGUISED, ids=ascii)
def test_disguised_line_ends(value: str, tmp_path: Path) -> None:
    """As the name of everybody, the group, the message, and a value in subject and html."""
    document = copy.deepcopy(BASE)
    for person in (document["organiser"], *document["victims"], *document["witnesses"]):
        person["name"] = value
    document["victims"][0]["vars"]["v"] = value
    document["groups"][0] |= {"name": value, "message": value}
    document["messages"] = [{"name": value, "subject": "{{author.v}}|{{author.name}}|{{group}}",
                             "text": "{{author.v}}", "html": "{{author.v}}"}]
    path = tmp_path / "disguised.json"
    path.write_text(json.dumps(document))
    (data,) = readers.messages_of(program.good("--dry-run", path))
    check_message(data)
    ((sender, recipients, posted),) = readers.batch_smtp(
        program.good("--dry-run", "--format", "bsmtp", path))
    assert (sender, recipients) == ("nadia@example.test", ["bela@example.test", "wim@example.test"])
    assert posted == data
    seen = readers.by_python(data)
    assert seen.subject == f"{value}|{value}|{value}"
    assert seen.text == value + "\n"
    assert [seen.author, seen.sender, seen.to, seen.cc] == [
        [(value, (local, "example.test"))] for local in ("adam", "nadia", "bela", "wim")]
    plan = check_clean(program.good("plan", path), "plan")
    assert len(plan.splitlines()) == 6
