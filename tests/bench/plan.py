#!/usr/bin/python3
"""Does a plan of a million victims from CSV fit into time and memory, and does it grow linearly?

    tests/bench/plan.py FOLDER    FOLDER has prankcurl: build/release

Five runs each with 100,000 and 1,000,000 victims in groups of ten, as text and as JSON. Prints the
medians of time and peak resident memory; the exit code is 1 when a bound does not hold.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SMALL = 100_000
LARGE = 1_000_000
RUNS = 5
MAX_S = 3.0
MAX_MIB = 400 * 1_000_000 / 2**20  # 400 MB
MAX_RATIO = 11.0
GROUP_SIZE = 10


@dataclass(frozen=True)
class Run:
    seconds: float
    peak_mib: float


def write_csv(path: Path, victims: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("name,address,desk\n")
        for n in range(victims):
            name = f"Zoé Müller {n}" if n % 10 == 0 else f"Person {n}"
            file.write(f"{name},person.{n}@example.test,{n % 40}.{n % 97}\n")


def write_campaign(folder: Path, victims: int) -> Path:
    write_csv(folder / f"{victims}.csv", victims)
    campaign = {
        "campaign": "bench",
        "seed": 20270401,
        "organiser": {"name": "Nadia Rossi", "address": "nadia@example.test"},
        "server": {"url": "smtp://127.0.0.1:2525", "starttls": "never"},
        "consent": {"domains": ["example.test"]},
        "victims": {"csv": f"{victims}.csv"},
        "groups": {"count": victims // GROUP_SIZE},
        "messages": [{
            "name": "coffee",
            "subject": "{{author.name}} broke the coffee machine",
            "text": "Dear {{#recipients}}{{name}} ({{desk}}), {{/recipients}}\n\nIt was me.\n",
        }],
    }
    path = folder / f"{victims}.json"
    path.write_text(json.dumps(campaign), encoding="utf-8")
    return path


def run(prankcurl: Path, style: str, campaign: Path) -> Run:
    begin = time.monotonic()
    process = subprocess.Popen([str(prankcurl), "plan", "--format", style, str(campaign)],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"exit code {process.returncode}"
    return Run(seconds, usage.ru_maxrss / 1024)


def median(runs: list[Run]) -> Run:
    return Run(statistics.median(run.seconds for run in runs),
               statistics.median(run.peak_mib for run in runs))


def holds(what: str, value: float, most: float, unit: str) -> bool:
    fine = value <= most
    print(f"  {what}: {value:.2f}{unit}, at most {most:.2f}{unit}: {'holds' if fine else 'FAILS'}")
    return fine


def measure(prankcurl: Path, style: str, small: Path, large: Path) -> bool:
    """Small and large take turns, so that what else the machine does falls on both."""
    runs: dict[Path, list[Run]] = {small: [], large: []}
    for _ in range(RUNS):
        for campaign in (small, large):
            runs[campaign].append(run(prankcurl, style, campaign))
    few, many = median(runs[small]), median(runs[large])
    print(f"plan --format {style}")
    for count, middle in ((SMALL, few), (LARGE, many)):
        print(f"  {count:9,} victims: {middle.seconds:.3f} s, peak {middle.peak_mib:.1f} MiB")
    return all([
        holds("time", many.seconds, MAX_S, " s"),
        holds("memory", many.peak_mib, MAX_MIB, " MiB"),
        holds("growth", many.seconds / few.seconds, MAX_RATIO, " times"),
    ])


def main() -> None:
    prankcurl = Path(sys.argv[1]).absolute() / "prankcurl"
    with tempfile.TemporaryDirectory() as name:
        small, large = (write_campaign(Path(name), count) for count in (SMALL, LARGE))
        fine = [measure(prankcurl, style, small, large) for style in ("text", "json")]
    sys.exit(0 if all(fine) else 1)


if __name__ == "__main__":
    main()
