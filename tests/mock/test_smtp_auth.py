"""AUTH (RFC 4954): every mechanism, right and wrong, and no secret told anywhere."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from conftest import StartMock
from hidden import assert_not_told, everything_told
from logins import BEARER, MECHANISMS, answer, encode, log_in
from mock import Mock
from raw_client import RawClient, greeted
from smtp_cases import SENDER
from waiting import until

USER, SECRET = "nadia@example.test", "correct-horse-battery"
WITH_INITIAL = [one for one in MECHANISMS if one != "CRAM-MD5"]
ENVIRONMENT = {"MOCK_PASSWORD": SECRET}
GUARDED = ("--user", USER, "--password-env", "MOCK_PASSWORD")
TOLD = ("--json", "-v")


@pytest.fixture
def guarded(start_mock: StartMock) -> Mock:
    return start_mock(*GUARDED, *TOLD, env=ENVIRONMENT)


@pytest.fixture
def client(guarded: Mock) -> Iterator[RawClient]:
    with greeted(guarded) as talking:
        yield talking


def test_cram_md5_as_in_rfc_2195() -> None:
    """The client of these tests itself is right."""
    challenge = b"<1896.697170952@postoffice.reston.mci.net>"
    said = base64.b64decode(answer("CRAM-MD5", "tim", "tanstaaftanstaaf", challenge))
    assert said == b"tim b913a602c7eda7a495b4e6e7334d3890"


@pytest.mark.parametrize("initial", [False, True])
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_the_right_user_and_password(
    client: RawClient, guarded: Mock, mechanism: str, initial: bool
) -> None:
    if initial and mechanism == "CRAM-MD5":
        assert client.say(f"AUTH CRAM-MD5 {encode('x')}").code == 501
        return
    assert log_in(client, mechanism, USER, SECRET, initial).startswith(b"235 2.7.0 ")
    assert client.transact() == [250, 250, 354, 250]
    who = guarded.message(1)["client"]
    assert (who["user"], who["mechanism"], who["protocol"]) == (USER, mechanism, "ESMTPA")
    until(lambda: len(guarded.lines) == 1)
    assert_not_told(guarded, SECRET)


@pytest.mark.parametrize("mechanism", [one.lower() for one in MECHANISMS])
def test_names_of_mechanisms_in_any_case(client: RawClient, mechanism: str) -> None:
    assert client.say(f"AUTH {mechanism}").code == 334
    assert client.say("*").code == 501


@pytest.mark.parametrize("user, secret", [
    (USER, "wrong-horse"), (USER, SECRET + "x"), (USER, SECRET[:-1]), (USER, SECRET.upper()),
    ("somebody@example.test", SECRET), (USER.upper(), SECRET), (USER + "x", SECRET),
])
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_wrong_user_or_password(
    client: RawClient, guarded: Mock, mechanism: str, user: str, secret: str
) -> None:
    reply = log_in(client, mechanism, user, secret)
    if mechanism in BEARER:
        assert reply.code == 334 and b'"status":"401"' in base64.b64decode(reply[4:])
        reply = client.say("AQ==" if mechanism == "OAUTHBEARER" else "")
    assert reply.startswith(b"535 5.7.8 ")
    assert client.say(SENDER).startswith(b"530 5.7.0 ")
    assert log_in(client, "PLAIN", USER, SECRET).code == 235
    assert client.transact() == [250, 250, 354, 250]
    until(lambda: len(guarded.lines) == 1)
    assert_not_told(guarded, SECRET, secret)


def test_before_auth_nobody_may_send(client: RawClient, guarded: Mock) -> None:
    for line, code in ((SENDER, 530), ("RCPT TO:<a@b.example>", 503), ("NOOP", 250), ("RSET", 250),
                       ("VRFY a", 252)):
        assert client.say(line).code == code
    assert guarded.stats()["received"] == 0


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_without_user_any_password_will_do(mock: Mock, mechanism: str) -> None:
    with greeted(mock) as client:
        assert log_in(client, mechanism, "zoé", "anything at all").code == 235
        assert client.transact() == [250, 250, 354, 250]
    assert mock.message(1)["client"]["user"] == "zoé"


def test_without_user_nobody_needs_to_log_in(mock: Mock) -> None:
    with greeted(mock) as client:
        assert client.transact() == [250, 250, 354, 250]
    who = mock.message(1)["client"]
    assert (who["user"], who["mechanism"]) == (None, None)


# Order

@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_cancelled(client: RawClient, mechanism: str) -> None:
    assert client.say(f"AUTH {mechanism}").code == 334
    assert client.say("*").startswith(b"501 5.7.0")
    assert client.say(SENDER).code == 530
    assert log_in(client, mechanism, USER, SECRET).code == 235


def test_login_cancelled_at_the_password(client: RawClient) -> None:
    client.say("AUTH LOGIN")
    assert client.say(encode(USER)).code == 334
    assert client.say("*").startswith(b"501 5.7.0")
    assert client.say("NOOP").code == 250


@pytest.mark.parametrize("mechanism", BEARER)
def test_refused_tokens_may_be_given_up(client: RawClient, mechanism: str) -> None:
    """RFC 7628 §3.2.3: the client answers the error with ^A or cancels."""
    assert log_in(client, mechanism, USER, "wrong-token").code == 334
    assert client.say("*").code == 501
    assert client.say("NOOP").code == 250


def test_twice(client: RawClient) -> None:
    assert log_in(client, "PLAIN", USER, SECRET).code == 235
    assert client.say("AUTH PLAIN").code == 503
    assert client.say("EHLO client.example").code == 250
    assert client.say("AUTH PLAIN").code == 503
    assert client.transact() == [250, 250, 354, 250]
    assert client.say("AUTH LOGIN").code == 503


def test_in_a_transaction(client: RawClient) -> None:
    log_in(client, "PLAIN", USER, SECRET)
    client.say(SENDER)
    assert client.say("AUTH PLAIN").code == 503
    assert client.say("RCPT TO:<a@b.example>").code == 250


def test_before_ehlo(guarded: Mock) -> None:
    with RawClient(guarded) as client:
        client.reply()
        assert client.say(f"AUTH PLAIN {answer('PLAIN', USER, SECRET)}").code == 503
        client.say("EHLO client.example")
        assert client.say(SENDER).code == 530


def test_after_starttls_one_has_to_log_in_anew(client: RawClient, guarded: Mock) -> None:
    assert log_in(client, "PLAIN", USER, SECRET).code == 235
    assert client.say("STARTTLS").code == 220
    client.start_tls(guarded.ca)
    client.say("EHLO client.example")
    assert client.say(SENDER).code == 530
    assert log_in(client, "CRAM-MD5", USER, SECRET).code == 235
    assert client.transact() == [250, 250, 354, 250]
    assert guarded.message(1)["client"]["protocol"] == "ESMTPSA"


# What is no answer

@pytest.mark.parametrize("bad", [
    "=", "===", "A", "AA", "AAA", "AHRvbQBwd", "AHRvbQBwdw", "AHRvbQBwdw=", "AHRvbQBwdw===",
    "AHRv bQBwdw==", "AHRvbQBwdx==", "AHRv-bQ_", "!", "MAIL FROM:<a@b.example>", "AHRvbQBwdw==\t",
])
@pytest.mark.parametrize("mechanism", WITH_INITIAL)
def test_bad_base64(mock: Mock, mechanism: str, bad: str) -> None:
    with greeted(mock) as client:
        assert client.say(f"AUTH {mechanism}").code == 334
        assert client.say(bad).code in (500, 501)
        assert client.transact() == [250, 250, 354, 250]


@pytest.mark.parametrize("mechanism, said", [
    ("PLAIN", "tom"), ("PLAIN", "tom\0"), ("PLAIN", "\0tom"), ("PLAIN", "\0\0pw"), ("PLAIN", ""),
    ("PLAIN", "\0tom\0pw\0more"), ("LOGIN", ""),
    ("CRAM-MD5", "tom"), ("CRAM-MD5", "tom 0123"), ("CRAM-MD5", "tom " + "g" * 32),
    ("CRAM-MD5", "tom " + "0" * 33), ("CRAM-MD5", " " + "0" * 32), ("CRAM-MD5", "0" * 32),
    ("XOAUTH2", ""), ("XOAUTH2", "user=tom"), ("XOAUTH2", "user=tom\x01auth=Basic x\x01\x01"),
    ("XOAUTH2", "user=tom\x01auth=Bearer \x01\x01"), ("XOAUTH2", "auth=Bearer x\x01\x01"),
    ("XOAUTH2", "user=\x01auth=Bearer x\x01\x01"),
    ("OAUTHBEARER", "n,,\x01auth=Bearer x\x01\x01"), ("OAUTHBEARER", "n,a=tom,\x01\x01"),
    ("OAUTHBEARER", "n,a=,\x01auth=Bearer x\x01\x01"), ("OAUTHBEARER", ""),
])
def test_what_the_mechanism_does_not_send(mock: Mock, mechanism: str, said: str) -> None:
    with greeted(mock) as client:
        assert client.say(f"AUTH {mechanism}").code == 334
        reply = client.say(encode(said))
        if (mechanism, said) == ("LOGIN", ""):
            reply = client.say(encode("pw"))
        assert reply.startswith(b"501 5.5.2"), reply
        assert client.transact() == [250, 250, 354, 250]
    assert mock.message(1)["client"]["user"] is None


@pytest.mark.parametrize("user", ["tom\r\n250 evil", "tom\x1b[2J", "tom\0x", "tom\x7f"])
def test_a_user_with_control_characters(mock: Mock, user: str) -> None:
    with greeted(mock) as client:
        assert log_in(client, "LOGIN", user, "pw").startswith(b"501 5.5.2")
        assert client.transact() == [250, 250, 354, 250]
    assert mock.message(1)["client"]["user"] is None


def test_an_empty_initial_response(mock: Mock) -> None:
    """RFC 4954 §4: "=" stands for it; no mechanism here begins with one."""
    with greeted(mock) as client:
        for mechanism in ("PLAIN", "XOAUTH2", "OAUTHBEARER"):
            assert client.say(f"AUTH {mechanism} =").startswith(b"501 5.5.2")
        assert client.say("AUTH CRAM-MD5 =").code == 501
        assert client.say("NOOP").code == 250


def test_challenges_are_unique(mock: Mock) -> None:
    challenges = set()
    for _ in range(20):
        with greeted(mock) as client:
            challenges.add(base64.b64decode(client.say("AUTH CRAM-MD5")[4:]))
    assert len(challenges) == 20
    assert all(one.startswith(b"<") and one.endswith(b">") and b"@" in one for one in challenges)


# Secrets

WRONG_TIMES = [
    [f"AUTH NTLM {encode(SECRET)}", encode(SECRET)],
    ["AUTH NTLM", encode(f"\0tom\0{SECRET}")],
    ["AUTH", encode(SECRET)],
    [f"AUTH {encode(f'{USER} {SECRET}')}"],
    [f"AUTH  PLAIN {encode(SECRET)}"],
    [f"AUTH PLAIN {encode(SECRET)} {encode(SECRET)}", SECRET],
    [f"auth login {encode(USER)}", encode(SECRET), encode(SECRET)],
    ["AUTH LOGIN", "!", encode(SECRET)],
    ["AUTH LOGIN", encode(USER), "*", encode(SECRET), SECRET],
    ["AUTH PLAIN", f"{encode(SECRET)}\t", encode(SECRET)],
    ["AUTH PLAIN", "A" * 5000, encode(SECRET)],
    [encode(SECRET), SECRET, f"PASS {SECRET}", f"LOGIN {USER} {SECRET}", f"\t{SECRET}"],
    ["MAIL FROM:<a@b.example>", f"AUTH PLAIN {encode(SECRET)}", encode(SECRET), "RSET"],
]


@pytest.mark.parametrize("lines", WRONG_TIMES)
def test_a_secret_at_the_wrong_time_is_not_told(start_mock: StartMock, lines: list[str]) -> None:
    """Whoever's login goes wrong may go on with the password all the same."""
    mock = start_mock(*TOLD)
    with greeted(mock) as client:
        for line in lines:
            assert SECRET.encode() not in client.say(line)
        assert client.say("*").code in (500, 501)
        assert client.transact() == [250, 250, 354, 250]
        assert client.transact() == [250, 250, 354, 250]
    until(lambda: len(mock.lines) == 2)
    assert_not_told(mock, SECRET)


def test_the_dialogue_shows_that_there_was_a_login(client: RawClient, guarded: Mock) -> None:
    log_in(client, "LOGIN", USER, SECRET)
    client.transact()
    lines = [one["line"] for one in guarded.message(1)["dialogue"] if one["who"] == "client"]
    assert lines[:4] == ["EHLO client.example", "AUTH LOGIN", "(secret)", "(secret)"]
    until(lambda: len(guarded.lines) == 1)
    assert b"AUTH LOGIN" in everything_told(guarded)


def test_the_dialogue_shows_an_initial_response_as_a_secret(
    client: RawClient, guarded: Mock
) -> None:
    log_in(client, "PLAIN", USER, SECRET, initial=True)
    client.transact()
    lines = [one["line"] for one in guarded.message(1)["dialogue"] if one["who"] == "client"]
    assert lines[1] == "AUTH PLAIN (secret)"
