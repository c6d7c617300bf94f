"""Every fault that prankmock can show, at every step: the verdict, and what of it is recorded.

One row a fault: the rules (docs/faults.md); what the ledger, the JSON line, the exit code and the
line on stderr say; and how many messages the server really kept. All of it goes through STARTTLS
and a login, so that these two steps can fail as well.
"""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from campaigns import MESSAGE, ONCE, Campaign, CampaignFolder, many_groups
from ledger import beside, by_address, states
from mock import Mock
from runner import Prankcurl, Result

Rule = dict[str, Any]
PASSWORD = "correct horse battery staple"
PROMPT_S = 20  # no verdict here may need a timeout of libcurl's
QUICK = {"attempts": 4, "first_retry": "10ms"}

CLOSE: Rule = {"then": "close"}
RESET: Rule = {"then": "reset"}
GARBAGE: Rule = {"garbage": True}
LONG: Rule = {"long": True}
DRIP: Rule = {"drip": "1ms"}
DELAY: Rule = {"delay": "60ms"}
HANG: Rule = {"then": "hang"}
STORED: Rule = {"stored": True}
LOST: Rule = {"stored": False}


def no(reply: str) -> Rule:
    return {"reply": reply}


# Which one it is, and how it is sent again, in either order.
UNCERTAIN = r"(?=.*--resend-uncertain)(?=.*<\w+\.e2e@example\.test>)"
LATER, NEVER = no("451 4.3.0 not now"), no("554 5.7.1 never")
ENOUGH = no("421 4.7.0 enough")


@dataclass(frozen=True)
class Row:
    """A fault that comes each time, and what is to be seen of it with one attempt."""

    step: str
    action: Rule
    state: str  # of each recipient, in the ledger and in the JSON line; the prank's is the same
    returncode: int
    told: str = ""  # on stderr, a regular expression; "": nothing at all is said
    stored: int = 0
    text: str | None = None  # the message's, when it matters

    @property
    def rules(self) -> list[Rule]:
        return [{"step": self.step, **self.action}]

    def __str__(self) -> str:
        words = [f"{key}={str(value)[:3]}" for key, value in self.action.items()]
        return "-".join([self.step, *words, *(["huge"] if self.text else [])])


def copes(step: str, *actions: Rule) -> list[Row]:
    """What is odd, or slow, and no failure."""
    return [Row(step, action, "accepted", 0, stored=1) for action in actions]


HUGE = "All work and no play makes Jack a dull boy.\n" * 200_000

