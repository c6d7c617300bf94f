"""Runs the program under test, in a clean environment, and guards what it prints."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import time
import urllib.parse
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
PASSWORD_VARIABLE = "PRANKCURL_PASSWORD"
TIMEOUT_S = 60

# What the program may see of the environment the tests run in: what it takes to run at all, what
# makes sanitizers and coverage work, and the clock that reproducible builds set.
_PASSED_ON = re.compile(
    r"PATH|LD_LIBRARY_PATH|SOURCE_DATE_EPOCH|GCOV_\w+|LLVM_PROFILE_FILE|[ALMTU]+SAN_\w+"
)


@dataclass(frozen=True)
class Result:
    """What a run left behind. `args` and `returncode` as in subprocess.CompletedProcess."""

    args: list[str]
    returncode: int
    stdout: bytes
    stderr: str

    def expect(self, returncode: int) -> Result:
        """Fail with all that was printed, unless the exit code is this."""
        assert self.returncode == returncode, (
            f"exit code {self.returncode}, not {returncode}\n{' '.join(self.args)}\n"
            f"stdout: {self.stdout.decode(errors='replace')}\nstderr: {self.stderr}"
        )
        return self

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The JSON objects on stdout, one a line."""
        return [json.loads(line) for line in self.stdout.decode("utf-8").splitlines()]

    @property
    def pranks(self) -> list[dict[str, Any]]:
        """What `send --json` said of each prank."""
        return [entry for entry in self.objects if "summary" not in entry]

    @property
    def summary(self) -> dict[str, int]:
        """The last line of `send --json`."""
        return self.objects[-1]["summary"]

    @property
    def recipients(self) -> dict[str, dict[str, Any]]:
        """What became of each address, over all pranks."""
        return {one["address"]: one for prank in self.pranks for one in prank["recipients"]}

    @property
    def complaint(self) -> str:
        """The one line on stderr; more or fewer is a failure: people read one line."""
        lines = [line for line in self.stderr.splitlines() if line.strip()]
        assert len(lines) == 1, f"{len(lines)} lines on stderr, not one:\n{self.stderr}"
        return lines[0]


class Prankcurl:
    """The program: call it with the words of its command line."""

    def __init__(self, binary: Path, home: Path) -> None:
        self.binary = binary
        self.home = home
        self.secrets: set[str] = set()  # never to be seen in any output of any run

    def __call__(
        self, *words: str | Path, password: str | None = None, env: dict[str, str] | None = None,
        cwd: Path | None = None, timeout_s: float = TIMEOUT_S, stdout: Path | None = None,
    ) -> Result:
        """Run it to its end. `password` goes into the variable that the campaigns here name.

        Its standard output is what the result holds, unless it is to go into the file `stdout`.
        """
        args = [str(self.binary), *map(str, words)]
        with open(stdout, "wb") if stdout else nullcontext(subprocess.PIPE) as output:
            done = subprocess.run(
                args, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE, cwd=cwd,
                env=self.environment(password) | (env or {}), timeout=timeout_s,
            )
        printed = done.stdout or b""
        self.check_secrets(printed + b"\n" + done.stderr)
        return Result(args, done.returncode, printed, done.stderr.decode("utf-8", "replace"))

    def start(
        self, *words: str | Path, password: str | None = None,
        before_exec: Callable[[], None] | None = None, binary: Path | None = None,
    ) -> Running:
        """Start it, and see it work. `before_exec` is done in the new process: a limit, say."""
        args = [str(binary or self.binary), *map(str, words)]
        process = subprocess.Popen(
            args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=self.environment(password), preexec_fn=before_exec,
        )
        return Running(self, process, args)

    def environment(self, password: str | None = None) -> dict[str, str]:
        """What it may see of ours, and the password, which is a secret from now on."""
        environment = {k: v for k, v in os.environ.items() if _PASSED_ON.fullmatch(k)}
        environment |= {"HOME": str(self.home), "LANG": "C.UTF-8", "TZ": "UTC"}
        if password is not None:
            environment[PASSWORD_VARIABLE] = password
            self.secrets.add(password)
        return environment

    def check_secrets(self, output: bytes) -> None:
        for secret in self.secrets:
            assert_not_told(secret, output)


class Running:
    """The program at work: `with prankcurl.start(…) as running:`; leaving the block kills it."""

    def __init__(
        self, prankcurl: Prankcurl, process: subprocess.Popen[bytes], args: list[str]
    ) -> None:
        self._prankcurl = prankcurl
        self._args = args
        self.process = process

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        with self.process:  # waits, and closes the pipes
            pass

    @property
    def pid(self) -> int:
        return self.process.pid

    def signal(self, number: int) -> None:
        """Send a signal, and wait until the program has got it (proc(5), ShdPnd)."""
        self.process.send_signal(number)
        deadline = time.monotonic() + TIMEOUT_S
        while self.process.poll() is None and self._pending() & 1 << (number - 1):
            assert time.monotonic() < deadline, f"signal {number} was not taken"

    def _pending(self) -> int:
        found = re.search(r"^ShdPnd:\s*([0-9a-f]+)", self._proc_status(), re.MULTILINE)
        return int(found[1], 16) if found else 0

    def _proc_status(self) -> str:
        return Path(f"/proc/{self.pid}/status").read_text()

    def kill(self) -> None:
        """As a crash would end it."""
        self.process.kill()
        self.process.wait(TIMEOUT_S)

    def finish(self, timeout_s: float = TIMEOUT_S) -> Result:
        """Wait for its end; what was read of its output before is not in the result."""
        stdout, stderr = self.process.communicate(timeout=timeout_s)
        self._prankcurl.check_secrets(stdout + b"\n" + stderr)
        return Result(self._args, self.process.returncode, stdout,
                      stderr.decode("utf-8", "replace"))


def assert_not_told(secret: str, output: bytes) -> None:
    """No secret in the output: not plain, not escaped, not inside anything written as base64."""
    for form in _forms_of(secret):
        assert form not in output, f"a secret is in the output, as {form[:6]!r}…"
    for encoded in re.findall(rb"[A-Za-z0-9+/]{16,}={0,2}", output):
        decoded = base64.b64decode(encoded + b"=" * (-len(encoded) % 4))
        # CRAM-MD5's answer: who has it can guess the password at leisure.
        assert not re.search(rb"^\S+ [0-9a-f]{32}$", decoded), "a CRAM-MD5 answer is in the output"


def _forms_of(secret: str) -> set[bytes]:
    raw = secret.encode()
    forms = {raw, urllib.parse.quote(secret).encode(), json.dumps(secret)[1:-1].encode()}
    if secret.count(".") == 2:
        forms.add(raw.rpartition(b".")[2])  # a token's signature is what makes it a secret
    # Base64 of any text that contains the secret contains one of three strings, by where in a
    # group of three bytes the secret begins. Characters that its neighbours change are cut off.
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw)
        first = -(-before * 8 // 6)
        last = (before + len(raw)) * 8 // 6
        forms.add(encoded[first:last])
    return forms
