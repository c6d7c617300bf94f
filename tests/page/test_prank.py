"""A prank with everything in it, as prankcurl sends it: the page shows its html with its picture,
and lists its files by name, whatever their script; each can be had as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from page import Page
from prankmock import ORGANISER, REPOSITORY, Prankmock

sys.path.append(str(REPOSITORY / "tests/e2e"))
from sample_files import pdf, png  # noqa: E402

# Names that a file system and Chromium keep as they are.
NAMES = ["agenda.pdf", "Отчёт за март.pdf", "日本語の計画.pdf", "סדר היום.pdf", "جدول الأعمال.pdf",
         "कार्यक्रम.pdf", "👨‍👩‍👧‍👦 été.pdf", "it's 100% =_utf-8_q_x_=.pdf",
         f"{'long ' * 30}name.pdf"]
PICTURE = png(320, 120)
HTML = """<!DOCTYPE html><html><body style="font-family: sans-serif">
<h1>{{author.name}} broke the coffee machine</h1><p>This is what is left:</p>
<p><img src="cid:machine" alt="the machine"></p><p>We meet about it, see the invitation.</p>
</body></html>
"""


def program() -> Path:
    """prankcurl: $PRANKCURL_BINARY, or what the preset `dev` builds."""
    named = os.environ.get("PRANKCURL_BINARY")
    binary = Path(named).absolute() if named else REPOSITORY / "build/dev/prankcurl"
    assert binary.is_file(), f"no program at {binary}: build it, or set PRANKCURL_BINARY"
    return binary


def content(number: int) -> bytes:
    return pdf(f"Number {number}")


@pytest.fixture
def sent(prankmock: Prankmock, tmp_path: Path) -> None:
    """One prank, sent by prankcurl."""
    (tmp_path / "machine.png").write_bytes(PICTURE)
    for number in range(len(NAMES)):
        (tmp_path / f"{number}.pdf").write_bytes(content(number))
    people = [{"name": name, "address": f"{name.split()[0].lower()}@example.test"}
              for name in ("Zoe Müller", "Tom Ray", "Ida Lee")]
    path = tmp_path / "campaign.json"
    path.write_text(json.dumps({
        "campaign": "coffee", "organiser": {"name": "Nadia Rossi", "address": ORGANISER},
        "server": {"url": f"smtp://{prankmock.smtp}", "starttls": "never"},
        "consent": {"domains": ["example.test"]}, "victims": people,
        "groups": [{"name": "office", "members": [one["address"] for one in people],
                    "author": people[0]["address"]}],
        "messages": [{
            "name": "coffee", "subject": "The coffee machine", "html": HTML,
            "inline": {"machine": "machine.png"},
            "attachments": [{"file": f"{number}.pdf", "name": name}
                            for number, name in enumerate(NAMES)],
            "invitation": {"start": "2027-04-01T10:00+02:00", "duration": "30m",
                           "location": "Küche"},
        }],
    }))
    subprocess.run([program(), "send", "--yes", "--quiet", path], check=True, timeout=20)


def keep_screenshot(page: Page, name: str) -> None:
    """For people, into $PRANKCURL_SCREENSHOTS."""
    if folder := os.environ.get("PRANKCURL_SCREENSHOTS"):
        page.driver.save_screenshot(str(Path(folder) / f"{name}.png"))


def test_the_html_is_shown_with_its_picture(page: Page, sent: None) -> None:
    page.open_message("The coffee machine")
    frame = page.wait_for("#panel-message iframe")
    assert frame.get_attribute("sandbox") == ""
    page.driver.switch_to.frame(frame)
    size = "const one = document.images[0]; return one && [one.naturalWidth, one.naturalHeight]"
    page.wait(lambda: page.script(size) == [320, 120], "the picture is not shown")
    assert page.text("h1") == "Zoe Müller broke the coffee machine"
    page.driver.switch_to.default_content()
    keep_screenshot(page, "prank-html")
    page.click(".switch label", "Text")
    page.wait_for("#panel-message pre", "This is what is left:")


def test_files_are_listed_by_name_and_can_be_had(page: Page, sent: None, tmp_path: Path) -> None:
    page.open_message("The coffee machine")
    page.click("[role=tab]", f"Attachments ({len(NAMES)})")
    page.wait_for("#panel-attachments")
    listed, others = page.all("#panel-attachments ul.parts")
    rows = listed.find_elements("css selector", ".part")
    assert [row.find_element("css selector", ".part-name").text for row in rows] == NAMES
    assert {"image/png", "text/calendar", "text/html"} <= {
        one.text.split(",")[0] for one in others.find_elements("css selector", ".part-type")}
    keep_screenshot(page, "prank-files")
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    page.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {
        "behavior": "allow", "downloadPath": str(downloads)})
    for number, row in enumerate(rows):
        row.find_element("css selector", "a").click()
        saved = downloads / NAMES[number].replace("\u200d", "_")  # Chromium puts _ for a joiner
        page.wait(lambda: saved.is_file() and saved.read_bytes() == content(number),
                  f"no {saved.name!r}")
    assert len(list(downloads.iterdir())) == len(NAMES)