TABLE = [
    # Before the login nothing is said of any message.
    Row("connect", no("450 4.3.2 not now"), "deferred", 75, "has no time now: 450"),
    Row("connect", ENOUGH, "deferred", 75, "has no time now: 421"),
    Row("connect", NEVER, "deferred", 69, "turns us away: 554"),
    Row("connect", GARBAGE, "deferred", 76, "does not speak SMTP"),
    Row("connect", CLOSE, "deferred", 75, "broke off before the login"),
    Row("connect", RESET | DELAY, "deferred", 75, "broke off before the login"),  # or no connection
    *copes("connect", DELAY, DRIP, LONG),
    Row("ehlo", LATER, "deferred", 75, "has no time now: 451"),
    Row("ehlo", ENOUGH, "deferred", 75, "has no time now: 421"),
    Row("ehlo", NEVER, "deferred", 69, "turns us away: 554"),
    Row("ehlo", GARBAGE, "deferred", 76, "does not speak SMTP"),
    Row("ehlo", CLOSE, "deferred", 75, "broke off before the login"),
    Row("ehlo", RESET, "deferred", 75, "broke off before the login"),
    *copes("ehlo", DELAY, DRIP),
    Row("starttls", no("454 4.7.0 no TLS now"), "deferred", 75, "has no time now: 454"),
    Row("starttls", NEVER, "deferred", 77, "TLS"),
    Row("starttls", ENOUGH, "deferred", 75, "421"),
    Row("starttls", GARBAGE, "deferred", 76, "does not speak SMTP"),
    Row("starttls", CLOSE, "deferred", 75, "broke off before the login"),
    Row("starttls", RESET, "deferred", 75, "broke off before the login"),
    *copes("starttls", DELAY, DRIP, LONG),
    Row("auth", no("454 4.7.0 not now"), "deferred", 75, "can't check logins now: 454"),
    Row("auth", ENOUGH, "deferred", 75, "421"),
    Row("auth", no("535 5.7.8 no"), "deferred", 77, "refuses the login of nadia.*: 535"),
    Row("auth", no("534 5.7.9 too weak"), "deferred", 77, "refuses the login of nadia.*: 534"),
    Row("auth", GARBAGE, "deferred", 76, "does not speak SMTP"),
    Row("auth", CLOSE, "deferred", 75, "broke off before the login"),
    Row("auth", RESET, "deferred", 75, "broke off before the login"),
    *copes("auth", DELAY, DRIP, LONG),
    # From MAIL on it is about this message; a sender that is refused concerns them all.
    Row("mail", LATER, "deferred", 75, "takes nothing from nadia@example.test now: 451"),
    Row("mail", ENOUGH, "deferred", 75, "421"),
    Row("mail", NEVER, "refused", 69, "refuses nadia@example.test as envelope sender: 554"),
    Row("mail", GARBAGE, "deferred", 76, "does not speak SMTP"),
    Row("mail", CLOSE, "deferred", 75, "broke before the message was handed over"),
    Row("mail", RESET, "deferred", 75, "broke before the message was handed over"),
    *copes("mail", DELAY, DRIP, LONG, no("250 2.1.0 fine\nreally")),
    Row("rcpt", LATER, "deferred", 75, "bela@example.test deferred: 451.*cleo@example.test"),
    Row("rcpt", ENOUGH, "deferred", 75, "bela@example.test deferred: 421"),
    Row("rcpt", no("550 5.1.1 unknown"), "refused", 69, "bela@example.test refused: 550.*cleo@"),
    Row("rcpt", no("552 5.2.2 full"), "refused", 69, "bela@example.test refused: 552.*cleo@"),
    Row("rcpt", no("452 4.2.2 full"), "deferred", 75, "bela@example.test deferred: 452.*cleo@"),
    Row("rcpt", GARBAGE, "deferred", 76, "does not speak SMTP"),
    Row("rcpt", CLOSE, "deferred", 75, "broke before the message was handed over"),
    Row("rcpt", RESET, "deferred", 75, "broke before the message was handed over"),
    *copes("rcpt", DELAY, DRIP, LONG, no("251 2.1.5 will forward"), no("252 2.1.5 may be")),
    Row("data", LATER, "deferred", 75, "does not take the message now: 451"),
    Row("data", ENOUGH, "deferred", 75, "does not take the message now: 421"),
    Row("data", NEVER, "refused", 69, "refuses the message: 554"),
    Row("data", GARBAGE, "deferred", 76, "does not speak SMTP"),
    Row("data", no("250 2.0.0 yes"), "deferred", 75, "out of step"),
    Row("data", CLOSE, "deferred", 75, "broke before the message was handed over"),
    Row("data", RESET, "deferred", 75, "broke before the message was handed over"),
    *copes("data", DELAY, DRIP, LONG),
    # While the message flows: what was not handed over whole can't have been accepted. (Closing in
    # good order, prankmock takes all of it, so that one is uncertain however long it is.)
    Row("body", RESET, "deferred", 75, "broke before the message was handed over", text=HUGE),
    Row("body", CLOSE, "uncertain", 75, UNCERTAIN),
    Row("body", RESET, "uncertain", 75, UNCERTAIN),
    *copes("body", DELAY),
    # A reply to the final dot is definite.
    Row("final", LATER, "deferred", 75, "does not take the message now: 451"),
    Row("final", no("452 4.3.1 no room"), "deferred", 75, "does not take the message now: 452"),
    Row("final", ENOUGH, "deferred", 75, "does not take the message now: 421"),
    Row("final", NEVER, "refused", 69, "refuses the message: 554"),
    Row("final", no("552 5.3.4 too big"), "refused", 69, "refuses the message: 552"),
    Row("final", LATER | CLOSE, "deferred", 75, "does not take the message now: 451"),
    Row("final", NEVER | RESET | DELAY, "refused", 69, "refuses the message: 554"),
    Row("final", no("250 2.0.0 Ok") | CLOSE, "accepted", 0, stored=1),
    *copes("final", DELAY, DRIP, LONG, no("251 2.0.0 forwarded")),
    # A server that lies is believed: its reply is all there is.
    Row("final", no("250 2.0.0 Ok") | LOST, "accepted", 0, stored=0),
    Row("final", LATER | STORED, "deferred", 75, "451", stored=1),
    Row("final", NEVER | STORED, "refused", 69, "554", stored=1),
    # No reply, or none that says anything: stored or not looks the same from here.
    Row("final", CLOSE, "uncertain", 75, UNCERTAIN),
    Row("final", CLOSE | STORED, "uncertain", 75, UNCERTAIN, stored=1),
    Row("final", RESET, "uncertain", 75, UNCERTAIN),
    Row("final", RESET | STORED, "uncertain", 75, UNCERTAIN, stored=1),
    Row("final", GARBAGE, "uncertain", 75, UNCERTAIN),
    Row("final", GARBAGE | STORED, "uncertain", 75, UNCERTAIN, stored=1),
    Row("final", GARBAGE | CLOSE, "uncertain", 75, UNCERTAIN),
    # What comes after the acceptance changes nothing.
    *copes("quit", LATER, NEVER, ENOUGH, GARBAGE, CLOSE, RESET, HANG, DELAY, DRIP, LONG),
]


