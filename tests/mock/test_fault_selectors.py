"""Where, for whom, how often: which rule is carried out, and which run follows from it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from conftest import StartMock
from mock import Mock
from raw_client import RawClient, greeted

Rule = dict[str, Any]
NO = "451 4.7.1 no"
OK = [250, 250, 354, 250]


def fired(mock: Mock) -> list[int]:
    return [rule["fired"] for rule in mock.get("/api/faults").json["rules"]]


def codes_of_mail(mock: Mock, *senders: str) -> list[int]:
    """What each sender hears at MAIL, in one connection."""
    with greeted(mock) as client:
        return [client.transact(sender)[0] for sender in senders]


# Senders and recipients

PATTERNS = [
    ("tom@example.test", "tom@example.test", True),
    ("tom@example.test", "TOM@EXAMPLE.Test", True),
    ("Tom@Example.TEST", "tom@example.test", True),
    ("tom@example.test", "tom@example.test2", False),
    ("tom@example.test", "atom@example.test", False),
    ("tom@*", "tom@anywhere.test", True),
    ("tom@*", "tomas@anywhere.test", False),
    ("*@example.test", "anna@example.test", True),
    ("*@example.test", "anna@sub.example.test", False),
    ("*example.test", "anna@sub.example.test", True),
    ("*", "anna@example.test", True),
    ("**", "anna@example.test", True),
    ("*", "", True),
    ("", "", True),
    ("", "a@b", False),
    ("?om@example.test", "tom@example.test", False),
    ("t*m@*.test", "tim.thom@example.test", True),
    ("*a*b*c*", "xaybzc@d", True),
    ("*a*b*c*", "xaybz@d", False),
    ("*aab@x", "aaaab@x", True),
    ("a*a@x", "a@x", False),
    ("tom", "tom@example.test", False),
    ("[a-z]*", "tom@example.test", False),
    (".*@example.test", "tom@example.test", False),
]


@pytest.mark.parametrize("pattern, address, matches", PATTERNS)
def test_sender_patterns(shared_mock: Mock, pattern: str, address: str, matches: bool) -> None:
    shared_mock.set_faults([{"step": "mail", "sender": pattern, "reply": NO}])
    assert codes_of_mail(shared_mock, address) == [451 if matches else 250]


@pytest.mark.parametrize(
    "pattern, address, matches", [one for one in PATTERNS if one[0] and one[1]]
)
def test_recipient_patterns(shared_mock: Mock, pattern: str, address: str, matches: bool) -> None:
    shared_mock.set_faults([{"step": "rcpt", "recipient": pattern, "reply": NO}])
    with greeted(shared_mock) as client:
        assert client.transact(to=(address,))[1] == (451 if matches else 250)


def test_a_pattern_that_backtracks_a_lot_is_quick(mock: Mock) -> None:
    mock.set_faults([{"step": "mail", "sender": "*a" * 60 + "b", "reply": NO}])
    assert codes_of_mail(mock, "a" * 60 + "@x") == [250]


def test_letters_outside_ascii_must_be_the_same(mock: Mock) -> None:
    mock.set_faults([{"step": "mail", "sender": "zoé@*", "reply": NO}])
    with greeted(mock) as client:
        assert client.say("MAIL FROM:<ZOé@x.test> SMTPUTF8").code == 451
        assert client.say("MAIL FROM:<ZOÉ@x.test> SMTPUTF8").code == 250


def test_a_source_route_is_no_part_of_the_address(mock: Mock) -> None:
    mock.set_faults([{"step": "rcpt", "recipient": "tom@x.test", "reply": NO}])
    with greeted(mock) as client:
        assert client.say("MAIL FROM:<a@x.test>").code == 250
        assert client.say("RCPT TO:<@relay.test:tom@x.test>").code == 451


@pytest.mark.parametrize("step, codes", [
    ("rcpt", [250, 250, 451, 250, 354, 250]),  # the one that is named
    ("data", [250, 250, 250, 250, 451]),       # any, from here on
    ("final", [250, 250, 250, 250, 354, 451]),
])
def test_recipients_named_and_any(mock: Mock, step: str, codes: list[int]) -> None:
    mock.set_faults([{"step": step, "recipient": "tom@*", "reply": NO}])
    with greeted(mock) as client:
        assert client.transact(to=("anna@x.test", "tom@x.test", "zoe@x.test")) == codes
        assert client.transact(to=("anna@x.test", "zoe@x.test")) == [250, 250, *OK[1:]]


def test_a_refused_recipient_counts_no_more(mock: Mock) -> None:
    mock.set_faults([
        {"step": "rcpt", "recipient": "tom@*", "reply": "550 5.1.1 no"},
        {"step": "data", "recipient": "tom@*", "reply": NO},
    ])
    with greeted(mock) as client:
        assert client.transact(to=("tom@x.test", "anna@x.test")) == [250, 550, 250, 354, 250]


def test_body_and_quit_know_the_envelope(mock: Mock) -> None:
    """At `quit` there is one only when a message is under way."""
    mock.set_faults([
        {"step": "quit", "sender": "tom@*", "reply": "221 2.0.0 tom goes"},
        {"step": "body", "sender": "tom@*", "recipient": "*anna*", "then": "close"},
    ])
    with greeted(mock) as client:
        assert client.say("MAIL FROM:<tom@x.test>").code == 250
        assert client.say("QUIT") == b"221 2.0.0 tom goes\r\n"
    with greeted(mock) as client:
        assert client.transact("tom@x.test") == OK
        assert client.say("QUIT") == b"221 2.0.0 bye\r\n"
    with greeted(mock) as client:
        for command in ("MAIL FROM:<tom@x.test>", "RCPT TO:<anna@x.test>", "DATA"):
            client.say(command)
        client.send(b"S")
        assert client.rest() == b""


# Numbers

def test_connection(mock: Mock) -> None:
    mock.set_faults([{"step": "ehlo", "connection": 2, "reply": NO}])
    codes = []
    for _ in range(3):
        with RawClient(mock) as client:
            client.reply()
            codes += [client.say("EHLO x").code, client.say("HELO x").code]
    assert codes == [250, 250, 451, 451, 250, 250]


def test_message_counts_over_all_connections(mock: Mock) -> None:
    """Every MAIL command counts, also one that is refused."""
    mock.set_faults([
        {"step": "mail", "message": 2, "reply": NO},
        {"step": "final", "message": 4, "reply": NO},
    ])
    with greeted(mock) as first, greeted(mock) as second:
        assert first.transact() == OK
        assert second.transact() == [451]
        assert second.transact() == OK
        assert first.transact() == [250, 250, 354, 451]
        assert second.transact() == OK


def test_a_malformed_mail_command_is_no_message(mock: Mock) -> None:
    mock.set_faults([{"step": "mail", "message": 1, "reply": NO}])
    with greeted(mock) as client:
        assert client.say("MAIL FROM:nobody").code == 501
        assert client.transact() == [451]


def test_attempt_at_rcpt_counts_per_sender_and_recipient(mock: Mock) -> None:
    mock.set_faults([{"step": "rcpt", "attempt": 1, "reply": NO}])
    with greeted(mock) as client:
        assert client.transact("a@x.test", ("tom@x.test",)) == [250, 451]
        assert client.transact("a@x.test", ("tom@x.test",)) == OK
        assert client.transact("b@x.test", ("tom@x.test",)) == [250, 451]
        assert client.transact("a@x.test", ("zoe@x.test",)) == [250, 451]
        # Who stands beside them makes no difference.
        assert client.transact("a@x.test", ("tom@x.test", "ann@x.test", "zoe@x.test")) == [
            250, 250, 451, 250, 354, 250]
    with greeted(mock) as client:
        assert client.transact("a@x.test", ("ann@x.test",)) == OK


def test_attempt_later_counts_per_envelope(mock: Mock) -> None:
    mock.set_faults([{"step": "final", "attempt": 1, "reply": NO}])
    refused = [250, 250, 354, 451]
    with greeted(mock) as client:
        assert client.transact("a@x.test", ("tom@x.test",)) == refused
        assert client.transact("a@x.test", ("tom@x.test",)) == OK
        assert client.transact("a@x.test", ("tom@x.test", "zoe@x.test"))[-1] == 451
        assert client.transact("a@x.test", ("tom@x.test", "zoe@x.test"))[-1] == 250


def test_attempt_counts_per_step(mock: Mock) -> None:
    mock.set_faults([
        {"step": "rcpt", "attempt": 1, "reply": NO},
        {"step": "final", "attempt": 2, "reply": "554 5.6.0 no"},
        {"step": "data", "attempt": 3, "reply": "452 4.3.1 no"},
    ])
    with greeted(mock) as client:
        runs = [client.transact() for _ in range(5)]
    assert runs == [[250, 451], OK, [250, 250, 354, 554], [250, 250, 452], OK]


def test_greylisting(mock: Mock) -> None:
    """The rule of the documentation: whoever comes a second time is let in."""
    mock.set_faults([
        {"step": "rcpt", "recipient": "tom@*", "attempt": 1, "reply": "451 4.7.1 greylisted"},
    ])
    with greeted(mock) as client:
        assert client.transact(to=("anna@x.test", "tom@x.test")) == [250, 250, 451, 354, 250]
        assert client.transact(to=("tom@x.test",)) == OK


@pytest.mark.parametrize("step", ["connect", "ehlo"])
def test_attempt_before_mail_counts_at_all(mock: Mock, step: str) -> None:
    mock.set_faults([{"step": step, "attempt": 2, "reply": "421 4.3.2 the second one"}])
    said = []
    for _ in range(3):
        with RawClient(mock) as client:
            client.send(b"EHLO x\r\nQUIT\r\n")
            said.append(b"421" in client.rest())
    assert said == [False, True, False]


def test_after_messages(mock: Mock) -> None:
    """Counts what this connection has had accepted."""
    mock.set_faults([
        {"step": "mail", "after_messages": 2, "reply": "421 4.7.0 enough for this connection"},
        {"step": "final", "sender": "bad@*", "reply": "554 5.6.0 no"},
    ])
    with greeted(mock) as client:
        senders = ("a@x.test", "bad@x.test", "a@x.test", "a@x.test")
        assert [client.transact(one)[-1] for one in senders] == [250, 554, 250, 421]
        assert client.rest() == b""
    with greeted(mock) as client:
        assert client.transact() == OK


def test_a_message_that_is_not_stored_was_not_accepted(mock: Mock) -> None:
    mock.set_faults([
        {"step": "final", "stored": False, "times": 2},
        {"step": "mail", "after_messages": 1, "reply": NO},
    ])
    with greeted(mock) as client:
        assert [client.transact()[-1] for _ in range(4)] == [250, 250, 250, 451]


def test_after_no_messages_is_always(mock: Mock) -> None:
    mock.set_faults([{"step": "connect", "after_messages": 0, "reply": "554 5.3.2 no"}])
    with RawClient(mock) as client:
        assert client.reply().code == 554


def test_times(mock: Mock) -> None:
    mock.set_faults([{"step": "mail", "times": 2, "reply": NO}])
    assert codes_of_mail(mock, *["a@x.test"] * 4) == [451, 451, 250, 250]
    assert fired(mock) == [2]


# Several rules

def test_the_first_rule_that_matches_wins(mock: Mock) -> None:
    mock.set_faults([
        {"step": "mail", "sender": "tom@*", "reply": "451 4.0.1 first", "times": 1},
        {"step": "mail", "sender": "*@x.test", "reply": "452 4.0.2 second"},
        {"step": "mail", "reply": "450 4.0.3 third"},
        {"step": "mail", "sender": "tom@*", "reply": "550 5.0.4 never"},
    ])
    senders = ("tom@x.test", "tom@x.test", "tom@y.test", "anna@x.test")
    assert codes_of_mail(mock, *senders) == [451, 452, 450, 452]
    assert fired(mock) == [1, 2, 1, 0]


def test_an_exception_comes_before_its_rule(mock: Mock) -> None:
    mock.set_faults([
        {"step": "mail", "sender": "anna@*", "delay": "1ms"},
        {"step": "mail", "reply": NO},
    ])
    assert codes_of_mail(mock, "anna@x.test", "tom@x.test") == [250, 451]


def test_all_conditions_must_hold(mock: Mock) -> None:
    mock.set_faults([{
        "step": "final", "sender": "tom@*", "recipient": "anna@*", "connection": 2, "message": 3,
        "attempt": 2, "after_messages": 1, "reply": NO,
    }])
    first, again = ("tom@x.test", ("anna@x.test",)), ("tom@x.test", ("anna@x.test",))
    with greeted(mock) as client:
        assert client.transact(*first)[-1] == 250
    with greeted(mock) as client:
        assert client.transact("zoe@x.test")[-1] == 250
        assert client.transact(*again)[-1] == 451
        assert client.transact(*again)[-1] == 250
    assert fired(mock) == [1]


def test_a_thousand_rules(mock: Mock) -> None:
    rules = [{"step": "mail", "sender": f"a{n}@*", "reply": f"451 4.7.1 {n}"} for n in range(1000)]
    mock.set_faults(rules)
    with greeted(mock) as client:
        assert client.say("MAIL FROM:<a999@x>") == b"451 4.7.1 999\r\n"


# Setting them anew

def test_counts_start_anew_with_new_rules(mock: Mock) -> None:
    """Connections, messages, attempts and times; what began before has no number."""
    rules: list[Rule] = [
        {"step": "ehlo", "connection": 1, "reply": NO},
        {"step": "mail", "message": 1, "reply": NO},
        {"step": "data", "attempt": 1, "reply": NO},
        {"step": "final", "times": 1, "reply": NO},
    ]
    with greeted(mock) as old:
        old.transact()
        for _ in range(2):
            mock.set_faults(rules)
            assert old.say("EHLO old").code == 250
            with RawClient(mock) as client:
                client.reply()
                assert client.say("EHLO new").code == 451
            runs = [old.transact() for _ in range(4)]
            assert runs == [[451], [250, 250, 451], [250, 250, 354, 451], OK]
            assert fired(mock) == [1, 1, 1, 1]


def test_a_message_under_way_has_no_number(mock: Mock) -> None:
    with greeted(mock) as client:
        assert client.say("MAIL FROM:<a@x.test>").code == 250
        mock.set_faults([{"step": "rcpt", "message": 1, "reply": NO}])
        assert client.say("RCPT TO:<tom@x.test>").code == 250
        assert client.say("RSET").code == 250
        assert client.transact() == [250, 451]


def test_rules_apply_to_what_is_under_way(mock: Mock) -> None:
    with greeted(mock) as client:
        for command in ("MAIL FROM:<a@x.test>", "RCPT TO:<tom@x.test>", "DATA"):
            client.say(command)
        mock.set_faults([{"step": "final", "reply": NO}])
        assert client.say(".").code == 451


def test_delete_ends_all(mock: Mock) -> None:
    mock.set_faults([{"step": "mail", "reply": NO}, {"step": "connect", "then": "close"}])
    assert mock.request("DELETE", "/api/faults").expect(200).json == {"rules": []}
    assert mock.get("/api/faults").json == {"rules": []}
    with greeted(mock) as client:
        assert client.transact() == OK


def test_an_empty_list_is_no_faults(mock: Mock) -> None:
    mock.set_faults([{"step": "mail", "reply": NO}])
    mock.set_faults([])
    assert codes_of_mail(mock, "a@x.test") == [250]


@pytest.mark.parametrize("action", [
    {"delay": "1h"}, {"drip": "1h"}, {"then": "hang"}, {"reply": "250 2.0.0 ok", "drip": "1h"},
])
def test_rules_may_go_while_one_is_carried_out(mock: Mock, action: Rule) -> None:
    mock.set_faults([{"step": "mail", **action}])
    with greeted(mock) as stuck:
        stuck.send(b"MAIL FROM:<a@x.test>\r\n")
        mock.set_faults([])
        with greeted(mock) as client:
            assert client.transact() == OK
        stuck.send(b"RCPT TO:<a@x.test>\r\n")


def test_rules_are_told_as_they_were_written(mock: Mock) -> None:
    text = '[ {"step" :"rcpt","reply":"451 4.7.1 \\u00e9 é",\n "times": 2 } ]'
    answer = mock.request("PUT", "/api/faults", text).expect(200)
    rule = {"step": "rcpt", "reply": "451 4.7.1 é é", "times": 2, "fired": 0}
    assert answer.json == {"rules": [rule]}
    assert mock.get("/api/faults").json == {"rules": [rule]}


# The same rules and the same client: the same run

RULES: list[Rule] = [
    {"step": "connect", "connection": 3, "reply": "554 5.3.2 not the third"},
    {"step": "ehlo", "attempt": 4, "garbage": True},
    {"step": "auth", "times": 1, "reply": "454 4.7.0 later"},
    {"step": "rcpt", "recipient": "tom@*", "attempt": 1, "reply": "451 4.7.1 greylisted"},
    {"step": "rcpt", "recipient": "z*@*", "message": 5, "long": True},
    {"step": "data", "sender": "", "delay": "2ms", "reply": "550 5.7.1 no\nbounces"},
    {"step": "final", "message": 3, "stored": True, "then": "close"},
    {"step": "final", "message": 7, "then": "close"},
    {"step": "mail", "after_messages": 2, "reply": "421 4.7.0 enough"},
    {"step": "quit", "connection": 2, "drip": "1ms", "then": "close", "reply": "221 2.0.0 slowly"},
]
CONVERSATION = (
    "EHLO client.example", "AUTH CRAM-MD5", "bmFkaWEgMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=",
    "AUTH PLAIN AG5hZGlhAHB3", "MAIL FROM:<a@x.test>", "RCPT TO:<tom@x.test>", "RCPT TO:<zoe@x.test>",
    "DATA", "Subject: one\r\n\r\n.", "MAIL FROM:<>", "RCPT TO:<tom@x.test>", "RCPT TO:<tom@x.test>",
    "DATA", "RSET", "MAIL FROM:<a@x.test>", "RCPT TO:<tom@x.test>", "RCPT TO:<450-x@x.test>", "DATA",
    "Subject: two\r\n\r\n.", "QUIT",
)


def converse(mock: Mock) -> list[bytes]:
    """All that the server says in one connection, challenge and time taken out."""
    said = []
    with RawClient(mock) as client:
        said.append(bytes(client.reply()))
        for command in CONVERSATION:
            if not said[-1]:
                break
            said.append(re.sub(rb"(?<=334 )\S+", b"(challenge)", client.say(command)))
    return said


def run_of(mock: Mock) -> Any:
    mock.set_faults(RULES)
    said = [converse(mock) for _ in range(6)]
    kept = [mock.raw(one["id"]) for one in mock.messages()]
    return said, kept, mock.get("/api/faults").json


def test_the_same_rules_give_the_same_run(start_mock: StartMock) -> None:
    first, second = run_of(start_mock()), run_of(start_mock())
    assert first == second
    assert any(rule["fired"] for rule in first[2]["rules"])


def test_setting_the_rules_again_gives_the_same_run_again(mock: Mock) -> None:
    """But for the ids that go on counting."""
    def masked(run: Any) -> Any:
        said, _, rules = run
        return [re.sub(rb"queued as \d+", b"queued", one) for talk in said for one in talk], rules

    assert masked(run_of(mock)) == masked(run_of(mock))


# Without any rule

NAMES = [
    ("tempfail@example.test", 451), ("TempFail@anywhere.test", 451),
    ("permfail@example.test", 550), ("permfail@[127.0.0.1]", 550),
    ("450-x@example.test", 450), ("452-too-full@example.test", 452), ("400-@example.test", 400),
    ("552-x@example.test", 552), ("550-anything.at.all@example.test", 550), ("599-x@x.test", 599),
    ("399-x@example.test", 250), ("600-x@example.test", 250), ("250-x@example.test", 250),
    ("45-x@example.test", 250), ("4500-x@example.test", 250), ("450x@example.test", 250),
    ("450@example.test", 250), ("x450-x@example.test", 250), ("4a0-x@example.test", 250),
    ("tempfail2@example.test", 250), ("tempfailer@x.test", 250), ("atempfail@example.test", 250),
    ("anna@tempfail.test", 250), ("anna@450-x.test", 250), ("postmaster", 250),
]


@pytest.mark.parametrize("address, code", NAMES)
def test_addresses_that_say_how_they_answer(shared_mock: Mock, address: str, code: int) -> None:
    shared_mock.set_faults([])
    with greeted(shared_mock) as client:
        assert client.say("MAIL FROM:<450-sender@x.test>").code == 250
        reply = client.say(f"RCPT TO:<{address}>")
        assert reply.code == code
        assert re.match(rb"\d{3} ([245])\.\d+\.\d+ ", reply)
        assert client.say("RCPT TO:<anna@x.test>").code == 250
        assert [client.say("DATA").code, client.say(".").code] == [354, 250]
    kept = [one["address"] for one in shared_mock.messages(limit=1)[0]["envelope"]["to"]]
    assert kept == ([address] if code == 250 else []) + ["anna@x.test"]


def test_421_as_a_name_ends_the_connection(mock: Mock) -> None:
    with greeted(mock) as client:
        assert client.say("MAIL FROM:<a@x.test>").code == 250
        client.send(b"RCPT TO:<421-x@x.test>\r\n")
        assert re.fullmatch(rb"421 4\.\d\.\d [^\r]+\r\n", client.rest())


def test_rules_go_before_names(mock: Mock) -> None:
    mock.set_faults([
        {"step": "rcpt", "recipient": "tempfail@*", "reply": "250 2.1.5 fine"},
        {"step": "rcpt", "recipient": "450-*", "reply": "553 5.1.3 worse"},
        {"step": "rcpt", "recipient": "permfail@*", "delay": "1ms"},
    ])
    with greeted(mock) as client:
        to = ("tempfail@x.test", "450-x@x.test", "permfail@x.test", "451-x@x.test")
        assert client.transact(to=to) == [250, 250, 553, 250, 451, 354, 250]
