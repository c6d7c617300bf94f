"""A terminal of the tests' own, for what the program does only where a person sits."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import termios
import time
from pathlib import Path

from runner import Prankcurl

TIMEOUT_S = 20
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """The program with all three streams on a pseudo-terminal, which is its controlling one."""

    def __init__(self, prankcurl: Prankcurl, *words: str | Path, password: str | None = None,
                 env: dict[str, str] | None = None) -> None:
        self._prankcurl = prankcurl
        self._ours, theirs = pty.openpty()
        _switch_echo_off(theirs)  # so that what we type is not taken for what it says
        self._deadline = time.monotonic() + TIMEOUT_S
        self._seen = b""
        self._process = subprocess.Popen(
            [str(prankcurl.binary), *map(str, words)], stdin=theirs, stdout=theirs, stderr=theirs,
            env=prankcurl.environment(password) | {"TERM": "xterm"} | (env or {}),
            start_new_session=True,
        )
        os.close(theirs)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(timeout=TIMEOUT_S)
        os.close(self._ours)

    def wait_for(self, pattern: str) -> str:
        """Read until the pattern is on the screen; returns all that is, without its colours."""
        while not re.search(pattern, self.screen):
            assert self._read(), f"it ended without {pattern!r}: {self.screen}"
        return self.screen

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def finish(self) -> int:
        """Read to the end; returns the exit code."""
        while self._read():
            pass
        self._prankcurl.check_secrets(self._seen)
        return self._process.wait(timeout=TIMEOUT_S)

    @property
    def screen(self) -> str:
        return _ESCAPE.sub("", self._seen.decode("utf-8", "replace")).replace("\r\n", "\n")

    @property
    def raw(self) -> bytes:
        return self._seen

    def _read(self) -> bool:
        left_s = self._deadline - time.monotonic()
        ready = select.select([self._ours], [], [], max(0, left_s))[0]
        assert ready, f"it waits, and shows: {self.screen}"
        try:
            more = os.read(self._ours, 65_536)
        except OSError:  # EIO is how Linux says that nobody has the other end open any more
            return False
        self._seen += more
        return bool(more)


def _switch_echo_off(descriptor: int) -> None:
    attributes = termios.tcgetattr(descriptor)
    attributes[3] &= ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
