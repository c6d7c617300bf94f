"""Lines and their ends: too long ones, wrong characters, bare CR and LF, smuggling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import StartMock
from mock import Mock
from raw_client import RawClient, greeted
from smtp_cases import RECIPIENT, SENDER
from sockets import send_alone
from transactions import END, TRANSACTION, begin_message, unstuffed

SMUGGLED = b"MAIL FROM:<evil@x>\r\nRCPT TO:<victim@x>\r\nDATA\r\nSubject: evil\r\n\r\nevil"
FALSE_ENDS = [b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r.\r\n", b"\r\n.\r", b"\n\n.\r\n\r\n",
              b"\r\n.\r\r\n", b"\r\r\n.\n"]
LAWFUL_ENDS = [b"\r\n..\r\n", b"\r\n. \r\n", b"\r\n\x00.\r\n", b"\r\n.\x00\r\n", b"\r\n \r\n.x\r\n"]


@dataclass(frozen=True)
class Server:
    mock: Mock
    is_lenient: bool

    @property
    def received(self) -> int:
        count: int = self.mock.stats()["received"]
        return count


@pytest.fixture(scope="module", params=["strict", "lenient"])
def either(
    request: pytest.FixtureRequest, mock_binary: Path, tls_dir: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    """One that is strict, and one that is lenient; each for all tests."""
    words = ["--lenient"] if request.param == "lenient" else []
    folder = tmp_path_factory.mktemp(request.param)
    with Mock(mock_binary, folder, *words, "-q", tls_dir=tls_dir) as running:
        yield Server(running, bool(words))


# Lines

@pytest.mark.parametrize("command, limit", [
    ("NOOP ", 512), ("VRFY ", 512), ("HELP ", 512),
    ("MAIL FROM:<a@b.example> ENVID=", 1180), ("AUTH PLAIN ", 4096), ("bogus ", 4096),
])
def test_lines_up_to_their_limit(mock: Mock, command: str, limit: int) -> None:
    """With CR LF; MAIL may be longer for its parameters, and AUTH (RFC 4954 §4) most of all."""
    with greeted(mock) as client:
        fits = client.say(command + "x" * (limit - 2 - len(command)))
        too_long = client.say(command + "x" * (limit - 1 - len(command)))
        assert not fits.endswith(b"too long\r\n"), fits
        assert too_long.startswith((b"500 5.5.2 that line is too long", b"500 5.5.1")), too_long
        assert client.transact()[0] in (250, 503)


def test_a_recipient_with_long_parameters(mock: Mock) -> None:
    with greeted(mock) as client:
        client.say(SENDER)
        assert client.say(f"{RECIPIENT} ORCPT=rfc822;" + "x" * 500).code == 250
        assert client.say(f"{RECIPIENT} ORCPT=rfc822;" + "x" * 1047).code == 500


@pytest.mark.parametrize("length", [4094, 4095, 4096, 4097, 8192, 65535, 65536, 1_000_000])
def test_an_overlong_line_costs_one_reply(mock: Mock, length: int) -> None:
    with greeted(mock) as client:
        client.send(b"NOOP " + b"x" * (length - 5) + b"\r\nNOOP\r\n")
        assert client.reply().startswith(b"500 5.5.2 that line is too long")
        assert client.reply().code == 250
        assert client.transact() == [250, 250, 354, 250]


def test_an_overlong_line_in_a_transaction(mock: Mock) -> None:
    with greeted(mock) as client:
        client.say(SENDER)
        assert client.say(b"RCPT TO:<" + b"x" * 100_000 + b"@example.test>").code == 500
        assert client.say(RECIPIENT).code == 250
        client.say("DATA")
        assert client.say(".").code == 250


def test_an_overlong_answer_ends_the_login(mock: Mock) -> None:
    with greeted(mock) as client:
        assert client.say("AUTH LOGIN").code == 334
        assert client.say(b"A" * 20_000).code == 500
        assert client.transact() == [250, 250, 354, 250]


@pytest.mark.parametrize("bad", [
    *(bytes([c]) for c in range(0x20) if c not in b"\r\n"), b"\x7f", b"\xc2\x85",
    b"\x80", b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
])
@pytest.mark.parametrize("command", [
    b"NOOP %b", b"MAIL FROM:<a%b@b.example>", b"%bEHLO x", b"VRFY %b",
])
def test_no_control_characters_and_nothing_but_utf8(
    either: Server, command: bytes, bad: bytes
) -> None:
    with greeted(either.mock) as client:
        assert client.say(command % bad).startswith(b"500 5.5.2")
        assert client.is_alive()


@pytest.mark.parametrize("bad", [b"\x00", b"AHRvbQ\x00BwdzE=", b"\x01", b"\xff\xfe"])
def test_a_wrong_character_ends_the_login(mock: Mock, bad: bytes) -> None:
    """Otherwise the client's next command would be taken for its answer."""
    with greeted(mock) as client:
        assert client.say("AUTH PLAIN").code == 334
        assert client.say(bad).code in (500, 501)
        assert client.transact() == [250, 250, 354, 250]


