"""What a ledger says after a crash, read from a copy: the original is left to the sender."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Ledger:
    """The Message-IDs of the pranks that have a recipient in a state, by the state's name."""

    states: dict[str, set[str]] = field(default_factory=dict)

    def __getitem__(self, state: str) -> set[str]:
        return self.states.get(state, set())

    @property
    def doubtful(self) -> set[str]:
        """After a crash what is in flight is as good as uncertain."""
        return self["in_flight"] | self["uncertain"]

    @property
    def unfinished(self) -> set[str]:
        return self["planned"] | self["deferred"]

    def describe(self) -> str:
        return ", ".join(f"{name} {len(ids)}" for name, ids in sorted(self.states.items()))


def read_ledger(path: Path, planned: Iterable[str]) -> Ledger:
    """As the next process will find it. When there is none yet, all that is `planned` still is."""
    if not path.exists():
        return Ledger({"planned": set(planned)})
    with tempfile.TemporaryDirectory(prefix="ledger-") as folder:
        for suffix in ("", "-wal", "-journal"):
            if (part := Path(f"{path}{suffix}")).exists():
                shutil.copy(part, folder)
        return _read(Path(folder) / path.name, planned)


def _read(path: Path, planned: Iterable[str]) -> Ledger:
    with closing(sqlite3.connect(path)) as database:
        [[told]] = database.execute("PRAGMA integrity_check")
        assert told == "ok", f"the ledger is damaged: {told}"
        tables = {name for [name] in database.execute("SELECT name FROM sqlite_schema")}
        if "recipient" not in tables:
            return Ledger({"planned": set(planned)})
        rows = database.execute(
            "SELECT message_id, state FROM recipient "
            "JOIN prank ON prank.number = recipient.prank").fetchall()
    states: dict[str, set[str]] = defaultdict(set)
    for message_id, state in rows:
        states[state].add(message_id.strip("<>"))
    known = set().union(*states.values()) if states else set()
    states["planned"] |= set(planned) - known
    return Ledger(dict(states))