def write(campaign: CampaignFolder, mock: Mock, **changes: Any) -> Path:
    """A campaign that goes to the mock, by STARTTLS and a login."""
    shutil.copy(mock.ca, campaign.folder / "mock-ca.pem")
    return campaign(f"smtp://127.0.0.1:{mock.port}", server={"ca_file": "mock-ca.pem"}, **changes)


def send(prankcurl: Prankcurl, path: Path, *words: str) -> Result:
    return prankcurl("send", "--yes", "--json", *words, path, password=PASSWORD,
                     timeout_s=PROMPT_S)


def message_ids(mock: Mock) -> list[str]:
    """Of what the server kept, oldest first."""
    return [one["message_id"] for one in reversed(mock.messages(limit=1000))]


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_fault(prankcurl: Prankcurl, campaign: CampaignFolder, mock: Mock, row: Row) -> None:
    mock.set_faults(row.rules)
    changes: Campaign = {"messages": [MESSAGE | {"text": row.text}]} if row.text else {}
    path = write(campaign, mock, delivery=ONCE, **changes)
    sent = send(prankcurl, path).expect(row.returncode)
    [prank] = sent.pranks
    assert (prank["status"], prank["attempts"]) == (row.state, 1)
    assert [one["status"] for one in prank["recipients"]] == [row.state] * 2
    assert sent.summary[row.state] == 1 and sum(sent.summary.values()) == 1
    assert states(beside(path)) == {"bela": row.state, "cleo": row.state}
    assert {one.attempts for one in by_address(beside(path)).values()} == {1}
    assert_codes_agree(prank, path)
    assert len(mock.messages()) == row.stored
    if row.told:
        assert re.search(row.told, sent.complaint), sent.complaint
    else:
        assert sent.stderr == ""


def assert_codes_agree(prank: dict[str, Any], path: Path) -> None:
    """The server's words are the same in the JSON line and in the ledger, which has ours where it
    said nothing."""
    recorded = by_address(beside(path))
    for one in prank["recipients"]:
        entry = recorded[one["address"]]
        assert entry.prank == prank["id"]
        assert entry.code == one["code"]
        assert entry.reply == one["reply"] or (entry.reply and not one["reply"])


# A reply while the message flows comes before the server's real one. It can't be told from it.
@pytest.mark.parametrize("reply, state, returncode", [
    ("451 4.3.0 no more", "deferred", 75), ("554 5.7.1 no more", "refused", 69),
    ("250 2.0.0 so far so good", "accepted", 0),
])
def test_reply_that_comes_too_early(
    prankcurl: Prankcurl, campaign: CampaignFolder, mock: Mock, reply: str, state: str,
    returncode: int
) -> None:
    mock.set_faults([{"step": "body", "reply": reply}])
    path = write(campaign, mock, delivery=ONCE)
    sent = send(prankcurl, path).expect(returncode)
    assert [prank["status"] for prank in sent.pranks] == [state]
    assert set(states(beside(path)).values()) == {state}


