"""Every fault at every step of the dialogue, as a client sees it (docs/faults.md)."""

from __future__ import annotations

import time

import pytest

from conftest import StartMock
from mock import Mock
from raw_client import COMMANDS, STEPS, YES, RawClient, Reply, greeted, steps_to
from waiting import until

SPEAKING = [step for step in STEPS if step != "body"]  # at `body` nothing is normally said
SILENCE_S = 0.06
KIB_64 = 64 * 1024


def way_on(step: str) -> str:
    """A step on the usual way, from which a client can go on."""
    return "ehlo" if step in ("starttls", "auth") else step


def assert_goes_on(client: RawClient, step: str, mock: Mock) -> None:
    """After a yes the dialogue goes on to its end, and the message is there."""
    if step == "starttls":
        client.start_tls(mock.ca)
        assert client.say("EHLO client.example").code == 250
    client.finish(way_on(step))
    assert len(mock.messages()) == 1


def assert_had_no_effect(client: RawClient, step: str, mock: Mock) -> None:
    """After a no the server waits for the next command, as if this one had not been said."""
    if step == "connect":
        assert client.say("EHLO client.example").code == 503
        assert client.say("QUIT").code == 221
    elif step == "ehlo":
        assert client.say("MAIL FROM:<sender@example.test>").code == 503
    elif step == "starttls":
        client.finish("ehlo")
    elif step == "auth":
        client.finish("ehlo")
        assert mock.message(1)["client"]["user"] is None
    elif step == "mail":
        assert client.say("RCPT TO:<tom@example.test>").code == 503
    elif step == "rcpt":
        assert client.say("DATA").code == 554
    elif step == "data":
        assert client.say("NOOP").code == 250
        client.finish("rcpt")
    elif step == "final":
        assert mock.messages() == []
        assert client.transact() == [250, 250, 354, 250]
    elif step == "quit":
        assert client.say("NOOP").code == 250


NO = ["450 4.2.0 not now", "554 5.7.1 never", "451 4.7.1 first\nsecond\nthird", "553 5.1.3 \n "]


def assert_kept_before(step: str, mock: Mock) -> None:
    """A message is kept only where the step is behind it."""
    assert len(mock.messages()) == (1 if step == "quit" else 0)


def as_said(reply: str) -> bytes:
    """What goes over the wire for a reply of a rule."""
    code, lines = reply[:3], reply[4:].split("\n")
    parts = [f"{code}-{line}\r\n" for line in lines[:-1]] + [f"{code} {lines[-1]}\r\n"]
    return "".join(parts).encode()


@pytest.mark.parametrize("reply", NO, ids=["4xx", "5xx", "lines", "blank-lines"])
@pytest.mark.parametrize("step", SPEAKING)
def test_a_no_is_said_and_has_no_effect(mock: Mock, step: str, reply: str) -> None:
    mock.set_faults([{"step": step, "reply": reply, "times": 1}])
    with RawClient(mock) as client:
        client.go_to(step)
        assert client.reply() == as_said(reply)
        assert_had_no_effect(client, step, mock)


@pytest.mark.parametrize("step", SPEAKING)
def test_a_yes_may_say_something_else(mock: Mock, step: str) -> None:
    reply = f"{YES[step]} 2.0.0 first\nand Zoé says so" if step != "connect" else "220 hello"
    mock.set_faults([{"step": step, "reply": reply}])
    with RawClient(mock) as client:
        client.go_to(step)
        assert client.reply() == as_said(reply)
        assert_goes_on(client, step, mock)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("reply", ["421 4.7.0 too much", "421 4.7.0 too\nmuch"], ids=["line", "lines"])
def test_421_ends_the_connection(mock: Mock, step: str, reply: str) -> None:
    mock.set_faults([{"step": step, "reply": reply}])
    with RawClient(mock) as client:
        client.go_to(step)
        assert client.rest() == as_said(reply)
    assert_kept_before(step, mock)


@pytest.mark.parametrize("reply", ["451 4.3.0 no more", "250 2.0.0 so far so good"])
def test_a_reply_in_the_middle_of_a_message(mock: Mock, reply: str) -> None:
    """It is said at once; the message goes on, and has a reply of its own at its end."""
    mock.set_faults([{"step": "body", "reply": reply}])
    with RawClient(mock) as client:
        client.go_to("body")
        assert client.reply() == as_said(reply)
        client.finish("body")
    assert len(mock.messages()) == 1


