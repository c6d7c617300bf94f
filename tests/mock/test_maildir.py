"""The Maildir of --store: what is in it, what survives, what other programs may do to it."""

from __future__ import annotations

import mailbox
import os
from pathlib import Path

import pytest

from conftest import StartMock
from logins import log_in
from mock import Mock
from pem import mode
from raw_client import greeted
from stored import MESSAGES, everything, files, number_in, send, send_all

FOLDERS = ["cur", "envelope", "new", "tmp"]

@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mail"


def test_a_maildir_that_others_can_read(start_mock: StartMock, folder: Path) -> None:
    send_all(start_mock("--store", folder, "-q"), MESSAGES)
    assert sorted(one.name for one in folder.iterdir()) == FOLDERS
    for path in (folder, *folder.iterdir()):
        assert mode(path) == 0o700
    assert all(mode(one) == 0o600 for one in (*files(folder), *files(folder, "envelope")))
    assert list((folder / "tmp").iterdir()) == []
    box = mailbox.Maildir(str(folder), create=False)
    assert sorted(box.get_bytes(key) for key in box.keys()) == sorted(MESSAGES)
    assert [one.read_bytes() for one in files(folder)] == MESSAGES
    box.close()


def test_the_umask_does_not_matter(mock_binary: Path, tmp_path: Path, folder: Path) -> None:
    before = os.umask(0)
    try:
        with Mock(mock_binary, tmp_path, "--store", folder, "-q") as mock:
            send_all(mock, MESSAGES[:1])
    finally:
        os.umask(before)
    assert mode(folder) == mode(folder / "new") == 0o700
    assert mode(files(folder)[0]) == mode(files(folder, "envelope")[0]) == 0o600
    assert mode(mock.tls_dir / "server.pem") == 0o600


def test_everything_survives_a_restart(start_mock: StartMock, folder: Path) -> None:
    first = start_mock("--store", folder, "-q")
    with greeted(first) as client:
        client.say("STARTTLS")
        client.start_tls(first.ca)
        client.say("EHLO client.example")
        log_in(client, "CRAM-MD5", "zoé", "pw")
        for message in MESSAGES:
            assert send(client, message, sender="MAIL FROM:<> RET=HDRS ENVID=q",
                        to="RCPT TO:<tom@example.test> NOTIFY=NEVER") == 250
    send_all(first, MESSAGES[:2])
    before = everything(first)
    first.stop()
    again = start_mock("--store", folder, "-q")
    assert everything(again) == before
    assert before[0][0]["client"]["user"] == "zoé" and before[0][0]["client"]["tls"]
    assert again.stats()["kept"] == len(before) and again.stats()["received"] == 0
    send_all(again, MESSAGES[:1])
    assert again.messages()[0]["id"] == len(before) + 1


def test_ids_are_not_given_again_after_the_newest_was_deleted(
    start_mock: StartMock, folder: Path
) -> None:
    """docs/prankmock.openapi.yaml: never used twice."""
    first = start_mock("--store", folder, "-q")
    send_all(first, MESSAGES[:3])
    first.request("DELETE", "/api/messages/3").expect(200)
    send_all(first, MESSAGES[:1])
    first.stop()
    again = start_mock("--store", folder, "-q")
    assert [one["id"] for one in again.messages()] == [4, 2, 1]
    send_all(again, MESSAGES[:1])
    assert again.messages()[0]["id"] == 5


def test_a_restart_takes_in_the_newest(start_mock: StartMock, folder: Path) -> None:
    first = start_mock("--store", folder, "-q")
    send_all(first, [f"Subject: {i}\r\n\r\n".encode() for i in range(1, 21)])
    first.stop()
    again = start_mock("--store", folder, "--max-messages", "5", "-q")
    assert [one["subject"] for one in again.messages()] == ["20", "19", "18", "17", "16"]
    assert (again.stats()["kept"], again.stats()["evicted"]) == (5, 0)
    assert len(files(folder)) == 20


def test_a_restart_with_less_memory_than_there_are_messages(
    start_mock: StartMock, folder: Path
) -> None:
    first = start_mock("--store", folder, "-q")
    send_all(first, [b"x" * 200_000 + b"\r\n"] * 3 + [b"Subject: small\r\n\r\n"] * 3)
    first.stop()
    again = start_mock("--store", folder, "--max-bytes", "65536", "-q")
    assert [one["id"] for one in again.messages()] == [6, 5, 4]
    assert again.stats()["kept_bytes"] <= 65536
    assert len(files(folder)) == 6


def test_the_newest_is_too_large_to_be_taken_in(start_mock: StartMock, folder: Path) -> None:
    """It stays in the Maildir, and its id is not given again."""
    first = start_mock("--store", folder, "-q")
    send_all(first, [b"Subject: small\r\n\r\n", b"x" * 200_000 + b"\r\n"])
    first.stop()
    again = start_mock("--store", folder, "--max-bytes", "65536", "-q")
    assert [one["id"] for one in again.messages()] == [1]
    send_all(again, MESSAGES[:1])
    assert [one["id"] for one in again.messages()] == [3, 1]
    assert [number_in(one) for one in files(folder)] == [1, 2, 3]


