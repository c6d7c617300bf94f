"""Runs prankmock: starts it on free ports, talks to its API, and ends it, with an eye on its stderr."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import smtplib
import socket
import subprocess
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

REPOSITORY = Path(__file__).resolve().parents[2]
TIMEOUT_S = 20.0
MAX_ANSWER = 1 << 30

# What the program may see of the environment the tests run in, as in tests/e2e.
_PASSED_ON = re.compile(
    r"PATH|LD_LIBRARY_PATH|SOURCE_DATE_EPOCH|GCOV_\w+|LLVM_PROFILE_FILE|[ALMTU]+SAN_\w+"
)
# What it says of every message, and with -v of every line.
_EXPECTED_ON_STDERR = re.compile(
    r"\d\d:\d\d:\d\d message \d+: from <.*>, \d+ recipients?, \d+ bytes, \w+|  [CSN] .*"
    r"|prankmock: connection \d+ from \S+:\d+ brought no( further)? message"
)


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        assert self.headers["Content-Type"] == "application/json", self
        return json.loads(self.body)

    def expect(self, status: int) -> Answer:
        assert self.status == status, f"status {self.status}, not {status}: {self.body[:2000]!r}"
        return self


class Mock:
    """A running prankmock: `with Mock(binary, folder, "--lenient") as mock:`; folder is its HOME.

    Where it keeps its certificates is `tls_dir`, `folder/tls` unless another one is given.
    """

    def __init__(
        self, binary: Path, folder: Path, *words: str | Path, env: Mapping[str, str] | None = None,
        tls_dir: Path | None = None,
    ) -> None:
        self.tls_dir = tls_dir or folder / "tls"
        self.lines: list[str] = []  # on stdout, after the first ones
        self._stderr_path = folder / f"stderr-{os.urandom(4).hex()}"
        self._is_stopped = False
        args = [
            str(binary), "--smtp", "127.0.0.1:0", "--http", "127.0.0.1:0",
            "--tls-dir", str(self.tls_dir), *map(str, words),
        ]
        with open(self._stderr_path, "wb") as stderr:
            self.process = subprocess.Popen(
                args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr,
                env=clean_environment(folder) | dict(env or {}), text=True, encoding="utf-8",
            )
        try:
            listening = self._read_listening()
        except BaseException:
            self.kill()
            raise
        self.host, self.port = _split(listening["smtp"])
        smtps = listening.get("smtps")
        self.smtps_port = _split(smtps)[1] if smtps else None
        self.url = listening["page"]
        self.ca = Path(listening["ca"])
        self._reader = threading.Thread(target=self._read_on, daemon=True)
        self._reader.start()

    def __enter__(self) -> Mock:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind:
            self.kill()
        else:
            self.stop()

    def _read_listening(self) -> dict[str, str]:
        """The first lines on stdout; with --json it is one."""
        assert self.process.stdout
        found: dict[str, str] = {}
        while "ca" not in found:
            line = self.process.stdout.readline()
            assert line, f"it ended with {self.process.wait(TIMEOUT_S)}: {self.stderr}"
            if line.startswith("{"):
                found = json.loads(line)
            else:
                name, _, value = line.rstrip("\n").partition(" ")
                assert name in ("smtp", "smtps", "page", "ca"), f"unexpected on stdout: {line!r}"
                found[name] = value
        return found

    def _read_on(self) -> None:
        assert self.process.stdout
        self.lines.extend(line.rstrip("\n") for line in self.process.stdout)

    @property
    def stderr(self) -> str:
        """What it has said so far."""
        return self._stderr_path.read_text("utf-8", "replace")

    def stop(self, expect: str | None = None, number: int = signal.SIGTERM) -> None:
        """End it in good order. `expect`: lines on stderr that are fine too, a regular expression.

        Anything else there is a failure: a warning, or what a sanitizer reports.
        """
        if self._is_stopped:
            return
        self._is_stopped = True
        self.process.send_signal(number)
        try:
            self._reader.join(TIMEOUT_S)  # to the end of stdout: quicker than wait(), which polls
            returncode = self.process.wait(TIMEOUT_S)
        finally:
            self.kill()
        told = [
            line for line in self.stderr.splitlines()
            if not _EXPECTED_ON_STDERR.fullmatch(line)
            and not (expect and re.fullmatch(expect, line))
        ]
        assert returncode == 0, f"exit code {returncode}: {self.stderr[-20000:]}"
        assert not told, "unexpected on stderr:\n" + "\n".join(told[:200])

    def kill(self) -> None:
        """End it at once; after this nothing of it is left."""
        self._is_stopped = True
        self.process.kill()
        self.process.wait(TIMEOUT_S)
        if hasattr(self, "_reader"):
            self._reader.join(TIMEOUT_S)
        if self.process.stdout:
            self.process.stdout.close()

    # SMTP

    def connect(self, timeout_s: float = TIMEOUT_S) -> socket.socket:
        return socket.create_connection((self.host, self.port), timeout_s)

    def smtp(self, timeout_s: float = TIMEOUT_S) -> smtplib.SMTP:
        """Connected and greeted, nothing said yet."""
        return smtplib.SMTP(self.host, self.port, "client.example", timeout_s)

    def deliver(
        self, message: bytes | str, sender: str = "sender@example.test",
        to: str | Iterable[str] = "recipient@example.test",
    ) -> None:
        """Sends a message, in a connection of its own."""
        if isinstance(message, str):
            message = message.encode()
        with self.smtp() as client:
            refused = client.sendmail(sender, [to] if isinstance(to, str) else list(to), message)
        assert not refused, refused

    # HTTP

    def request(
        self, method: str, path: str, body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None, timeout_s: float = TIMEOUT_S,
    ) -> Answer:
        """One call, in a connection of its own. Only what `headers` says goes beside the Host."""
        where = urlsplit(self.url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout_s)
        try:
            connection.request(
                method, path, body.encode() if isinstance(body, str) else body, dict(headers or {})
            )
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read(MAX_ANSWER))
        finally:
            connection.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.request("GET", path, headers=headers)

    def messages(self, **query: object) -> list[dict[str, Any]]:
        """What is kept, newest first: messages(limit=2, from_="tom")."""
        return self.get("/api/messages" + query_text(query)).expect(200).json["messages"]

    def message(self, id: int) -> dict[str, Any]:
        return self.get(f"/api/messages/{id}").expect(200).json

    def raw(self, id: int) -> bytes:
        return self.get(f"/api/messages/{id}/raw").expect(200).body

    def wait(self, **query: object) -> list[dict[str, Any]]:
        """Waits until so many messages are there: wait(count=2, to="tom"); fails when they don't come."""
        query = {"timeout": TIMEOUT_S / 2} | query
        return self.get("/api/wait" + query_text(query)).expect(200).json["messages"]

    def set_faults(self, rules: list[dict[str, Any]]) -> None:
        self.request("PUT", "/api/faults", json.dumps(rules)).expect(200)

    def stats(self) -> dict[str, Any]:
        return self.get("/api/stats").expect(200).json


def query_text(query: Mapping[str, object]) -> str:
    """Of a URL, with its question mark. Names may end in `_`, as `from_`."""
    return "?" + urlencode({name.rstrip("_"): value for name, value in query.items()})


def clean_environment(home: Path) -> dict[str, str]:
    environment = {k: v for k, v in os.environ.items() if _PASSED_ON.fullmatch(k)}
    return environment | {"HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC"}


def run_mock(
    binary: Path, folder: Path, *words: str | Path, env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Runs it with exactly these words, when it is not to stay."""
    return subprocess.run(
        [str(binary), *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        encoding="utf-8", errors="replace", env=clean_environment(folder) | dict(env or {}),
        timeout=TIMEOUT_S,
    )


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)
