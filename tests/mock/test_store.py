"""What is kept in memory: bounds in number and bytes, whatever comes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import StartMock
from mock import Mock
from raw_client import greeted
from smtp_cases import RECIPIENT, SENDER
from stored import MESSAGES, end_of_message, send, send_all
from waiting import until

KIB, MIB = 1024, 1024 * 1024

def test_the_oldest_go_first(start_mock: StartMock) -> None:
    mock = start_mock("--max-messages", "5", "-q")
    with greeted(mock) as client:
        for number in range(1, 13):
            send(client, f"Subject: {number}\r\n\r\n".encode())
            ids = [one["id"] for one in mock.messages()]
            assert ids == list(range(number, max(0, number - 5), -1))
    stats = mock.stats()
    assert (stats["kept"], stats["received"], stats["evicted"]) == (5, 12, 7)
    assert mock.get("/api/messages/7").status == 404


@pytest.mark.parametrize("size", [10, 5_000, 30_000])
def test_never_more_bytes_than_allowed(start_mock: StartMock, size: int) -> None:
    mock = start_mock("--max-bytes", "65536", "-q")
    with greeted(mock) as client:
        for _ in range(120):
            assert send(client, b"x" * size + b"\r\n") == 250
            stats = mock.stats()
            assert size <= stats["kept_bytes"] <= 65536
    assert stats["kept"] + stats["evicted"] == 120 and stats["evicted"] > 0
    assert [one["id"] for one in mock.messages()] == list(range(120, 120 - stats["kept"], -1))


def test_a_message_under_way_takes_room_too(start_mock: StartMock) -> None:
    """What is kept makes room for it, and comes back to its bound when it is gone."""
    mock = start_mock("--max-bytes", "1000000", "-q")
    with greeted(mock) as client, greeted(mock) as large:
        for _ in range(9):
            send(client, b"x" * 90_000 + b"\r\n")
        kept = mock.stats()["kept"]
        assert kept == 9
        for line in (SENDER, RECIPIENT, "DATA"):
            large.say(line)
        large.send(b"y" * 400_000)
        until(lambda: mock.stats()["kept"] < 7)
        assert mock.stats()["kept_bytes"] <= 600_000
        large.send(b"\r\n.\r\n")
        assert large.reply().code == 250
        assert mock.stats()["kept_bytes"] <= 1_000_000
    assert mock.messages()[0]["size"] == 400_002


def test_more_under_way_than_there_is_room_for(start_mock: StartMock) -> None:
    """Somebody is told, the others get through, and nothing breaks."""
    mock = start_mock("--max-bytes", "1000000", "-q")
    clients = [greeted(mock) for _ in range(6)]
    for client in clients:
        for line in (SENDER, RECIPIENT, "DATA"):
            client.say(line)
    for part in range(8):
        for client in clients:
            try:
                client.send(b"x" * 50_000)
            except OSError:
                pass  # it has been told already
        assert mock.stats()["kept_bytes"] <= 1_000_000, part
    codes = [end_of_message(client) for client in clients]
    assert set(codes) <= {250, 421} and 250 in codes and 421 in codes
    mock.deliver("Subject: afterwards\r\n\r\n")
    until(lambda: mock.stats()["connections"]["open"] == 0)
    assert mock.messages()[0]["subject"] == "afterwards"
    assert mock.stats()["received"] == codes.count(250) + 1


@pytest.mark.parametrize("size, code", [(400, 452), (100_000, 421)])
def test_an_envelope_that_has_no_room(start_mock: StartMock, size: int, code: int) -> None:
    """With it the message is more than may be kept, though it is not too large by itself."""
    mock = start_mock("--max-bytes", "1074000", "-q")
    recipients = [f"RCPT TO:<{i:04}@example.test> ORCPT=rfc822;" + "x" * 1003 for i in range(1000)]
    with greeted(mock) as client:
        client.say(SENDER)
        assert {client.say(line).code for line in recipients} == {250}
        assert client.say("DATA").code == 354
        client.send(b"x" * size)
        assert end_of_message(client) == code
    assert mock.messages() == []
    mock.deliver("Subject: still there\r\n\r\n")
    assert mock.messages()[0]["subject"] == "still there"
    mock.stop(expect=r"prankmock: .*(room|memory|large).*")


def test_two_large_messages_at_a_time(start_mock: StartMock) -> None:
    """One that comes while the other is under way has to go at once; it is told of all the same."""
    mock = start_mock("--max-bytes", "1100000", "--json", "-q")
    with greeted(mock) as first, greeted(mock) as second:
        for _ in range(120):  # its dialogue is kept with the message
            second.say("NOOP " + "x" * 500)
        for client, size in ((first, 500_000), (second, 523_000)):
            for line in (SENDER, RECIPIENT, "DATA"):
                client.say(line)
            client.send(b"x" * size)
        assert end_of_message(second) == 250
        assert mock.stats()["kept"] == 0 and mock.stats()["evicted"] == 1
        until(lambda: len(mock.lines) == 1)
        assert json.loads(mock.lines[0])["size"] == 523_002
        assert end_of_message(first) == 250
    assert [one["size"] for one in mock.messages()] == [500_002]


def test_clients_that_wait_do_not_take_the_room_of_messages(start_mock: StartMock) -> None:
    """Connections stay open after a message; what they needed for it is free again."""
    mock = start_mock("--max-bytes", "1000000", "-q")
    clients = [greeted(mock) for _ in range(8)]
    for client in clients:
        assert send(client, b"x" * 90_000 + b"\r\n") == 250
    assert mock.stats()["kept"] == 8
    for client in clients:
        client.socket.close()


def test_memory_stays_bounded(start_mock: StartMock) -> None:
    mock = start_mock("--max-bytes", "4000000", "-q")
    message = b"Subject: x\r\n\r\n" + b"y" * 20_000 + b"\r\n"
    with greeted(mock) as client:
        def fill(count: int) -> int:
            assert {send(client, message) for _ in range(count)} == {250}
            status = Path(f"/proc/{mock.process.pid}/status").read_text("ascii")
            return int(status.partition("VmRSS:")[2].split()[0]) * KIB

        first, last = fill(500), fill(2500)
    assert mock.stats()["kept_bytes"] <= 4_000_000
    if "asan" in str(mock.process.args):
        pytest.skip("the sanitizer keeps what was freed")
    assert first < 64 * MIB and last < first + 4 * MIB


def test_ids_go_on_after_everything_was_deleted(mock: Mock) -> None:
    send_all(mock, MESSAGES[:3])
    assert mock.request("DELETE", "/api/messages").json == {"deleted": 3}
    send_all(mock, MESSAGES[:1])
    assert [one["id"] for one in mock.messages()] == [4]
    assert mock.stats()["deleted"] == 3
