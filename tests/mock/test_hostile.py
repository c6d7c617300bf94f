"""Mail and clients that want to break the server: what a review found stays mended."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import pytest

from conftest import StartMock
from mock import Mock
from waiting import until

BIG = 256 * 1024
QUICK_S = 5.0  # what took a minute took it by the square of its size

TRANSACTION = b"MAIL FROM:<a@x.test>\r\nRCPT TO:<b@x.test>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n"

BOMBS = {
    "groups in groups": b"To: " + b"g:" * 60_000 + b"\r\n\r\nx",
    "folded groups": b"Cc: " + b"\r\n ".join([b"g:" * 200] * 300) + b"\r\n\r\nx",
    "groups in a forwarded message":
        b"Content-Type: message/rfc822\r\n\r\nresent-to: " + b"g:" * 60_000 + b"\r\n\r\nx",
    "comments in comments": b"From: " + b"(" * BIG + b"\r\n\r\nx",
    "marks in the subject": b"Subject: e" + "\u0301\u0323".encode() * (BIG // 4) + b"\r\n\r\nx",
    "marks in the text":
        b"Content-Type: text/plain; charset=utf-8\r\n\r\ne" + "\u0301\u0323".encode() * (BIG // 4),
    "cid after cid": b"Content-Type: text/html\r\n\r\n" + b":cid" * (BIG // 4),
    "open tags": b"Content-Type: text/html\r\n\r\n" + b"<" * BIG,
    "empty parts":
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * (BIG // 7),
    "multiparts in multiparts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(900)) + b"--\r\n" * (BIG // 4),
}


@pytest.mark.parametrize("mail", BOMBS.values(), ids=BOMBS.keys())
def test_a_mail_made_to_break_its_reader_does_not(mock: Mock, mail: bytes) -> None:
    mock.deliver(mail)
    start = time.monotonic()
    for path in ("messages", "messages/1", "messages?query=nowhere"):
        mock.get(f"/api/{path}").expect(200)
    mock.get("/api/messages/1/html")
    assert time.monotonic() - start < QUICK_S
    assert mock.raw(1) == mail + (b"" if mail.endswith(b"\r\n") else b"\r\n")


def test_an_honest_group_is_shown_whole(mock: Mock) -> None:
    members = ", ".join(f"m{n}@x.test" for n in range(500))
    mock.deliver(f"To: Friends: {members};, b@x.test\r\n\r\nTo: a:b:c\r\n")
    assert len(mock.message(1)["to"]) == 501


def test_rules_may_go_while_a_client_does_not_listen(mock: Mock) -> None:
    mock.set_faults([{"step": "ehlo", "reply": "250 hi"}, {"step": "final", "reply": "250 kept"}])
    with _deaf(mock) as client:
        client.settimeout(1)
        try:
            for _ in range(4):
                client.sendall(b"EHLO x\r\n" + b"HELP\r\n" * 10_800 + TRANSACTION)
        except TimeoutError:
            pass  # as it should be: who does not listen is not heard for ever
        mock.request("DELETE", "/api/faults").expect(200)
        client.settimeout(10)
        while b"queued" not in (seen := client.recv(1 << 20)) and b"kept" not in seen:
            assert seen
    assert mock.stats()["received"] >= 1


def _deaf(mock: Mock) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect((mock.host, mock.port))
    return client


def test_replies_that_nobody_reads_are_not_piled_up(mock: Mock, mock_binary: Path) -> None:
    if "asan" in str(mock_binary):
        pytest.skip("memory is another one with sanitizers")
    clients = [_deaf(mock) for _ in range(200)]
    for client in clients:
        client.setblocking(False)
        for _ in range(4):
            try:
                client.send(b"EHLO x\r\n" + b"HELP\r\n" * 10_000)
            except BlockingIOError:
                break
    resident_kib = int(Path(f"/proc/{mock.process.pid}/statm").read_text().split()[1]) * 4
    for client in clients:
        client.close()
    assert resident_kib < 64 * 1024


def test_who_hangs_up_during_a_delay_leaves_no_place_taken(mock: Mock) -> None:
    mock.set_faults([{"step": "connect", "delay": "1h"}])
    for _ in range(20):
        mock.connect().close()
    until(lambda: mock.stats()["connections"] == {"open": 0, "total": 20})


def test_what_came_before_a_hangup_still_counts(mock: Mock) -> None:
    mock.set_faults([{"step": "mail", "delay": "300ms"}])
    with mock.connect() as client:
        client.sendall(b"EHLO x\r\n" + TRANSACTION + b"QUIT\r\n")
        client.shutdown(socket.SHUT_WR)
        assert len(mock.wait(count=1)) == 1


def test_hostile_files_beside_a_maildir_are_survived(
    start_mock: StartMock, tmp_path: Path,
) -> None:
    folder = tmp_path / "mail"
    for name in ("tmp", "new", "cur", "envelope"):
        (folder / name).mkdir(parents=True)
    (folder / "new/1.M1Q1.prankmock").write_bytes(b"Subject: x\r\n\r\nx\r\n")
    people = {str(number): {"address": "a"} for number in range(3000)}
    hostile = {"envelope": {"to": people, "from": {"parameters": {"x": "y"}}}, "dialogue": people}
    (folder / "envelope/1.M1Q1.prankmock.json").write_text(json.dumps(hostile))
    mock = start_mock("--store", folder)
    assert mock.message(1)["envelope"]["to"] == []


def test_a_connection_that_brought_nothing_is_told_with_v(start_mock: StartMock) -> None:
    mock = start_mock("-v")
    with mock.connect() as client:
        client.sendall(b"EHLO x\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<permfail@x.test>\r\nQUIT\r\n")
        while client.recv(4096):
            pass
    until(lambda: "S 550 5.1.1" in mock.stderr)
    assert "brought no message" in mock.stderr