def test_what_memory_has_no_room_for_stays_in_the_maildir(
    start_mock: StartMock, folder: Path
) -> None:
    mock = start_mock("--store", folder, "--max-messages", "3", "-q")
    send_all(mock, [f"Subject: {i}\r\n\r\n".encode() for i in range(10)])
    assert mock.stats()["kept"] == 3
    assert len(files(folder)) == len(files(folder, "envelope")) == 10


# What other programs do to it

def test_a_message_that_was_read_elsewhere(start_mock: StartMock, folder: Path) -> None:
    """A mail program moves it to cur/ and puts flags behind its name."""
    first = start_mock("--store", folder, "-q")
    send_all(first, MESSAGES[:3])
    before = everything(first)
    moved = files(folder)[1]
    moved.rename(folder / "cur" / f"{moved.name}:2,S")
    assert everything(first) == before
    first.stop()
    again = start_mock("--store", folder, "-q")
    assert everything(again) == before
    again.request("DELETE", "/api/messages/2").expect(200)
    assert list((folder / "cur").iterdir()) == []
    assert len(files(folder)) == len(files(folder, "envelope")) == 2


def test_delete_finds_a_message_that_was_moved_meanwhile(
    start_mock: StartMock, folder: Path
) -> None:
    mock = start_mock("--store", folder, "-q")
    send_all(mock, MESSAGES[:3])
    for path, flags in zip(files(folder), (":2,", ":2,RS", ""), strict=True):
        path.rename(folder / "cur" / f"{path.name}{flags}")
    for id in (1, 2, 3):
        mock.request("DELETE", f"/api/messages/{id}").expect(200)
    assert list((folder / "cur").iterdir()) == [] and files(folder, "envelope") == []


@pytest.mark.parametrize("path", ["/api/messages", "/api/messages/2"])
def test_delete_removes_the_files(start_mock: StartMock, folder: Path, path: str) -> None:
    mock = start_mock("--store", folder, "-q")
    send_all(mock, MESSAGES[:3])
    mock.request("DELETE", path).expect(200)
    left = [] if path == "/api/messages" else [1, 3]
    assert [number_in(one) for one in files(folder)] == left
    assert [number_in(one) for one in files(folder, "envelope")] == left
    mock.stop()
    again = start_mock("--store", folder, "-q")
    assert sorted(one["id"] for one in again.messages()) == left


@pytest.mark.parametrize("first", ["cur/1.a:2,S", "new/1.a"])
def test_delete_leaves_another_message_of_the_same_name(
    start_mock: StartMock, folder: Path, first: str
) -> None:
    for below in FOLDERS:
        (folder / below).mkdir(parents=True)
    paths = {"cur": folder / "cur/1.a:2,S", "new": folder / "new/1.a"}
    for name, path in paths.items():
        path.write_bytes(f"Subject: {name}\r\n\r\n".encode())
    mock = start_mock("--store", folder, "-q")
    below = first[:3]
    id = next(one["id"] for one in mock.messages() if one["subject"] == below)
    mock.request("DELETE", f"/api/messages/{id}").expect(200)
    assert {name for name, path in paths.items() if path.exists()} == {"cur", "new"} - {below}


def test_a_file_that_was_removed_by_somebody_else(start_mock: StartMock, folder: Path) -> None:
    mock = start_mock("--store", folder, "-q")
    send_all(mock, MESSAGES[:2])
    files(folder)[0].unlink()
    assert mock.raw(1) == MESSAGES[0]
    mock.request("DELETE", "/api/messages/1").expect(200)
    assert len(mock.messages()) == 1


def test_messages_of_other_programs(start_mock: StartMock, folder: Path) -> None:
    box = mailbox.Maildir(str(folder))
    box.add(b"From: a@b.example\nSubject: theirs\n\ntext\n")
    box.close()
    (folder / "new/.hidden").write_bytes(b"no message")
    (folder / "cur/1000000000.old:2,FS").write_bytes(b"Subject: old\n\n")
    (folder / "new/no-number").write_bytes(b"Subject: odd\n\n")
    mock = start_mock("--store", folder, "-q")
    assert {one["subject"] for one in mock.messages()} == {"theirs", "old", "odd"}
    old = mock.message(next(one["id"] for one in mock.messages() if one["subject"] == "old"))
    assert old["envelope"] == {"from": {"address": "", "parameters": []}, "to": []}
    assert old["received"] == "2001-09-09T01:46:40.000Z" and old["dialogue"] == []
    assert (old["client"]["protocol"], old["client"]["tls"]) == ("", None)
    send_all(mock, [b"Subject: ours\r\n\r\n"])
    assert mock.messages()[0]["subject"] == "ours" and mock.messages()[0]["id"] == 4
    assert mock.request("DELETE", "/api/messages").json == {"deleted": 4}
    assert files(folder, "cur") == [] and [one.name for one in files(folder)] == [".hidden"]


