"""The scripted server does what its script says, and records what it saw, to the byte."""

from __future__ import annotations

import smtplib
import socket
import ssl

import pytest

from certificates import Certificates
from scripted_smtp import Answer, ScriptedSmtp

MESSAGE = b"Subject: dots\r\n\r\n.\r\n..two\r\n.bare\n.lf\r\nend\r\n"


def client(server: ScriptedSmtp) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", server.port, timeout=10)


def hand_over(server: ScriptedSmtp, data: bytes) -> bytes:
    """Send bytes as the body of a message, stuffed by hand; returns the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        lines = connection.makefile("rb")
        for command in (None, b"HELO me", b"MAIL FROM:<a@x.test>", b"RCPT TO:<b@x.test>", b"DATA"):
            if command:
                connection.sendall(command + b"\r\n")
            lines.readline()
        connection.sendall(data)
        return lines.readline()


@pytest.mark.parametrize("stuffed, plain", [
    (b".\r\n", b""),
    (b"\r\n.\r\n", b"\r\n"),
    (b"a\r\n...b\r\n..\r\n.\r\n", b"a\r\n..b\r\n.\r\n"),
    (b"..first\r\n.\r\n", b".first\r\n"),
    (b"a\n.\nb\r\n.\r\n", b"a\n.\nb\r\n"),
])
def test_takes_out_the_dots(stuffed: bytes, plain: bytes) -> None:
    with ScriptedSmtp() as server:
        assert hand_over(server, stuffed).startswith(b"250 ")
    assert [message.data for message in server.accepted] == [plain]
    assert (server.accepted[0].sender, server.accepted[0].recipients) == ("a@x.test", ["b@x.test"])


def test_follows_its_script() -> None:
    script = {
        "rcpt": lambda address: Answer(f"550 no {address}" if "bad" in address else "250 yes"),
        "final": [Answer("451-not\n451 now"), None],
        "connect": Answer("220 slow", drip=True),
    }
    with ScriptedSmtp(script) as server, client(server) as smtp:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            smtp.sendmail("a@x.test", ["b@x.test"], MESSAGE)
        assert refused.value.smtp_code == 451
        assert smtp.sendmail("a@x.test", ["b@x.test", "bad@x.test"], MESSAGE) == {
            "bad@x.test": (550, b"no bad@x.test")
        }
    assert [message.accepted for message in server.received] == [False, True]
    assert server.connections == 1
    assert server.dialogue[0] == (1, "S", "220 slow")
    assert (1, "S", "451-not") in server.dialogue
    assert len(server.said_by_client("RCPT TO:")) == 3


@pytest.mark.parametrize("fault", [Answer(close=True), Answer("421 bye", close=True),
                                   Answer(reset=True)])
def test_ends_connections(fault: Answer) -> None:
    with ScriptedSmtp({"final": fault}) as server, client(server) as smtp:
        with pytest.raises((smtplib.SMTPServerDisconnected, smtplib.SMTPDataError)):
            smtp.sendmail("a@x.test", ["b@x.test"], MESSAGE)
        smtp.close()
    assert [message.accepted for message in server.received] == [False]


def test_hangs_until_the_client_goes() -> None:
    with ScriptedSmtp({"mail": Answer(hang=True)}) as server:
        with client(server) as smtp:
            smtp.ehlo()
            smtp.sock.settimeout(0.1)
            with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
                smtp.mail("a@x.test")
            smtp.close()
    assert server.said_by_client("MAIL") and not server.received


def test_offers_tls_and_login(certs: Certificates) -> None:
    context = ssl.create_default_context(cafile=str(certs.ca.cert))
    with ScriptedSmtp(certs=certs, auth="PLAIN LOGIN") as server, client(server) as smtp:
        smtp.starttls(context=context)
        smtp.login("me", "anything")
        smtp.sendmail("a@x.test", ["b@x.test"], MESSAGE)
        smtp.user, smtp.password = "me", "anything"
        assert smtp.auth("LOGIN", smtp.auth_login, initial_response_ok=False)[0] == 235
    assert len(server.accepted) == 1
    assert len(server.said_by_client("EHLO")) == 2


def test_a_mistake_in_the_script_is_told() -> None:
    with pytest.raises(AssertionError, match="itself failed"):
        with ScriptedSmtp({"connect": lambda argument: 1 / 0}) as server:
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
                assert connection.recv(10) == b""