def test_garbage_while_the_message_flows(
    prankcurl: Prankcurl, campaign: CampaignFolder, mock: Mock
) -> None:
    mock.set_faults([{"step": "body", **GARBAGE}])
    path = write(campaign, mock, delivery=ONCE)
    sent = send(prankcurl, path).expect(75)
    assert set(states(beside(path)).values()) == {"uncertain"}
    assert "--resend-uncertain" in sent.complaint


@dataclass(frozen=True)
class Mix:
    """Rules by which not all fare alike: each recipient's state, each prank's status."""

    name: str
    rules: list[Rule]
    states: dict[str, str]
    statuses: list[str]
    returncode: int
    told: str
    stored: int
    delivery: Campaign = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def rcpt(name: str, action: Rule, **more: Any) -> Rule:
    return {"step": "rcpt", "recipient": f"{name}@*", **action, **more}


MEMBERS = [f"{name}@example.test" for name in ("adam", "bela", "cleo", "dora")]
ONE_GROUP = [
    Mix("refused, deferred, accepted", [rcpt("bela", NEVER), rcpt("cleo", LATER)],
        {"bela": "refused", "cleo": "deferred", "dora": "accepted"}, ["accepted"], 75,
        "bela@example.test refused: 554.*cleo@example.test deferred: 451", 1),
    Mix("one refused", [rcpt("cleo", NEVER)],
        {"bela": "accepted", "cleo": "refused", "dora": "accepted"}, ["accepted"], 69,
        "cleo@example.test refused: 554", 1),
    Mix("one deferred", [rcpt("dora", LATER)],
        {"bela": "accepted", "cleo": "accepted", "dora": "deferred"}, ["accepted"], 75,
        "dora@example.test deferred: 451", 1),
    Mix("all refused, differently", [rcpt("bela", NEVER), {"step": "rcpt", **no("550 5.1.1 no")}],
        dict.fromkeys(("bela", "cleo", "dora"), "refused"), ["refused"], 69, "554.*550", 0),
    Mix("refused and deferred", [rcpt("bela", NEVER), {"step": "rcpt", **LATER}],
        {"bela": "refused", "cleo": "deferred", "dora": "deferred"}, ["deferred"], 75,
        "refused: 554.*deferred: 451", 0),
    Mix("one deferred, then the message refused", [rcpt("bela", LATER), {"step": "final", **NEVER}],
        {"bela": "deferred", "cleo": "refused", "dora": "refused"}, ["deferred"], 75, "554", 0),
    Mix("one refused, then the message deferred", [rcpt("bela", NEVER), {"step": "final", **LATER}],
        {"bela": "refused", "cleo": "deferred", "dora": "deferred"}, ["deferred"], 75, "451", 0),
    Mix("one refused, then DATA deferred", [rcpt("bela", NEVER), {"step": "data", **LATER}],
        {"bela": "refused", "cleo": "deferred", "dora": "deferred"}, ["deferred"], 75, "451", 0),
    Mix("one refused, then no reply", [rcpt("bela", NEVER), {"step": "final", **CLOSE, **STORED}],
        {"bela": "refused", "cleo": "uncertain", "dora": "uncertain"}, ["uncertain"], 75,
        UNCERTAIN, 1),
    Mix("one deferred, then no reply", [rcpt("bela", LATER), {"step": "final", **RESET}],
        {"bela": "deferred", "cleo": "uncertain", "dora": "uncertain"}, ["uncertain"], 75,
        UNCERTAIN, 0),
    Mix("one refused, broken off at the next", [rcpt("bela", NEVER), rcpt("cleo", CLOSE)],
        {"bela": "refused", "cleo": "deferred", "dora": "deferred"}, ["deferred"], 75,
        "bela@example.test refused: 554", 0),
    Mix("one accepted, broken off at the next", [rcpt("cleo", RESET)],
        dict.fromkeys(("bela", "cleo", "dora"), "deferred"), ["deferred"], 75, "broke", 0),
    Mix("421 at the second", [rcpt("cleo", ENOUGH)],
        dict.fromkeys(("bela", "cleo", "dora"), "deferred"), ["deferred"], 75, "421|broke", 0),
    Mix("garbage at the second", [rcpt("bela", NEVER), rcpt("cleo", GARBAGE)],
        {"bela": "refused", "cleo": "deferred", "dora": "deferred"}, ["deferred"], 76, "SMTP", 0),
    Mix("the organiser may not send", [{"step": "mail", "sender": "nadia@*", **NEVER}],
        dict.fromkeys(("bela", "cleo", "dora"), "refused"), ["refused"], 69,
        "nadia@example.test as envelope sender: 554", 0),
    Mix("somebody else may not send", [{"step": "mail", "sender": "adam@*", **NEVER}],
        dict.fromkeys(("bela", "cleo", "dora"), "accepted"), ["accepted"], 0, "", 1),
]


