"""Faults as real clients see them: Python's smtplib, curl, and prankcurl with its exit codes."""

from __future__ import annotations

import json
import os
import smtplib
import ssl
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mock import REPOSITORY, TIMEOUT_S, Mock, clean_environment

Rule = dict[str, Any]
MESSAGE = b"Subject: one\r\n\r\ntext\r\n"

LATER = {"reply": "451 4.7.1 later"}
NEVER = {"reply": "554 5.7.1 never"}
BUSY = {"reply": "421 4.3.2 busy"}
GARBAGE = {"garbage": True}
LONG = {"long": True}
DRIP = {"drip": "1ms"}
SLOW = {"delay": "20ms"}
CLOSE = {"then": "close"}
RESET = {"then": "reset"}
HANG = {"then": "hang"}


def case_id(value: object) -> str:
    """Of a rule's action, for the names of tests."""
    return "-".join(f"{k}-{v}" for k, v in value.items()) if isinstance(value, dict) else str(value)


# smtplib

def send_by_smtplib(mock: Mock, timeout_s: float = TIMEOUT_S) -> None:
    """All but QUIT, which would only hide what went wrong before."""
    with closing(mock.smtp(timeout_s)) as client:
        client.starttls(context=ssl.create_default_context(cafile=str(mock.ca)))
        client.login("nadia", "pw")
        client.sendmail("sender@example.test", ["tom@example.test"], MESSAGE)


GONE = (smtplib.SMTPServerDisconnected, ConnectionResetError)
SILENT = (smtplib.SMTPServerDisconnected, TimeoutError)
BY_SMTPLIB: list[tuple[str, Rule, type[BaseException] | tuple[type[BaseException], ...], int | None]] = [
    ("connect", NEVER, smtplib.SMTPConnectError, 554),
    ("connect", BUSY, smtplib.SMTPConnectError, 421),
    ("connect", GARBAGE, smtplib.SMTPConnectError, -1),
    ("connect", CLOSE, GONE, None),
    ("connect", RESET, GONE, None),
    ("connect", HANG, SILENT, None),
    ("ehlo", NEVER, smtplib.SMTPHeloError, 554),
    ("ehlo", CLOSE, GONE, None),
    ("starttls", LATER, smtplib.SMTPResponseException, 451),
    ("starttls", CLOSE, GONE, None),
    ("auth", NEVER, smtplib.SMTPAuthenticationError, 554),
    ("auth", CLOSE, GONE, None),
    ("mail", LATER, smtplib.SMTPSenderRefused, 451),
    ("mail", BUSY, smtplib.SMTPSenderRefused, 421),
    ("mail", RESET, GONE, None),
    ("mail", HANG, SILENT, None),
    ("rcpt", NEVER, smtplib.SMTPRecipientsRefused, None),
    ("rcpt", BUSY, smtplib.SMTPRecipientsRefused, None),
    ("rcpt", CLOSE, GONE, None),
    ("data", LATER, smtplib.SMTPDataError, 451),
    ("data", CLOSE, GONE, None),
    ("body", NEVER, smtplib.SMTPDataError, 554),
    ("body", CLOSE, GONE, None),
    ("final", LATER, smtplib.SMTPDataError, 451),
    ("final", BUSY, smtplib.SMTPDataError, 421),
    ("final", CLOSE, GONE, None),
    ("final", RESET, GONE, None),
    ("final", HANG, SILENT, None),
]


@pytest.mark.parametrize("step, action, error, code", BY_SMTPLIB, ids=case_id)
def test_smtplib_fails(
    mock: Mock, step: str, action: Rule, error: type[BaseException], code: int | None
) -> None:
    mock.set_faults([{"step": step, **action}])
    with pytest.raises(error) as raised:
        send_by_smtplib(mock, timeout_s=0.3 if action is HANG else TIMEOUT_S)
    if isinstance(raised.value, smtplib.SMTPResponseException):
        assert raised.value.smtp_code == code
    elif isinstance(raised.value, smtplib.SMTPRecipientsRefused):
        assert list(raised.value.recipients) == ["tom@example.test"]
    # A reply in the middle of a message is not the last word on it.
    assert len(mock.messages()) == (1 if (step, action) == ("body", NEVER) else 0)


@pytest.mark.parametrize("action", [LONG, DRIP, SLOW], ids=case_id)
@pytest.mark.parametrize("step", ["connect", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "final"])
def test_smtplib_copes(mock: Mock, step: str, action: Rule) -> None:
    mock.set_faults([{"step": step, **action}])
    send_by_smtplib(mock)
    assert mock.raw(1) == MESSAGE


def test_smtplib_says_helo_after_a_refused_ehlo(mock: Mock) -> None:
    mock.set_faults([{"step": "ehlo", "times": 1, **NEVER}])
    mock.deliver(MESSAGE)
    assert mock.message(1)["client"]["protocol"] == "SMTP"


