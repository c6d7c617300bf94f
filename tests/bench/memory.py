#!/usr/bin/python3
"""Does the sender's memory grow with what it has sent? 100,000 pranks, once.

    tests/bench/memory.py FOLDER    FOLDER has prankcurl and bench_sink: build/release

Prints the resident memory after 10 % and at the end, and fails when it grew by more than 2 MiB.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sending import running_sink, write_campaign

PRANKS = 100_000
CONNECTIONS = 4
FIRST = PRANKS // 10
STEP = 100  # lines between two looks: the last one is near the end
MAY_GROW_KIB = 2048


def look(pid: int) -> dict[str, int] | None:
    """In KiB, and the moment; nothing when it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except (FileNotFoundError, ProcessLookupError):
        return None
    found = dict(re.findall(r"(VmRSS|VmHWM):\s+(\d+)", status))
    if not found:
        return None
    return {name: int(value) for name, value in found.items()} | {"s": int(time.monotonic())}


def watch(process: subprocess.Popen[bytes]) -> dict[int, dict[str, int]]:
    """The memory after so many pranks, a line a prank on its standard output."""
    seen: dict[int, dict[str, int]] = {}
    assert process.stdout
    for number, _ in enumerate(process.stdout, 1):
        if number % STEP == 0 and (memory := look(process.pid)):
            seen[number] = memory
    return seen


def measure(prankcurl: Path, sink_binary: Path) -> dict[int, dict[str, int]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.json"
        with running_sink(sink_binary, 0) as sink:
            write_campaign(path, PRANKS, sink.port)
            with subprocess.Popen(
                [str(prankcurl), "send", "--yes", "--json", "-j", str(CONNECTIONS), str(path)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            ) as process:
                seen = watch(process)
        assert process.returncode == 0, f"exit code {process.returncode}"
        assert sink.messages == PRANKS, f"{sink.messages} messages"
        return seen


def main() -> None:
    folder = Path(sys.argv[1]).absolute()
    begin = time.monotonic()
    seen = measure(folder / "prankcurl", next(folder.rglob("bench_sink")))
    took_s = time.monotonic() - begin
    last = max(seen)
    for number in sorted({*range(FIRST, last + 1, FIRST), last}):
        memory = seen[number]
        print(f"after {number:6} pranks, {memory['s'] - begin:3.0f} s: resident "
              f"{memory['VmRSS'] / 1024:7.2f} MiB, at its peak {memory['VmHWM'] / 1024:7.2f} MiB")
    grown = seen[last]["VmRSS"] - seen[FIRST]["VmRSS"]
    print(f"grown by {grown} KiB between {FIRST} and {last} pranks, in {took_s:.0f} s")
    if grown > MAY_GROW_KIB:
        sys.exit(f"more than {MAY_GROW_KIB} KiB")


if __name__ == "__main__":
    main()
