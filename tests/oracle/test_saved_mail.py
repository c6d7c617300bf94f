"""What was composed is saved as .eml files; each is a template that makes the same message again.

But for what is no template's business (who, when, Reply-To), for what is longer than a saved mail's
lines may be, and for an invitation, which becomes a file.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import conftest
import generate
import pytest
import test_oracles
from conftest import Composed
from generate import Made, Meant

SEED = 31_000
LINE_MAX = 900  # bytes


def is_same_as_template(meant: Meant) -> bool:
    """Nothing in it says something else in a template, or is more than is kept."""
    lines = [meant.subject, *meant.fields.values()]
    texts = [meant.text or "", meant.html or ""]
    return not (meant.invitation or max(len(line.encode()) for line in lines) > LINE_MAX
                or any("{{" in part for part in lines + texts)
                or any(text.startswith("\ufeff") for text in texts))  # as a file's own


def kept(meant: Meant) -> Meant:
    fields = {name: value for name, value in meant.fields.items() if name != "Reply-To"}
    return replace(meant, fields=fields)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> list[Composed]:
    """Messages that were composed from composed ones."""
    folder = tmp_path_factory.mktemp("saved")
    made = generate.Generator(conftest.oracle_seed() + SEED).campaign(150)
    first = conftest.compose(made, folder)
    document = copy.deepcopy(made.document)
    again = Made(document, {})
    for i, one in enumerate(first):
        message = document["messages"][i]
        again.meant.append(kept(one.meant))
        if is_same_as_template(one.meant):
            again.files[f"{i}.eml"] = one.data
            document["messages"][i] = {"name": message["name"], "eml_file": f"{i}.eml"}
    again.files |= made.files
    (folder / "again").mkdir()
    return [one for i, one in enumerate(conftest.compose(again, folder / "again"))
            if f"{i}.eml" in again.files]


def test_a_saved_mail_makes_the_same_message(saved: list[Composed]) -> None:
    assert len(saved) > 50
    test_oracles.test_python_reads_what_was_meant(saved)
    test_oracles.test_gmime_reads_what_was_meant(saved)
