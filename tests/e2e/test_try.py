"""examples/try.sh as a newcomer starts it: on a terminal, until Ctrl-C."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from runner import REPOSITORY

TIMEOUT_S = 300  # it builds all of build/try the first time
PRANKS = 3


class TryScript:
    """It leads a session, and the terminal is that session's: ^C reaches all that it started."""

    def __init__(self) -> None:
        self._deadline = time.monotonic() + TIMEOUT_S
        self._seen = b""
        self._pid, self._terminal = pty.fork()
        self._session = self._pid
        if self._pid == 0:
            os.chdir(REPOSITORY)
            os.execv("examples/try.sh", ["examples/try.sh"])

    @property
    def screen(self) -> str:
        return self._seen.decode("utf-8", "replace").replace("\r\n", "\n")

    def wait_for(self, text: str) -> None:
        while text not in self.screen:
            assert self._read(), f"it ended without {text!r}: {self.screen}"

    def type(self, keys: bytes) -> None:
        os.write(self._terminal, keys)

    def finish(self) -> int:
        """Read to the end; returns the exit code."""
        while self._read():
            pass
        pid, self._pid = self._pid, 0
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def processes(self) -> list[str]:
        """Those of its session, which are all that it started, whoever their parent is by now."""
        listed = subprocess.run(["ps", "-o", "comm=", "--sid", str(self._session)],
                                capture_output=True, text=True)
        return listed.stdout.split()

    def close(self) -> None:
        """Whatever came: the terminal goes, and with it (SIGHUP) what runs on it."""
        os.close(self._terminal)
        if self._pid:
            os.waitpid(self._pid, 0)

    def _read(self) -> bool:
        left_s = max(0, self._deadline - time.monotonic())
        ready = select.select([self._terminal], [], [], left_s)[0]
        assert ready, f"it waits, and shows: {self.screen}"
        try:
            more = os.read(self._terminal, 65_536)
        except OSError:  # EIO is how Linux says that nobody has the other end open any more
            return False
        self._seen += more
        return bool(more)


@pytest.fixture
def script() -> Iterator[TryScript]:
    started = TryScript()
    try:
        yield started
    finally:
        started.close()


def get(url: str) -> tuple[int, bytes]:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.status, answer.read()


def test_it_shows_the_pranks_until_ctrl_c(script: TryScript) -> None:
    script.wait_for("Ctrl-C ends it.")
    named = re.search(r"== 9\. Look at them: (http://127\.0\.0\.1:\d+/)", script.screen)
    assert named, script.screen
    status, page = get(named[1])
    assert status == 200 and b"<html" in page.lower()
    listed = json.loads(get(f"{named[1]}api/messages")[1])
    assert len(listed["messages"]) == PRANKS
    assert "prankmock" in script.processes()

    script.type(b"\x03")
    assert script.finish() == 0, script.screen
    assert script.screen.endswith("== Done.\n"), script.screen
    deadline = time.monotonic() + 10  # it has told prankmock to end, and does not wait for it
    while script.processes() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert script.processes() == []
    with pytest.raises(urllib.error.URLError):
        get(named[1])
