"""A campaign goes out through a real submission server, and lies in real mailboxes as composed."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from campaigns import ALONE, CampaignFolder, login, two_groups
from certificates import Certificates
from mailserver import MailServer
from messages import assert_fit_for_smtp, by_id, parse, read_folder, with_lf, without_trace
from runner import REPOSITORY, Prankcurl

EXAMPLES = REPOSITORY / "examples"
DATED = {"SOURCE_DATE_EPOCH": "1806566400"}  # 2027-04-01, so that the Date field is known
NOTHING = {"accepted": 0, "refused": 0, "deferred": 0, "uncertain": 0, "skipped": 0,
           "accepted_before": 0}


def copy_example(name: str, folder: Path, url: str) -> tuple[Path, dict[str, Any]]:
    """An example with everything it may refer to, changed in nothing but its server."""
    # A ledger is there where somebody has tried the example.
    shutil.copytree(EXAMPLES, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.db*"))
    path = folder / name
    campaign = json.loads(path.read_text("utf-8")) | {"server": login(url)}
    path.write_text(json.dumps(campaign, ensure_ascii=False), "utf-8")
    return path, campaign


@pytest.mark.parametrize("name", ["april-fools.json", "smtp-lab.json"])
def test_example_arrives_as_the_dry_run_shows_it(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder, name: str
) -> None:
    path, content = copy_example(name, campaign.folder, mailserver.url())
    plan = json.loads(prankcurl("plan", "--format", "json", path).expect(0).stdout)
    prankcurl("-n", "-o", campaign.folder / "composed", path, env=DATED).expect(0)
    composed = read_folder(campaign.folder / "composed")

    sent = prankcurl("send", "--yes", "--json", "-j", "1", path, password=mailserver.password,
                     env=DATED)

    sent.expect(0)
    pranks = plan["pranks"]
    assert sorted(composed) == sorted(prank["message_id"] for prank in pranks)
    assert sent.summary == NOTHING | {"accepted": len(pranks)}
    expected: dict[str, list[str]] = defaultdict(list)
    for prank in pranks:
        for person in prank["recipients"] + prank["cc"]:
            expected[person["address"]].append(prank["message_id"])
    mailserver.wait_for_mail(sum(map(len, expected.values())))
    for address, message_ids in expected.items():
        stored = by_id(mailserver.mailbox(address))
        fetched = by_id(mailserver.imap_fetch(address))
        assert sorted(stored) == sorted(fetched) == sorted(message_ids)
        for message_id in message_ids:
            sent_bytes = composed[message_id]
            assert without_trace(stored[message_id], with_lf(sent_bytes)) == with_lf(sent_bytes)
            assert without_trace(fetched[message_id], sent_bytes) == sent_bytes
            return_path = parse(stored[message_id])["Return-Path"]
            assert return_path == f"<{content['organiser']['address']}>"
    assert mailserver.connections("submission") == 1
    assert mailserver.log().count(f"sasl_username={mailserver.user}") == len(pranks)


def test_what_send_tells_of_a_prank(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder
) -> None:
    witness = {"name": "The teacher", "address": "teacher@example.test"}
    path = campaign(mailserver.url(), witnesses=[witness])
    plan = json.loads(prankcurl("plan", "--format", "json", path).expect(0).stdout)
    sent = prankcurl("send", "--yes", "--json", path, password=mailserver.password).expect(0)
    [prank] = sent.pranks
    [planned] = plan["pranks"]
    assert {"id", "group", "message", "message_id", "status", "attempts", "recipients",
            "reply"} <= set(prank)
    for key in ("id", "group", "message", "message_id"):
        assert prank[key] == planned[key]
    assert (prank["status"], prank["attempts"]) == ("accepted", 1)
    assert "queued as" in prank["reply"]
    # The envelope's order: recipients, then witnesses.
    assert [one["address"] for one in prank["recipients"]] == [
        "bela@example.test", "cleo@example.test", "teacher@example.test",
    ]
    for one in prank["recipients"]:
        assert (one["status"], one["code"]) == ("accepted", 250)
    mailserver.wait_for_mail(3)
    [copy] = mailserver.mailbox("teacher@example.test")
    message = parse(copy)
    assert [a.addr_spec for a in message["Cc"].addresses] == ["teacher@example.test"]
    assert [a.addr_spec for a in message["From"].addresses] == ["adam@example.test"]
    assert [a.addr_spec for a in message["Sender"].addresses] == ["nadia@example.test"]
    assert message["X-Prank-Campaign"] == "e2e"
    assert sent.stderr == ""


def test_send_is_the_default_command(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder
) -> None:
    """Without a terminal there is no question, so it needs no --yes either."""
    prankcurl(campaign(mailserver.url()), password=mailserver.password).expect(0)
    mailserver.wait_for_mail(2)


def test_server_option_wins_over_the_campaign(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder
) -> None:
    path = campaign("smtp://127.0.0.1:1")
    prankcurl("send", "--yes", "--server", mailserver.url(), path,
              password=mailserver.password).expect(0)
    mailserver.wait_for_mail(2)


def test_ca_file_option_needs_none_in_the_campaign(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder, certs: Certificates
) -> None:
    path = campaign(mailserver.url(), server={"ca_file": None})
    prankcurl("send", "--yes", "--ca-file", certs.ca.cert, path,
              password=mailserver.password).expect(0)
    mailserver.wait_for_mail(2)


def test_ca_file_option_wins_over_the_campaign(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder, certs: Certificates
) -> None:
    """Also over one that is not there. The path is the user's: it counts from where the user is."""
    path = campaign(mailserver.url(), server={"ca_file": "no-such-ca.pem"})
    prankcurl("send", "--yes", "--ca-file", certs.ca.cert.name, path,
              password=mailserver.password, cwd=certs.ca.cert.parent).expect(0)
    mailserver.wait_for_mail(2)


