"""A big attachment is in memory once, encoded, however many messages carry it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from campaigns import CampaignFolder, many_groups, scripted
from mock import Mock
from runner import Prankcurl

MIB = 1 << 20
ATTACHMENT = 5 * MIB
GROUPS = 20
REST_MIB = 30  # the program, its libraries, the connections


def peak_mib(pid: int) -> float:
    """Since the program began (proc(5), VmHWM)."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0


def test_an_attachment_is_kept_once(
    prankcurl: Prankcurl, campaign: CampaignFolder, tmp_path: Path, mock: Mock
) -> None:
    if b"__asan_init" in prankcurl.binary.read_bytes():
        pytest.skip("the address sanitizer takes memory of its own")
    data = os.urandom(ATTACHMENT)
    (tmp_path / "big.bin").write_bytes(data)
    message = {"name": "big", "subject": "Big", "text": "Big.\n", "attachments": ["big.bin"]}
    url = f"smtp://127.0.0.1:{mock.port}"
    path = campaign(url, server=scripted(url), messages=[message], **many_groups(GROUPS))
    peaks = []
    with prankcurl.start("send", "--yes", "--json", path) as running:
        assert running.process.stdout
        for _ in zip(range(GROUPS), running.process.stdout):  # it still lives behind each of these
            peaks.append(peak_mib(running.pid))
        running.finish().expect(0)
    assert len(peaks) == GROUPS
    print(f"peak {peaks[-1]:.0f} MiB")
    assert peaks[-1] < 1.4 * ATTACHMENT / MIB + REST_MIB, f"{peaks[-1]:.0f} MiB"
    [newest] = mock.messages(limit=1)
    assert mock.get(f"/api/messages/{newest['id']}/parts/2").expect(200).body == data
