"""What the examples become, byte for byte: any change of a message shows in a diff, and is meant.

PRANKCURL_GOLDEN_UPDATE=1 writes the files anew; read the diff before you commit it.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
BINARY = Path(os.environ.get("PRANKCURL_BINARY", REPOSITORY / "build/dev/prankcurl")).absolute()
EPOCH = "1806537600"  # 1 April 2027, 00:00 UTC

CASES = [
    ("april-fools.mbox", ["--dry-run", "april-fools.json"]),
    ("april-fools.plan.json", ["plan", "--format", "json", "april-fools.json"]),
    ("april-fools.plan.txt", ["plan", "april-fools.json"]),
    ("office.mbox", ["--dry-run", "office.json"]),
    ("office.plan.json", ["plan", "--format", "json", "office.json"]),
    ("smtp-lab.bsmtp", ["--dry-run", "--format", "bsmtp", "smtp-lab.json"]),
    ("help.txt", ["--help"]),
]


@pytest.mark.parametrize("name, words", CASES, ids=[name for name, _ in CASES])
def test_golden(name: str, words: list[str]) -> None:
    environment = os.environ | {"SOURCE_DATE_EPOCH": EPOCH}
    done = subprocess.run([str(BINARY), *words], cwd=REPOSITORY / "examples", env=environment,
                          capture_output=True, timeout=60, check=True)
    golden = HERE / name
    if os.environ.get("PRANKCURL_GOLDEN_UPDATE"):
        golden.write_bytes(done.stdout)
    assert done.stdout == golden.read_bytes()
