"""prankcurl itself, and Postfix's smtp-source: what is sent comes, all of it, and as it is."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from clients import LINES, PASSWORD, SENDER, expect_success, run
from conftest import StartMock
from mock import REPOSITORY, Mock


@pytest.mark.parametrize("name, count", [("april-fools", 3), ("smtp-lab", 2)])
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_prankcurl_sends_what_its_dry_run_shows(
    start_mock: StartMock, prankcurl_binary: Path, tmp_path: Path, name: str, count: int,
    scheme: str,
) -> None:
    mock = start_mock("--smtps", "127.0.0.1:0", "-q")
    examples = tmp_path / "examples"
    shutil.copytree(REPOSITORY / "examples", examples)
    env = {"SOURCE_DATE_EPOCH": "1806566400", "PRANKCURL_PASSWORD": PASSWORD}
    campaign = examples / f"{name}.json"
    shown = run(tmp_path, prankcurl_binary, "--dry-run", "-q", "-o", "shown", campaign, env=env)
    expect_success(shown)
    port = mock.port if scheme == "smtp" else mock.smtps_port
    sent = run(tmp_path, prankcurl_binary, "send", "--server", f"{scheme}://127.0.0.1:{port}",
               "--ca-file", mock.ca, "--yes", "--json", "-q", campaign, env=env)
    told = [json.loads(line) for line in expect_success(sent).decode().splitlines()]
    pranks = [one for one in told if "summary" not in one]
    assert len(pranks) == count and {one["status"] for one in pranks} == {"accepted"}
    assert told[-1]["summary"]["accepted"] == count
    kept = {one["message_id"]: one["id"] for one in mock.messages()}
    assert {prank["message_id"].strip("<>") for prank in pranks} == set(kept)
    for prank in pranks:
        id = kept[prank["message_id"].strip("<>")]
        assert mock.raw(id) == (tmp_path / "shown" / f"{prank['id']}.eml").read_bytes()
        message = mock.message(id)
        assert [one["address"] for one in message["envelope"]["to"]] == [
            one["address"] for one in prank["recipients"]]
        assert message["envelope"]["from"]["address"] == message["sender"]["address"]
        assert message["campaign"] == name
        assert message["client"]["tls"] and message["client"]["user"]
        assert message["subject"] and message["text"]


@pytest.mark.parametrize("auth", ["plain", "login", "cram-md5", "xoauth2", "oauthbearer"])
def test_prankcurl_with_each_mechanism(
    guarded: Mock, prankcurl_binary: Path, tmp_path: Path, auth: str
) -> None:
    campaign = json.loads((REPOSITORY / "examples/april-fools.json").read_text())
    campaign["server"] |= {"url": f"smtp://127.0.0.1:{guarded.port}", "auth": auth,
                           "ca_file": "ca.pem"}
    shutil.copy(guarded.ca, tmp_path / "ca.pem")
    shutil.copy(REPOSITORY / "examples/opt-out.txt", tmp_path)
    (tmp_path / "campaign.json").write_text(json.dumps(campaign))
    expect_success(run(tmp_path, prankcurl_binary, "--yes", "-q", "campaign.json",
                       env={"PRANKCURL_PASSWORD": PASSWORD}))
    assert {guarded.message(id)["client"]["mechanism"] for id in (1, 2, 3)} == {auth.upper()}


# Postfix's smtp-source

def test_smtp_source_loses_nothing(
    start_mock: StartMock, mock_binary: Path, tmp_path: Path
) -> None:
    """Many sessions at a time, each message with a recipient of its own."""
    count = 2000 if "asan" in str(mock_binary) else 20_000
    mock = start_mock("--max-messages", str(count), "-q")
    lines = [*LINES[:5], "", "." * 70, *(["payload of the message"] * 100)]
    (tmp_path / "message").write_text("".join(line + "\n" for line in lines))
    raw = "".join(line + "\r\n" for line in [*lines, ""]).encode()  # it adds an empty line
    expect_success(run(
        tmp_path, "/usr/sbin/smtp-source", "-s", "64", "-m", str(count), "-d", "-N", "-F",
        tmp_path / "message", "-f", SENDER, "-t", "to@example.test", "-M", "client.example",
        f"inet:127.0.0.1:{mock.port}"))
    stats = mock.stats()
    assert (stats["received"], stats["kept"], stats["evicted"]) == (count, count, 0)
    assert stats["connections"]["total"] == 64
    messages = mock.messages(limit=count)
    assert [one["id"] for one in messages] == list(range(count, 0, -1))
    assert {one["size"] for one in messages} == {len(raw)}
    to = Counter(one["envelope"]["to"][0]["address"] for one in messages)
    assert set(to.values()) == {1} and len(to) == count
    assert {len(one["envelope"]["to"]) for one in messages} == {1}
    assert all(mock.raw(id) == raw for id in range(1, count, count // 50))


def test_smtp_source_with_a_connection_each(start_mock: StartMock, tmp_path: Path) -> None:
    mock = start_mock("-q")
    expect_success(run(tmp_path, "/usr/sbin/smtp-source", "-s", "16", "-m", "500", "-l", "2048",
                       "-r", "3", "-f", SENDER, "-t", "to@example.test", "-M", "client.example",
                       f"inet:127.0.0.1:{mock.port}"))
    assert (mock.stats()["received"], mock.stats()["connections"]["total"]) == (500, 500)
    messages = mock.messages(limit=500)
    assert {len(one["envelope"]["to"]) for one in messages} == {3}
    assert all(2048 <= one["size"] < 2600 for one in messages)
    assert {mock.message(id)["client"]["message"] for id in (1, 250, 500)} == {1}
