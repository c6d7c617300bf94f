"""Logging in: every mechanism, every source of a password, and no secret in any output.

That the password is in no output, in no form, is checked by the fixture `prankcurl` itself, on
every run of every test; here it gets the hardest cases.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from campaigns import CampaignFolder
from mailserver import MailServer
from runner import Prankcurl, Result, assert_not_told

MECHANISMS = ["plain", "login", "cram-md5", "xoauth2", "oauthbearer"]


def secret_for(server: MailServer, mechanism: str) -> str:
    return server.token() if mechanism in ("xoauth2", "oauthbearer") else server.password


def login_of(server: MailServer) -> str:
    """The mechanism of the one login in the server's log."""
    [mechanism] = re.findall(r"sasl_method=([\w-]+), sasl_username=nadia@example\.test",
                             server.log())
    return mechanism.lower()


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_mechanism(
    campaign: CampaignFolder, mailserver: MailServer, prankcurl: Prankcurl, mechanism: str
) -> None:
    """The named mechanism is used, and --trace shows all of the dialogue but the secrets."""
    path = campaign(mailserver.url(), server={"auth": mechanism})
    result = prankcurl("send", "--yes", "--trace", path,
                       password=secret_for(mailserver, mechanism)).expect(0)
    mailserver.wait_for_mail(2)
    assert login_of(mailserver) == mechanism
    assert_dialogue_is_shown(result, mechanism)


def assert_dialogue_is_shown(result: Result, mechanism: str) -> None:
    for part in ("EHLO ", "STARTTLS", f"AUTH {mechanism.upper()}", "235 ",
                 "MAIL FROM:<nadia@example.test>", "RCPT TO:<bela@example.test>",
                 "RCPT TO:<cleo@example.test>", "DATA", "354 ", "queued as"):
        assert part in result.stderr, f"{part!r} is not in the trace:\n{result.stderr}"


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_no_secret_in_the_trace_of_a_refusal(
    campaign: CampaignFolder, mailserver: MailServer, prankcurl: Prankcurl, mechanism: str
) -> None:
    stale = mailserver.token(lifetime_s=-60)
    wrong = stale if mechanism in ("xoauth2", "oauthbearer") else "no such \" password/\\+"
    path = campaign(mailserver.url(), server={"auth": mechanism})
    result = prankcurl("send", "--yes", "--trace", path, password=wrong).expect(77)
    # libcurl gives up on an XOAUTH2 challenge: 334, with the server's reason, is the last reply.
    assert ("334 " if mechanism == "xoauth2" else "535 ") in result.stderr
    mailserver.wait_for_mail(0)


@pytest.mark.parametrize("listener, host, server", [
    ("submission", "127.0.0.1", {}),
    ("submission", "localhost", {}),
    ("smtps", "127.0.0.1", {}),
    ("smtps", "localhost", {}),
    ("plaintext-auth", "127.0.0.1", {"starttls": "never"}),
    ("plaintext-auth", "localhost", {"starttls": "never", "ca_file": None}),
])
def test_listener(
    campaign: CampaignFolder, mailserver: MailServer, prankcurl: Prankcurl,
    listener: str, host: str, server: dict[str, Any],
) -> None:
    path = campaign(mailserver.url(listener, host), server=server)
    prankcurl("send", "--yes", path, password=mailserver.password).expect(0)
    mailserver.wait_for_mail(2)
    assert mailserver.connections(listener) == 1


def write_secret(folder: Path, secret: str, mode: int) -> Path:
    path = folder / "secret.txt"
    path.write_text(secret)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("ending", ["\n", ""])
def test_password_from_file(
    campaign: CampaignFolder, mailserver: MailServer, prankcurl: Prankcurl, ending: str
) -> None:
    prankcurl.secrets.add(mailserver.password)
    write_secret(campaign.folder, mailserver.password + ending, 0o600)
    path = campaign(mailserver.url(), server={"password": {"file": "secret.txt"}})
    # From another folder: the path is relative to the campaign file.
    prankcurl("send", "--yes", "--trace", path, cwd=Path("/")).expect(0)
    mailserver.wait_for_mail(2)


def test_password_file_that_others_can_read(
    campaign: CampaignFolder, mailserver: MailServer, prankcurl: Prankcurl
) -> None:
    prankcurl.secrets.add(mailserver.password)
    write_secret(campaign.folder, mailserver.password, 0o644)
    path = campaign(mailserver.url(), server={"password": {"file": "secret.txt"}})
    result = prankcurl("send", "--yes", path).expect(78)
    assert "secret.txt" in result.complaint
    assert mailserver.connections("submission") == 0


def test_password_from_command(
    campaign: CampaignFolder, mailserver: MailServer, prankcurl: Prankcurl
) -> None:
    """The words of the list are the command's arguments: no shell takes them apart."""
    prankcurl.secrets.add(mailserver.password)
    secret = write_secret(campaign.folder, mailserver.password + "\n", 0o600)
    odd = secret.rename(secret.with_name("a secret; $(exit 3).txt"))
    path = campaign(mailserver.url(), server={"password": {"command": ["cat", str(odd)]}})
    prankcurl("send", "--yes", "--trace", path).expect(0)
    mailserver.wait_for_mail(2)


@pytest.mark.parametrize("command", [["false"], ["/no/such/program"]])
def test_password_command_that_gives_none(
    campaign: CampaignFolder, mailserver: MailServer, prankcurl: Prankcurl, command: list[str]
) -> None:
    path = campaign(mailserver.url(), server={"password": {"command": command}})
    result = prankcurl("send", "--yes", path).expect(78)
    assert command[0] in result.complaint
    assert mailserver.connections("submission") == 0


def test_password_command_that_prints_nothing(
    campaign: CampaignFolder, mailserver: MailServer, prankcurl: Prankcurl
) -> None:
    path = campaign(mailserver.url(), server={"password": {"command": ["true"]}})
    assert "password" in prankcurl("send", "--yes", path).expect(78).complaint
    assert mailserver.connections("submission") == 0


def test_the_guard_itself_sees_secrets() -> None:
    """A check that finds nothing proves little, unless it finds what is there."""
    for leak in (b"x=s3cret pass!", b"AG5hZGlhAHMzY3JldCBwYXNzIQ==", b"eHMzY3JldCBwYXNzIXl5",
                 b"user=\1 czNjcmV0IHBhc3Mh", b"s3cret%20pass%21",
                 b"bmFkaWFAZXhhbXBsZS50ZXN0IDAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVm"):
        with pytest.raises(AssertionError, match="in the output"):
            assert_not_told("s3cret pass!", leak)
    assert_not_told("s3cret pass!", b"AUTH PLAIN ***  <1.QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo@x>")