@pytest.mark.parametrize("mix", ONE_GROUP, ids=str)
def test_recipients_of_one_prank(
    prankcurl: Prankcurl, campaign: CampaignFolder, mock: Mock, mix: Mix
) -> None:
    mock.set_faults(mix.rules)
    path = write(campaign, mock, members=MEMBERS, delivery=ONCE)
    assert_as_told(send(prankcurl, path), path, mix, mock)


def assert_as_told(sent: Result, path: Path, mix: Mix, mock: Mock) -> None:
    sent.expect(mix.returncode)
    assert {prank["group"]: prank["status"] for prank in sent.pranks} == {
        f"g{n}" if len(mix.statuses) > 1 else "one": status
        for n, status in enumerate(mix.statuses, start=1)
    }
    assert len(sent.pranks) == len(mix.statuses), "a line a prank, when it is settled"
    assert states(beside(path)) == mix.states
    assert {
        address.partition("@")[0]: one["status"].replace("skipped", "planned")
        for address, one in sent.recipients.items()
    } == mix.states
    assert re.search(mix.told, sent.stderr), sent.stderr
    assert bool(sent.stderr) == bool(mix.told)
    assert len(mock.messages()) == mix.stored
    assert len(set(message_ids(mock))) == mix.stored


ALONE = ONCE | {"connections": 1}


def three(*each: str) -> dict[str, str]:
    """The states of three groups' recipients, two each."""
    return {f"{name}{n}": state for n, state in enumerate(each, start=1) for name in ("ben", "cai")}


def second_alone(
    name: str, rules: list[Rule], state: str, returncode: int, told: str, stored: int = 2
) -> Mix:
    """A fault that is the second prank's, and nobody else's."""
    return Mix(name, rules, three("accepted", state, "accepted"), ["accepted", state, "accepted"],
               returncode, told, stored, ALONE)


def then_stops(name: str, rules: list[Rule], state: str, returncode: int, told: str) -> Mix:
    """A fault at the second prank that would be the next ones' as well: nobody is asked again."""
    return Mix(name, rules, three("accepted", state, "planned"), ["accepted", state, "skipped"],
               returncode, told, 1, ALONE)


