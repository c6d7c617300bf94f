"""The rules of the crash test. The mock's store says what arrived; nothing else is believed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields

from ledger import Ledger


class Broken(AssertionError):
    """A promise was not kept."""


@dataclass
class Figures:
    """What is told at the end. Sums over all campaigns, but for the greatest at one kill."""

    campaigns: int = 0
    kills: int = 0
    hits: int = 0  # kills that met a running sender
    refused_rivals: int = 0
    uncertain: int = 0
    greatest_at_one_kill: int = 0
    uncertain_stored: int = 0
    uncertain_not_stored: int = 0
    duplicates_before_resend: int = 0
    missing: int = 0
    duplicates_after_resend: int = 0

    def __str__(self) -> str:
        names = [one.name for one in fields(self)]
        return "\n".join(f"{name.replace('_', ' '):26} {getattr(self, name):6}" for name in names)


class Judge:
    """Of one campaign: is shown the ledger and the store after every kill, and at the end."""

    def __init__(self, planned: set[str], connections: int, figures: Figures) -> None:
        self._planned = planned
        self._connections = connections
        self._figures = figures
        self._before = Ledger()
        self._hits = 0

    def after_kill(self, ledger: Ledger, stored: Counter[str], is_hit: bool) -> None:
        self._figures.kills += 1
        self._figures.hits += is_hit
        self._hits += is_hit
        self._check_doubts(ledger, is_hit)
        self._check_store(ledger, stored)
        self._before = ledger

    def _check_doubts(self, ledger: Ledger, is_hit: bool) -> None:
        in_flight = ledger["in_flight"]
        _require(len(in_flight) <= self._connections, "too many in flight", in_flight)
        new = ledger.doubtful - self._before.doubtful
        _require(len(new) <= (self._connections if is_hit else 0), "too many new doubts", new)
        gone = self._before.doubtful - ledger.doubtful
        _require(not gone, "a doubt is gone, though nobody asked to send again", gone)
        taken_back = self._before["accepted"] - ledger["accepted"]
        _require(not taken_back, "accepted once and not any more", taken_back)
        self._figures.greatest_at_one_kill = max(self._figures.greatest_at_one_kill, len(new))

    def _check_store(self, ledger: Ledger, stored: Counter[str]) -> None:
        _require(not (known := set(stored) - self._planned), "never planned", known)
        twice = {one for one, count in stored.items() if count > 1}
        self._figures.duplicates_before_resend += len(twice)
        _require(not twice, "stored twice", twice)
        lost = ledger["accepted"] - set(stored)
        _require(not lost, "accepted by the ledger and not stored", lost)
        forgotten = set(stored) - ledger["accepted"] - ledger.doubtful
        _require(not forgotten, "stored, and the ledger would send it again", forgotten)
        mixed = ledger["accepted"] & (ledger.doubtful | ledger.unfinished)
        _require(not mixed, "accepted for one recipient and not for the other", mixed)

    def at_end(self, ledger: Ledger, stored: Counter[str]) -> None:
        """Nothing is left to send but what is uncertain, and nobody has asked for that yet."""
        self._check_doubts(ledger, is_hit=False)
        self._check_store(ledger, stored)
        uncertain = ledger["uncertain"]
        rest = ledger.unfinished | ledger["in_flight"] | ledger["refused"]
        _require(not rest, "neither accepted nor uncertain at the end", rest)
        missing = self._planned - set(stored) - uncertain
        self._figures.missing += len(missing)
        _require(not missing, "not stored, and not uncertain", missing)
        bound = self._connections * self._hits
        _require(len(uncertain) <= bound, f"more uncertain than {bound}", uncertain)
        self._figures.uncertain += len(uncertain)
        self._figures.uncertain_stored += len(uncertain & set(stored))
        self._figures.uncertain_not_stored += len(uncertain - set(stored))
        self._before = ledger
        self._stored_before = stored

    def after_resend(self, ledger: Ledger, stored: Counter[str]) -> None:
        """Each that was uncertain came once more, and only those."""
        _require(ledger["accepted"] == self._planned, "not all accepted",
                 self._planned - ledger["accepted"])
        _require(not (missing := self._planned - set(stored)), "not stored at last", missing)
        expected = self._stored_before + Counter(self._before["uncertain"])
        wrong = {one for one in self._planned if stored[one] != expected[one]}
        _require(not wrong, "sent again though it was not uncertain, or not sent", wrong)
        self._figures.duplicates_after_resend += sum(count > 1 for count in stored.values())
        self._figures.campaigns += 1


def _require(holds: bool, complaint: str, which: set[str]) -> None:
    if not holds:
        raise Broken(f"{complaint}: {len(which)}, as {', '.join(sorted(which)[:8])}")
