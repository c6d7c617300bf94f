"""Addresses with letters outside ASCII before the @: SMTPUTF8 (RFC 6531), or a clear refusal."""

from __future__ import annotations

import email
import email.policy
import json
from email.errors import NonASCIILocalPartDefect
from email.message import EmailMessage
from pathlib import Path

import pytest

from campaigns import ALONE, ORGANISER, CampaignFolder, group, scripted, victim
from certificates import Certificates
from ledger import beside, by_address, rows, states
from mailserver import MailServer
from mock import Mock
from runner import Prankcurl, Result
from scripted_session import Answer
from scripted_smtp import ScriptedSmtp

ADAM, BELA, ZOE, LIFE = (f"{name}@example.test" for name in ("adam", "bela", "zoé", "ζωή"))
TEAM = [ADAM, BELA, ZOE, LIFE]
QUICK = {"first_retry": "10ms"}
REFUSED = ("not sent: 127.0.0.1 does not offer SMTPUTF8, which an address with letters outside "
           "ASCII before the @ needs; ask for an ASCII address")


def send(prankcurl: Prankcurl, path: Path, *words: str, password: str | None = None) -> Result:
    return prankcurl("send", "--yes", "--json", *words, path, password=password)


def parse(message: bytes) -> EmailMessage:
    """As RFC 6532 has it: Python takes no bytes beyond ASCII for UTF-8 by itself."""
    return email.message_from_string(message.decode("utf-8"), policy=email.policy.SMTPUTF8)


def commands(server: ScriptedSmtp) -> list[str]:
    """What the client said up to the messages, EHLO and QUIT left out."""
    return [line for _, who, line in server.dialogue
            if who == "C" and line.split()[0] in ("NOOP", "MAIL", "RCPT", "DATA")]


def test_it_arrives_where_smtputf8_is_offered(
    prankcurl: Prankcurl, mock: Mock, campaign: CampaignFolder
) -> None:
    """At prankmock, over STARTTLS and with a login; its page's API shows the addresses."""
    path = campaign(f"smtp://127.0.0.1:{mock.port}", TEAM, server={"ca_file": "mock-ca.pem"})
    (path.parent / "mock-ca.pem").write_bytes(mock.ca.read_bytes())
    sent = send(prankcurl, path, password="any").expect(0)
    assert {address: one["status"] for address, one in sent.recipients.items()} == dict.fromkeys(
        TEAM[1:], "accepted")
    [kept] = mock.messages()
    message = mock.message(kept["id"])
    assert [one["address"] for one in message["envelope"]["to"]] == TEAM[1:]
    assert message["envelope"]["from"]["parameters"] == ["SMTPUTF8"]
    assert [one["address"] for one in message["to"]] == TEAM[1:]
    read = parse(mock.raw(kept["id"]))
    assert [one.addr_spec for one in read["To"].addresses] == TEAM[1:]
    assert [one.display_name for one in read["To"].addresses] == ["Bela", "Zoé", "Ζωή"]
    assert not read.defects
    assert {type(one) for one in read["To"].defects} == {NonASCIILocalPartDefect}  # no fault


def test_prankmock_can_be_told_not_to_offer_it(
    prankcurl: Prankcurl, mock: Mock, campaign: CampaignFolder
) -> None:
    """By the recipe in docs/faults.md."""
    mock.set_faults([{"step": "ehlo", "reply": "250 mail.example"}])
    url = f"smtp://127.0.0.1:{mock.port}"
    sent = send(prankcurl, campaign(url, TEAM, server=scripted(url))).expect(69)
    assert sent.recipients[ZOE]["reply"] == REFUSED
    [kept] = mock.messages()
    assert [one["address"] for one in mock.message(kept["id"])["envelope"]["to"]] == [BELA]
    assert mock.raw(kept["id"]).isascii()


