"""mutt, a mail reader for terminals, opens what the dry run wrote and what prankmock stored."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigns import CampaignFolder, group, scripted
from mock import Mock
from runner import Prankcurl
from sample_files import pdf, png

ROWS, COLUMNS = 40, 200
TIMEOUT_S = 20
QUIET_S = 0.1
REDRAW = "\x0c"
SETTINGS = r"""
set index_format="%n: %s"
set attach_format="%m/%M: %d <"
set folder="~" alias_file=/dev/null header_cache="" sleep_time=0 read_inc=0 beep=no arrow_cursor=yes
set mailcap_path="~/mailcap"
unset mark_old confirmappend help
auto_view text/html
"""
MAILCAP = "text/html; sed 's/<[^>]*>/|/g' %s; copiousoutput\n"  # in place of a browser
NAMES = ["agenda.pdf", "Отчёт за март.pdf", "日本語の計画.pdf", "סדר היום.pdf", "جدول الأعمال.pdf",
         "👨‍👩‍👧‍👦 été.pdf", "it's 100% \"new\" =?utf-8?q?x?=*.pdf", f"{'long ' * 28}name.pdf"]
PEOPLE = [{"name": "Zoë Müller", "address": "zoe@example.test"},
          {"name": "小林 さくら", "address": "sakura@example.test"}]
MESSAGE = {
    "name": "coffee", "subject": "Die Kaffeemaschine – コーヒー",
    "text": "Liebe Leute,\n\nich war's. ☕ コーヒー\n",
    "html": '<p>I <b>did</b> it.<img src="cid:cup">\n',
    "inline": {"cup": "cup.png"},
    "attachments": [{"file": "a.pdf", "name": name} for name in NAMES],
    "invitation": {"start": "2027-04-01T10:00+02:00", "duration": "30m"},
}
TYPES = ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
         "text/calendar"] + ["application/pdf"] * len(NAMES)


class Mutt:
    """A running mutt, and what its screen shows."""

    def __init__(self, mailbox: Path, home: Path) -> None:
        (home / "muttrc").write_text(SETTINGS)
        (home / "mailcap").write_text(MAILCAP)
        self.saved = home / "saved"
        self.saved.mkdir()
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._process = subprocess.Popen(
            ["mutt", "-n", "-R", "-F", home / "muttrc", "-f", mailbox],
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, cwd=self.saved,
            env={"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "linux",
                 "LC_ALL": "C.UTF-8"})
        os.close(theirs)

    def end(self) -> None:
        self._process.kill()
        self._process.wait(TIMEOUT_S)
        os.close(self._ours)

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def screen(self, pattern: str) -> str:
        """What is shown, drawn from the beginning, as soon as the pattern is in it."""
        deadline = time.monotonic() + TIMEOUT_S
        shown = ""
        while not re.search(pattern, shown):
            assert time.monotonic() < deadline, f"no {pattern!r} on the screen: {shown}"
            self.press(REDRAW)
            shown = _lines(self._read().rpartition("\x1b[H\x1b[J")[2])
        return shown

    def wait_for_question(self, words: str) -> None:
        """Where a key is taken for text, that for drawing, too."""
        deadline = time.monotonic() + TIMEOUT_S
        drawn = ""
        while words not in drawn:
            assert time.monotonic() < deadline, f"no {words!r} in {drawn!r}"
            drawn += self._read()

    def _read(self) -> str:
        """To where it says nothing for a while."""
        read = b""
        while select.select([self._ours], [], [], QUIET_S)[0]:
            read += os.read(self._ours, 65_536)
        return read.decode("utf-8", "replace")


def _lines(drawn: str) -> str:
    """Moves to another place begin a line; what else a terminal is told is left out."""
    drawn = re.sub(r"\x1b\[(\d+;\d+H|\d*[dGB])", "\n", drawn)
    drawn = re.sub(r"\x1b\[\??[0-9;]*[A-Za-z]|\x1b[()].|\x1b[>=78]|[\x0e\x0f]", "", drawn)
    return re.sub(r"[\r\n]+", "\n", drawn)


@pytest.fixture
def path(campaign: CampaignFolder) -> Path:
    (campaign.folder / "cup.png").write_bytes(png())
    (campaign.folder / "a.pdf").write_bytes(pdf())
    return campaign("smtp://127.0.0.1:2525", server=scripted("smtp://127.0.0.1:2525"),
                    campaign="mutt", victims=PEOPLE, messages=[MESSAGE],
                    groups=[group("one", [one["address"] for one in PEOPLE])])


@pytest.fixture(params=["mbox", "Maildir"])
def mutt(
    request: pytest.FixtureRequest, prankcurl: Prankcurl, path: Path, tmp_path: Path
) -> Iterator[Mutt]:
    """With the message in a mailbox of this kind."""
    mailbox = tmp_path / "mailbox"
    if request.param == "mbox":
        prankcurl("-n", path, stdout=mailbox).expect(0)
    else:
        store(prankcurl, path, mailbox, tmp_path)
    running = Mutt(mailbox, tmp_path)
    yield running
    running.end()


def store(prankcurl: Prankcurl, path: Path, mailbox: Path, folder: Path) -> None:
    binary = Path(os.environ.get("PRANKMOCK_BINARY", "build/dev/prankmock")).absolute()
    with Mock(binary, folder, "-q", "--store", mailbox) as mock:
        prankcurl("send", "--yes", "--server", f"smtp://127.0.0.1:{mock.port}", path).expect(0)
        mock.wait(count=1)


def test_mutt_shows_texts_and_files(mutt: Mutt) -> None:
    assert "-> Zoë Müller: Die Kaffeemaschine – コーヒー\n" in mutt.screen("Kaffeemaschine")
    mutt.press("\n")
    shown = mutt.screen("Liebe Leute")
    assert "From: Zoë Müller <zoe@example.test>\n" in shown
    assert "To: 小林 さくら <sakura@example.test>\n" in shown
    assert "ich war's. ☕ コーヒー\n" in shown
    mutt.press("v")
    listed = re.findall(r"(\w+/\w+): (.*) <", mutt.screen("application/pdf"))
    assert [mime_type for mime_type, _ in listed] == TYPES
    assert [name for mime_type, name in listed if mime_type == "application/pdf"] == NAMES
    assert ("image/png", "cup.png") in listed
    mutt.press(f"{1 + TYPES.index('text/html')}\n\n")
    mutt.screen(r"I \|did\| it\.\|")
    mutt.press("q")
    check_saved(mutt)


def check_saved(mutt: Mutt) -> None:
    """Each file is saved under its name, which mutt suggests."""
    files = {"cup.png": png()} | {name: pdf() for name in NAMES}
    first = 1 + TYPES.index("application/pdf")
    for number in [1 + TYPES.index("image/png"), *range(first, first + len(NAMES))]:
        mutt.press(f"{number}\ns")
        mutt.wait_for_question("Save to file: ")
        mutt.press("\n")
        mutt.screen("Attachments")
    assert {path.name: path.read_bytes() for path in mutt.saved.iterdir()} == files
