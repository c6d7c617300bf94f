"""The crash test in short; tests/crash/crash.py is the long one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crash import Options, run
from sender import REPOSITORY

SEED = int(os.environ.get("PRANKCURL_CRASH_SEED", "1"))


def _program(variable: str, name: str) -> Path:
    named = os.environ.get(variable)
    binary = Path(named).absolute() if named else REPOSITORY / "build/dev" / name
    assert binary.is_file(), f"no program at {binary}: build it, or set {variable}"
    return binary


@pytest.mark.parametrize("kills, rivals", [(30, False), (10, True)], ids=["alone", "with-a-rival"])
def test_killed_at_any_moment_nothing_is_lost_or_sent_twice(kills: int, rivals: bool) -> None:
    figures = run(Options(_program("PRANKCURL_BINARY", "prankcurl"),
                          _program("PRANKMOCK_BINARY", "prankmock"), kills, SEED, rivals))
    print(figures)
    assert figures.kills == kills
    assert figures.hits > kills // 2, "most of the kills met nobody: the moments are wrong"
    assert figures.refused_rivals > kills // 2 or not rivals
