"""What goes over the wire, and what of the server's words reaches the terminal."""

from __future__ import annotations

import itertools
import threading

import pytest

from campaigns import ALONE, MESSAGE, ONCE, CampaignFolder, many_groups, scripted, two_groups
from certificates import Certificates
from messages import assert_fit_for_smtp, by_id, parse, read_folder
from runner import Prankcurl
from scripted_session import Answer
from scripted_smtp import ScriptedSmtp, Step

PASSWORD = "correct horse battery staple"
PROMPT_S = 20

# The last but one puts dots where a sender's buffer of 64 KiB may end.
BODIES = {
    "dots": ".\n..\n...\n.a\n\n.\n",
    "only a dot": ".\n",
    "many dots": ".\n" * 50_000,
    "long lines": f"{'x' * 5_000}\n.{'.' * 4_999}\n{'ü' * 5_000}\n",
    "over 64 KiB": "".join(f".{n} {'y' * (n % 120)}\n" for n in range(3_000)),
    "looks like commands": "QUIT\nRSET\n.\nMAIL FROM:<x@example.test>\nFrom me\n>From me\n",
    "trailing blanks": "a \nb\t\n \n-- \n",
}


@pytest.mark.parametrize("text", BODIES.values(), ids=BODIES.keys())
def test_bodies_survive(prankcurl: Prankcurl, campaign: CampaignFolder, text: str) -> None:
    """What the server took is what the dry run shows, and says what was meant."""
    dated = {"SOURCE_DATE_EPOCH": "1806566400"}
    with ScriptedSmtp() as server:
        path = campaign(server.url, server=scripted(server.url),
                        messages=[MESSAGE | {"text": text}])
        prankcurl("-n", "-o", campaign.folder / "composed", path, env=dated).expect(0)
        prankcurl("send", "--yes", path, env=dated, timeout_s=PROMPT_S).expect(0)
    [received] = server.accepted
    [composed] = read_folder(campaign.folder / "composed").values()
    assert received.data == composed
    assert_fit_for_smtp(composed)
    assert parse(composed).get_content().replace("\r\n", "\n") == text
    assert received.sender == "nadia@example.test"
    assert received.recipients == ["bela@example.test", "cleo@example.test"]


