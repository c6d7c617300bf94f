#!/usr/bin/python3
"""How fast the sender is: connections against one, with its ledger against without, and its peers.

    tests/bench/deliver.sh          builds the release, measures, some minutes
    tests/bench/deliver.py FOLDER   FOLDER has prankcurl, bench_sink, bench_deliver

The sink is on this machine, so sender and sink share its processors. What is compared runs in turn;
medians and ratios over the rounds are printed, times are whole runs with start and plan.
"""

from __future__ import annotations

import smtplib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sending import running_sink, seconds_of, write_campaign

ROUNDS = 5
SLOW_MS = 20
MANY = 10_000
SOME = 2_000
FEW = 100  # msmtp is a process a message
SENDER = "nadia@example.test"

Run = Callable[[Path, int], float]  # of a campaign to a port: seconds


class Programs:
    def __init__(self, folder: Path) -> None:
        self.sink = next(folder.rglob("bench_sink"))
        self._prankcurl = folder / "prankcurl"
        self._deliver = next(folder.rglob("bench_deliver"))

    def with_ledger(self, connections: int) -> Run:
        return lambda path, _: seconds_of(
            [str(self._prankcurl), "send", "--yes", "-q", "-j", str(connections), str(path)])

    def without_ledger(self, connections: int) -> Run:
        return lambda path, _: seconds_of([str(self._deliver), str(connections), str(path)])

    def measure(self, run: Run, pranks: int, delay_ms: int) -> float:
        """Messages a second, all of which have arrived; the ledger is new each time."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bench.json"
            with running_sink(self.sink, delay_ms) as sink:
                write_campaign(path, pranks, sink.port)
                took_s = run(path, sink.port)
        assert sink.messages == pranks, f"{sink.messages} of {pranks} messages"
        return pranks / took_s

    def compose(self) -> bytes:
        """One message as prankcurl would send it, for the peers."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bench.json"
            write_campaign(path, 1, 25)
            subprocess.run([str(self._prankcurl), "-n", "-q", "-o", f"{folder}/out", str(path)],
                           check=True)
            return next(Path(folder, "out").glob("*.eml")).read_bytes()


def in_turn(programs: Programs, named: dict[str, tuple[Run, int]], delay_ms: int,
            rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Messages a second by name, a figure a round."""
    rates: dict[str, list[float]] = {name: [] for name in named}
    for _ in range(rounds):
        for name, (run, pranks) in named.items():
            rates[name].append(programs.measure(run, pranks, delay_ms))
    return rates


def tell(title: str, rates: dict[str, list[float]]) -> None:
    """The first is what the others are compared with."""
    print(f"\n{title}")
    [first, *others] = rates
    print(f"  {first:28} {statistics.median(rates[first]):8.0f} msg/s")
    for name in others:
        ratios = [mine / other for mine, other in zip(rates[first], rates[name])]
        print(f"  {name:28} {statistics.median(rates[name]):8.0f} msg/s   {first}/{name} "
              f"{min(ratios):.2f} {statistics.median(ratios):.2f} {max(ratios):.2f} "
              "(min median max)", flush=True)


def compare_connections(programs: Programs) -> None:
    """Whole: 10,000 pranks each, once."""
    rates = in_turn(programs, {"4 connections": (programs.with_ledger(4), MANY),
                               "1 connection": (programs.with_ledger(1), MANY)}, SLOW_MS, 1)
    [[four], [one]] = rates.values()
    tell(f"{MANY} pranks, a sink that takes {SLOW_MS} ms for the final dot: "
         f"{MANY / one:.1f} s over 1 connection, {MANY / four:.1f} s over 4; 3 is wanted", rates)


def compare_ledger(programs: Programs) -> None:
    for delay_ms, pranks in ((SLOW_MS, SOME), (0, MANY)):
        rates = in_turn(programs, {
            "with": (programs.with_ledger(4), pranks),
            "without": (programs.without_ledger(4), pranks),
        }, delay_ms)
        tell(f"{pranks} pranks over 4 connections, with the ledger and without, a sink that takes "
             f"{delay_ms} ms; 0.8 is wanted at {SLOW_MS} ms", rates)


def by_msmtp(message: bytes) -> Run:
    """40 ms of each are its own: it sends the final dot alone, which waits for a delayed ACK."""

    def run(_: Path, port: int) -> float:
        begin = time.monotonic()
        for _ in range(FEW):
            subprocess.run(
                ["msmtp", "--host=127.0.0.1", f"--port={port}", f"--from={SENDER}", "--tls=off",
                 "--auth=off", "a@example.test", "b@example.test"], input=message, check=True)
        return time.monotonic() - begin

    return run


def by_smtplib(message: bytes) -> Run:
    def run(_: Path, port: int) -> float:
        begin = time.monotonic()
        with smtplib.SMTP("127.0.0.1", port) as client:
            for _ in range(SOME):
                client.sendmail(SENDER, ["a@example.test", "b@example.test"], message)
        return time.monotonic() - begin

    return run


def compare_peers(programs: Programs) -> None:
    message = programs.compose()
    rates = in_turn(programs, {
        "prankcurl -j 4": (programs.with_ledger(4), MANY),
        "prankcurl -j 1": (programs.with_ledger(1), SOME),
        "smtplib, one connection": (by_smtplib(message), SOME),
        "msmtp, a process a message": (by_msmtp(message), FEW),
    }, 0)
    tell(f"messages of {len(message)} bytes to two people, 0 ms; the peers have no ledger", rates)


def main() -> None:
    programs = Programs(Path(sys.argv[1]).absolute())
    compare_ledger(programs)
    compare_peers(programs)
    compare_connections(programs)


if __name__ == "__main__":
    main()
