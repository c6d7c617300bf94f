"""What would be on disk if the power failed at a moment that matters, told by strace.

The disk is taken to be as bad as it may be: a file has what was written before its last finished
fsync, a folder has the names it had at its own last one, and everything else is lost. Or, as bad
in another way, nothing at all is lost of what was written so far.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from campaigns import CampaignFolder, scripted
from mock import Mock
from runner import Prankcurl, Result

TRACED = "pwrite64,ftruncate,unlink,rename,fsync,fdatasync,sendto,recvfrom,exit_group"
SYNC_US = 50_000  # a slow disk: a sender that does not wait for it is found out
LEAKS_OFF = {"ASAN_OPTIONS": "detect_leaks=0"}  # LeakSanitizer can't work under ptrace
TIMEOUT_S = 60

_LINE = re.compile(r"(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)")
_RESULT = re.compile(r"\) += (-?\d+|\?)(?: [^\"]*)?$")


def ptrace_is_permitted() -> bool:
    if not shutil.which("strace"):
        return False
    return subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], capture_output=True,
                          timeout=TIMEOUT_S).returncode == 0


pytestmark = pytest.mark.skipif(not ptrace_is_permitted(), reason="strace is not permitted here")


@dataclass(frozen=True)
class Call:
    """A system call that succeeded or failed between two lines of the log."""

    begin: int
    end: int
    thread: int
    name: str
    where: str  # the first argument's file or socket; of unlink the path
    data: bytes
    numbers: list[int]  # the arguments after the data
    result: int


def read_log(path: Path) -> list[Call]:
    """In the order of their beginning. A call that another thread interrupts has two lines."""
    calls: list[Call] = []
    open_calls: dict[int, tuple[int, str, str]] = {}
    for number, line in enumerate(path.read_text("ascii").splitlines()):
        if not (found := _LINE.fullmatch(line)):
            continue  # a signal, or a thread's end
        thread, text = int(found[1]), found[4]
        begin, name, before = open_calls.pop(thread, (number, found[3], ""))
        if text.endswith("<unfinished ...>"):
            open_calls[thread] = (begin, name, text.removesuffix("<unfinished ...>"))
        else:
            calls.append(_parse(begin, number, thread, name, before + text))
    return sorted(calls, key=lambda call: call.begin)


def _parse(begin: int, end: int, thread: int, name: str, text: str) -> Call:
    result = _RESULT.search(text)
    assert result, text[-200:]
    arguments = text[: result.start()]
    where = re.match(r"\d+<([^>]*)>", arguments)
    strings = [_bytes(one) for one in re.findall(r'"([^"]*)"', arguments)]
    numbers = [int(one) for one in re.findall(r", (\d+)(?=,|$)", arguments)]
    path = _bytes(where[1]) if where else strings[0] if strings else b""
    data = strings[0] if where and strings else b""
    return Call(begin, end, thread, name, path.decode(), data, numbers,
                -1 if result[1] == "?" else int(result[1]))


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


class Disk:
    """What is certain of a folder's files at one moment."""

    def __init__(
        self, folder: Path, calls: list[Call], moment: int, loses_unsynced: bool = True
    ) -> None:
        self._folder = str(folder)
        self._written: dict[str, bytearray] = {}  # as any process sees the files
        self._certain: dict[str, bytes] = {}
        self._names: set[str] = set()
        for call in calls:
            if call.begin < moment and call.where.startswith(self._folder):
                self._take(call, is_done=call.end < moment)
        if not loses_unsynced:
            self._names = set(self._written)
            self._certain = {name: bytes(content) for name, content in self._written.items()}

    def _take(self, call: Call, is_done: bool) -> None:
        if call.name in ("fsync", "fdatasync"):
            if is_done and call.result == 0:
                self._sync(call.where)
        elif call.result < 0:
            pass
        elif call.name == "pwrite64":
            content = self._written.setdefault(call.where, bytearray())
            _, offset = call.numbers
            content.extend(bytes(max(0, offset - len(content))))
            content[offset : offset + call.result] = call.data[: call.result]
        elif call.name == "ftruncate":
            content = self._written.setdefault(call.where, bytearray())
            [length] = call.numbers
            content[:] = content[:length].ljust(length, b"\0")
        elif call.name == "unlink":
            self._written.pop(call.where, None)
        elif call.name == "rename":
            raise AssertionError("a rename: this disk knows none")

    def _sync(self, where: str) -> None:
        if where == self._folder:
            self._names = set(self._written)
        else:
            self._certain[where] = bytes(self._written.get(where, b""))

    def states(self, ledger: Path, into: Path) -> list[str]:
        """Of the recipients in the ledger that is found when the power is back."""
        into.mkdir()
        for name in self._names:
            if not name.endswith("-shm"):  # SQLite makes it anew
                (into / Path(name).name).write_bytes(self._certain.get(name, b""))
        with closing(sqlite3.connect(into / ledger.name)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            if not database.execute("SELECT 1 FROM sqlite_schema").fetchone():
                return []
            return [state for [state] in database.execute("SELECT state FROM recipient")]


class Traced:
    """One prank sent over one connection, under strace."""

    def __init__(self, prankcurl: Prankcurl, campaign: Path) -> None:
        self._prankcurl = prankcurl
        self._campaign = campaign
        self._log = campaign.with_suffix(".strace")
        self.ledger = campaign.with_suffix(".ledger.db")

    def send(self, *strace: str) -> Result:
        sender = self._prankcurl
        words = [str(sender.binary), "send", "--yes", "-j", "1", str(self._campaign)]
        done = subprocess.run(
            ["strace", "-f", "-y", "-xx", "-s", "1000000", "-o", str(self._log), *strace, *words],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S,
            env=sender.environment() | LEAKS_OFF)
        return Result(words, done.returncode, done.stdout, done.stderr.decode())

    @property
    def calls(self) -> list[Call]:
        return read_log(self._log)


def moment_of_the_dot(calls: list[Call]) -> tuple[int, str]:
    """When the send begins that brings the message's end, and the socket."""
    sent = b""
    for call in calls:
        if call.name == "sendto" and call.result > 0:
            sent += call.data[: call.result]
            if b"DATA\r\n" in sent and sent.endswith(b"\r\n.\r\n"):
                return call.begin, call.where
    raise AssertionError(f"no end of a message in {sent!r}")


def moment_of_the_reply(calls: list[Call]) -> int:
    dot, socket = moment_of_the_dot(calls)
    return next(call.end for call in calls
                if call.name == "recvfrom" and call.where == socket and call.end > dot
                and call.data.startswith(b"250"))


def moment_of_the_end(calls: list[Call]) -> int:
    return max(call.begin for call in calls if call.name == "exit_group")


@pytest.fixture
def traced(prankcurl: Prankcurl, campaign: CampaignFolder, mock: Mock) -> Iterator[Traced]:
    url = f"smtp://127.0.0.1:{mock.port}"
    yield Traced(prankcurl, campaign(url, server=scripted(url), delivery={"attempts": 1}))


@pytest.mark.parametrize("sync_us", [0, SYNC_US], ids=["this-disk", "a-slow-disk"])
def test_each_state_is_on_disk_when_it_matters(
    traced: Traced, tmp_path: Path, sync_us: int
) -> None:
    slow = ["-e", f"inject=fsync,fdatasync:delay_exit={sync_us}"] if sync_us else []
    traced.send("-e", f"trace={TRACED}", *slow).expect(0)
    calls = traced.calls
    folder = traced.ledger.parent

    def states(moment: int, name: str) -> list[str]:
        return Disk(folder, calls, moment).states(traced.ledger, tmp_path / name)

    dot, _ = moment_of_the_dot(calls)
    assert states(dot, "dot") == ["in_flight"] * 2, "before the final dot goes out"
    assert states(moment_of_the_reply(calls), "reply") == ["in_flight"] * 2
    assert states(moment_of_the_end(calls), "end") == ["accepted"] * 2, "before the sender ends"


@pytest.mark.parametrize("loses_unsynced", [True, False], ids=["all-lost", "nothing-lost"])
def test_from_the_dot_on_it_is_never_forgotten(
    traced: Traced, tmp_path: Path, loses_unsynced: bool
) -> None:
    """Not while the outcome is written, nor while the log is copied into the file at the end."""
    traced.send("-e", f"trace={TRACED}").expect(0)
    calls = traced.calls
    folder = traced.ledger.parent
    dot, _ = moment_of_the_dot(calls)
    end = moment_of_the_end(calls)
    seen: list[str] = []
    for moment in range(dot, end + 1):
        disk = Disk(folder, calls, moment, loses_unsynced)
        states = set(disk.states(traced.ledger, tmp_path / f"at-{moment}"))
        assert len(states) == 1, f"at line {moment} of the log: {states}"
        seen += states
    assert seen == sorted(seen, reverse=True), "once accepted, always accepted"
    assert set(seen) == {"in_flight", "accepted"}


@pytest.mark.parametrize("name, error", [("fdatasync", "EIO"), ("pwrite64", "ENOSPC")])
def test_what_cannot_be_recorded_is_not_sent(
    traced: Traced, mock: Mock, name: str, error: str
) -> None:
    """The disk fails at the very commit that the final dot waits for."""
    thread_call = _call_to_break(traced, name)
    mock.request("DELETE", "/api/messages").expect(200)
    for part in traced.ledger.parent.glob(f"{traced.ledger.name}*"):
        part.unlink()
    failed = traced.send("-e", f"trace={name}",
                         "-e", f"inject={name}:error={error}:when={thread_call}+")
    assert mock.messages() == [], failed.stderr
    failed.expect(74)
    assert str(traced.ledger.name) in failed.stderr
    again = traced.send("-e", f"trace={name}")
    assert len(mock.messages()) == {0: 1, 75: 0}[again.returncode], again.stderr


def _call_to_break(traced: Traced, name: str) -> int:
    """Which of its thread's calls of this name is the first that records `in_flight`."""
    traced.send("-e", f"trace={TRACED}").expect(0)
    calls = traced.calls
    dot, _ = moment_of_the_dot(calls)
    syncs = [call for call in calls
             if call.name == "fdatasync" and call.end < dot and call.where.endswith("-wal")]
    *_, before, last = syncs
    same = [call for call in calls if call.name == name and call.thread == last.thread]
    first = last if name == "fdatasync" else next(
        call for call in same if call.begin > before.end and call.where.endswith("-wal"))
    return same.index(first) + 1