def test_replies_of_many_lines_a_byte_a_packet(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    script: dict[str, Step] = {
        "connect": Answer("220-Welcome\n220-550 no, really\n220 ready", drip=True),
        "ehlo": Answer("250-scripted\n250-SIZE\n250 8BITMIME", drip=True),
        "mail": Answer("250-2.1.0 you\n250 2.1.0 again", drip=True),
        "rcpt": Answer("250-2.1.5 they\n250 2.1.5 too", drip=True),
        "data": Answer("354-go\n354 ahead", drip=True),
        "final": Answer("250-2.0.0 Ok\n250-2.0.0 550 not an error\n250 2.0.0 queued as X",
                        drip=True),
    }
    with ScriptedSmtp(script) as server:
        path = campaign(server.url, server=scripted(server.url), **two_groups())
        sent = prankcurl("send", "--yes", "--json", path, timeout_s=PROMPT_S)
    sent.expect(0)
    assert len(server.accepted) == 2
    for prank in sent.pranks:
        assert "Ok" in prank["reply"] and "queued as X" in prank["reply"]
        assert [one["code"] for one in prank["recipients"]] == [250, 250]


def test_what_the_client_says(
    prankcurl: Prankcurl, campaign: CampaignFolder, certs: Certificates
) -> None:
    """Every word: nothing twice, and nothing that the design does not want (BODY=, SIZE=, RSET)."""
    with ScriptedSmtp(certs=certs, auth="PLAIN") as server:
        path = campaign(server.url, delivery=ALONE, **two_groups())
        prankcurl("send", "--yes", path, password=PASSWORD, timeout_s=PROMPT_S).expect(0)
    said = [line for _, who, line in server.dialogue if who == "C"]
    assert [line.split()[0] for line in said] == [
        "EHLO", "STARTTLS", "EHLO", "AUTH", *["MAIL", "RCPT", "RCPT", "DATA"] * 2, "QUIT",
    ]
    assert server.said_by_client("MAIL") == ["MAIL FROM:<nadia@example.test>"] * 2
    assert server.said_by_client("RCPT") == [
        f"RCPT TO:<{name}@example.test>" for name in ("ben1", "cai1", "ben2", "cai2")
    ]


@pytest.mark.parametrize("answer, returncode", [
    (Answer("454 4.7.0 temporary failure"), 75),
    (Answer("421 4.7.0 closing", close=True), 75),
    (Answer(close=True), 75),
    (Answer("535 5.7.8 bad credentials"), 77),
    (Answer("534 5.7.9 too weak"), 77),
    (Answer("530 5.7.0 no"), 77),
])
@pytest.mark.parametrize("auth", ["plain", "login"])
def test_login_fails(
    prankcurl: Prankcurl, campaign: CampaignFolder, certs: Certificates, auth: str, answer: Answer,
    returncode: int
) -> None:
    with ScriptedSmtp({"auth": answer}, certs, auth=auth.upper()) as server:
        path = campaign(server.url, server={"auth": auth}, delivery=ONCE, **two_groups())
        sent = prankcurl("send", "--yes", "--json", path, password=PASSWORD, timeout_s=PROMPT_S)
    sent.expect(returncode)
    assert answer.reply[:3] in sent.complaint
    assert sent.summary["accepted"] == sent.summary["uncertain"] == 0
    assert server.said_by_client("MAIL") == []
    if returncode == 77:
        assert len(server.said_by_client("AUTH")) == 1, "refused once is refused"


def test_wrong_password_is_tried_once_over_all_connections(
    prankcurl: Prankcurl, campaign: CampaignFolder, certs: Certificates
) -> None:
    """Servers lock accounts that many wrong passwords were tried on."""
    with ScriptedSmtp({"auth": Answer("535 5.7.8 no")}, certs, auth="PLAIN") as server:
        path = campaign(server.url, delivery={"connections": 8}, **many_groups(10))
        sent = prankcurl("send", "--yes", "--json", path, password=PASSWORD, timeout_s=PROMPT_S)
    sent.expect(77)
    assert sent.complaint
    assert (server.connections, len(server.said_by_client("AUTH"))) == (1, 1)
    assert sent.summary["skipped"] == 9


@pytest.mark.parametrize("delivery, words, most", [
    ({"connections": 3}, [], 3), ({"connections": 1}, ["-j", "3"], 3), ({}, [], 2),
    ({"connections": 8}, ["--connections", "1"], 1),
])
def test_so_many_connections(
    prankcurl: Prankcurl, campaign: CampaignFolder, delivery: dict[str, int], words: list[str],
    most: int
) -> None:
    """All of them at work at the same time, and no further one."""
    meeting = threading.Barrier(most)
    left = itertools.count(-1)

    def final(_: str) -> Answer:
        if next(left) in range(most):  # the first message goes alone
            meeting.wait(PROMPT_S)
        return Answer("250 2.0.0 Ok: queued as SCRIPTED")

    with ScriptedSmtp({"final": final}) as server:
        path = campaign(server.url, server=scripted(server.url), delivery=delivery,
                        **many_groups(12))
        prankcurl("send", "--yes", *words, path, timeout_s=PROMPT_S).expect(0)
    assert server.connections == most
    assert len(by_id([one.data for one in server.received])) == 12


@pytest.mark.parametrize("script, encrypted", [
    ({}, True),  # STARTTLS, but no AUTH behind it
    ({}, False),
    ({"ehlo": Answer("502 5.5.1 what?")}, False),  # libcurl falls back to HELO, without AUTH
    ({"ehlo": Answer("250-hello\n250 AUTH KERBEROS_V4")}, False),  # nothing that we speak
])
def test_no_message_without_the_login(
    prankcurl: Prankcurl, campaign: CampaignFolder, certs: Certificates, script: dict[str, Step],
    encrypted: bool
) -> None:
    with ScriptedSmtp(script, certs if encrypted else None) as server:
        path = campaign(server.url, server=None if encrypted else {"starttls": "never"})
        sent = prankcurl("send", "--yes", "--json", path, password=PASSWORD, timeout_s=PROMPT_S)
    sent.expect(77)
    assert sent.complaint
    assert server.received == [] and server.said_by_client("DATA") == []


@pytest.mark.parametrize("answer", [Answer("501 5.5.4 no"), Answer("502 5.5.1 not here")])
def test_starttls_is_offered_and_then_refused(
    prankcurl: Prankcurl, campaign: CampaignFolder, certs: Certificates, answer: Answer
) -> None:
    with ScriptedSmtp({"starttls": answer}, certs, auth="PLAIN") as server:
        sent = prankcurl("send", "--yes", "--json", campaign(server.url), password=PASSWORD,
                         timeout_s=PROMPT_S)
    sent.expect(77)
    assert "TLS" in sent.complaint
    assert server.said_by_client("AUTH") == server.said_by_client("MAIL") == []


# A terminal's colours and title, the bell, overstriking, C1 controls as UTF-8 and as a byte alone.
NASTY = "550 5.1.1 \x1b[31mred\x1b]0;title\x07 \b\b\bover \x7f \x9b2J \udc9b2J \x00 zoë\rend"


@pytest.mark.parametrize("options", [[], ["--json"], ["-v"], ["--trace"], ["--trace", "--json"]])
@pytest.mark.parametrize("step", ["connect", "ehlo", "mail", "rcpt", "data", "final"])
def test_no_control_character_reaches_the_terminal(
    prankcurl: Prankcurl, campaign: CampaignFolder, step: str, options: list[str]
) -> None:
    # After a refused EHLO libcurl would go on with HELO, and all would be well.
    with ScriptedSmtp({step: Answer(NASTY, close=step == "ehlo")}) as server:
        path = campaign(server.url, server=scripted(server.url), delivery=ONCE)
        sent = prankcurl("send", "--yes", *options, path, timeout_s=PROMPT_S)
    assert 64 <= sent.returncode <= 78
    for printed in (sent.stderr, sent.stdout.decode("utf-8")):
        raw = {c for c in printed if c < " " or "\x7f" <= c <= "\x9f"} - {"\n"}
        assert not raw, f"raw {raw} in: {printed!r}"
    if "--json" in options:
        assert sent.objects
    if step == "rcpt":
        assert "red" in sent.stderr  # the words are told all the same
