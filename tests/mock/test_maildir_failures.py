"""A full disk, a folder that is gone, kill -9: what the client is told, and what is left."""

from __future__ import annotations

import json
import signal
import smtplib
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import StartMock
from mock import Mock, run_mock
from programs import FREE
from raw_client import greeted
from stored import MESSAGES, files, send, send_all
from waiting import until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mail"


# When it cannot be written

def test_a_folder_that_cannot_be_written(start_mock: StartMock, folder: Path) -> None:
    """The client is told, nothing is kept, and nothing lies about; later it works again."""
    mock = start_mock("--store", folder, "-q")
    send_all(mock, MESSAGES[:1])
    (folder / "new").rename(folder / "away")
    (folder / "new").write_text("in the way")
    with greeted(mock) as client:
        assert send(client, MESSAGES[0]) == 452
        assert send(client, MESSAGES[0]) == 452
        assert (mock.stats()["received"], len(mock.messages())) == (1, 1)
        (folder / "new").unlink()
        (folder / "away").rename(folder / "new")
        assert send(client, MESSAGES[3]) == 250
    assert mock.raw(2) == MESSAGES[3]
    assert list((folder / "tmp").iterdir()) == []
    assert len(files(folder)) == len(files(folder, "envelope")) == 2
    mock.stop(expect=r'prankmock: cannot write "\S+": Not a directory')


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    place = tmp_path / "tiny"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", place],
                          capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def test_a_full_disk(start_mock: StartMock, tiny_disk: Path) -> None:
    mock = start_mock("--store", tiny_disk / "mail", "-q")
    message = b"x" * 60_000 + b"\r\n"
    with greeted(mock) as client:
        codes = [send(client, message) for _ in range(10)]
        taken = codes.count(250)
        assert 1 <= taken < 5 and codes == [250] * taken + [452] * (10 - taken)
        assert [one.read_bytes() for one in files(tiny_disk / "mail")] == [message] * taken
        assert list((tiny_disk / "mail/tmp").iterdir()) == []
        assert len(files(tiny_disk / "mail", "envelope")) == taken
        mock.request("DELETE", "/api/messages/1").expect(200)
        assert send(client, message[10_000:]) == 250
    mock.stop(expect=r'prankmock: cannot (write|create) "\S+": No space left on device')


# kill -9

def test_what_was_acknowledged_survives_kill(start_mock: StartMock, folder: Path) -> None:
    """Killed while four clients send: all that got their 250 are there, and nothing is half."""
    folder.mkdir()
    for attempt in range(4):
        mock = start_mock("--store", folder / str(attempt), "--max-messages", "100000", "-q")
        said_yes: list[str] = []
        threads = [threading.Thread(target=send_until_killed, args=(mock, said_yes, name))
                   for name in "abcd"]
        for thread in threads:
            thread.start()
        until(lambda: len(said_yes) > 50 * (attempt + 1))
        mock.process.send_signal(signal.SIGKILL)
        for thread in threads:
            thread.join()
        mock.kill()
        check_after_kill(start_mock("--store", folder / str(attempt), "--max-messages", "100000",
                                    "-q"), said_yes)


def numbered(name: str) -> str:
    return f"Subject: {name}\r\n\r\n" + name * 1000 + "\r\n"


def send_until_killed(mock: Mock, said_yes: list[str], prefix: str) -> None:
    number = 0
    try:
        with mock.smtp() as client:
            while True:
                name = f"{prefix}{number}"
                client.sendmail("a@b.example", ["c@d.example"], numbered(name))
                said_yes.append(name)
                number += 1
    except (smtplib.SMTPServerDisconnected, OSError):
        pass


def check_after_kill(again: Mock, said_yes: list[str]) -> None:
    there = {one["subject"]: one["id"] for one in again.messages(limit=100_000)}
    assert set(said_yes) <= set(there)
    assert len(there) <= len(said_yes) + 4
    for name, id in there.items():
        assert again.raw(id) == numbered(name).encode()
        assert again.message(id)["envelope"]["from"]["address"] == "a@b.example"
    again.deliver("Subject: afterwards\r\n\r\n")
    assert again.messages()[0]["id"] == max(there.values()) + 1
    again.stop()


def test_left_over_files_of_a_killed_one_do_no_harm(start_mock: StartMock, folder: Path) -> None:
    first = start_mock("--store", folder, "-q")
    send_all(first, MESSAGES[:1])
    first.stop()
    (folder / "tmp/1700000000.M000Q9.prankmock").write_bytes(b"half")
    (folder / "envelope/1700000000.M000Q9.prankmock.json").write_text(json.dumps({"id": 9}))
    again = start_mock("--store", folder, "-q")
    assert [one["id"] for one in again.messages()] == [1]
    send_all(again, MESSAGES[:1])
    assert again.messages()[0]["id"] == 2


def test_the_store_is_told_wrong(mock_binary: Path, tmp_path: Path) -> None:
    """Something in the way of a folder that it needs."""
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "new").write_text("")
    done = run_mock(mock_binary, tmp_path, *FREE, "--store", folder)
    assert done.returncode in (73, 74)
    assert str(folder / "new") in done.stderr and len(done.stderr.splitlines()) == 1
