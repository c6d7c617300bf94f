"""Senders of one campaign: started, killed, or run to their end; what they said is kept."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests/mock"))

from mock import clean_environment  # noqa: E402

CONNECTIONS = 4
LIMIT_S = 60.0


class Sender:
    """A running `prankcurl send`. Its output goes into files, so that nothing holds it up."""

    def __init__(self, binary: Path, campaign: Path, *more: str) -> None:
        self._said = campaign.with_name(f"said-{time.monotonic_ns()}")
        with open(self._said, "wb") as output:
            self.process = subprocess.Popen(
                [str(binary), "send", "--yes", "-j", str(CONNECTIONS), *more, str(campaign)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env=clean_environment(campaign.parent))

    def kill(self) -> bool:
        """True: it was running."""
        self.process.kill()
        return self.wait() == -signal.SIGKILL

    def wait(self) -> int:
        return self.process.wait(LIMIT_S)

    def finish(self, *expected: int) -> int:
        """Its exit code, which must be one of those."""
        try:
            code = self.wait()
        except BaseException as error:
            self.kill()
            raise AssertionError(f"no end of its own: {self.said[-2000:]}") from error
        assert code in expected, f"exit code {code}, not {expected}: {self.said[-2000:]}"
        return code

    @property
    def said(self) -> str:
        return self._said.read_text("utf-8", "replace")


def start_two(binary: Path, campaign: Path) -> Sender:
    """Two at the same moment: one is refused and names the other, which is returned, running."""
    both = [Sender(binary, campaign) for _ in range(2)]
    try:
        loser = _first_to_end(both)
    except BaseException:
        for one in both:
            one.kill()
        raise
    [winner] = [one for one in both if one is not loser]
    try:
        loser.finish(75)
        assert winner.process.poll() is None, f"both are gone: {winner.said}"
        assert str(winner.process.pid) in loser.said, f"who holds the ledger? {loser.said}"
    except BaseException:
        winner.kill()
        raise
    return winner


def _first_to_end(senders: list[Sender]) -> Sender:
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        for one in senders:
            if one.process.poll() is not None:
                return one
        time.sleep(0.001)
    raise AssertionError("two senders at the same ledger, and neither was refused")


def plan(binary: Path, campaign: Path) -> tuple[set[str], float]:
    """The Message-IDs of the campaign's pranks, and how long a start takes here, in seconds."""
    begin = time.monotonic()
    told = subprocess.run(
        [str(binary), "plan", "--format", "json", str(campaign)], check=True, capture_output=True,
        env=clean_environment(campaign.parent), timeout=LIMIT_S)
    took_s = time.monotonic() - begin
    return {prank["message_id"].strip("<>") for prank in json.loads(told.stdout)["pranks"]}, took_s
