"""What cannot or must not be done is told in one line, with its own exit code; and is not done."""

from __future__ import annotations

import re
import shutil
from typing import Any

import pytest

from campaigns import ONCE, ORGANISER, CampaignFolder, two_groups
from certificates import Certificates
from mailserver import MailServer, free_ports
from mailserver_config import MESSAGE_SIZE_LIMIT
from runner import PASSWORD_VARIABLE, Prankcurl, Result

NEVER = {"starttls": "never"}
NO_LOGIN = {"username": None, "password": None}
ELSEWHERE = "smtp://192.0.2.1:587"  # RFC 5737: belongs to nobody
PROMPT_S = 10  # for what is refused before, or at, the connection


def assert_told(result: Result, *patterns: str) -> None:
    """The one line on stderr says all of this; no control character in it, no second line."""
    for pattern in patterns:
        assert re.search(pattern, result.complaint, re.IGNORECASE), (
            f"nothing of {pattern!r} in: {result.complaint}"
        )


def assert_nothing_sent(result: Result) -> None:
    for prank in result.pranks:
        assert prank["status"] not in ("accepted", "uncertain"), prank


@pytest.mark.parametrize("listener, server, told", [
    ("submission", {"ca_file": "other-ca.pem"}, ["certificate", "ca_file"]),
    ("expired", {}, ["certificate", "expired"]),
    ("wronghost", {}, ["certificate", "name|host|not valid for"]),
    ("selfsigned", {}, ["certificate", "self-signed|ca_file"]),
    ("plaintext-auth", {}, ["STARTTLS"]),
    ("plaintext-noauth", {}, ["STARTTLS"]),
    ("starttls-noauth", {}, [r"AUTH|log ?in"]),
    ("plaintext-noauth", NEVER, [r"AUTH|log ?in"]),
])
def test_server_that_is_not_to_be_trusted(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder, certs: Certificates,
    listener: str, server: dict[str, Any], told: list[str]
) -> None:
    shutil.copy(certs.other_ca.cert, campaign.folder / "other-ca.pem")
    path = campaign(mailserver.url(listener), server=server, **two_groups())
    sent = prankcurl("send", "--yes", "--json", path, password=mailserver.password,
                     timeout_s=PROMPT_S)
    sent.expect(77)
    assert_told(sent, *told)
    assert_nothing_sent(sent)
    mailserver.wait_for_mail(0)
    assert mailserver.connections(listener) == 1, "the cause concerns every prank: one try"
    assert "sasl_username" not in mailserver.log()


def test_ca_file_option_that_names_another_ca(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder, certs: Certificates
) -> None:
    """The campaign's own would do; the option is trusted alone."""
    sent = prankcurl("send", "--yes", "--json", "--ca-file", certs.other_ca.cert,
                     campaign(mailserver.url()), password=mailserver.password, timeout_s=PROMPT_S)
    sent.expect(77)
    assert_told(sent, "certificate")
    assert_nothing_sent(sent)
    mailserver.wait_for_mail(0)


@pytest.mark.parametrize("listener", ["submission", "smtps", "plaintext-auth"])
@pytest.mark.parametrize("auth", ["plain", "login", "cram-md5", "xoauth2", "oauthbearer", None])
def test_wrong_password(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder, listener: str,
    auth: str | None
) -> None:
    """Asked once and no more: servers lock accounts that many wrong passwords were tried on."""
    server = {"auth": auth} | (NEVER if listener == "plaintext-auth" else {})
    path = campaign(mailserver.url(listener), server=server, **two_groups())
    sent = prankcurl("send", "--yes", "--json", path, password="not-the-password",
                     timeout_s=PROMPT_S)
    sent.expect(77)
    # libcurl gives up on XOAUTH2's challenge, so the 535 behind it is never heard.
    assert_told(sent, "refuse", "password|token", *([] if auth == "xoauth2" else ["535"]))
    assert_nothing_sent(sent)
    mailserver.wait_for_mail(0)
    assert mailserver.connections(listener) == 1
    assert mailserver.log().count("authentication failed") == (0 if auth == "xoauth2" else 1)
    assert sent.summary["skipped"] >= 1


def test_stale_token(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder
) -> None:
    path = campaign(mailserver.url(), server={"auth": "oauthbearer"})
    sent = prankcurl("send", "--yes", "--json", path, password=mailserver.token(lifetime_s=-60),
                     timeout_s=PROMPT_S)
    sent.expect(77)
    assert_told(sent, "535")
    mailserver.wait_for_mail(0)


