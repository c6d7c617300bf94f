"""The README's first campaign is the one in examples/, and it is right."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("PRANKCURL_BINARY", REPOSITORY / "build/dev/prankcurl")).absolute()
CAMPAIGN = REPOSITORY / "examples/friday-cake.json"


def test_the_readme_shows_the_campaign_that_is_there() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"^```json\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    assert shown
    assert json.loads(shown[1]) == json.loads(CAMPAIGN.read_text(encoding="utf-8"))


def test_the_campaign_of_the_readme_is_right() -> None:
    done = subprocess.run([BINARY, "check", CAMPAIGN], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, ""), done
