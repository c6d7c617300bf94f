"""The command line as the contract has it: plans, checks, help, and what each mistake is told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from campaigns import MESSAGE, CampaignFolder, scripted, two_groups, victim
from runner import Prankcurl

URL = "smtps://smtp.example.test:465"
PEOPLE = [f"{name}@example.test" for name in
          ("ada", "ben", "cai", "dee", "eli", "flo", "gus", "hal", "ida", "jon", "kim", "lea")]
MESSAGES = [MESSAGE | {"name": name} for name in ("coffee", "printer", "window", "stapler")]
WITNESSES = [{"name": "The teacher", "address": "teacher@example.test"}]


@pytest.fixture
def path(campaign: CampaignFolder) -> Path:
    """Twelve people in three groups that chance makes."""
    return campaign(URL, PEOPLE, groups={"count": 3, "min_size": 3}, messages=MESSAGES,
                    witnesses=WITNESSES)


def plan(prankcurl: Prankcurl, path: Path, *words: str) -> dict[str, Any]:
    return json.loads(prankcurl("plan", "--format", "json", *words, path).expect(0).stdout)


def test_plan_as_json(prankcurl: Prankcurl, path: Path) -> None:
    made = plan(prankcurl, path)
    assert set(made) == {"campaign", "seed", "pranks"}
    assert (made["campaign"], made["seed"]) == ("e2e", 20270401)
    assert len(made["pranks"]) == 3
    seen: list[str] = []
    for prank in made["pranks"]:
        assert set(prank) == {
            "id", "group", "message", "author", "recipients", "cc", "message_id",
        }
        people = [prank["author"], *prank["recipients"], *prank["cc"]]
        assert all(set(person) == {"name", "address"} for person in people)
        assert prank["cc"] == WITNESSES
        assert prank["message"] in {message["name"] for message in MESSAGES}
        assert prank["message_id"] == f"<{prank['id']}.e2e@example.test>"
        assert len(prank["recipients"]) == 3
        seen += [person["address"] for person in (prank["author"], *prank["recipients"])]
    assert sorted(seen) == PEOPLE
    assert len({prank["id"] for prank in made["pranks"]}) == 3


def test_plan_depends_on_the_seed_alone(prankcurl: Prankcurl, path: Path) -> None:
    made = plan(prankcurl, path)
    assert plan(prankcurl, path) == made == plan(prankcurl, path, "--seed", "20270401")
    others = [plan(prankcurl, path, "-s", str(seed)) for seed in range(1, 6)]
    assert [other["seed"] for other in others] == [1, 2, 3, 4, 5]
    distinct = {json.dumps(other["pranks"]) for other in [made, *others]}
    assert len(distinct) == 6


def test_plan_as_text(prankcurl: Prankcurl, path: Path) -> None:
    made = plan(prankcurl, path)
    text = prankcurl("plan", path).expect(0)
    assert text.stdout == prankcurl("plan", "--format", "text", path).expect(0).stdout
    printed = text.stdout.decode("utf-8")
    for prank in made["pranks"]:
        for word in (prank["group"], prank["message"], prank["author"]["name"],
                     *(person["name"] for person in prank["recipients"])):
            assert word in printed
    assert "\x1b" not in printed and text.stderr == ""


def test_plan_of_one_group(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    path = campaign(URL, **two_groups())
    whole = plan(prankcurl, path)
    assert [prank["group"] for prank in whole["pranks"]] == ["one", "two"]
    assert plan(prankcurl, path, "-g", "two")["pranks"] == whole["pranks"][1:]
    assert plan(prankcurl, path, "-l", "1")["pranks"] == whole["pranks"][:1]


@pytest.mark.parametrize("command", ["plan", "check", "send", "-n"])
@pytest.mark.parametrize("changes, returncode, told", [
    ({"surprise": 1}, 65, r"surprise"),
    ({"messages": []}, 65, r"messages"),
    ({"messages": [MESSAGE | {"text": "{{no.such}}"}]}, 65, r"no\.such"),
    ({"victims": [victim("bob@")]}, 65, r"victims\[0\]\.address: \"bob@\""),
    ({"server": {"password": "hunter2"}}, 65, r"server\.password"),
    ({"messages": [{"name": "a", "subject": "b", "text_file": "gone.txt"}]}, 66, r"gone\.txt"),
    ({"server": {"username": None, "password": None}}, 78, r"server.*(username|password)"),
    ({"server": {"url": "smtp://192.0.2.1", "starttls": "never"}}, 78, r"server\.starttls"),
])
def test_wrong_campaign(
    prankcurl: Prankcurl, campaign: CampaignFolder, command: str, changes: dict[str, Any],
    returncode: int, told: str
) -> None:
    """Each command tells the same: file, line, column, where, what is wrong."""
    path = campaign(URL, **changes)
    prankcurl.secrets.add("hunter2")
    done = prankcurl(command, path, password="secret-1").expect(returncode)
    assert done.stdout == b""
    assert re.search(rf"^{re.escape(str(path))}:\d+:\d+: .*{told}", done.stderr, re.MULTILINE), (
        done.stderr
    )


def test_all_errors_are_told(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    done = prankcurl("check", campaign(URL, surprise=1, messages=[], organiser={})).expect(65)
    for told in ("surprise", "messages", "organiser"):
        assert told in done.stderr
    assert len(done.stderr.splitlines()) >= 3


def test_check_of_a_good_campaign(prankcurl: Prankcurl, path: Path) -> None:
    done = prankcurl("check", path).expect(0)
    assert done.stderr == ""


def test_what_is_no_json(prankcurl: Prankcurl, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"campaign": "e2e",\n  "seed": 01}')
    assert f"{broken}:2:11: " in prankcurl("check", broken).expect(65).stderr


@pytest.mark.parametrize("words, told", [
    (["check", "no-such-file.json"], "no-such-file.json"), (["no-such-file.json"], "no-such-file"),
])
def test_missing_file(prankcurl: Prankcurl, words: list[str], told: str, tmp_path: Path) -> None:
    assert told in prankcurl(*words, cwd=tmp_path).expect(66).complaint


@pytest.mark.parametrize("command", ["plan", "check", "send", "-n"])
@pytest.mark.parametrize("name, told", [
    ("gone.pem", 'cannot open "gone.pem": No such file or directory'),
    ("", 'cannot open "": No such file or directory'),
    (".", '"." is a folder; a file is expected'),
    ("loop.pem", 'cannot open "loop.pem": Too many levels of symbolic links'),
])
def test_missing_ca_file(
    prankcurl: Prankcurl, path: Path, command: str, name: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / "loop.pem").symlink_to("loop.pem")
    done = prankcurl(command, "--ca-file", name, path, cwd=tmp_path).expect(66)
    assert done.complaint == f"prankcurl: --ca-file: {told}" and done.stdout == b""


@pytest.mark.parametrize("words, told", [
    (["send", "--no-such-option"], "--no-such-option"),
    (["plan", "-Z"], "-Z"),
    (["send", "-g", "nobody"], "nobody"),
    (["plan", "-g", "nobody"], "nobody"),
    (["plan", "--format", "yaml"], "yaml"),
    (["-n", "--format", "yaml"], "yaml"),
    (["plan", "--seed", "-1"], "-1"),
    (["plan", "--seed", "x1"], "x1"),
    (["plan", "--seed", "18446744073709551616"], "18446744073709551616"),
    (["send", "--limit", "many"], "many"),
    (["send", "--server", "http://example.test"], "--server names no server; smtp://HOST"),
    (["send", "-g"], "-g"),
])
def test_wrong_command_line(
    prankcurl: Prankcurl, path: Path, words: list[str], told: str
) -> None:
    """An option's missing value is not the campaign: that stands last only where there is one."""
    operands = [] if words[-1] == "-g" else [path]
    done = prankcurl(*words, *operands, password="secret-1").expect(64)
    assert told in done.stderr and done.stdout == b""


