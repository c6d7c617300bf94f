"""What is written about prankmock is what it does: options, rules, files of the page."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import yaml

from mock import REPOSITORY


def _read(path: str) -> str:
    return (REPOSITORY / path).read_text(encoding="utf-8")


def test_the_man_page_has_every_option_and_no_other(mock_binary: Path) -> None:
    done = subprocess.run([mock_binary, "--help"], capture_output=True, text=True, check=True)
    in_help = set(re.findall(r"--([a-z-]+)", done.stdout.split("\n\n")[2]))
    in_man = set(re.findall(r"^\.It.*?Fl -([a-z-]+)", _read("docs/prankmock.1"), re.MULTILINE))
    in_man |= set(re.findall(r"^\.It.*, Fl -([a-z-]+)", _read("docs/prankmock.1"), re.MULTILINE))
    assert len(in_help) >= 15
    assert in_man == in_help


def test_a_rule_has_the_same_keys_in_code_in_the_schema_and_in_the_text() -> None:
    table = _read("src/mock/faults_read.c").split("static const pk_field fields[]")[1]
    in_code = re.findall(r'\{"(\w+)", PK_', table)
    schema = yaml.safe_load(_read("docs/prankmock.openapi.yaml"))["components"]["schemas"]["Rule"]
    in_text = set(re.findall(r"`(\w+)`", _read("docs/faults.md")))
    assert set(in_code) == set(schema["properties"])
    assert set(in_code) <= in_text


def test_a_rule_has_the_same_steps_in_code_in_the_schema_and_in_the_text() -> None:
    in_code = re.findall(r'X\([A-Z]+, "(\w+)"\)', _read("src/mock/step.h"))
    schema = yaml.safe_load(_read("docs/prankmock.openapi.yaml"))["components"]["schemas"]["Rule"]
    in_text = re.findall(r"^\| `(\w+)` \|", _read("docs/faults.md").split("For whom")[0], re.MULTILINE)
    assert in_code == schema["properties"]["step"]["enum"] == in_text


def test_every_file_of_the_page_is_built_in() -> None:
    listed = re.search(r"set\(web_files\n(.*?)\)", _read("src/mock/CMakeLists.txt"), re.DOTALL)
    assert listed
    there = sorted(path.name for path in (REPOSITORY / "src/mock/web").iterdir())
    assert sorted(listed[1].split()) == there
