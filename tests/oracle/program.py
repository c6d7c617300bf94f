"""Runs the programs: prankcurl as it was built, and gmime_dump, the second oracle."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VARIABLES = "PRANKCURL_BINARY and GMIME_DUMP"
REPOSITORY = Path(__file__).resolve().parents[2]
DATE_S = 1_806_566_400  # 2027-04-01 08:00:00 UTC
DATE = "Thu, 01 Apr 2027 08:00:00 +0000"
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "GCOV_PREFIX", "LLVM_PROFILE_FILE", "ASAN_OPTIONS",
              "UBSAN_OPTIONS", "LSAN_OPTIONS", "MSAN_OPTIONS", "TSAN_OPTIONS")


def binary() -> Path:
    named = os.environ.get("PRANKCURL_BINARY")
    return Path(named).absolute() if named else REPOSITORY / "build/dev/prankcurl"


def environment(**changes: str) -> dict[str, str]:
    """A small one, where SOURCE_DATE_EPOCH is set."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return kept | {"LANG": "C.UTF-8", "SOURCE_DATE_EPOCH": str(DATE_S)} | changes


@dataclass(frozen=True)
class Result:
    code: int
    out: bytes
    err: bytes


def run(*words: str | bytes | Path, program: Path | None = None, env: dict[str, str] | None = None,
        cwd: Path | None = None) -> Result:
    arguments = [os.fsencode(word) for word in (program or binary(), *words)]
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                          env=environment() if env is None else env, cwd=cwd)
    return Result(done.returncode, done.stdout, done.stderr)


def good(*words: str | bytes | Path, **how: Any) -> bytes:
    """What a run that must succeed printed."""
    result = run(*words, **how)
    assert result.code == 0, f"{words}: exit {result.code}\n{result.err.decode(errors='replace')}"
    return result.out


def gmime_dump() -> Path:
    named = os.environ.get("GMIME_DUMP")
    return Path(named).absolute() if named else REPOSITORY / "build/dev/tests/gmime_dump"


def gmime(mbox: Path) -> list[dict[str, Any]]:
    done = subprocess.run([gmime_dump(), mbox], capture_output=True, check=True, timeout=120)
    return [json.loads(line) for line in done.stdout.decode("utf-8").split("\n") if line]
