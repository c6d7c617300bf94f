"""The dry run: three forms of the same bytes, and none of them needs a password or a server."""

from __future__ import annotations

import json
import time
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from campaigns import MESSAGE, CampaignFolder, two_groups
from messages import assert_fit_for_smtp, parse, parse_bsmtp, parse_mboxrd, read_folder
from runner import Prankcurl

URL = "smtps://smtp.example.test:465"  # which does not exist, and needs not
EPOCH_S = 1_806_566_400
DATED = {"SOURCE_DATE_EPOCH": str(EPOCH_S)}
TRICKY = MESSAGE | {
    "text": "From here\n>From there\n>>From where\nfrom\n.\n..\n.From\n\nFrom\nzoë\n\n\n",
    "html": "<p>From {{author.name}}</p>\n.\n",
}
WITNESSES = [{"name": "The teacher", "address": "teacher@example.test"}]


@pytest.fixture
def path(campaign: CampaignFolder) -> Path:
    return campaign(URL, messages=[TRICKY], witnesses=WITNESSES, **two_groups())


@pytest.fixture
def composed(prankcurl: Prankcurl, path: Path, campaign: CampaignFolder) -> list[bytes]:
    """The messages as files, in the plan's order."""
    folder = campaign.folder / "composed"
    done = prankcurl("-n", "-o", folder, path, env=DATED).expect(0)
    assert done.stdout == b""
    named = read_folder(folder)
    assert len(named) == len(list(folder.iterdir())), "more than a file a message"
    plan = json.loads(prankcurl("plan", "--format", "json", path).expect(0).stdout)
    return [named.pop(prank["message_id"]) for prank in plan["pranks"]]


def test_files_hold_what_smtp_may_carry(composed: list[bytes]) -> None:
    assert len(composed) == 2
    for data in composed:
        assert_fit_for_smtp(data)
        message = parse(data)
        assert not message.defects
        assert parsedate_to_datetime(message["Date"]).timestamp() == EPOCH_S
        plain = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
        assert plain == TRICKY["text"]


@pytest.mark.parametrize("options", [[], ["--format", "mbox"]])
def test_mbox(
    prankcurl: Prankcurl, path: Path, composed: list[bytes], options: list[str]
) -> None:
    """The default: mboxrd, which a mail reader opens and nothing is lost in."""
    posted = parse_mboxrd(prankcurl("-n", *options, path, env=DATED).expect(0).stdout)
    assert posted == [("nadia@example.test", data) for data in composed]


def test_bsmtp(prankcurl: Prankcurl, path: Path, composed: list[bytes]) -> None:
    """The envelope is there too, witnesses last; the header's From is somebody else."""
    done = prankcurl("--dry-run", "--format", "bsmtp", path, env=DATED).expect(0)
    assert parse_bsmtp(done.stdout) == [
        ("nadia@example.test", [f"ben{n}@example.test", f"cai{n}@example.test",
                                "teacher@example.test"], data)
        for n, data in enumerate(composed, start=1)
    ]
    assert done.stdout.startswith(b"EHLO ")


def test_eml_of_one_message(prankcurl: Prankcurl, path: Path, composed: list[bytes]) -> None:
    done = prankcurl("-n", "--format", "eml", "-g", "two", path, env=DATED).expect(0)
    assert done.stdout == composed[1]


def test_eml_of_two_messages_needs_a_folder(prankcurl: Prankcurl, path: Path) -> None:
    """On one stream nobody could tell where the second begins."""
    done = prankcurl("-n", "--format", "eml", path).expect(64)
    assert done.stdout == b"" and "-o" in done.stderr


def test_limit_and_seed(prankcurl: Prankcurl, path: Path, composed: list[bytes]) -> None:
    limited = prankcurl("-n", "-l", "1", path, env=DATED).expect(0)
    assert [data for _, data in parse_mboxrd(limited.stdout)] == composed[:1]
    same = prankcurl("-n", "-s", "20270401", path, env=DATED).expect(0)
    assert [data for _, data in parse_mboxrd(same.stdout)] == composed


def test_date_is_now_without_a_fixed_one(
    prankcurl: Prankcurl, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock is all that differs between two runs."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    [(_, now), _] = parse_mboxrd(prankcurl("-n", path).expect(0).stdout)
    [(_, fixed), _] = parse_mboxrd(prankcurl("-n", path, env=DATED).expect(0).stdout)
    date = parsedate_to_datetime(parse(now)["Date"])
    assert abs(date.timestamp() - time.time()) < 3600

    def undated(data: bytes) -> list[bytes]:
        return [line for line in data.split(b"\r\n") if not line.startswith(b"Date:")]

    assert undated(now) == undated(fixed)


def test_folder_that_cannot_be_made(
    prankcurl: Prankcurl, path: Path, campaign: CampaignFolder
) -> None:
    """Root may write everywhere, so the folder is one that cannot be: below a file."""
    done = prankcurl("-n", "-o", campaign.folder / "ca.pem" / "out", path).expect(73)
    assert "ca.pem" in done.complaint


def test_folder_is_made_and_made_again(
    prankcurl: Prankcurl, path: Path, campaign: CampaignFolder
) -> None:
    folder = campaign.folder / "out"
    folder.mkdir()
    for _ in range(2):
        prankcurl("-n", "-o", folder, path, env=DATED).expect(0)
        assert len(read_folder(folder)) == 2