@pytest.mark.parametrize("step", STEPS)
def test_delay(mock: Mock, step: str) -> None:
    """Nothing is lost; it only takes its time."""
    mock.set_faults([{"step": step, "delay": "60ms"}])
    with RawClient(mock) as client:
        if step != "connect":  # whose time began before we could look at the clock
            client.go_to(step)
        start = time.monotonic()
        if step == "body":
            client.finish("body")
        else:
            assert client.reply().code == YES[step]
            assert_goes_on(client, step, mock)
        assert time.monotonic() - start >= (0.03 if step == "connect" else 0.06)


def test_everybody_else_is_served_during_a_delay(mock: Mock) -> None:
    mock.set_faults([{"step": "mail", "delay": "1h", "connection": 1}])
    with RawClient(mock) as waiting:
        waiting.go_to("mail")
        with RawClient(mock) as client:
            client.go_to("quit")
            assert client.reply().code == 221
    assert len(mock.messages()) == 1


@pytest.mark.parametrize("step", SPEAKING)
def test_drip(mock: Mock, step: str) -> None:
    """Byte by byte, and every byte of it."""
    reply = f"{YES[step]} 2.0.0 a little\nat a time"
    mock.set_faults([{"step": step, "drip": "1ms", "reply": reply}])
    with RawClient(mock) as client:
        client.go_to(step)
        start = time.monotonic()
        assert client.reply() == as_said(reply)
        took_s = time.monotonic() - start
        assert_goes_on(client, step, mock)
    assert took_s >= 0.0005 * len(as_said(reply))


def test_drip_of_the_usual_reply(mock: Mock) -> None:
    mock.set_faults([{"step": "mail", "drip": "1ms"}])
    with greeted(mock) as client:
        client.send(b"MAIL FROM:<sender@example.test>\r\n")
        assert [client.socket.recv(1) for _ in range(3)] == [b"2", b"5", b"0"]
        assert client.reply().endswith(b"Ok\r\n")


def test_drip_in_the_middle_of_a_message(mock: Mock) -> None:
    mock.set_faults([{"step": "body", "drip": "1ms", "reply": "250 2.0.0 hmm"}])
    with RawClient(mock) as client:
        client.go_to("body")
        assert client.reply() == b"250 2.0.0 hmm\r\n"
        client.finish("body")


@pytest.mark.parametrize("step", STEPS)
def test_garbage(mock: Mock, step: str) -> None:
    """One line that no client can take for a reply; the command has no effect."""
    mock.set_faults([{"step": step, "garbage": True, "times": 1}])
    with RawClient(mock) as client:
        client.go_to(step)
        said = client.reply()
        assert said.endswith(b"\r\n")
        assert not said.is_proper
        if step == "body":
            client.finish("body")
        else:
            assert_had_no_effect(client, step, mock)


def assert_long(said: Reply, code: int) -> None:
    assert len(said) >= KIB_64
    assert said.code == code
    assert said.count(b"\r\n") > 100
    assert max(map(len, said.split(b"\r\n"))) + 2 <= 512  # RFC 5321 §4.5.3.1.5


@pytest.mark.parametrize("step", SPEAKING)
def test_long(mock: Mock, step: str) -> None:
    mock.set_faults([{"step": step, "long": True}])
    with RawClient(mock) as client:
        client.go_to(step)
        assert_long(client.reply(), YES[step])
        assert_goes_on(client, step, mock)


@pytest.mark.parametrize("step", STEPS)
def test_long_with_a_reply(mock: Mock, step: str) -> None:
    mock.set_faults([{"step": step, "long": True, "reply": "452 4.3.1 the end", "times": 1}])
    with RawClient(mock) as client:
        client.go_to(step)
        said = client.reply()
        assert_long(said, 452)
        assert said.endswith(b"\r\n452 4.3.1 the end\r\n")
        if step == "body":
            client.finish("body")
        else:
            assert_had_no_effect(client, step, mock)