def test_smtplib_tells_who_was_refused(mock: Mock) -> None:
    mock.set_faults([{"step": "rcpt", "recipient": "tom@*", **NEVER}])
    with mock.smtp() as client:
        refused = client.sendmail("a@x.test", ["anna@x.test", "tom@x.test", "450-x@x.test"], MESSAGE)
    assert {address: code for address, (code, _) in refused.items()} == {
        "tom@x.test": 554, "450-x@x.test": 450,
    }


# curl

def send_by_curl(mock: Mock, folder: Path, max_time_s: float = 10) -> int:
    """With STARTTLS and a login; returns curl's exit code (curl.se/libcurl/c/libcurl-errors.html)."""
    message = folder / "message.eml"
    message.write_bytes(MESSAGE)
    run = subprocess.run([
        "curl", "-sS", "-q", "--max-time", str(max_time_s), "--ssl-reqd", "--cacert", str(mock.ca),
        "--user", "nadia:pw", "--url", f"smtp://127.0.0.1:{mock.port}/client.example",
        "--mail-from", "sender@example.test", "--mail-rcpt", "tom@example.test",
        "--upload-file", str(message),
    ], capture_output=True, timeout=30, env=clean_environment(folder))
    return run.returncode


BY_CURL: list[tuple[str, Rule, set[int]]] = [
    ("connect", NEVER, {8}), ("connect", CLOSE, {56}), ("connect", RESET, {7, 56}),
    ("ehlo", LATER, {9}), ("ehlo", CLOSE, {56}), ("ehlo", SLOW, {0}),
    ("starttls", NEVER, {64}), ("starttls", RESET, {56}), ("starttls", LONG, {0}),
    ("auth", NEVER, {67}), ("auth", CLOSE, {56}),
    ("mail", LATER, {55}), ("mail", HANG, {28}), ("mail", LONG, {0}), ("mail", GARBAGE, {28}),
    ("rcpt", BUSY, {55}), ("rcpt", SLOW, {0}),
    ("data", NEVER, {55}), ("data", CLOSE, {56}),
    ("body", CLOSE, {55, 56}), ("body", NEVER, {8}),
    ("final", LATER, {8}), ("final", CLOSE, {56}), ("final", RESET, {55, 56}), ("final", DRIP, {0}),
    ("quit", NEVER, {0}), ("quit", CLOSE, {0}), ("quit", RESET, {0}),
]


@pytest.mark.parametrize("step, action, codes", BY_CURL, ids=case_id)
def test_curl(mock: Mock, tmp_path: Path, step: str, action: Rule, codes: set[int]) -> None:
    mock.set_faults([{"step": step, **action}])
    assert send_by_curl(mock, tmp_path, 0.5 if codes == {28} else 10) in codes
    assert mock.get("/api/faults").json["rules"][0]["fired"] >= 1


# prankcurl

@dataclass(frozen=True)
class Sent:
    returncode: int
    pranks: list[dict[str, Any]]
    stderr: str


def people(*names: str) -> list[dict[str, str]]:
    return [{"name": name.capitalize(), "address": f"{name}@example.test"} for name in names]


def write_campaign(mock: Mock, folder: Path, groups: list[tuple[str, ...]], **delivery: Any) -> Path:
    """A campaign with these groups; the first of each is the author."""
    campaign = {
        "campaign": "faults", "seed": 1,
        "organiser": {"name": "Nadia Rossi", "address": "nadia@example.test"},
        "server": {"url": f"smtp://127.0.0.1:{mock.port}", "username": "nadia",
                   "password": {"env": "PRANKCURL_PASSWORD"}},
        "consent": {"domains": ["example.test"]},
        "victims": [victim for group in groups for victim in people(*group)],
        "groups": [
            {"name": f"group-{n}", "members": [f"{name}@example.test" for name in group],
             "author": f"{group[0]}@example.test"} for n, group in enumerate(groups)
        ],
        "messages": [{"name": "coffee", "subject": "coffee", "text": "It was me.\n"}],
        "delivery": {"attempts": 1, "connections": 1} | delivery,
    }
    path = folder / "faults.json"
    path.write_text(json.dumps(campaign))
    return path


def send_by_prankcurl(mock: Mock, campaign: Path) -> Sent:
    binary = Path(os.environ.get("PRANKCURL_BINARY", REPOSITORY / "build/dev/prankcurl")).absolute()
    run = subprocess.run(
        [binary, "send", "--yes", "--json", "--server", f"smtp://127.0.0.1:{mock.port}",
         "--ca-file", mock.ca, campaign],
        capture_output=True, text=True, timeout=60,
        env=clean_environment(campaign.parent) | {"PRANKCURL_PASSWORD": "pw"},
    )
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return Sent(run.returncode, [line for line in lines if "summary" not in line], run.stderr)