@pytest.mark.parametrize("url, server, told", [
    (ELSEWHERE, NEVER, ["never", "TLS"]),
    (ELSEWHERE, NEVER | NO_LOGIN, []),
    (ELSEWHERE, NO_LOGIN, ["username|password"]),
    ("smtps://192.0.2.1:465", NO_LOGIN, ["username|password"]),
    ("smtp://mail.example.test:587", NEVER, ["never", "TLS"]),
])
def test_unsafe_off_loopback(
    prankcurl: Prankcurl, campaign: CampaignFolder, url: str, server: dict[str, Any],
    told: list[str]
) -> None:
    """Refused before anything is connected: there, the answer would be another one, and late."""
    sent = prankcurl("send", "--yes", "--json", campaign(url, server=server), password="secret-1",
                     timeout_s=PROMPT_S)
    sent.expect(78)
    assert b"accepted" not in sent.stdout.replace(b'"accepted":0', b"")
    if told:  # with two things wrong there are two lines
        assert_told(sent, *told)
        assert_told(sent, r"e2e\.json:\d+:\d+: server")


def test_unsafe_off_loopback_by_option(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    path = campaign("smtp://127.0.0.1:587", server=NEVER)
    sent = prankcurl("send", "--yes", "--server", ELSEWHERE, path, password="secret-1",
                     timeout_s=PROMPT_S)
    sent.expect(78)


def test_nobody_listens(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    [port] = free_ports(1)
    path = campaign(f"smtp://127.0.0.1:{port}", **two_groups())
    sent = prankcurl("send", "--yes", "--json", path, password="secret-1", timeout_s=PROMPT_S)
    sent.expect(69)
    assert_told(sent, rf"127\.0\.0\.1:{port}|{port}", "connect|refused|reach")
    assert_nothing_sent(sent)


@pytest.mark.parametrize("password", [None, ""])
def test_missing_password(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder, password: str | None
) -> None:
    env = {} if password is None else {PASSWORD_VARIABLE: password}
    sent = prankcurl("send", "--yes", "--json", campaign(mailserver.url()), env=env)
    sent.expect(78)
    assert_told(sent, PASSWORD_VARIABLE)
    assert mailserver.connections("submission") == 0


@pytest.mark.parametrize("name, status, code, text, returncode", [
    ("nobody1", "refused", 550, "5.1.1 <nobody1@example.test>", 69),
    ("policy", "refused", 554, "Refused by policy", 69),
    ("tempfail", "deferred", 451, "please try again later", 75),
    ("full", "deferred", 452, "The mailbox is full", 75),
])
def test_one_recipient_is_refused(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder, name: str, status: str,
    code: int, text: str, returncode: int
) -> None:
    address = f"{name}@example.test"
    path = campaign(mailserver.url(),
                    ["adam@example.test", "bela@example.test", address, "cleo@example.test"],
                    delivery=ONCE)
    sent = prankcurl("send", "--yes", "--json", path, password=mailserver.password)
    sent.expect(returncode)
    assert_told(sent, re.escape(address), str(code), re.escape(text))
    assert [prank["status"] for prank in sent.pranks] == ["accepted"]
    told = sent.recipients
    assert (told[address]["status"], told[address]["code"]) == (status, code)
    assert text in told[address]["reply"]
    for other in ("bela@example.test", "cleo@example.test"):
        assert (told[other]["status"], told[other]["code"]) == ("accepted", 250)
        assert len(mailserver.mailbox(other)) <= 1
    mailserver.wait_for_mail(2)
    assert mailserver.mailbox(address) == []


@pytest.mark.parametrize("names, status, returncode", [
    (["nobody1", "nobody2"], "refused", 69), (["tempfail1", "tempfail2"], "deferred", 75),
])
def test_all_recipients_of_one_prank_are_refused(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder, names: list[str],
    status: str, returncode: int
) -> None:
    """The other prank goes out all the same."""
    changes = two_groups()
    for place, name in enumerate(names, start=1):
        address = f"{name}@example.test"
        changes["victims"][place] = {"name": name, "address": address}
        changes["groups"][0]["members"][place] = address
    path = campaign(mailserver.url(), delivery=ONCE, **changes)
    sent = prankcurl("send", "--yes", "--json", path, password=mailserver.password)
    sent.expect(returncode)
    assert {prank["group"]: prank["status"] for prank in sent.pranks} == {
        "one": status, "two": "accepted",
    }
    assert sent.summary["accepted"] == 1 and sent.summary[status] == 1
    mailserver.wait_for_mail(2)


def test_sender_that_is_not_owned(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder
) -> None:
    path = campaign(mailserver.url(), organiser=ORGANISER | {"address": "foreign@example.test"})
    sent = prankcurl("send", "--yes", "--json", path, password=mailserver.password)
    sent.expect(69)
    assert_told(sent, "553", "not owned by user")
    assert {one["code"] for one in sent.recipients.values()} == {553}
    assert [prank["status"] for prank in sent.pranks] == ["refused"]
    mailserver.wait_for_mail(0)


def test_too_big_a_message(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder
) -> None:
    text = "All work and no play.\n" * (MESSAGE_SIZE_LIMIT // 20)
    path = campaign(mailserver.url(), messages=[{"name": "big", "subject": "Big", "text": text}])
    sent = prankcurl("send", "--yes", "--json", path, password=mailserver.password)
    sent.expect(69)
    assert_told(sent, "552")
    assert [prank["status"] for prank in sent.pranks] == ["refused"]
    mailserver.wait_for_mail(0)