# Bare CR and LF in commands

BARE = [b"NOOP\n", b"NO\rOP\r\n", b"NOOP\r\r\n", b"\n", b"\r\r\n", b"EHLO a\nEHLO b\r\n",
        b"NOOP\rMAIL FROM:<evil@x>\r\n"]


@pytest.mark.parametrize("line", BARE)
def test_a_command_with_a_bare_cr_or_lf_ends_the_connection(mock: Mock, line: bytes) -> None:
    with greeted(mock) as client:
        client.send(line + b"NOOP\r\n")
        assert client.reply().startswith(b"521 5.5.2")
        assert client.rest() == b""


def test_bare_lf_before_ehlo(mock: Mock) -> None:
    with RawClient(mock) as client:
        assert client.reply().code == 220
        client.send(b"EHLO client.example\n")
        assert client.reply().code == 521
        assert client.rest() == b""


def test_lenient_takes_bare_lf_in_commands(start_mock: StartMock) -> None:
    mock = start_mock("--lenient")
    with greeted(mock) as client:
        client.send(b"NOOP\nMAIL FROM:<a@b.example>\nRCPT TO: c@d.example\nDATA\nNoop\r\n.\r\n")
        assert [client.reply().code for _ in range(5)] == [250, 250, 250, 354, 250]
        client.send(b"NO\rOP\r\n")
        assert client.reply().code == 500
    assert mock.raw(1) == b"Noop\r\n"


# Bare CR and LF in messages, and smuggling

@pytest.mark.parametrize("text", [
    b"a\nb", b"a\rb", b"a\r\rb", b"\n", b"\r", b"a\n\r\nb", b"a\r\r\nb", b"\r\n\r", b"\n.",
    b".\nx", b".\rx", b"..\n",
])
def test_a_message_with_a_bare_cr_or_lf(either: Server, text: bytes) -> None:
    before = either.received
    with greeted(either.mock) as client:
        begin_message(client)
        client.send(text + END)
        assert client.reply().startswith(b"250 2.0.0" if either.is_lenient else b"550 5.6.11")
        assert client.transact() == [250, 250, 354, 250]
    assert either.received - before == (2 if either.is_lenient else 1)
    if either.is_lenient:
        id = either.mock.messages(limit=2)[1]["id"]
        assert either.mock.raw(id) == unstuffed(text) + b"\r\n"


def try_to_smuggle(client: RawClient, text: bytes, cut: int, code: int) -> None:
    """One message goes in, in two parts; one reply comes out, and then that of NOOP."""
    begin_message(client)
    whole = text + END
    if cut:
        send_alone(client.socket, whole[:cut])
    client.send(whole[cut:])
    assert client.reply().code == code, cut
    client.send(b"NOOP\r\n")
    assert client.reply() == b"250 2.0.0 Ok\r\n", cut


@pytest.mark.parametrize("false_end", FALSE_ENDS + LAWFUL_ENDS)
def test_nothing_can_be_smuggled_in(either: Server, false_end: bytes) -> None:
    """Whole, and cut at every byte."""
    text = b"Subject: good\r\n\r\ngood" + false_end + SMUGGLED
    is_taken = either.is_lenient or false_end in LAWFUL_ENDS
    before = either.received
    with greeted(either.mock) as client:
        for cut in range(len(text + END)):
            try_to_smuggle(client, text, cut, code=250 if is_taken else 550)
    kept = either.mock.messages(limit=len(text + END))
    assert {one["envelope"]["from"]["address"] for one in kept} <= {"sender@example.test"}
    assert either.received - before == (len(text + END) if is_taken else 0)
    if is_taken:
        assert {either.mock.raw(one["id"]) for one in kept[:3]} == {unstuffed(text) + b"\r\n"}


def test_a_real_end_in_the_middle_ends_the_message(mock: Mock) -> None:
    """What stands behind it are commands: the client's own pipeline, not smuggling."""
    with greeted(mock) as client:
        begin_message(client)
        client.send(b"one" + END + b"NOOP\r\n" + TRANSACTION + b"two" + END)
        assert [client.reply().code for _ in range(6)] == [250, 250, 250, 250, 354, 250]
    assert [mock.raw(id) for id in (1, 2)] == [b"one\r\n", b"two\r\n"]