def test_it_is_asked_before_and_over_the_same_connection(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    with ScriptedSmtp(smtputf8=True) as server:
        send(prankcurl, campaign(server.url, TEAM, server=scripted(server.url))).expect(0)
    assert server.connections == 1
    assert commands(server) == [
        "NOOP", "MAIL FROM:<nadia@example.test> SMTPUTF8",
        *(f"RCPT TO:<{address}>" for address in TEAM[1:]), "DATA",
    ]
    [message] = server.accepted
    assert f"<{ZOE}>,\r\n".encode() in message.data
    assert "Zoé".encode() not in message.data.replace(ZOE.encode(), b""), "names stay encoded"


def test_pranks_without_such_addresses_cost_nothing(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    """No NOOP, no SMTPUTF8; and who has heard EHLO does not ask again."""
    plain = ["ada1@example.test", "ben1@example.test", "cai1@example.test"]
    people = [*plain, *TEAM]
    with ScriptedSmtp(smtputf8=True) as server:
        path = campaign(server.url, people, server=scripted(server.url), delivery=ALONE,
                        groups=[group("plain", plain), group("mixed", TEAM)])
        send(prankcurl, path).expect(0)
    assert "NOOP" not in commands(server)
    assert [line for line in commands(server) if line.startswith("MAIL")] == [
        "MAIL FROM:<nadia@example.test>", "MAIL FROM:<nadia@example.test> SMTPUTF8"]


def test_without_smtputf8_those_alone_are_refused(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    with ScriptedSmtp() as server:
        path = campaign(server.url, TEAM, server=scripted(server.url))
        sent = send(prankcurl, path).expect(69)
        again = send(prankcurl, path).expect(69)
    assert commands(server) == [
        "NOOP", "MAIL FROM:<nadia@example.test>", f"RCPT TO:<{BELA}>", "DATA"]
    [message] = server.accepted
    assert message.data.isascii()
    read = parse(message.data)
    assert [one.addr_spec for one in read["To"].addresses] == [BELA]
    assert read["From"].addresses[0].addr_spec == ADAM
    [prank] = sent.pranks
    assert prank["status"] == "accepted"
    assert [(one["address"], one["status"], one["code"]) for one in prank["recipients"]] == [
        (BELA, "accepted", 250), (ZOE, "refused", 0), (LIFE, "refused", 0)]
    assert {one["reply"] for one in prank["recipients"][1:]} == {REFUSED}
    assert f"{ZOE} refused: {REFUSED}; {LIFE} refused: {REFUSED}" in sent.complaint
    assert states(beside(path)) == {"bela": "accepted", "zoé": "refused", "ζωή": "refused"}
    assert by_address(beside(path))[ZOE].reply == REFUSED
    # The same command does not try them again, and says why.
    assert REFUSED in again.complaint
    told = prankcurl("status", "--format", "json", path).expect(0).stdout.decode()
    assert json.loads(told) and REFUSED in told


def test_only_failed_tries_them_where_it_is_offered(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    """The prank is the same one: its form is no part of its fingerprint."""
    with ScriptedSmtp() as server:
        path = campaign(server.url, TEAM, server=scripted(server.url))
        send(prankcurl, path).expect(69)
    with ScriptedSmtp(smtputf8=True) as server:
        send(prankcurl, path, "--only-failed", "--server", server.url).expect(0)
    [message] = server.accepted
    assert message.recipients == [ZOE, LIFE]
    assert set(states(beside(path)).values()) == {"accepted"}


def test_all_are_international(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    with ScriptedSmtp() as server:
        path = campaign(server.url, [ADAM, ZOE, LIFE], server=scripted(server.url))
        sent = send(prankcurl, path).expect(69)
    assert commands(server) == ["NOOP"]
    assert [prank["status"] for prank in sent.pranks] == ["refused"]
    assert set(states(beside(path)).values()) == {"refused"}
    assert rows(beside(path), "SELECT phase, result FROM attempt") == [("ehlo", "refused 2")]


def test_only_witnesses_are_left(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """The message keeps a To, for those who take one without for spam."""
    witness = {"name": "The teacher", "address": "teacher@example.test"}
    with ScriptedSmtp() as server:
        path = campaign(server.url, [ADAM, ZOE, LIFE], server=scripted(server.url),
                        witnesses=[witness])
        send(prankcurl, path).expect(69)
    [message] = server.accepted
    assert message.recipients == [witness["address"]]
    assert b"\r\nTo: undisclosed-recipients:;\r\nCc: The teacher <" in message.data


def test_an_invitation_names_whom_the_message_names(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    """Who is refused for the lack of SMTPUTF8 is no attendee of the others' meeting, either; and an
    international author's meeting is the organiser's, as From says."""
    message = {"name": "coffee", "subject": "The coffee machine", "text": "It is broken.\n",
               "invitation": {"start": "2027-04-01T10:00+02:00", "duration": "30m"}}
    with ScriptedSmtp() as server:
        path = campaign(server.url, TEAM, server=scripted(server.url), messages=[message])
        send(prankcurl, path).expect(69)
    with ScriptedSmtp() as other:
        path = campaign(other.url, [ZOE, ADAM, BELA], server=scripted(other.url),
                        messages=[message])
        send(prankcurl, path, "--new-run").expect(0)

    def calendar(data: bytes) -> str:
        [part] = [one for one in parse(data).walk() if one.get_content_type() == "text/calendar"]
        return part.get_content().replace("\r\n", "\n").replace("\n ", "")

    theirs = calendar(server.accepted[0].data)
    assert theirs.isascii() and theirs.count("\nATTENDEE") == 1 and f"mailto:{BELA}" in theirs
    assert "%C3" not in theirs
    [organiser] = [line for line in calendar(other.accepted[0].data).split("\n")
                   if line.startswith("ORGANIZER")]
    assert organiser.endswith(f":mailto:{ORGANISER['address']}") and "SENT-BY" not in organiser


@pytest.mark.parametrize("offers", [True, False])
def test_an_international_author_of_an_ascii_group(
    prankcurl: Prankcurl, campaign: CampaignFolder, offers: bool
) -> None:
    """libcurl says SMTPUTF8 for the envelope only: From has the name, and the organiser's address."""
    with ScriptedSmtp(smtputf8=offers) as server:
        path = campaign(server.url, [ZOE, ADAM, BELA], server=scripted(server.url))
        send(prankcurl, path).expect(0)
    assert "NOOP" not in commands(server)
    [message] = server.accepted
    read = parse(message.data)
    assert message.data.isascii() and read["Sender"] is None
    assert str(read["From"]) == f"Zoé <{ORGANISER['address']}>"


def test_an_international_organiser(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    organiser = {"name": "Nadía", "address": "nadía@example.test"}
    team = [ADAM, BELA, "cleo@example.test"]
    with ScriptedSmtp() as server:
        path = campaign(server.url, team, server=scripted(server.url), organiser=organiser)
        sent = send(prankcurl, path).expect(69)
    assert commands(server) == ["NOOP"]
    assert "does not offer SMTPUTF8, which the organiser's address nadía@example.test needs" in (
        sent.complaint)
    assert set(states(beside(path)).values()) == {"deferred"}
    with ScriptedSmtp(smtputf8=True) as server:
        send(prankcurl, path, "--server", server.url).expect(0)
    assert "MAIL FROM:<nadía@example.test> SMTPUTF8" in commands(server)
    assert parse(server.accepted[0].data)["Sender"].address.addr_spec == organiser["address"]


def test_a_retry_keeps_the_refusals(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """Bela is put off once, and then gets it: nobody is asked of the others again."""
    with ScriptedSmtp({"rcpt": [Answer("451 4.7.1 later")]}) as server:
        path = campaign(server.url, TEAM, server=scripted(server.url), delivery=QUICK)
        sent = send(prankcurl, path).expect(69)
    assert [line for line in commands(server) if line != "NOOP"] == [
        "MAIL FROM:<nadia@example.test>", f"RCPT TO:<{BELA}>"
    ] * 2 + ["DATA"]
    assert {address: one["status"] for address, one in sent.recipients.items()} == {
        BELA: "accepted", ZOE: "refused", LIFE: "refused"}
    assert by_address(beside(path))[ZOE].attempts == 1
    assert by_address(beside(path))[BELA].attempts == 2


def test_a_retry_of_ascii_recipients_alone(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    """The others have it with SMTPUTF8; without them libcurl does not say it, so nor may the header."""
    with ScriptedSmtp({"rcpt": [Answer("451 4.7.1 later")]}, smtputf8=True) as server:
        path = campaign(server.url, TEAM, server=scripted(server.url), delivery=QUICK)
        send(prankcurl, path).expect(0)
    first, second = server.accepted
    assert first.recipients == [ZOE, LIFE] and ZOE.encode() in first.data
    assert second.recipients == [BELA] and second.data.isascii()
    assert parse(first.data)["Message-ID"] == parse(second.data)["Message-ID"]


@pytest.mark.parametrize("noop", ["500 5.5.1 what?", "502 5.5.1 no"])
def test_a_server_that_knows_no_noop(
    prankcurl: Prankcurl, campaign: CampaignFolder, noop: str
) -> None:
    with ScriptedSmtp({"noop": Answer(noop)}, smtputf8=True) as server:
        path = campaign(server.url, TEAM, server=scripted(server.url))
        send(prankcurl, path).expect(0)
    assert server.accepted[0].recipients == TEAM[1:]


@pytest.mark.parametrize("step, answer, code", [
    ("connect", Answer("421 4.3.2 busy"), 75), ("noop", Answer("421 4.3.2 busy", close=True), 75),
    ("noop", Answer(close=True), 75), ("ehlo", Answer(reset=True), 75),
    ("connect", Answer("554 5.7.1 go away"), 69),
])
def test_a_server_that_fails_when_it_is_asked(
    prankcurl: Prankcurl, campaign: CampaignFolder, step: str, answer: Answer, code: int
) -> None:
    """Nobody is refused for that, and the next run goes on."""
    with ScriptedSmtp({step: answer}) as server:
        path = campaign(server.url, TEAM, server=scripted(server.url), delivery={"attempts": 1})
        send(prankcurl, path).expect(code)
    assert server.said_by_client("MAIL") == []
    assert set(states(beside(path)).values()) == {"deferred"}


def test_an_offer_that_ends_between_two_connections(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    """The second connection's server is another one: no international RCPT, whatever the first said."""
    ehlo = [Answer("250-one\n250 SMTPUTF8"), Answer("250 two")]
    with ScriptedSmtp({"ehlo": ehlo, "noop": [Answer("250 ok", close=True)]}) as server:
        path = campaign(server.url, TEAM, server=scripted(server.url), delivery=QUICK | ALONE)
        send(prankcurl, path).expect(69)
    assert [line for line in server.said_by_client("RCPT")] == [f"RCPT TO:<{BELA}>"]


def test_the_offer_counts_behind_starttls(
    prankcurl: Prankcurl, campaign: CampaignFolder, certs: Certificates
) -> None:
    before, after = Answer("250-a\n250-SMTPUTF8\n250 STARTTLS"), Answer("250 AUTH PLAIN")
    with ScriptedSmtp({"ehlo": [before, after]}, certs, auth="PLAIN") as server:
        path = campaign(server.url, TEAM)
        sent = send(prankcurl, path, password="not-told").expect(69)
    assert server.accepted[0].recipients == [BELA]
    assert sent.recipients[ZOE]["reply"] == REFUSED


def test_the_dry_run_says_smtputf8(prankcurl: Prankcurl, campaign: CampaignFolder) -> None:
    path = campaign("smtp://127.0.0.1:2525", TEAM)
    shown = prankcurl("-n", "--format", "bsmtp", path).expect(0).stdout
    assert b"\r\nMAIL FROM:<nadia@example.test> SMTPUTF8\r\n" in shown
    assert f"\r\nRCPT TO:<{ZOE}>\r\n".encode() in shown
    path = campaign("smtp://127.0.0.1:2525")
    assert b"SMTPUTF8" not in prankcurl("-n", "--format", "bsmtp", path).expect(0).stdout


def on_postfix(campaign: CampaignFolder, url: str) -> Path:
    team = [f"{name}@utf8.example" for name in ("adam", "ben", "zoé", "ζωή")]
    return campaign(url, team, consent={"domains": ["utf8.example", "example.test"]})


def test_postfix_delivers_it(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder
) -> None:
    path = on_postfix(campaign, mailserver.url())
    send(prankcurl, path, password=mailserver.password).expect(0)
    mailserver.wait_for_mail(3)
    for name in ("ben", "zoé", "ζωή"):
        [message] = mailserver.mailbox(f"{name}@utf8.example")
        assert [one.addr_spec for one in parse(message)["To"].addresses] == [
            "ben@utf8.example", "zoé@utf8.example", "ζωή@utf8.example"]


def test_postfix_without_smtputf8_gets_the_others(
    prankcurl: Prankcurl, mailserver: MailServer, campaign: CampaignFolder
) -> None:
    path = on_postfix(campaign, mailserver.url("ascii"))
    sent = send(prankcurl, path, password=mailserver.password).expect(69)
    mailserver.wait_for_mail(1)
    [message] = mailserver.mailbox("ben@utf8.example")
    assert [one.addr_spec for one in parse(message)["To"].addresses] == ["ben@utf8.example"]
    assert {address: one["status"] for address, one in sent.recipients.items()} == {
        "ben@utf8.example": "accepted", "zoé@utf8.example": "refused", "ζωή@utf8.example": "refused"}
    assert "zo" not in mailserver.log(), "it was never told of the others"