SECOND = {"message": 2}
MANY_GROUPS = [
    second_alone("the message", [{"step": "final", **SECOND, **NEVER}], "refused", 69, "g2.*554"),
    second_alone("not now", [{"step": "final", **SECOND, **LATER}], "deferred", 75, "g2.*451"),
    second_alone("421", [{"step": "final", **SECOND, **ENOUGH}], "deferred", 75, "g2.*421"),
    second_alone("no reply", [{"step": "final", **SECOND, **CLOSE}], "uncertain", 75, "g2: .*<.*>"),
    second_alone("no reply, stored", [{"step": "final", **SECOND, **RESET, **STORED}], "uncertain",
                 75, "g2: .*<.*>", stored=3),
    second_alone("garbage", [{"step": "final", **SECOND, **GARBAGE}], "uncertain", 75, "g2"),
    second_alone("DATA", [{"step": "data", **SECOND, **NEVER}], "refused", 69, "g2.*554"),
    second_alone("DATA, not now", [{"step": "data", **SECOND, **LATER}], "deferred", 75, "g2.*451"),
    second_alone("DATA, gone", [{"step": "data", **SECOND, **RESET}], "deferred", 75, "g2.*broke"),
    second_alone("all recipients", [{"step": "rcpt", **SECOND, **NEVER}], "refused", 69, "ben2@"),
    second_alone("recipients, later", [{"step": "rcpt", **SECOND, **LATER}], "deferred", 75,
                 "ben2@"),
    second_alone("recipients, gone", [{"step": "rcpt", **SECOND, **CLOSE}], "deferred", 75,
                 "g2.*broke"),
    # A used connection took this sender before, so a new one is asked before that is believed.
    then_stops("sender", [{"step": "mail", "message": n, **NEVER} for n in (2, 3)], "refused", 69,
               "554"),
    then_stops("sender, later", [{"step": "mail", **SECOND, **LATER}], "deferred", 75, "451"),
    # On a used connection garbage is taken for its end; so it has to come on the new one too.
    then_stops("no SMTP", [{"step": "mail", "message": n, **GARBAGE} for n in (2, 3)], "deferred",
               76, "SMTP"),
    then_stops("new login refused", [{"step": "mail", **SECOND, **CLOSE},
                                     {"step": "auth", "connection": 2, **no("535 5.7.8 no")}],
               "deferred", 77, "535"),
    then_stops("new connection refused", [{"step": "mail", **SECOND, **CLOSE},
                                          {"step": "connect", "connection": 2, **NEVER}],
               "deferred", 69, "554"),
    # A used connection that ends took nothing of the next message: that goes through a new one.
    Mix("a connection for each", [{"step": "mail", "after_messages": 1, **ENOUGH}],
        three("accepted", "accepted", "accepted"), ["accepted"] * 3, 0, "", 3, ALONE),
    Mix("closed between two", [{"step": "mail", "after_messages": 2, **CLOSE}],
        three("accepted", "accepted", "accepted"), ["accepted"] * 3, 0, "", 3, ALONE),
    Mix("one of each kind", [rcpt("ben1", NEVER), rcpt("cai2", LATER),
                             {"step": "final", "message": 3, **CLOSE}],
        {"ben1": "refused", "cai1": "accepted", "ben2": "accepted", "cai2": "deferred",
         "ben3": "uncertain", "cai3": "uncertain"},
        ["accepted", "accepted", "uncertain"], 75, "ben1@.*\n.*cai2@.*\n.*g3", 2, ALONE),
]


@pytest.mark.parametrize("mix", MANY_GROUPS, ids=str)
def test_others_are_not_harmed(
    prankcurl: Prankcurl, campaign: CampaignFolder, mock: Mock, mix: Mix
) -> None:
    mock.set_faults(mix.rules)
    path = write(campaign, mock, delivery=mix.delivery, **many_groups(3))
    assert_as_told(send(prankcurl, path), path, mix, mock)


@dataclass(frozen=True)
class Retry:
    """Rules that stop to fire, and how often each recipient is then asked for."""

    name: str
    rules: list[Rule]
    attempts: dict[str, int] | None = None  # None: not this prank's, or not all of one's
    stored: int = 1

    def __str__(self) -> str:
        return self.name


def both(attempts: int) -> dict[str, int]:
    return {"bela": attempts, "cleo": attempts}


