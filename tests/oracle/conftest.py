"""The generated campaigns, composed once by the program under test."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import generate
import program
import pytest
import readers
from generate import Made, Meant


@dataclass(frozen=True)
class Composed:
    """One message: as it was meant, as it came out, and what gmime_dump made of it."""

    meant: Meant
    planned: dict[str, Any]
    data: bytes
    dumped: dict[str, Any]


def campaign_count() -> int:
    return -(-message_count() // generate.MESSAGES_PER_CAMPAIGN)


def message_count() -> int:
    return int(os.environ.get("PRANKCURL_ORACLE_MESSAGES", "3300"))


def oracle_seed() -> int:
    """Another one finds what this one misses: PRANKCURL_ORACLE_SEED=$RANDOM."""
    return int(os.environ.get("PRANKCURL_ORACLE_SEED", "1"))


def compose(made: Made, folder: Path) -> list[Composed]:
    path = made.write(folder)
    mbox = folder / "all.mbox"
    mbox.write_bytes(program.good("--dry-run", path))
    planned = json.loads(program.good("plan", "--format", "json", path))["pranks"]
    messages = readers.messages_of(mbox.read_bytes())
    dumped = program.gmime(mbox)
    counts = [len(made.meant), len(planned), len(messages), len(dumped)]
    assert len(set(counts)) == 1, f"messages meant, planned, printed, dumped: {counts}"
    return [Composed(*parts) for parts in zip(made.meant, planned, messages, dumped)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "composed" in metafunc.fixturenames:
        metafunc.parametrize("composed", range(campaign_count()), indirect=True, scope="session",
                             ids=lambda i: f"campaign{i}")


@pytest.fixture(scope="session")
def all_made() -> list[Made]:
    return generate.campaigns(oracle_seed(), message_count())


@pytest.fixture(scope="session")
def composed(request: pytest.FixtureRequest, all_made: list[Made],
             tmp_path_factory: pytest.TempPathFactory) -> list[Composed]:
    """All messages of one generated campaign."""
    return compose(all_made[request.param], tmp_path_factory.mktemp("oracle"))


@pytest.fixture(scope="session", autouse=True)
def programs() -> None:
    for path in (program.binary(), program.gmime_dump()):
        assert path.is_file(), f"no program at {path}: build it, or set {program.VARIABLES}"