@pytest.mark.parametrize("step", STEPS)
def test_close(mock: Mock, step: str) -> None:
    """In good order: a FIN, whatever the client may have said meanwhile."""
    mock.set_faults([{"step": step, "then": "close"}])
    with RawClient(mock) as client:
        client.go_to(step)
        assert client.rest() == b""
    assert_kept_before(step, mock)


@pytest.mark.parametrize("step", STEPS)
def test_close_after_a_reply(mock: Mock, step: str) -> None:
    mock.set_faults([{"step": step, "then": "close", "reply": "451 4.3.0 bye"}])
    with RawClient(mock) as client:
        client.go_to(step)
        assert client.rest() == b"451 4.3.0 bye\r\n"
    assert_kept_before(step, mock)


@pytest.mark.parametrize("step", STEPS)
def test_close_is_no_reset_when_the_client_goes_on_talking(mock: Mock, step: str) -> None:
    """Bytes that nobody read must not turn the FIN into an RST, or the reply would be lost."""
    mock.set_faults([{"step": step, "then": "close", "reply": "451 4.3.0 bye", "delay": "30ms"}])
    with RawClient(mock) as client:
        client.go_to(step)
        client.send(b"NOOP\r\n" * 1000)
        assert client.rest() == b"451 4.3.0 bye\r\n"


@pytest.mark.parametrize("step", STEPS)
def test_reset(mock: Mock, step: str) -> None:
    mock.set_faults([{"step": step, "then": "reset"}])
    with pytest.raises(ConnectionResetError), RawClient(mock) as client:
        client.go_to(step)
        client.rest()
    assert_kept_before(step, mock)


@pytest.mark.parametrize("step", SPEAKING)
def test_hang(mock: Mock, step: str) -> None:
    """Nothing more is said or read, while others are served; when the client goes, it is gone."""
    mock.set_faults([{"step": step, "then": "hang", "connection": 1}])
    with RawClient(mock) as client:
        client.go_to(step)
        assert_hangs(client)
        with RawClient(mock) as other:
            other.go_to("quit")
            assert other.reply().code == 221
        assert mock.stats()["connections"]["open"] == 1
    until(lambda: mock.stats()["connections"]["open"] == 0)
    # `quit` comes after the message, so the first client's was taken too.
    assert len(mock.messages()) == (2 if step == "quit" else 1)


def assert_hangs(client: RawClient) -> None:
    client.socket.settimeout(SILENCE_S)
    client.send(b"NOOP\r\nQUIT\r\n")
    with pytest.raises(TimeoutError):
        client.reply()


def test_hang_in_the_middle_of_a_message(mock: Mock) -> None:
    mock.set_faults([{"step": "body", "then": "hang"}])
    with RawClient(mock) as client:
        client.go_to("body")
        client.send(b"\r\ntext\r\n.\r\n")
        assert_hangs(client)
    assert mock.messages() == []


@pytest.mark.parametrize("step", STEPS)
def test_hang_after_a_reply(mock: Mock, step: str) -> None:
    mock.set_faults([{"step": step, "then": "hang", "reply": "452 4.3.1 wait"}])
    with RawClient(mock) as client:
        client.go_to(step)
        assert client.reply() == b"452 4.3.1 wait\r\n"
        assert_hangs(client)


def test_reset_after_a_reply(mock: Mock) -> None:
    """The reply may be lost on the way, but nothing else may be said."""
    mock.set_faults([{"step": "final", "then": "reset", "reply": "250 2.0.0 Ok"}])
    with RawClient(mock) as client:
        client.go_to("final")
        with pytest.raises(ConnectionResetError):
            assert client.reply() == b"250 2.0.0 Ok\r\n"
            client.rest()
    assert len(mock.messages()) == 1


def test_everything_at_once(mock: Mock) -> None:
    """Delay, then garbage byte by byte, then the end."""
    mock.set_faults([{"step": "rcpt", "delay": "50ms", "garbage": True, "drip": "1ms", "then": "close"}])
    with RawClient(mock) as client:
        client.go_to("rcpt")
        start = time.monotonic()
        said = Reply(client.rest())
        assert time.monotonic() - start >= 0.05
    assert said
    assert not said.is_proper


# Kept or not, whatever is said