def test_international_domain(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder
) -> None:
    path = campaign(
        mailserver.url(), ["adam@example.test", "zoe@bücher.example", "cleo@BÜCHER.example"],
        consent={"domains": ["example.test", "bücher.example"]},
    )
    sent = prankcurl("send", "--yes", "--json", path, password=mailserver.password).expect(0)
    assert [one["status"] for one in sent.pranks[0]["recipients"]] == ["accepted"] * 2
    mailserver.wait_for_mail(2)
    [stored] = mailserver.mailbox("zoe@xn--bcher-kva.example")
    assert len(mailserver.mailbox("cleo@xn--bcher-kva.example")) == 1
    assert_fit_for_smtp(stored.replace(b"\n", b"\r\n"))
    assert [a.addr_spec for a in parse(stored)["To"].addresses] == [
        "zoe@xn--bcher-kva.example", "cleo@xn--bcher-kva.example",
    ]


def test_trace_tells_envelope_and_header_apart(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder
) -> None:
    path = campaign(mailserver.url())
    sent = prankcurl("send", "--yes", "--trace", path, password=mailserver.password).expect(0)

    def mark_before(text: str) -> str:
        [mark] = {line.partition(text)[0] for line in sent.stderr.splitlines() if text in line}
        return mark

    marks = {
        "reply": mark_before("354 End data"),
        "command": mark_before("EHLO "),
        "envelope": mark_before("MAIL FROM:<nadia@example.test>"),
        "header": mark_before("Subject: "),
        "body": mark_before("Dear all,"),
    }
    assert len(set(marks.values())) == len(marks), f"told apart too little: {marks}"
    assert mark_before("RCPT TO:<bela@example.test>") == marks["envelope"]
    assert mark_before("From: ") == mark_before("X-Prank-Campaign: ") == marks["header"]
    assert mark_before("queued as").startswith(marks["reply"])
    assert "STARTTLS" in sent.stderr and "AUTH" in sent.stderr
    assert b"MAIL FROM" not in sent.stdout


def test_server_that_hangs_up_between_two_messages(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder
) -> None:
    """The pace makes the connection lie idle for longer than this server is willing to wait."""
    path = campaign(mailserver.url("impatient"), delivery={"rate": "40/m"} | ALONE, **two_groups())
    sent = prankcurl("send", "--yes", "--json", path, password=mailserver.password).expect(0)
    assert sent.summary == NOTHING | {"accepted": 2}
    mailserver.wait_for_mail(4)
    assert mailserver.connections("impatient") == 2
    assert "timeout after END-OF-MESSAGE" in mailserver.log()


@pytest.mark.parametrize("options, count", [
    (["-g", "two"], 1), (["--group", "two"], 1), (["-g", "two", "-g", "one"], 2),
    (["-l", "1"], 1), (["--limit", "5"], 2), (["-g", "two", "-l", "1"], 1),
])
def test_some_of_the_pranks(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder, options: list[str],
    count: int
) -> None:
    path = campaign(mailserver.url(), **two_groups())
    sent = prankcurl("send", "--yes", "--json", *options, path, password=mailserver.password)
    assert sent.expect(0).summary["accepted"] == count
    mailserver.wait_for_mail(2 * count)
    if count == 1:
        group = "2" if "two" in options else "1"
        assert len(mailserver.mailbox(f"ben{group}@example.test")) == 1
