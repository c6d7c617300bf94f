"""Wrong, good and odd campaigns, and the schema: what `prankcurl check` says of each of them.

`wrong/NAME.expected` holds the exit code and a kind on its first line, and then what is printed to
stderr, to the letter. The kind says what the schema makes of the file:

    65 schema             the schema refuses it, too
    65 json               it is not JSON (or a key stands twice), so no schema gets to see it
    65 beyond: meaning    the schema accepts it; what is wrong lies beyond what a schema can say

`warned/` holds campaigns that are right and would look wrong: NAME.expected is the warnings.

After a change of texts, `PRANKCURL_CORPUS_UPDATE=1` writes the expected files anew: read the diff.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
BINARY = Path(os.environ.get("PRANKCURL_BINARY", REPOSITORY / "build/dev/prankcurl")).resolve()
EXAMPLES = REPOSITORY / "examples"
SCHEMA = EXAMPLES / "campaign.schema.json"
UPDATE = os.environ.get("PRANKCURL_CORPUS_UPDATE") == "1"

WRONG = sorted((HERE / "wrong").glob("*.json"))
WARNED = sorted((HERE / "warned").glob("*.json"))
GOOD = sorted((HERE / "good").glob("*.json"))
SHIPPED = sorted(path for path in EXAMPLES.glob("*.json") if path != SCHEMA)

WRONG_CODES = {65, 66, 78}
SECRETS = (
    "tr0ub4dor",
    "correct horse",
    "correcthorse",
    "0123456789",
    "hunter2",
    "not a real secret",
)
FLIPS = 400
SEED = 20270401


@dataclass(frozen=True)
class Answer:
    code: int
    stdout: str
    stderr: str


def check(campaign: Path, *options: str) -> Answer:
    """Runs `prankcurl check` in the campaign's folder, as a user there would."""
    environment = {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
    done = subprocess.run(
        [BINARY, "check", *options, campaign.name],
        cwd=campaign.parent,
        env=environment | {"LC_ALL": "C.UTF-8", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    answer = Answer(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert_sound(answer)
    return answer


def assert_sound(answer: Answer) -> None:
    assert answer.code >= 0, f"killed by signal {-answer.code}\n{answer.stderr}"
    for trace in ("Sanitizer", "runtime error:", "scan and parser disagree"):
        assert trace not in answer.stderr, answer.stderr


def name_of(path: Path) -> str:
    return path.stem


def refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def read_json(data: bytes) -> Any:
    """The document; ValueError: the bytes are no JSON by RFC 8259, or a key stands twice."""
    text = data.decode("utf-8")
    try:
        return json.loads(
            text, object_pairs_hook=refuse_repeated, parse_constant=refuse_constant
        )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


@pytest.fixture(scope="session")
def schema() -> jsonschema.Draft202012Validator:
    document = read_json(SCHEMA.read_bytes())
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document)


def faults(schema: jsonschema.Draft202012Validator, campaign: Path) -> list[str]:
    document = read_json(campaign.read_bytes())
    return [f"{fault.json_path}: {fault.message}" for fault in schema.iter_errors(document)]


def read_expected(campaign: Path) -> tuple[int, str, str]:
    """Exit code, kind (without its reason) and stderr."""
    header, _, stderr = campaign.with_suffix(".expected").read_text("utf-8").partition("\n")
    code, _, kind = header.partition(" ")
    return int(code), kind.partition(":")[0], stderr


def update_expected(campaign: Path, answer: Answer) -> None:
    path = campaign.with_suffix(".expected")
    kind = path.read_text("utf-8").partition("\n")[0].partition(" ")[2]
    path.write_text(f"{answer.code} {kind}\n{answer.stderr}", "utf-8")


def test_the_corpus_is_there() -> None:
    assert len(WRONG) >= 100
    assert len(GOOD) >= 40
    assert SHIPPED
    assert len(WARNED) >= 20
    for folder, campaigns in ("wrong", WRONG), ("warned", WARNED):
        expected = {path.stem for path in (HERE / folder).glob("*.expected")}
        assert expected == {path.stem for path in campaigns}


@pytest.mark.parametrize("campaign", WRONG, ids=name_of)
def test_wrong_campaign(campaign: Path) -> None:
    answer = check(campaign)
    if UPDATE:
        update_expected(campaign, answer)
    code, _, stderr = read_expected(campaign)
    assert code in WRONG_CODES
    assert answer == Answer(code, "", stderr)


@pytest.mark.parametrize("campaign", WRONG, ids=name_of)
def test_wrong_campaign_gives_away_no_secret(campaign: Path) -> None:
    _, _, stderr = read_expected(campaign)
    for secret in SECRETS:
        assert secret not in stderr


@pytest.mark.parametrize("campaign", WRONG, ids=name_of)
def test_schema_agrees_that_it_is_wrong(
    schema: jsonschema.Draft202012Validator, campaign: Path
) -> None:
    _, kind, _ = read_expected(campaign)
    assert kind in {"json", "schema", "beyond"}
    if kind == "json":
        with pytest.raises(ValueError):
            read_json(campaign.read_bytes())
        return
    found = faults(schema, campaign)
    if kind == "schema":
        assert found, "the schema should refuse this"
    else:
        assert not found, "the schema refuses this already: mark it as `schema`"


@pytest.mark.parametrize("campaign", GOOD + SHIPPED, ids=name_of)
def test_good_campaign(schema: jsonschema.Draft202012Validator, campaign: Path) -> None:
    answer = check(campaign)
    assert answer.code == 0, answer.stderr
    assert f"{campaign.name}: fine: " in answer.stdout
    assert faults(schema, campaign) == []


@pytest.mark.parametrize("campaign", SHIPPED, ids=name_of)
def test_shipped_campaign_has_no_warning(campaign: Path) -> None:
    answer = check(campaign, "--strict")
    assert answer.code == 0, answer.stderr
    assert "warning" not in answer.stdout + answer.stderr


@pytest.mark.parametrize("campaign", WARNED, ids=name_of)
def test_warned_campaign(schema: jsonschema.Draft202012Validator, campaign: Path) -> None:
    answer = check(campaign)
    if UPDATE:
        campaign.with_suffix(".expected").write_text(answer.stderr, "utf-8")
    assert answer.code == 0
    assert answer.stderr == campaign.with_suffix(".expected").read_text("utf-8")
    count = answer.stderr.count(": warning: ")
    assert count >= 1
    assert answer.stdout.startswith(f"{campaign.name}: fine: ")
    assert answer.stdout.endswith(f"; {count} warning{'s' if count > 1 else ''}\n")
    assert faults(schema, campaign) == []


@pytest.mark.parametrize("campaign", WARNED, ids=name_of)
def test_strict_lets_no_warning_pass(campaign: Path) -> None:
    warnings = [line for line in check(campaign).stderr.splitlines() if ": warning: " in line]
    answer = check(campaign, "--strict")
    assert (answer.code, answer.stdout) == (65, "")
    *told, last = answer.stderr.splitlines()
    assert told == warnings
    count = len(warnings)
    plural = "s" if count > 1 else ""
    assert last == f"{campaign.name}: {count} warning{plural}; --strict lets none pass"
    assert check(campaign, "--strict", "--quiet") == answer


@pytest.mark.parametrize("campaign", WARNED, ids=name_of)
def test_quiet_says_nothing_of_warnings(campaign: Path) -> None:
    assert check(campaign, "--quiet") == Answer(0, "", "")


def check_with_message(folder: Path, more: dict[str, Any] | None = None, **keys: Any) -> Answer:
    """Checks a campaign that is too large to be kept here."""
    campaign = read_json((HERE / "good" / "minimal.json").read_bytes()) | (more or {})
    campaign["messages"] = [{"name": "tea", "subject": "Tea", "text": "Tea."} | keys]
    path = folder / "large.json"
    path.write_text(json.dumps(campaign), "utf-8")
    return check(path)


def many_people(count: int) -> dict[str, Any]:
    """Groups of two, with more pranks to be drawn than `check` composes for a look."""
    victims = [
        {"name": f"Person {i}", "address": f"p{i}@example.test", "vars": {"desk": i}}
        for i in range(count)
    ]
    return {"victims": victims, "groups": {"count": count // 2, "min_size": 2}}


def test_large_attachment(tmp_path: Path) -> None:
    limit = 10_000_000
    (tmp_path / "film.mp4").write_bytes(bytes(limit + 1))
    (tmp_path / "song.mp3").write_bytes(bytes(limit))
    answer = check_with_message(tmp_path, attachments=["film.mp4"])
    assert answer.code == 0
    [warning] = answer.stderr.splitlines()
    assert 'messages[0].attachments[0]: warning: message "tea": "film.mp4" has 10 MB' in warning
    assert check_with_message(tmp_path, attachments=["song.mp3"]).stderr == ""


def test_large_message(tmp_path: Path) -> None:
    (tmp_path / "song.mp3").write_bytes(bytes(8_000_000))
    answer = check_with_message(tmp_path, attachments=["song.mp3", "song.mp3"])
    [warning] = answer.stderr.splitlines()
    assert 'messages[0].subject: warning: message "tea": as it is sent it has 21 MB' in warning
    assert check_with_message(tmp_path, attachments=["song.mp3"]).stderr == ""


def test_many_people_are_warned_of_by_sample(tmp_path: Path) -> None:
    shutil.copy(HERE / "good" / "logo.png", tmp_path)
    many = many_people(12_000)
    html = '<img src="cid:logo" alt=""> {{author.desk}}'
    answer = check_with_message(tmp_path, many, html=html, inline={"logo": "logo.png"})
    assert (answer.code, answer.stderr) == (0, "")
    answer = check_with_message(tmp_path, many, html=html + '<img src="cid:tea" alt="">')
    assert answer.code == 0
    assert answer.stderr.count("cid:logo shows") == answer.stderr.count("cid:tea shows") == 1


def test_of_many_people_one_without_a_variable_is_found(tmp_path: Path) -> None:
    many = many_people(12_000)
    many["victims"][7654]["vars"] = {"room": 1}
    text = "{{#recipients}}{{desk}}{{/recipients}}{{author.desk}}"
    answer = check_with_message(tmp_path, many, text=text)
    assert answer.code == 65
    assert '1 of 12000 people has no "desk": "Person 7654" (large.json:' in answer.stderr


def test_a_million_warnings_are_few_lines(tmp_path: Path) -> None:
    """A message that shows another broken picture for everybody."""
    html = "".join(f'<img src="cid:p{i}{{{{author.name}}}}" alt="">' for i in range(100))
    answer = check_with_message(tmp_path, html=html)
    assert answer.code == 0
    assert len(answer.stderr.splitlines()) == 20


def check_variants(folder: Path, variants: Iterable[bytes]) -> list[Answer]:
    """Checks many campaigns, each beside the helper files of good/, a few at a time."""
    shutil.copytree(HERE / "good", folder, ignore=shutil.ignore_patterns("*.json"))
    paths = []
    for number, data in enumerate(variants):
        path = folder / f"variant-{number}.json"
        path.write_bytes(data)
        paths.append(path)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(check, paths))


def assert_told(path: str, answer: Answer) -> None:
    assert answer.code in WRONG_CODES | {0}, f"{path}: {answer}"
    assert bool(answer.stdout) == (answer.code == 0), f"{path}: {answer}"
    if answer.code != 0:
        assert answer.stderr.endswith("\n"), f"{path}: an error without a word"


def test_cut_off_anywhere(tmp_path: Path) -> None:
    whole = (HERE / "good" / "escapes.json").read_bytes().rstrip()
    answers = check_variants(tmp_path / "cut", (whole[:end] for end in range(len(whole))))
    for end, answer in enumerate(answers):
        assert answer.code == 65, f"cut at byte {end}: {answer}"
        assert_told(f"cut at byte {end}", answer)


def flip(chance: random.Random, data: bytes) -> bytes:
    """The same bytes with one to three of them changed, mostly into what JSON is made of."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(changed))
        new = chance.choice([*b'"\\{}[]:,0-.eu\n\x00\xff\xc3', chance.randrange(256)])
        changed[at] = new
    return bytes(changed)


def test_flipped_bytes(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    names = ["groups-listed-with-opt-out", "vars-all-types", "server-full", "address-quoted"]
    wholes = [(HERE / "good" / f"{name}.json").read_bytes() for name in names]
    variants = [flip(chance, wholes[i % len(wholes)]) for i in range(FLIPS)]
    for number, answer in enumerate(check_variants(tmp_path / "flips", variants)):
        assert_told(f"variant {number}", answer)
