"""An SMTP client that hides nothing: every reply as it came, and every way a connection can end."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Mapping
from pathlib import Path

from mock import TIMEOUT_S, Mock

STEPS = ["connect", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body", "final", "quit"]
COMMANDS: Mapping[str, bytes] = {
    "connect": b"",
    "ehlo": b"EHLO client.example\r\n",
    "starttls": b"STARTTLS\r\n",
    "auth": b"AUTH PLAIN AG5hZGlhAHB3\r\n",  # nadia, pw
    "mail": b"MAIL FROM:<sender@example.test>\r\n",
    "rcpt": b"RCPT TO:<tom@example.test>\r\n",
    "data": b"DATA\r\n",
    "body": b"Subject: one\r\n",
    "final": b"\r\ntext\r\n.\r\n",
    "quit": b"QUIT\r\n",
}
# What is said when nothing goes wrong. At `body` it is nothing.
YES = {"connect": 220, "ehlo": 250, "starttls": 220, "auth": 235, "mail": 250, "rcpt": 250,
       "data": 354, "final": 250, "quit": 221}


class Reply(bytes):
    """A whole reply, with its line ends; b"" when the server has closed."""

    @property
    def code(self) -> int:
        assert self.is_proper, f"no SMTP reply: {bytes(self)!r}"
        return int(self[:3])

    @property
    def is_proper(self) -> bool:
        """Every line has the same code, and a blank only on the last one (RFC 5321 §4.2.1)."""
        lines = self.decode("ascii", "replace").split("\r\n")
        pattern = re.compile(rf"{re.escape(lines[0][:3])}[- ].*")
        return (
            lines.pop() == "" and lines[0][:3].isdigit()
            and all(pattern.fullmatch(line) for line in lines)
            and all(line[3] == "-" for line in lines[:-1]) and lines[-1][3] == " "
        )


class RawClient:
    """`with RawClient(mock) as client:` is connected; the greeting has not been read."""

    def __init__(self, mock: Mock, timeout_s: float = TIMEOUT_S) -> None:
        self.socket: socket.socket | ssl.SSLSocket = mock.connect(timeout_s)
        self._unread = b""

    def __enter__(self) -> RawClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, text: bytes) -> None:
        self.socket.sendall(text)

    def reply(self) -> Reply:
        """The next reply, up to a line that is not continued."""
        lines = b""
        while True:
            line = self._line()
            lines += line
            if line[3:4] != b"-" or not line[:3].isdigit():
                return Reply(lines)

    def _line(self) -> bytes:
        while b"\n" not in self._unread:
            more = self.socket.recv(65536)
            if not more:
                rest, self._unread = self._unread, b""
                return rest
            self._unread += more
        line, lf, self._unread = self._unread.partition(b"\n")
        return line + lf

    def say(self, command: str | bytes) -> Reply:
        """A command without its line end, and the reply."""
        text = command.encode() if isinstance(command, str) else command
        self.send(text + b"\r\n")
        return self.reply()

    def rest(self) -> bytes:
        """All that comes until the server closes; a reset is an error."""
        text, self._unread = self._unread, b""
        while more := self.socket.recv(65536):
            text += more
        return text

    def start_tls(self, ca: Path) -> None:
        """The handshake, after the 220."""
        assert not self._unread, f"before TLS: {self._unread!r}"
        context = ssl.create_default_context(cafile=str(ca))
        self.socket = context.wrap_socket(self.socket, server_hostname="127.0.0.1")

    # The dialogue

    def go_to(self, step: str) -> None:
        """Everything before the step, and what leads to it; the step's own reply is not read."""
        for earlier in steps_to(step):
            if earlier == step:
                self.send(COMMANDS[step])
                return
            self.pass_step(earlier)

    def pass_step(self, step: str) -> None:
        """The step, with a reply that says yes."""
        self.send(COMMANDS[step])
        if step != "body":
            reply = self.reply()
            assert reply.code == YES[step], (step, reply)

    def finish(self, step: str) -> None:
        """What follows a step that went well, to the end."""
        for later in steps_to("quit")[steps_to("quit").index(step) + 1:]:
            self.pass_step(later)
        assert self.rest() == b""

    def is_alive(self) -> bool:
        return self.say("NOOP").code in (250, 503)

    def transact(
        self, sender: str = "sender@example.test", to: tuple[str, ...] = ("tom@example.test",)
    ) -> list[int]:
        """A whole message; the codes of MAIL, each RCPT, DATA and the end. Stops where it must."""
        codes = [self.say(f"MAIL FROM:<{sender}>").code]
        if codes[0] == 250:
            codes += [self.say(f"RCPT TO:<{address}>").code for address in to]
        if 250 in codes[1:]:
            codes.append(self.say("DATA").code)
        if codes[-1] == 354:
            codes.append(self.say("Subject: one\r\n\r\ntext\r\n.").code)
        elif codes[0] == 250:
            assert self.say("RSET").code == 250
        return codes


def steps_to(step: str) -> list[str]:
    """The way to a step. STARTTLS and AUTH are on no way but their own."""
    way = [one for one in STEPS if one not in ("starttls", "auth") or one == step]
    return way[:way.index(step) + 1]


def greeted(mock: Mock, timeout_s: float = TIMEOUT_S) -> RawClient:
    """A client that has said EHLO."""
    client = RawClient(mock, timeout_s)
    assert client.reply().code == 220
    assert client.say("EHLO client.example").code == 250
    return client