@pytest.mark.parametrize("words", [["plan"], ["check"], ["send"], ["-n"], ["send", "a", "b"]])
def test_not_one_campaign(prankcurl: Prankcurl, words: list[str]) -> None:
    done = prankcurl(*words).expect(64)
    assert done.stdout == b"" and done.stderr


def test_alone_it_says_what_to_do_next(prankcurl: Prankcurl) -> None:
    done = prankcurl().expect(64)
    assert done.stdout == b""
    assert "--help" in done.stderr and ".json" in done.stderr
    assert len(done.stderr.splitlines()) <= 25


@pytest.mark.parametrize("words", [["--help"], ["-h"]])
def test_help(prankcurl: Prankcurl, words: list[str]) -> None:
    done = prankcurl(*words).expect(0)
    printed = done.stdout.decode("utf-8")
    for word in ("send", "plan", "check", "--dry-run", "--group", "--yes", "--json", "--trace"):
        assert word in printed
    assert done.stderr == "" and max(map(len, printed.splitlines())) <= 100


@pytest.mark.parametrize("command", ["send", "plan", "check"])
def test_help_of_a_command(prankcurl: Prankcurl, command: str) -> None:
    assert command in prankcurl(command, "--help").expect(0).stdout.decode("utf-8")


def test_version_names_the_libraries(prankcurl: Prankcurl) -> None:
    printed = prankcurl("--version").expect(0).stdout.decode("utf-8")
    assert re.match(r"prankcurl \d+\.\d+", printed)
    assert re.search(r"libcurl\W+\d+\.\d+\.\d+", printed)
    assert re.search(r"cJSON\W+\d+\.\d+\.\d+", printed)


