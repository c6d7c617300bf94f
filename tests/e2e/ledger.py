"""Reads the ledger as its users do: with SQLite, and without the program that wrote it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """What the ledger says of one recipient of one prank."""

    run: int
    prank: str
    address: str
    state: str
    attempts: int
    code: int
    reply: str


def beside(campaign: Path) -> Path:
    """Where the ledger of a campaign file is, unless another place is named."""
    return campaign.with_suffix(".ledger.db")


def rows(ledger: Path, query: str) -> list[tuple[object, ...]]:
    assert ledger.is_file(), f"no ledger at {ledger}"
    with closing(sqlite3.connect(f"{ledger.as_uri()}?mode=rw", uri=True, timeout=10)) as database:
        return database.execute(query).fetchall()


def entries(ledger: Path) -> list[Entry]:
    """Of all runs, in no particular order."""
    return [Entry(*row) for row in rows(
        ledger, "SELECT prank.run, prank.id, address, state, recipient.attempts, code, reply"
                " FROM recipient JOIN prank ON prank.number = recipient.prank"
    )]


def by_address(ledger: Path, run: int = 1) -> dict[str, Entry]:
    """Where nobody is in two groups."""
    found = {one.address: one for one in entries(ledger) if one.run == run}
    assert len(found) == sum(one.run == run for one in entries(ledger))
    return found


def states(ledger: Path, run: int = 1) -> dict[str, str]:
    """The state of each recipient, by the local part of the address."""
    return {
        address.partition("@")[0]: one.state for address, one in by_address(ledger, run).items()
    }


def counts(ledger: Path) -> Counter[str]:
    """How many recipients are in each state, over all runs."""
    return Counter(one.state for one in entries(ledger))


def counts_so_far(ledger: Path) -> Counter[str]:
    """The same of a ledger that somebody is writing, and may not have made yet."""
    try:
        return counts(ledger) if ledger.exists() else Counter()
    except sqlite3.OperationalError as error:
        assert "no such table" in str(error), error
        return Counter()
