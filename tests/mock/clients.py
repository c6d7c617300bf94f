"""Runs clients that nobody here wrote, and looks at what has come of it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mock import Mock, clean_environment

USER, PASSWORD = "nadia@example.test", "correct horse battery"
SENDER, TO = "a@b.example", ["c@d.example", "e@f.example"]
LINES = ["From: Zoé <a@b.example>", "To: c@d.example", "Date: Thu, 01 Apr 2027 08:00:00 +0000",
         "Message-ID: <1@b.example>", "Subject: grüße 🎈", "", "text", ".", "..", ".dot", "",
         "\ttab ", "x" * 990, "the end"]
TEXT = "".join(line + "\n" for line in LINES)
RAW = TEXT.replace("\n", "\r\n").encode()
TIMEOUT_S = 120


def run(
    home: Path, *words: str | Path, text: str | bytes = b"", env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        list(map(str, words)), input=text.encode() if isinstance(text, str) else text,
        capture_output=True, env=clean_environment(home) | dict(env or {}), cwd=home,
        timeout=TIMEOUT_S,
    )


def expect_success(done: subprocess.CompletedProcess[bytes]) -> bytes:
    """What it printed; it has ended well and complained of nothing."""
    assert (done.returncode, done.stderr) == (0, b""), done
    return done.stdout


def the_message(mock: Mock, raw: bytes = RAW, sender: str = SENDER, to: Sequence[str] = TO,
                user: str | None = USER, tls: bool = True) -> dict[str, Any]:
    """The one message that has come; it is as it was sent."""
    assert mock.raw(1) == raw
    message = mock.message(1)
    assert mock.stats()["received"] == 1
    assert message["envelope"]["from"]["address"] == sender
    assert [one["address"] for one in message["envelope"]["to"]] == list(to)
    assert message["client"]["user"] == user
    assert (message["client"]["tls"] is not None) == tls
    return message