DAMAGED = [
    b"", b"{", b"null", b"[]", b"1", b'"text"', b"\xff\xfe", b"{}", b"\x00", b"[" * 5000,
    b'{"envelope": {}}', b'{"envelope": 1, "id": 1}', b'{"envelope": {"to": {}, "from": 1}}',
    b'{"envelope": {"from": {"address": 1, "parameters": [1, null, {}]}, "to": [1, null, []]}}',
    b'{"id": -5, "envelope": {}, "client": {"tls": 1, "port": 1e300}, "dialogue": [1, {}]}',
    b'{"id": 1e300, "received_ms": -1, "envelope": {}, "dialogue": "x"}',
    b'{"id": "x", "received_ms": "y", "envelope": {}, "client": []}',
    b'{"id": 2, "received_ms": 8e15, "connected_ms": 8e15, "envelope": {}}',
]


@pytest.mark.parametrize("damaged", DAMAGED)
def test_a_damaged_envelope(start_mock: StartMock, folder: Path, damaged: bytes) -> None:
    """The message is still there, and readable."""
    first = start_mock("--store", folder, "-q")
    send_all(first, [b"Subject: one\r\n\r\n", b"Subject: two\r\n\r\n", b"Subject: three\r\n\r\n"])
    first.stop()
    files(folder, "envelope")[1].write_bytes(damaged)
    again = start_mock("--store", folder, "-q")
    messages = everything(again)
    assert [one["subject"] for one, _ in messages] == ["one", "two", "three"]
    assert [one["id"] for one, _ in messages] == sorted({one["id"] for one, _ in messages})
    assert messages[1][0]["envelope"]["from"]["address"] == ""
    send_all(again, [b"Subject: four\r\n\r\n"])
    assert again.messages()[0]["subject"] == "four"


def test_what_is_no_file(start_mock: StartMock, folder: Path) -> None:
    """Folders, links to nowhere, pipes: none of them keeps it from starting."""
    first = start_mock("--store", folder, "-q")
    send_all(first, MESSAGES[:2])
    first.stop()
    (folder / "new/1700000000.folder").mkdir()
    (folder / "new/1700000000.link").symlink_to("nowhere")
    os.mkfifo(folder / "new/1700000000.pipe")
    again = start_mock("--store", folder, "-q")
    assert len(again.messages()) == 2


def test_links_are_not_followed(start_mock: StartMock, folder: Path, tmp_path: Path) -> None:
    """Not even to a good file: it is somewhere else."""
    (tmp_path / "secret").write_text("Subject: secret\n\n")
    first = start_mock("--store", folder, "-q")
    send_all(first, MESSAGES[:1])
    first.stop()
    for below in ("new", "cur"):
        (folder / below / "1700000000.link").symlink_to(tmp_path / "secret")
    envelope = files(folder, "envelope")[0]
    envelope.rename(tmp_path / "envelope")
    envelope.symlink_to(tmp_path / "envelope")
    again = start_mock("--store", folder, "-q")
    assert [one["subject"] for one in again.messages()] == ["one"]
    assert again.messages()[0]["envelope"]["from"]["address"] == ""


def test_an_envelope_that_is_a_pipe(start_mock: StartMock, folder: Path) -> None:
    first = start_mock("--store", folder, "-q")
    send_all(first, MESSAGES[:1])
    first.stop()
    envelope = files(folder, "envelope")[0]
    envelope.unlink()
    os.mkfifo(envelope)
    assert len(start_mock("--store", folder, "-q").messages()) == 1


@pytest.mark.parametrize("name, received", [
    ("9223372036854775807.x", "287168-08-24T16:00:00.000Z"),
    ("99999999999999999999.x", "287168-08-24T16:00:00.000Z"),
    ("-1.x", "1970-01-01T00:00:00.000Z"),
])
def test_a_name_with_an_odd_time(
    start_mock: StartMock, folder: Path, name: str, received: str
) -> None:
    (folder / "new").mkdir(parents=True)
    (folder / "new" / name).write_bytes(b"Subject: odd\n\n")
    assert start_mock("--store", folder, "-q").messages()[0]["received"] == received


def test_a_file_that_is_too_large_is_left_out(start_mock: StartMock, folder: Path) -> None:
    """With a warning; it does not keep all others away."""
    (folder / "new").mkdir(parents=True)
    with open(folder / "new/1.large", "wb") as large:
        large.truncate((256 << 20) + 1)
    (folder / "new/2.small").write_bytes(b"Subject: small\n\n")
    mock = start_mock("--store", folder, "-q")
    assert [one["subject"] for one in mock.messages()] == ["small"]
    mock.stop(expect=r'prankmock: warning: "\S+/new/1\.large" is larger than 256 MiB, .*left out')


def test_the_store_is_made_with_all_folders_above(start_mock: StartMock, tmp_path: Path) -> None:
    folder = tmp_path / "a/b/mail"
    start_mock("--store", folder).deliver("Subject: x\r\n\r\nx\r\n")
    assert len(list((folder / "new").iterdir())) == 1
    assert folder.stat().st_mode & 0o777 == 0o700