STORED = [
    ({"stored": True}, True),
    ({"stored": False}, False),
    ({"stored": True, "reply": "451 4.3.0 try again"}, True),
    ({"stored": True, "reply": "554 5.6.0 no"}, True),
    ({"stored": True, "reply": "421 4.3.2 going down"}, True),
    ({"stored": False, "reply": "250 2.0.0 Ok: queued as a lie"}, False),
    ({"stored": True, "garbage": True}, True),
    ({"stored": False, "long": True}, False),
    ({"stored": True, "then": "close"}, True),
    ({"stored": False, "then": "close"}, False),
    ({"stored": True, "then": "reset"}, True),
    ({"stored": True, "then": "hang"}, True),
    ({"stored": False, "reply": "250 2.0.0 Ok", "then": "close"}, False),
    ({"reply": "250 2.0.0 Ok", "then": "close"}, True),
    ({"reply": "250 2.0.0 Ok", "then": "hang"}, True),
    ({"reply": "451 4.3.0 no", "then": "close"}, False),
    ({"then": "close"}, False),
    ({"then": "reset"}, False),
    ({"then": "hang"}, False),
    ({"long": True, "then": "close"}, True),
    ({"garbage": True}, False),
    ({"delay": "1ms"}, True),
    ({"drip": "1ms"}, True),
    ({"reply": "252 2.0.0 well"}, True),
    ({"reply": "354 go on"}, False),
]


@pytest.mark.parametrize("action, is_kept", STORED, ids=[str(action) for action, _ in STORED])
def test_what_is_kept(mock: Mock, action: dict[str, object], is_kept: bool) -> None:
    mock.set_faults([{"step": "final", **action}])
    with RawClient(mock) as client:
        client.go_to("final")
        client.socket.settimeout(SILENCE_S if action.get("then") == "hang" else 10)
        try:
            client.reply()
        except (TimeoutError, ConnectionResetError):
            pass
        # By then it is settled: the message is kept before anything is said.
        assert len(mock.messages()) == is_kept
        assert mock.stats()["received"] == is_kept


def test_a_reply_that_lies_names_no_message(mock: Mock) -> None:
    mock.set_faults([{"step": "final", "stored": False}])
    with RawClient(mock) as client:
        client.go_to("final")
        assert client.reply().code == 250
        assert client.transact() == [250, 250, 354, 250]
    assert mock.messages() == []


def test_the_kept_message_is_whole(mock: Mock) -> None:
    """Though its sender was never told."""
    mock.set_faults([{"step": "final", "stored": True, "then": "close"}])
    with RawClient(mock) as client:
        client.go_to("final")
        assert client.rest() == b""
    assert mock.raw(1) == b"Subject: one\r\n\r\ntext\r\n"
    assert {"who": "note", "line": "a rule closes the connection"} in mock.message(1)["dialogue"]


# A refused command has no effect

def test_a_refused_recipient_is_not_in_the_envelope(mock: Mock) -> None:
    mock.set_faults([{"step": "rcpt", "recipient": "tom@*", "reply": "550 5.1.1 no tom"}])
    with greeted(mock) as client:
        codes = client.transact(to=("anna@example.test", "tom@example.test", "zoe@example.test"))
    assert codes == [250, 250, 550, 250, 354, 250]
    to = mock.message(1)["envelope"]["to"]
    assert [one["address"] for one in to] == ["anna@example.test", "zoe@example.test"]


def test_a_refused_login_is_none(start_mock: StartMock) -> None:
    mock = start_mock("--user", "nadia", "--password-env", "PW", env={"PW": "pw"})
    mock.set_faults([{"step": "auth", "reply": "454 4.7.0 try again", "times": 1}])
    with greeted(mock) as client:
        assert client.say("AUTH PLAIN AG5hZGlhAHB3").code == 454
        assert client.say("MAIL FROM:<sender@example.test>").code == 530
        assert client.say("AUTH PLAIN AG5hZGlhAHB3").code == 235
        assert client.transact()[-1] == 250
    assert mock.message(1)["client"]["user"] == "nadia"