@pytest.mark.parametrize("words", [
    ["--help"], ["--version"], ["plan", "C"], ["plan", "--format", "json", "C"], ["-n", "C"],
    ["-n", "--format", "bsmtp", "C"],
])
def test_output_that_cannot_be_written(prankcurl: Prankcurl, path: Path, words: list[str]) -> None:
    full = [path if word == "C" else word for word in words]
    done = prankcurl(*full, stdout=Path("/dev/full")).expect(74)
    assert done.complaint


def test_quiet_and_verbose(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """Quiet is silent but for errors; an error is told in any case."""
    unreachable = "smtp://127.0.0.1:1"
    path = campaign(unreachable, server=scripted(unreachable))
    for words in (["-q"], [], ["-v"]):
        done = prankcurl("send", "--yes", *words, path).expect(69)
        assert "127.0.0.1:1" in done.stderr
    assert prankcurl("send", "--yes", "-q", path).complaint


def test_context_shows_every_name(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    people = [victim("ada@example.test", name="Ada Müller", vars={"desk": "4.12"}),
              victim("ben@example.test", name="王小明"), victim("cai@example.test", name="Cai")]
    groups = [{"name": "Blue", "members": [person["address"] for person in people],
               "author": "ada@example.test"}]
    path = campaign(URL, victims=people, groups=groups, messages=[MESSAGE])
    shown = prankcurl("check", "--context", path).expect(0).stdout.decode()
    lines = shown.splitlines()
    assert lines[0] == f'group "Blue", message "{MESSAGE["name"]}"'
    values = dict(re.split(r" += ", line, maxsplit=1) for line in lines[1:])
    assert values["campaign"] == values["campaign.name"] == "e2e"
    assert values["group"] == "Blue"
    assert values["author.name"] == "Ada Müller"
    assert values["author.first_name"] == "Ada"
    assert values["author.desk"] == values["author.vars.desk"] == "4.12"
    assert values["recipients[0].name"] == "王小明"
    assert "recipients[0].first_name" not in values
    assert values["recipients[1].first_name"] == "Cai"
    assert len({line.index(" = ") for line in lines[1:]}) == 1, "not aligned"
    answer = json.loads(prankcurl("check", "--context", "--json", path).expect(0).stdout)
    assert (answer["group"], answer["message"]) == ("Blue", MESSAGE["name"])
    assert answer["context"]["author"]["vars"] == {"desk": "4.12"}
    assert [one["name"] for one in answer["context"]["recipients"]] == ["王小明", "Cai"]


def test_context_of_the_groups_asked_for(prankcurl: Prankcurl, path: Path) -> None:
    first = prankcurl("check", "--context", path).expect(0)
    assert first.stdout.startswith(b'group "group-1", message ')
    assert "the first of 3 groups; --group NAME shows another" in first.stderr
    asked = prankcurl("check", "--context", "-g", "group-3", "-g", "group-2", path).expect(0)
    assert re.findall(r'^group "(.*?)"', asked.stdout.decode(), re.MULTILINE) == ["group-2", "group-3"]
    assert asked.stderr == ""
    lines = prankcurl("check", "--context", "--json", "-g", "group-3", "-g", "group-2",
                      path).expect(0).stdout.splitlines()
    assert [json.loads(line)["group"] for line in lines] == ["group-2", "group-3"]
    assert "no group \"x\"" in prankcurl("check", "--context", "-g", "x", path).expect(64).stderr
    for words in (["--json"], ["-g", "group-1"]):
        assert "what --context shows" in prankcurl("check", *words, path).expect(64).stderr
    assert "for warnings" in prankcurl("check", "--context", "--strict", path).expect(64).stderr


def test_context_helps_who_misses_a_name(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    path = campaign(URL, PEOPLE[:3], messages=[MESSAGE | {"text": "{{author.dsk}}"}])
    answer = prankcurl("check", "--context", path).expect(65)
    assert "{{author.dsk}}: author" in answer.stderr
    assert b"author.name " in answer.stdout
