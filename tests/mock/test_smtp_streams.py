"""Messages and pipelines as streams of bytes: what is kept of them, and clients that go."""

from __future__ import annotations

import resource
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from mock import Mock
from raw_client import RawClient, greeted
from smtp_cases import RECIPIENT, SENDER
from sockets import send_alone, vanish
from transactions import END, TRANSACTION, begin_message, unstuffed
from waiting import until

EXAMPLE = b"From: a@b.example\r\n\r\ntext"


def send_message(server: Mock, text: bytes) -> bytes:
    """What is kept of a message that is sent as these bytes, without its end."""
    with greeted(server) as client:
        begin_message(client)
        client.send(text + END)
        assert client.reply().code == 250
    return server.raw(server.messages(limit=1)[0]["id"])


# Messages

@pytest.mark.parametrize("sent, kept", [
    (b"", b""), (b"..", b"."), (b"...", b".."), (b"..\r\n..", b".\r\n."),
    (b".a", b"a"), (b"a.\r\n.b", b"a.\r\nb"), (b"a\r\n\r\n..", b"a\r\n\r\n."), (b"\r\n", b"\r\n"),
    (b"a\r\n\r\n\r\n", b"a\r\n\r\n\r\n"), (b"x" * 100_000, b"x" * 100_000),
    (bytes(range(0x0e, 0x100)), bytes(range(0x0e, 0x100))), (b"\x00\x00", b"\x00\x00"),
    ("grüße 🎈".encode(), "grüße 🎈".encode()),
])
def test_dots_are_taken_away_and_everything_else_is_kept(
    mock: Mock, sent: bytes, kept: bytes
) -> None:
    assert send_message(mock, sent) == kept + b"\r\n"


def test_the_empty_message(mock: Mock) -> None:
    with greeted(mock) as client:
        begin_message(client)
        client.send(b".\r\n")
        assert client.reply().code == 250
    assert mock.raw(1) == b""
    assert mock.message(1)["size"] == 0 and mock.message(1)["text"] in (None, "")


def test_a_message_byte_by_byte(mock: Mock) -> None:
    """Every command too: each byte is another read of the server's."""
    text = b"Subject: slow\r\n\r\n..\r\n.x\r\n"
    with RawClient(mock) as client:
        client.reply()
        for line in (b"EHLO client.example\r\n", *TRANSACTION.splitlines(True), text + END[2:]):
            for byte in line:
                send_alone(client.socket, bytes([byte]))
            assert client.reply().code in (250, 354)
    assert mock.raw(1) == unstuffed(text)


# Pipelines

def test_several_transactions_in_one_packet(mock: Mock) -> None:
    one = TRANSACTION + b"Subject: %d\r\n" + END
    with RawClient(mock) as client:
        client.send(b"EHLO client.example\r\n" + b"".join(one % i for i in range(50)) + b"QUIT\r\n")
        codes = [client.reply().code for _ in range(2 + 50 * 4 + 1)]
        assert codes == [220, 250, *[250, 250, 354, 250] * 50, 221]
        assert client.rest() == b""
    assert [one["subject"] for one in mock.messages()] == [str(i) for i in reversed(range(50))]


def test_a_pipeline_with_a_refused_recipient(mock: Mock) -> None:
    with greeted(mock) as client:
        client.send(f"{SENDER}\r\nRCPT TO:<permfail@x>\r\n{RECIPIENT}\r\nDATA\r\n.\r\n".encode())
        assert [client.reply().code for _ in range(5)] == [250, 550, 250, 354, 250]
        client.send(f"{SENDER}\r\nRCPT TO:<permfail@x>\r\nDATA\r\nRSET\r\n".encode())
        assert [client.reply().code for _ in range(4)] == [250, 550, 554, 250]
    assert [one["address"] for one in mock.message(1)["envelope"]["to"]] == ["tom@example.test"]


def test_ten_thousand_commands_before_a_reply_is_read(mock: Mock) -> None:
    with greeted(mock) as client:
        client.send(b"NOOP\r\n" * 10_000)
        assert all(client.reply() == b"250 2.0.0 Ok\r\n" for _ in range(10_000))
        assert client.is_alive()


def test_a_pipeline_of_which_no_reply_is_ever_read(mock: Mock) -> None:
    """The server must not take more than it can say: it stops reading, and serves the others."""
    with greeted(mock) as client:
        client.socket.settimeout(0.3)
        with pytest.raises(TimeoutError):
            while True:
                client.send(b"EHLO client.example\r\n" * 1000)
        mock.deliver("Subject: meanwhile\r\n\r\n")
    assert len(mock.messages()) == 1
    assert rss_kib(mock) < 100 * 1024 or "asan" in str(mock.process.args)


def rss_kib(mock: Mock) -> int:
    status = Path(f"/proc/{mock.process.pid}/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


# Clients that go

@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("text", [
    b"", b"Subject: half", EXAMPLE, EXAMPLE + b"\r\n", EXAMPLE + b"\r\n.", EXAMPLE + b"\r\n.\r",
    b"x" * 300_000,
])
def test_a_client_that_disappears_in_its_message(mock: Mock, text: bytes, reset: bool) -> None:
    client = greeted(mock)
    begin_message(client)
    client.send(text)
    vanish(client.socket) if reset else client.socket.close()
    until(lambda: mock.stats()["connections"] == {"open": 0, "total": 1})
    assert (mock.stats()["received"], mock.messages()) == (0, [])


@pytest.mark.parametrize("said", [[], ["EHLO a"], ["EHLO a", SENDER], ["EHLO a", "AUTH LOGIN"]])
def test_a_client_that_disappears_before(mock: Mock, said: list[str]) -> None:
    client = RawClient(mock)
    client.reply()
    for line in said:
        client.say(line)
    vanish(client.socket)
    until(lambda: mock.stats()["connections"] == {"open": 0, "total": 1})


def test_a_client_that_shuts_only_its_own_side(mock: Mock) -> None:
    """What it had said before counts, and it hears the replies."""
    with RawClient(mock) as client:
        client.send(b"EHLO client.example\r\n" + TRANSACTION + b"text" + END)
        client.socket.shutdown(socket.SHUT_WR)
        assert client.rest().count(b"\r\n250 2.0.0 Ok: queued as 1\r\n") == 1
    assert mock.raw(1) == b"text\r\n"


def test_a_thousand_connections_and_not_one_more(mock: Mock) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 1200:
        pytest.skip(f"only {hard} files may be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1200), hard))
    with ExitStack() as stack:
        clients = [stack.enter_context(RawClient(mock)) for _ in range(1000)]
        assert {client.reply().code for client in clients} == {220}
        with RawClient(mock) as one_more:
            assert one_more.reply().startswith(b"421 4.3.2")
            assert one_more.rest() == b""
        assert clients[0].say("EHLO client.example").code == 250
        assert clients[0].say("QUIT").code == 221
        until(lambda: mock.stats()["connections"]["open"] == 999)
        with greeted(mock) as again:
            assert again.transact() == [250, 250, 354, 250]