def test_a_wrong_password_is_no_step(start_mock: StartMock) -> None:
    """The rules are asked when the credentials are good; else the usual refusal is said."""
    mock = start_mock("--user", "nadia", "--password-env", "PW", env={"PW": "other"})
    mock.set_faults([{"step": "auth", "reply": "454 4.7.0 try again"}])
    with greeted(mock) as client:
        assert client.say("AUTH PLAIN AG5hZGlhAHB3").code == 535


def test_refused_starttls_stays_in_the_clear(mock: Mock) -> None:
    mock.set_faults([{"step": "starttls", "reply": "454 4.7.0 no TLS today", "times": 1}])
    with greeted(mock) as client:
        assert client.say("STARTTLS").code == 454
        assert client.transact()[-1] == 250
        assert client.say("STARTTLS").code == 220
        client.start_tls(mock.ca)
        assert client.say("EHLO client.example").code == 250
        assert client.transact()[-1] == 250
    assert [mock.message(n)["client"]["protocol"] for n in (1, 2)] == ["ESMTP", "ESMTPS"]


def test_helo_after_a_refused_ehlo(mock: Mock) -> None:
    mock.set_faults([{"step": "ehlo", "reply": "502 5.5.1 what?", "times": 1}])
    with RawClient(mock) as client:
        assert client.reply().code == 220
        assert client.say("EHLO client.example").code == 502
        assert client.say("HELO client.example").code == 250
        assert client.transact()[-1] == 250
    assert mock.message(1)["client"]["protocol"] == "SMTP"


def test_after_a_greeting_that_says_no_only_quit_helps(mock: Mock) -> None:
    mock.set_faults([{"step": "connect", "reply": "554 5.3.2 no service"}])
    with RawClient(mock) as client:
        assert client.reply().code == 554
        for command in ("EHLO x", "HELO x", "MAIL FROM:<a@x.test>", "NOOP", "RSET", "STARTTLS"):
            assert client.say(command).code == 503
        assert client.say("QUIT").code == 221
        assert client.rest() == b""


def test_a_failed_ehlo_later_on_leaves_everything_as_it_was(mock: Mock) -> None:
    with greeted(mock) as client:
        mock.set_faults([{"step": "ehlo", "reply": "451 4.3.0 not now"}])
        assert client.say("MAIL FROM:<sender@example.test>").code == 250
        assert client.say("EHLO other.example").code == 451
        assert client.say("RCPT TO:<tom@example.test>").code == 250
        assert client.say("DATA").code == 354
        assert client.say("\r\n.").code == 250
    assert mock.message(1)["client"]["name"] == "client.example"


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "final", "quit"])
def test_faults_under_tls(mock: Mock, step: str) -> None:
    """What is dripped, long and closed is so under TLS too."""
    mock.set_faults([{"step": step, "long": True, "delay": "10ms", "then": "close"}])
    with greeted(mock) as client:
        assert client.say("STARTTLS").code == 220
        client.start_tls(mock.ca)
        for earlier in steps_to(step)[1:-1]:
            client.pass_step(earlier)
        client.send(COMMANDS[step])
        assert_long(client.reply(), YES[step])
        assert client.rest() == b""


def test_drip_under_tls(mock: Mock) -> None:
    mock.set_faults([{"step": "mail", "drip": "1ms"}])
    with greeted(mock) as client:
        assert client.say("STARTTLS").code == 220
        client.start_tls(mock.ca)
        assert client.say("EHLO client.example").code == 250
        assert client.transact()[-1] == 250


def test_pipelined_commands_wait_for_a_delay(mock: Mock) -> None:
    """Replies come in order, whatever a rule does to one of them."""
    mock.set_faults([
        {"step": "mail", "delay": "30ms", "drip": "1ms"},
        {"step": "rcpt", "recipient": "tom@*", "delay": "20ms", "reply": "451 4.2.0 tom waits"},
    ])
    with greeted(mock) as client:
        client.send(
            b"MAIL FROM:<a@x.test>\r\nRCPT TO:<tom@x.test>\r\nRCPT TO:<zoe@x.test>\r\nDATA\r\n"
            b"Subject: one\r\n\r\n.\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<tom@x.test>\r\nQUIT\r\n"
        )
        codes = [client.reply().code for _ in range(8)]
        assert codes == [250, 451, 250, 354, 250, 250, 451, 221]
        assert client.rest() == b""
