"""The same file and seed: the same plan and bytes from every binary, place, language and time zone.

PRANKCURL_BINARIES names binaries to compare, separated by colons, as those of debug and release,
gcc and clang; without it the one program is compared with itself.
"""

from __future__ import annotations

import email.utils
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import generate
import program
import pytest
from program import REPOSITORY, environment, good

FORMS: list[list[str]] = [
    ["plan", "--format", "json"],
    ["plan"],
    ["--dry-run"],
    ["--dry-run", "--format", "bsmtp"],
]
ENVIRONMENTS: list[dict[str, str]] = [
    {"TZ": "Asia/Kathmandu"},
    {"TZ": "America/St_Johns"},
    {"TZ": ":/nonexistent"},
    {"LC_ALL": "C"},
    {"LC_ALL": "POSIX"},
    {"LC_ALL": "C.UTF-8"},
    {"LANG": "C"},
    {"LANG": ""},
    {"LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"},
    {"LC_ALL": "tr_TR.UTF-8"},
    {"LC_ALL": "de_DE.ISO-8859-1", "LC_NUMERIC": "de_DE"},
    {"LC_ALL": "no_SUCH.locale"},
    {"CHARSET": "ISO-8859-1", "OUTPUT_CHARSET": "ISO-8859-1"},
    {"COLUMNS": "20", "TERM": "dumb", "NO_COLOR": "1"},
    {"HOME": "/nonexistent", "USER": "nobody", "IFS": "x"},
]


def binaries() -> list[Path]:
    named = os.environ.get("PRANKCURL_BINARIES", "")
    return [Path(name).absolute() for name in named.split(":") if name] or [program.binary()] * 2


def outputs(path: Path, *words: str, **how: Any) -> list[bytes]:
    """All that is printed of a campaign."""
    return [good(*form, *words, path, **how) for form in FORMS]


def formed_groups() -> dict[str, Any]:
    """Groups that the seed makes, of many victims with few messages."""
    victims = [{"name": f"Zoé {i}", "address": f"zoe{i}@example.test"} for i in range(200)]
    messages = [{"name": f"m{i}", "subject": f"{{{{author.name}}}} {i} é",
                 "text": "{{#recipients}}{{name}}\n{{/recipients}}é\n",
                 "html": "<p>é {{group}}</p>"}
                for i in range(5)]
    return {
        "campaign": "formed", "seed": 4711,
        "organiser": {"name": "Nadia Rossi", "address": "nadia@example.test"},
        "server": {"url": "smtp://127.0.0.1:2525", "starttls": "never"},
        "consent": {"domains": ["example.test"]},
        "victims": victims, "groups": {"count": 37}, "messages": messages,
    }


@pytest.fixture(scope="module")
def formed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("formed") / "formed.json"
    path.write_text(json.dumps(formed_groups()))
    return path


@pytest.fixture(scope="module")
def campaigns(formed: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("same")
    made = [one.write(folder) for one in generate.campaigns(99, 300)]
    return made + [formed] + sorted((REPOSITORY / "examples").glob("*-*.json"))


def test_every_binary_prints_the_same(campaigns: list[Path]) -> None:
    first, *others = binaries()
    for path in campaigns:
        expected = outputs(path, program=first)
        for other in others:
            assert outputs(path, program=other) == expected, f"{first} and {other} on {path}"


def test_every_binary_plans_the_same_for_any_seed(formed: Path) -> None:
    first, *others = binaries()
    for seed in ["0", "1", "4294967296", str(2**53 - 1)]:
        words = ["plan", "--format", "json", "--seed", seed, formed]
        expected = good(*words, program=first)
        assert json.loads(expected)["seed"] == int(seed)
        assert all(good(*words, program=other) == expected for other in others)


@pytest.mark.parametrize("changes", ENVIRONMENTS, ids=lambda changes: ",".join(
    f"{name}={value}" for name, value in changes.items()))
def test_language_and_time_zone_change_nothing(
    campaigns: list[Path], changes: dict[str, str]
) -> None:
    for path in campaigns:
        expected = outputs(path)
        assert outputs(path, env=environment(**changes)) == expected, path


def installed_locales() -> Iterator[str]:
    if shutil.which("locale"):
        done = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=True)
        yield from done.stdout.split()[:20]


