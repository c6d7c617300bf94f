"""The dialogue of RFC 5321: which command is in order when, and what each mistake is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import StartMock
from mock import Mock
from raw_client import RawClient, Reply, greeted
from smtp_cases import (
    BAD_PATHS, GOOD_PATHS, INTERNATIONAL, LOOSE_PATHS, MAIL_PARAMETERS, ORDER, RCPT_PARAMETERS,
    RECIPIENT, SENDER, STATES, SYNTAX,
)

MIB_32 = 32 * 1024 * 1024
EXTENSIONS = ["PIPELINING", f"SIZE {MIB_32}", "STARTTLS",
              "AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2 OAUTHBEARER", "8BITMIME", "SMTPUTF8", "DSN",
              "ENHANCEDSTATUSCODES"]


@pytest.fixture(scope="module")
def server(
    mock_binary: Path, tls_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mock]:
    """One for all tests that only look at replies."""
    folder = tmp_path_factory.mktemp("server")
    with Mock(mock_binary, folder, "--smtps", "127.0.0.1:0", "-q", tls_dir=tls_dir) as running:
        yield running


@pytest.fixture(scope="module")
def lenient(
    mock_binary: Path, tls_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mock]:
    folder = tmp_path_factory.mktemp("lenient")
    with Mock(mock_binary, folder, "--lenient", "-q", tls_dir=tls_dir) as running:
        yield running


@pytest.fixture
def client(server: Mock) -> Iterator[RawClient]:
    """Has said EHLO."""
    with greeted(server) as talking:
        yield talking


def assert_begins(reply: Reply, expected: str) -> None:
    assert reply.is_proper and reply.startswith(expected.encode()), (reply, expected)
    assert all(len(line) <= 510 for line in reply.splitlines())  # RFC 5321 §4.5.3.1.5


def extensions(reply: Reply) -> list[str]:
    return [line[4:] for line in reply.decode().splitlines()[1:]]


def keep_sender(server: Mock, path: str) -> str:
    """The address that is kept of a sender."""
    with greeted(server) as client:
        for command in (f"MAIL FROM:{path}", RECIPIENT):
            assert_begins(client.say(command), "250")
        assert_begins(client.say("DATA"), "354")
        assert_begins(client.say("."), "250 2.0.0 Ok: queued as ")
    kept: str = server.messages(limit=1)[0]["envelope"]["from"]["address"]
    return kept


# Order

def state_cases() -> list[tuple[str, str, str]]:
    return [(command, state, expected) for command, row in ORDER.items()
            for state, expected in zip(STATES, row, strict=True)]


@pytest.mark.parametrize("command, state, expected", state_cases())
def test_every_command_in_every_state(
    server: Mock, command: str, state: str, expected: str
) -> None:
    with RawClient(server) as client:
        assert_begins(client.reply(), "220 ")
        for earlier in STATES[state]:
            assert client.say(earlier).code in (250, 354)
        assert_begins(client.say(command), expected)


@pytest.mark.parametrize("state", STATES)
def test_after_quit_the_connection_ends(server: Mock, state: str) -> None:
    with RawClient(server) as client:
        client.reply()
        for earlier in STATES[state]:
            client.say(earlier)
        client.send(b"QUIT\r\nNOOP\r\n")
        assert client.reply().code == 221
        assert client.rest() == b""


@pytest.mark.parametrize("command, expected", SYNTAX)
def test_syntax(client: RawClient, command: str, expected: str) -> None:
    assert_begins(client.say(command), expected)
    if command != "STARTTLS":
        assert client.is_alive()


@pytest.mark.parametrize("forget", ["RSET", "EHLO again.example", "HELO again.example"])
def test_a_transaction_is_forgotten(client: RawClient, forget: str) -> None:
    for command in (SENDER, RECIPIENT):
        assert client.say(command).code == 250
    assert client.say(forget).code == 250
    assert_begins(client.say("DATA"), "503 5.5.1 MAIL")
    assert client.transact() == [250, 250, 354, 250]


@pytest.mark.parametrize("harmless", ["NOOP", "VRFY tom", "HELP", "EXPN x", "BDAT 1", "nonsense"])
def test_a_transaction_survives(client: RawClient, server: Mock, harmless: str) -> None:
    for command in (SENDER, harmless, RECIPIENT, harmless):
        client.say(command)
    assert client.say("DATA").code == 354
    assert client.say("text\r\n.").code == 250
    assert server.messages(limit=1)[0]["envelope"]["from"]["address"] == "sender@example.test"


def test_data_takes_nothing_behind_it(client: RawClient) -> None:
    for command in (SENDER, RECIPIENT):
        client.say(command)
    assert_begins(client.say("DATA now"), "501 5.5.4")
    assert_begins(client.say("DATA"), "354")


def test_a_recipient_has_an_address(client: RawClient) -> None:
    client.say(SENDER)
    assert_begins(client.say("RCPT TO:<>"), "501 5.1.3")
    assert_begins(client.say("RCPT FROM:<a@b.example>"), "501 5.5.2")
    assert_begins(client.say("DATA"), "554 5.5.1")


def test_recipients_that_are_refused_by_their_name(client: RawClient, server: Mock) -> None:
    """docs/faults.md: without any rule."""
    client.say(SENDER)
    for name, expected in (("tempfail", "451 "), ("permfail", "550 "), ("PermFail", "550 "),
                           ("450-x", "450 4."), ("552-x", "552 5."), ("599-", "599 5."),
                           ("350-x", "250"), ("4500-x", "250"), ("450x", "250"),
                           ("tempfails", "250")):
        assert_begins(client.say(f"RCPT TO:<{name}@example.test>"), expected)
    client.say("DATA")
    assert client.say(".").code == 250
    kept = [one["address"] for one in server.messages(limit=1)[0]["envelope"]["to"]]
    assert kept == [f"{name}@example.test" for name in ("350-x", "4500-x", "450x", "tempfails")]


def test_421_by_name_ends_the_connection(client: RawClient) -> None:
    client.say(SENDER)
    assert_begins(client.say("RCPT TO:<421-bye@example.test>"), "421 4.")
    assert client.rest() == b""


# Extensions

def test_ehlo_lists_the_extensions_and_starttls_only_in_the_clear(server: Mock) -> None:
    with RawClient(server) as client:
        client.reply()
        assert extensions(client.say("EHLO client.example")) == EXTENSIONS
        assert client.say("STARTTLS").code == 220
        client.start_tls(server.ca)
        assert_begins(client.say(SENDER), "503 5.5.1 say EHLO")
        under_tls = extensions(client.say("EHLO client.example"))
        assert under_tls == [one for one in EXTENSIONS if one != "STARTTLS"]
        assert_begins(client.say("STARTTLS"), "503 5.5.1 TLS is on")
        assert client.transact() == [250, 250, 354, 250]


def test_helo_lists_nothing_and_takes_no_parameters(server: Mock) -> None:
    with RawClient(server) as client:
        client.reply()
        assert client.say("HELO client.example").count(b"\r\n") == 1
        assert_begins(client.say(SENDER + " SIZE=1"), "555 5.5.4")
        assert client.say(SENDER).code == 250
        assert_begins(client.say(RECIPIENT + " NOTIFY=NEVER"), "555 5.5.4")
        assert client.say(RECIPIENT).code == 250
        client.say("DATA")
        assert client.say(".").code == 250
    assert server.message(server.messages(limit=1)[0]["id"])["client"]["protocol"] == "SMTP"


@pytest.mark.parametrize("parameters, expected", MAIL_PARAMETERS)
def test_parameters_of_mail(client: RawClient, parameters: str, expected: str) -> None:
    assert_begins(client.say(f"{SENDER} {parameters}"), expected)
    assert_begins(client.say("RCPT TO:<a@b.example>"), "250" if expected == "250" else "503")


@pytest.mark.parametrize("parameters, expected", RCPT_PARAMETERS)
def test_parameters_of_rcpt(client: RawClient, parameters: str, expected: str) -> None:
    client.say(SENDER)
    assert_begins(client.say(f"{RECIPIENT} {parameters}"), expected)
    assert_begins(client.say("DATA"), "354" if expected == "250" else "554")


def test_parameters_are_kept_as_they_came(client: RawClient, server: Mock) -> None:
    client.say(SENDER + " SIZE=12  body=8bitmime ENVID=a+2Bb")
    client.say(RECIPIENT + " NOTIFY=FAILURE,DELAY ORCPT=rfc822;tom@example.test")
    client.say("RCPT TO:<uma@example.test>")
    client.say("DATA")
    assert client.say(".").code == 250
    assert server.messages(limit=1)[0]["envelope"] == {
        "from": {"address": "sender@example.test",
                 "parameters": ["SIZE=12", "body=8bitmime", "ENVID=a+2Bb"]},
        "to": [{"address": "tom@example.test",
                "parameters": ["NOTIFY=FAILURE,DELAY", "ORCPT=rfc822;tom@example.test"]},
               {"address": "uma@example.test", "parameters": []}],
    }


# Paths

@pytest.mark.parametrize("path, kept", GOOD_PATHS)
def test_good_paths(server: Mock, path: str, kept: str) -> None:
    assert keep_sender(server, path) == kept


@pytest.mark.parametrize("path, expected", BAD_PATHS)
def test_bad_paths(client: RawClient, path: str, expected: str) -> None:
    assert_begins(client.say(f"MAIL FROM:{path}"), expected)
    client.say(SENDER)
    assert client.say(f"RCPT TO:{path}").startswith(expected[:8].encode())


@pytest.mark.parametrize("path, kept", GOOD_PATHS + LOOSE_PATHS)
def test_lenient_paths(lenient: Mock, path: str, kept: str) -> None:
    assert keep_sender(lenient, path) == kept


@pytest.mark.parametrize("path", ["a@", "<a@b.example", "a@b.example>", "", " ", "tom", "<a b@c>"])
def test_what_even_lenient_does_not_take(lenient: Mock, path: str) -> None:
    with greeted(lenient) as client:
        assert_begins(client.say(f"MAIL FROM:{path}"), "501 5.1.3")


@pytest.mark.parametrize("path", INTERNATIONAL)
def test_international_addresses_need_smtputf8(client: RawClient, server: Mock, path: str) -> None:
    assert_begins(client.say(f"MAIL FROM:{path}"),
                  "553 5.6.7 an address that is not ASCII needs SMTPUTF8 behind MAIL FROM:<...>")
    assert client.say(SENDER).code == 250
    assert_begins(client.say(f"RCPT TO:{path}"), "553 5.6.7")
    client.say("RSET")
    assert client.say(f"MAIL FROM:{path} SMTPUTF8").code == 250
    assert client.say(f"RCPT TO:{path}").code == 250
    client.say("DATA")
    assert client.say(".").code == 250
    message = server.message(server.messages(limit=1)[0]["id"])
    assert message["envelope"]["from"] == {"address": path[1:-1], "parameters": ["SMTPUTF8"]}
    assert message["envelope"]["to"][0]["address"] == path[1:-1]
    assert message["client"]["protocol"] == "UTF8SMTP"


def test_smtputf8_is_of_one_message_only(client: RawClient) -> None:
    assert client.say(SENDER + " SMTPUTF8").code == 250
    client.say("RSET")
    assert client.say(SENDER).code == 250
    assert_begins(client.say("RCPT TO:<zoé@example.test>"), "553 5.6.7")


# Limits

def test_a_thousand_recipients_and_not_one_more(client: RawClient, server: Mock) -> None:
    client.say(SENDER)
    client.send(b"".join(b"RCPT TO:<r%d@example.test>\r\n" % i for i in range(1001)))
    assert [client.reply().code for _ in range(1000)] == [250] * 1000
    assert_begins(client.reply(), "452 4.5.3")
    client.say("DATA")
    assert client.say(".").code == 250
    kept = server.messages(limit=1)[0]["envelope"]["to"]
    assert [one["address"] for one in kept] == [f"r{i}@example.test" for i in range(1000)]


def test_size_is_the_limit(start_mock: StartMock) -> None:
    server = start_mock("--max-bytes", "200000", "-q")
    assert server.stats()["limits"]["message_bytes"] == 100000
    with RawClient(server) as client:
        client.reply()
        assert "SIZE 100000" in extensions(client.say("EHLO client.example"))
        assert_begins(client.say(SENDER + " SIZE=100001"),
                      "552 5.3.4 that message is too large; 100000 bytes")
        for size, expected in ((100_000, "250 2.0.0"), (100_001, "552 5.3.4"),
                               (5_000_000, "552 5.3.4"), (99_999, "250 2.0.0")):
            assert client.say(SENDER).code == 250 and client.say(RECIPIENT).code == 250
            assert client.say("DATA").code == 354
            assert_begins(client.say(b"x" * (size - 2) + b"\r\n."), expected)
        assert client.is_alive()
    assert server.stats()["received"] == 2
    assert [one["size"] for one in server.messages()] == [99999]
