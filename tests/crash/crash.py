#!/usr/bin/python3
"""Kills the sender at random moments, resumes it, and lets prankmock's store say what arrived.

    tests/crash/crash.py --kills 300 --seed 7           300 kills, some minutes
    tests/crash/crash.py --kills 100 --rivals           at each start a second sender is refused

One campaign after another until so many kills were made. Fails with the seed and the campaign's
folder, which is kept then. The seed draws campaigns, delays and moments; the machine adds its own.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

from judge import Broken, Figures, Judge
from ledger import Ledger, read_ledger
from scenario import draw
from sender import CONNECTIONS, REPOSITORY, Sender, plan, start_two

from mock import Mock  # sender.py has said where it is

PRANKS = 200
KILLS_A_CAMPAIGN = 25
SPREAD_S = 0.35  # how long a sender lives at most when its moment is a time
SETTLE_S = 10.0
RIVALS_NEED = 40  # pranks that are left, so that neither is done before the other is refused


@dataclass(frozen=True)
class Options:
    sender: Path
    mock: Path
    kills: int
    seed: int
    rivals: bool = False
    pranks: int = PRANKS


class Campaign:
    """One campaign from its first start to the last message."""

    def __init__(self, options: Options, folder: Path, mock: Mock, random: Random,
                 figures: Figures) -> None:
        scenario = draw(random, options.pranks, with_refusals=not options.rivals)
        self._options = options
        self._path = folder / "april.json"
        self._mock = mock
        self._random = random
        self._figures = figures
        scenario.write(self._path, f"smtp://127.0.0.1:{mock.port}")
        self._planned, self._startup_s = plan(options.sender, self._path)
        assert len(self._planned) == options.pranks
        self._judge = Judge(self._planned, CONNECTIONS, figures)
        mock.set_faults(scenario.rules)

    def run(self) -> None:
        last = self._figures.kills + KILLS_A_CAMPAIGN
        ledger = self._read()
        while ledger.unfinished and self._figures.kills < min(last, self._options.kills):
            self._start_and_kill(ledger)
            ledger = self._read()
        self._finish()

    def _start_and_kill(self, ledger: Ledger) -> None:
        connections = self._mock.stats()["connections"]["total"]
        if self._options.rivals and len(ledger.unfinished) >= RIVALS_NEED:
            sender = start_two(self._options.sender, self._path)
            self._figures.refused_rivals += 1
        else:
            sender = Sender(self._options.sender, self._path)
        try:
            self._wait_for_the_moment(len(ledger.unfinished))
        finally:
            is_hit = sender.kill()
        stored = self._stored()
        made = self._mock.stats()["connections"]["total"] - connections
        if self._options.rivals and made > CONNECTIONS:
            raise Broken(f"{made} connections: was the refused one sending?")
        self._judge.after_kill(self._read(), stored, is_hit)

    def _wait_for_the_moment(self, unfinished: int) -> None:
        """While it starts, some time later, or when so many more messages have arrived."""
        kind = self._random.choices(("start", "time", "progress"), (20, 40, 40))[0]
        if kind == "start":
            time.sleep(self._startup_s * self._random.uniform(0, 1.5))
        elif kind == "time":
            time.sleep(self._startup_s + self._random.uniform(0, SPREAD_S))
        else:
            newest = self._mock.messages(limit=1)
            self._mock.get("/api/wait?timeout=3"
                           f"&count={self._random.randint(1, min(unfinished, 30))}"
                           f"&after={newest[0]['id'] if newest else 0}")
            time.sleep(self._random.uniform(0, 0.004))

    def _finish(self) -> None:
        code = Sender(self._options.sender, self._path).finish(0, 75)
        ledger, stored = self._read(), self._stored()
        self._judge.at_end(ledger, stored)
        if code != (75 if ledger["uncertain"] else 0):
            raise Broken(f"exit code {code} with {len(ledger['uncertain'])} uncertain")
        Sender(self._options.sender, self._path, "--resend-uncertain").finish(0)
        self._judge.after_resend(self._read(), self._stored())

    def _read(self) -> Ledger:
        return read_ledger(self._path.with_suffix(".ledger.db"), self._planned)

    def _stored(self) -> Counter[str]:
        """When the mock has read to its end what a dead sender had still handed over."""
        until = time.monotonic() + SETTLE_S
        while self._mock.stats()["connections"]["open"]:
            assert time.monotonic() < until, "connections stay open"
            time.sleep(0.002)
        return Counter(one["message_id"] for one in self._mock.messages(limit=10 * PRANKS))


def run(options: Options) -> Figures:
    """Kill so often; raises Broken when a promise is not kept."""
    random = Random(options.seed)
    figures = Figures()
    base = Path(tempfile.mkdtemp(prefix="prankcurl-crash-"))
    try:
        while figures.kills < options.kills:
            folder = base / f"campaign-{figures.campaigns + 1}"
            folder.mkdir()
            with Mock(options.mock, folder, "-q", "--max-messages", str(10 * options.pranks),
                      tls_dir=base / "tls") as mock:
                Campaign(options, folder, mock, random, figures).run()
            shutil.rmtree(folder)
    except BaseException:
        print(f"seed {options.seed}, kill {figures.kills}: see {base}", file=sys.stderr)
        raise
    shutil.rmtree(base)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rivals", action="store_true", help="start two at a time")
    parser.add_argument("--sender", type=Path, default=REPOSITORY / "build/dev/prankcurl")
    parser.add_argument("--mock", type=Path, default=REPOSITORY / "build/dev/prankmock")
    words = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing is left running
    begin = time.monotonic()
    figures = run(Options(words.sender.absolute(), words.mock.absolute(), words.kills, words.seed,
                          words.rivals))
    print(figures)
    print(f"{'seconds':26} {time.monotonic() - begin:6.1f}")


if __name__ == "__main__":
    main()
