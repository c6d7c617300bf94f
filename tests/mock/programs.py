"""prankmock as its user starts it: nothing but the words given, its output as it comes."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mock import TIMEOUT_S, clean_environment

FREE = ("--smtp", "127.0.0.1:0", "--http", "127.0.0.1:0")


class Running:
    """A program that has said where it listens."""

    def __init__(self, process: subprocess.Popen[bytes], lines: list[str]) -> None:
        self.process = process
        self.lines = lines

    def __getitem__(self, name: str) -> str:
        """What stands behind a word of its first lines: running["smtp"]."""
        return next(line.partition(" ")[2] for line in self.lines if line.startswith(name + " "))

    def connect(self, name: str = "smtp") -> socket.socket:
        host, _, port = self[name].rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), TIMEOUT_S)

    def greeting(self, name: str = "smtp") -> bytes:
        with self.connect(name) as connection:
            return connection.recv(1000)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Its exit code, what else it said, and its stderr."""
        self.process.send_signal(number)
        stdout, stderr = self.process.communicate(timeout=TIMEOUT_S)
        return self.process.returncode, stdout.decode(), stderr.decode()


@contextmanager
def running(
    args: list[str | Path], home: Path, env: Mapping[str, str] | None = None, first_lines: int = 3,
) -> Iterator[Running]:
    """Started with exactly these words; ended with the block, if it has not been before."""
    process = subprocess.Popen(
        list(map(str, args)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=clean_environment(home) | dict(env or {}), bufsize=0,
    )
    try:
        yield Running(process, [_line(process) for _ in range(first_lines)])
    finally:
        process.kill()
        process.communicate(timeout=TIMEOUT_S)


def _line(process: subprocess.Popen[bytes]) -> str:
    """As a line of its own: nothing behind it is read."""
    assert process.stdout and process.stderr
    line = process.stdout.readline().decode()
    assert line.endswith("\n"), f"ended with {process.wait(TIMEOUT_S)}: {process.stderr.read()!r}"
    return line[:-1]