RETRIES = [
    Retry("greylisting", [{"step": "rcpt", "attempt": 1, **LATER}], both(2)),
    Retry("greylisting twice", [{"step": "rcpt", "attempt": 1, **LATER},
                                {"step": "rcpt", "attempt": 2, **LATER}], both(3)),
    Retry("greylisting of one", [rcpt("bela", LATER, attempt=1)], {"bela": 2, "cleo": 1}, 2),
    Retry("each at another time", [rcpt("bela", LATER, attempt=1), rcpt("bela", LATER, attempt=2)],
          {"bela": 3, "cleo": 1}, 2),
    Retry("421 at RCPT", [{"step": "rcpt", "times": 1, **ENOUGH}], both(2)),
    Retry("broken off at RCPT", [{"step": "rcpt", "times": 2, **RESET}], both(3)),
    Retry("DATA", [{"step": "data", "times": 2, **LATER}], both(3)),
    Retry("broken off at DATA", [{"step": "data", "times": 1, **CLOSE}], both(2)),
    Retry("final", [{"step": "final", "times": 3, **LATER}], both(4)),
    Retry("421 at the end", [{"step": "final", "times": 1, **ENOUGH}], both(2)),
    Retry("no room, then gone", [{"step": "final", "times": 1, **LATER, **CLOSE}], both(2)),
    Retry("greeting", [{"step": "connect", "times": 2, **ENOUGH}]),
    Retry("broken off at the greeting", [{"step": "connect", "times": 1, **CLOSE}]),
    Retry("EHLO", [{"step": "ehlo", "times": 1, **LATER}]),
    Retry("broken off at EHLO", [{"step": "ehlo", "times": 2, **RESET}]),
    Retry("STARTTLS", [{"step": "starttls", "times": 2, **no("454 4.7.0 not now")}]),
    Retry("broken off at STARTTLS", [{"step": "starttls", "times": 1, **CLOSE}]),
    Retry("login", [{"step": "auth", "times": 2, **no("454 4.7.0 not now")}]),
    Retry("broken off at the login", [{"step": "auth", "times": 1, **RESET}]),
    Retry("MAIL", [{"step": "mail", "times": 3, **LATER}]),
    Retry("broken off at MAIL", [{"step": "mail", "times": 1, **CLOSE}]),
    Retry("one thing after the other", [
        {"step": "connect", "times": 1, **CLOSE}, {"step": "mail", "times": 1, **LATER},
        {"step": "final", "times": 1, **LATER},
    ]),
]


@pytest.mark.parametrize("retry", RETRIES, ids=str)
def test_tried_again_until_accepted(
    prankcurl: Prankcurl, campaign: CampaignFolder, mock: Mock, retry: Retry
) -> None:
    mock.set_faults(retry.rules)
    path = write(campaign, mock, delivery=QUICK)
    sent = send(prankcurl, path).expect(0)
    [prank] = sent.pranks
    assert prank["status"] == "accepted"
    assert [one["status"] for one in prank["recipients"]] == ["accepted"] * 2
    assert states(beside(path)) == {"bela": "accepted", "cleo": "accepted"}
    assert set(message_ids(mock)) == {prank["message_id"].strip("<>")}
    assert_nobody_has_it_twice(mock, retry.stored)
    if retry.attempts:
        assert {
            address.partition("@")[0]: one.attempts
            for address, one in by_address(beside(path)).items()
        } == retry.attempts
        assert prank["attempts"] == max(retry.attempts.values())


def assert_nobody_has_it_twice(mock: Mock, stored: int) -> None:
    kept = [mock.message(one["id"]) for one in mock.messages()]
    assert len(kept) == stored
    to = [person["address"] for one in kept for person in one["envelope"]["to"]]
    assert sorted(to) == ["bela@example.test", "cleo@example.test"]
    assert len({mock.raw(one["id"]) for one in kept}) == 1, "the header is the same, to the byte"


@pytest.mark.parametrize("step, action, connections", [
    ("rcpt", LATER, None), ("data", LATER, None), ("final", LATER, None), ("rcpt", CLOSE, 3),
    ("connect", ENOUGH, 3), ("ehlo", CLOSE, 3), ("auth", no("454 4.7.0 not now"), 3),
    ("mail", LATER, None),
])
def test_tried_so_often_and_no_more(
    prankcurl: Prankcurl, campaign: CampaignFolder, mock: Mock, step: str, action: Rule,
    connections: int | None
) -> None:
    mock.set_faults([{"step": step, **action}])
    path = write(campaign, mock, delivery=QUICK | {"attempts": 3})
    sent = send(prankcurl, path).expect(75)
    assert set(states(beside(path)).values()) == {"deferred"}
    [rule] = mock.get("/api/faults").expect(200).json["rules"]
    per_attempt = 2 if (step, action) == ("rcpt", LATER) else 1
    assert rule["fired"] == 3 * per_attempt
    if connections:
        assert mock.stats()["connections"]["total"] == connections
    assert sent.summary["deferred"] == 1 and mock.messages() == []