ONE_GROUP = [("adam", "bela", "cleo")]
BY_PRANKCURL: list[tuple[str, Rule, int, str]] = [
    ("connect", LATER, 75, "deferred"), ("connect", NEVER, 69, "deferred"),
    ("connect", GARBAGE, 76, "deferred"), ("connect", CLOSE, 75, "deferred"),
    ("connect", LONG, 0, "accepted"), ("connect", DRIP, 0, "accepted"),
    ("ehlo", BUSY, 75, "deferred"), ("ehlo", RESET, 75, "deferred"),
    ("starttls", NEVER, 77, "deferred"), ("starttls", CLOSE, 75, "deferred"),
    ("starttls", LONG, 0, "accepted"), ("starttls", DRIP, 0, "accepted"),
    ("auth", LATER, 75, "deferred"), ("auth", NEVER, 77, "deferred"), ("auth", RESET, 75, "deferred"),
    ("mail", LATER, 75, "deferred"), ("mail", NEVER, 69, "refused"), ("mail", BUSY, 75, "deferred"),
    ("mail", CLOSE, 75, "deferred"), ("mail", LONG, 0, "accepted"),
    ("rcpt", LATER, 75, "deferred"), ("rcpt", NEVER, 69, "refused"), ("rcpt", SLOW, 0, "accepted"),
    ("data", LATER, 75, "deferred"), ("data", NEVER, 69, "refused"), ("data", CLOSE, 75, "deferred"),
    ("body", CLOSE, 75, "uncertain"),
    ("final", LATER, 75, "deferred"), ("final", NEVER, 69, "refused"), ("final", BUSY, 75, "deferred"),
    ("final", CLOSE, 75, "uncertain"), ("final", RESET, 75, "uncertain"),
    ("final", {"then": "close", "stored": True}, 75, "uncertain"),
    ("final", LONG, 0, "accepted"), ("final", DRIP, 0, "accepted"),
    ("quit", NEVER, 0, "accepted"), ("quit", CLOSE, 0, "accepted"), ("quit", RESET, 0, "accepted"),
]


@pytest.mark.parametrize("step, action, returncode, status", BY_PRANKCURL, ids=case_id)
def test_prankcurl(
    mock: Mock, tmp_path: Path, step: str, action: Rule, returncode: int, status: str
) -> None:
    mock.set_faults([{"step": step, **action}])
    sent = send_by_prankcurl(mock, write_campaign(mock, tmp_path, ONE_GROUP))
    assert (sent.returncode, [prank["status"] for prank in sent.pranks]) == (returncode, [status]), sent
    is_kept = status == "accepted" or action.get("stored", False)
    assert len(mock.messages()) == is_kept


def test_prankcurl_is_run_again_after_greylisting(mock: Mock, tmp_path: Path) -> None:
    mock.set_faults([{"step": "rcpt", "attempt": 1, **LATER}])
    campaign = write_campaign(mock, tmp_path, [("adam", "bela")])
    runs = [send_by_prankcurl(mock, campaign) for _ in range(2)]
    assert [(run.returncode, run.pranks[0]["status"]) for run in runs] == [
        (75, "deferred"), (0, "accepted"),
    ]
    assert len(mock.messages()) == 1


def test_prankcurl_goes_on_with_another_connection(mock: Mock, tmp_path: Path) -> None:
    mock.set_faults([{"step": "mail", "after_messages": 1, **BUSY}])
    groups = [tuple(f"{name}{n}" for name in ("ada", "ben", "cai")) for n in range(3)]
    sent = send_by_prankcurl(mock, write_campaign(mock, tmp_path, groups, attempts=3, first_retry="10ms"))
    assert [prank["status"] for prank in sent.pranks] == ["accepted"] * 3, sent
    assert sorted(mock.message(n)["client"]["connection"] for n in (1, 2, 3)) == [1, 2, 3]


def test_prankcurl_does_not_send_an_uncertain_prank_again(mock: Mock, tmp_path: Path) -> None:
    """It was stored, though nobody said so: once more would be twice."""
    mock.set_faults([{"step": "final", "stored": True, "then": "close"}])
    campaign = write_campaign(mock, tmp_path, ONE_GROUP, attempts=3, first_retry="10ms")
    assert send_by_prankcurl(mock, campaign).pranks[0]["status"] == "uncertain"
    assert len(mock.messages()) == 1


def test_prankcurl_tells_what_became_of_each_recipient(mock: Mock, tmp_path: Path) -> None:
    mock.set_faults([{"step": "rcpt", "recipient": "bela@*", **NEVER}])
    sent = send_by_prankcurl(mock, write_campaign(mock, tmp_path, ONE_GROUP))
    assert (sent.returncode, sent.pranks[0]["status"]) == (69, "accepted")
    codes = {one["address"]: one["code"] for one in sent.pranks[0]["recipients"]}
    assert codes["bela@example.test"] == 554