def test_installed_locales_change_nothing(formed: Path) -> None:
    expected = outputs(formed)
    for name in installed_locales():
        assert outputs(formed, env=environment(LC_ALL=name)) == expected, name


def test_the_folder_one_stands_in_changes_nothing(formed: Path) -> None:
    expected = outputs(formed)
    assert outputs(Path(formed.name), cwd=formed.parent) == expected


def test_order_of_keys_and_blanks_change_nothing(formed: Path, tmp_path: Path) -> None:
    document = json.loads(formed.read_text())
    turned = tmp_path / "formed.json"
    turned.write_text(json.dumps(dict(reversed(document.items())), indent=3, ensure_ascii=False))
    assert outputs(turned) == outputs(formed)


def without_date(mbox: bytes) -> list[bytes]:
    """All lines but each message's first Date and the mailbox's own line."""
    return [line for line in mbox.split(b"\n") if not line.startswith((b"Date: ", b"From "))]


def test_without_the_variable_only_the_date_differs(formed: Path, tmp_path: Path) -> None:
    env = environment()
    del env["SOURCE_DATE_EPOCH"]
    before = int(time.time())
    now = good("--dry-run", formed, env=env)
    after = int(time.time())
    then = good("--dry-run", formed)
    assert now != then
    assert without_date(now) == without_date(then)
    dates = {line for line in now.split(b"\n") if line.startswith(b"Date: ")}
    assert len(dates) == 1, "one run has one date"
    date = email.utils.parsedate_to_datetime(dates.pop().decode().removeprefix("Date: "))
    assert before <= date.timestamp() <= after
    assert good("plan", formed, env=env) == good("plan", formed)


@pytest.mark.parametrize("epoch, date", [
    ("0", "Thu, 01 Jan 1970 00:00:00 +0000"),
    ("951782400", "Tue, 29 Feb 2000 00:00:00 +0000"),
    ("2147483648", "Tue, 19 Jan 2038 03:14:08 +0000"),
    ("4102444800", "Fri, 01 Jan 2100 00:00:00 +0000"),
])
def test_the_variable_sets_the_date(formed: Path, epoch: str, date: str) -> None:
    words = ["--dry-run", "--limit", "1", formed]
    mbox = good(*words, env=environment(SOURCE_DATE_EPOCH=epoch, TZ="Asia/Tokyo"))
    assert f"\nDate: {date}\n".encode() in mbox


def pranks(path: Path, *words: str) -> list[dict[str, Any]]:
    return json.loads(good("plan", "--format", "json", *words, path))["pranks"]


def test_another_seed_makes_another_plan(formed: Path) -> None:
    own = pranks(formed)
    assert pranks(formed, "--seed", "4711") == own
    plans = [own] + [pranks(formed, "--seed", str(seed)) for seed in range(20)]
    assert all(a != b for i, a in enumerate(plans) for b in plans[:i])
    for plan in plans:
        people = [one["address"] for prank in plan
                  for one in [prank["author"], *prank["recipients"]]]
        assert len(people) == len(set(people)) == 200, "everybody is in one group"
        assert {1 + len(prank["recipients"]) for prank in plan} == {5, 6}
        assert {prank["message"] for prank in plan} == {f"m{i}" for i in range(5)}


def test_the_name_gives_the_seed_that_is_not_given(formed: Path, tmp_path: Path) -> None:
    document = json.loads(formed.read_text())
    del document["seed"]
    seeds = set()
    for name in ["one", "two", "one"]:
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(document | {"campaign": name}))
        seeds.add(json.loads(good("plan", "--format", "json", path))["seed"])
    assert len(seeds) == 2