def test_retries_end_when_their_time_is_over(
    prankcurl: Prankcurl, campaign: CampaignFolder, mock: Mock
) -> None:
    """Nobody waits for an attempt that would come too late."""
    mock.set_faults([{"step": "rcpt", **LATER}])
    path = write(campaign, mock, delivery={"first_retry": "10m", "give_up_after": "1s"})
    send(prankcurl, path).expect(75)
    assert set(states(beside(path)).values()) == {"deferred"}
    assert {one.attempts for one in by_address(beside(path)).values()} == {1}


def test_server_that_says_when(
    prankcurl: Prankcurl, campaign: CampaignFolder, mock: Mock
) -> None:
    """Greylisting that names its time is not asked again before."""
    greylisted = no("451 4.7.1 Greylisted, please try again in 1 seconds")
    mock.set_faults([{"step": "rcpt", "attempt": 1, **greylisted}])
    path = write(campaign, mock, delivery=QUICK)
    start_s = time.monotonic()
    sent = send(prankcurl, path).expect(0)
    assert time.monotonic() - start_s >= 1
    assert [prank["attempts"] for prank in sent.pranks] == [2]


def test_one_that_waits_holds_up_nobody(
    prankcurl: Prankcurl, campaign: CampaignFolder, mock: Mock
) -> None:
    mock.set_faults([rcpt("ben1", LATER, attempt=1)])
    path = write(campaign, mock, delivery={"first_retry": "1s", "connections": 1}, **many_groups(3))
    sent = send(prankcurl, path).expect(0)
    assert [prank["group"] for prank in sent.pranks] == ["g2", "g3", "g1"]
    assert [prank["attempts"] for prank in sent.pranks] == [1, 1, 2]
    assert set(states(beside(path)).values()) == {"accepted"}


@pytest.mark.parametrize("stored", [True, False], ids=["stored", "not-stored"])
@pytest.mark.parametrize("action", [CLOSE, RESET, GARBAGE], ids=["close", "reset", "garbage"])
def test_uncertain_is_sent_again_only_when_asked(
    prankcurl: Prankcurl, campaign: CampaignFolder, mock: Mock, action: Rule, stored: bool
) -> None:
    mock.set_faults([{"step": "final", "message": 2, "stored": stored, **action}])
    path = write(campaign, mock, delivery={"connections": 1}, **many_groups(3))
    first = send(prankcurl, path).expect(75)
    [uncertain] = [one for one in first.pranks if one["status"] == "uncertain"]
    assert uncertain["message_id"] in first.complaint
    assert first.summary["accepted"] == 2
    kept = len(mock.messages())
    assert kept == 2 + stored

    second = send(prankcurl, path).expect(75)
    assert [one["message_id"] for one in second.pranks] == [uncertain["message_id"]]
    assert [one["status"] for one in second.pranks] == ["uncertain"]
    assert uncertain["message_id"] in second.complaint
    assert "--resend-uncertain" in second.complaint
    assert (second.summary["uncertain"], second.summary["accepted_before"]) == (1, 2)
    assert len(mock.messages()) == kept, "nothing is sent"

    third = send(prankcurl, path, "--resend-uncertain").expect(0)
    assert [one["status"] for one in third.pranks] == ["accepted"]
    assert third.pranks[0]["message_id"] == uncertain["message_id"]
    assert set(states(beside(path)).values()) == {"accepted"}
    assert len(mock.messages()) == kept + 1
    assert len(set(message_ids(mock))) == 3
    send(prankcurl, path).expect(0)
    assert len(mock.messages()) == kept + 1


def test_uncertain_is_told_without_json_too(
    prankcurl: Prankcurl, campaign: CampaignFolder, mock: Mock
) -> None:
    mock.set_faults([{"step": "final", "times": 1, **CLOSE}])
    path = write(campaign, mock)
    for _ in range(2):
        sent = prankcurl("send", "--yes", path, password=PASSWORD).expect(75)
        assert re.search(r"<\w+\.e2e@example\.test>", sent.stderr), sent.stderr
        assert "--resend-uncertain" in sent.stderr
    assert mock.messages() == []
