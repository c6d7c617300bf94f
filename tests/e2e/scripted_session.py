"""One connection of the scripted server: reads commands, and does what the script says."""

from __future__ import annotations

import re
import socket
import ssl
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

END_OF_DATA = b"\r\n.\r\n"


@dataclass(frozen=True)
class Answer:
    """What to do at a step: send the lines of `reply` (if any), then perhaps end the connection."""

    reply: str = ""
    close: bool = False  # in good order, FIN
    reset: bool = False  # at once, RST
    hang: bool = False  # say nothing more and wait for the client to go
    drip: bool = False  # one byte a packet
    delay_s: float = 0  # before anything else


@dataclass
class Received:
    """A message that was handed over whole, whatever was answered to it."""

    connection: int
    sender: str
    recipients: list[str]
    data: bytes  # without dot-stuffing and final dot
    accepted: bool = False


@dataclass
class Record:
    """What was said and received, over all connections."""

    dialogue: list[tuple[int, str, str]] = field(default_factory=list)  # connection, "C"/"S", line
    received: list[Received] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    @property
    def accepted(self) -> list[Received]:
        return [message for message in self.received if message.accepted]

    def said_by_client(self, verb: str) -> list[str]:
        """The client's lines that begin with a verb, on all connections, in order."""
        return [line for _, who, line in self.dialogue
                if who == "C" and line.upper().startswith(verb.upper())]


class _Ended(Exception):
    """The connection is over, by the client or by the script."""


class Session:
    """A connection, its envelope, and what was read of it but not used yet."""

    def __init__(
        self, connection: socket.socket, number: int, answer_to: Callable[[str, str], Answer],
        record: Record, tls: ssl.SSLContext | None,
    ) -> None:
        self._socket = connection
        self._number = number
        self._answer_to = answer_to
        self._record = record
        self._tls = tls
        self._pending = b""
        self._sender = ""
        self._recipients: list[str] = []

    def run(self) -> None:
        """Serve until the client or the script ends the connection."""
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._do("connect")
            while True:
                self._command(self._read_line())
        except (_Ended, OSError):
            pass  # how a connection ends, and the client is free to end it anywhere
        except Exception as error:  # a mistake in the server or the script: must fail the test
            self._record.errors.append(error)
        finally:
            self._socket.close()

    def end(self) -> None:
        """Make run() return, from another thread."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it has ended

    def _command(self, line: str) -> None:
        verb, _, argument = line.partition(" ")
        step = verb.lower()
        if step == "starttls" and self._tls:
            self._starttls(self._tls)
        elif step == "auth":
            self._authenticate(argument)
        elif step == "mail":
            self._sender, self._recipients = _path(argument), []
            self._do("mail", self._sender)
        elif step == "rcpt":
            if self._do("rcpt", _path(argument)).startswith("2"):
                self._recipients.append(_path(argument))
        elif step == "data":
            if self._do("data").startswith("354"):
                self._take_message()
        elif step in ("ehlo", "helo"):
            self._do(step, argument)
        elif step == "quit":
            self._do("quit")
            raise _Ended
        elif step == "noop":
            self._do("noop")
        else:
            self._send("250 2.0.0 ok" if step == "rset" else "500 5.5.1 what?")

    def _starttls(self, tls: ssl.SSLContext) -> None:
        if self._do("starttls").startswith("220"):
            self._socket = tls.wrap_socket(self._socket, server_side=True)

    def _authenticate(self, argument: str) -> None:
        """Take whatever comes: one response (PLAIN, XOAUTH2, OAUTHBEARER), or LOGIN's two."""
        mechanism, _, initial = argument.partition(" ")
        responses = 2 if mechanism.upper() == "LOGIN" else 1
        for _ in range(responses - bool(initial)):
            self._send("334 ")
            self._read_line()
        self._do("auth", mechanism)

    def _take_message(self) -> None:
        self._do("body")
        self._pending = b"\r\n" + self._pending  # so that an empty message ends like any other
        stuffed = self._read_until(END_OF_DATA) + b"\r\n"
        data = stuffed.replace(b"\r\n.", b"\r\n")[2:]  # RFC 5321 §4.5.2; a bare LF begins no line
        answer = self._answer_to("final", "")
        accepted = bool(re.search(r"^2\d\d( .*)?\Z", answer.reply, re.MULTILINE))  # a whole reply
        self._record.received.append(
            Received(self._number, self._sender, self._recipients, data, accepted)
        )
        self._carry_out(answer)
        self._do("idle")

    def _do(self, step: str, argument: str = "") -> str:
        """Carry out a step of the script; returns what was answered."""
        answer = self._answer_to(step, argument)
        self._carry_out(answer)
        return answer.reply

    def _carry_out(self, answer: Answer) -> None:
        if answer.delay_s:
            time.sleep(answer.delay_s)
        if answer.reply:
            self._send(answer.reply, answer.drip)
        if answer.reset:
            # Linger on, for no time at all: close() then sends RST and drops what was not read.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if answer.reset or answer.close:
            raise _Ended
        while answer.hang:
            if not self._socket.recv(65_536):
                raise _Ended

    def _send(self, reply: str, drip: bool = False) -> None:
        lines = reply.split("\n")
        self._record.dialogue.extend((self._number, "S", line) for line in lines)
        # So that a script can say bytes that are no UTF-8: "\udc9b" is the byte 9b.
        data = "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape")
        for piece in (data[i : i + 1] for i in range(len(data))) if drip else (data,):
            self._socket.sendall(piece)

    def _read_line(self) -> str:
        line = self._read_until(b"\r\n").decode("utf-8", "backslashreplace")
        self._record.dialogue.append((self._number, "C", line))
        return line

    def _read_until(self, end: bytes) -> bytes:
        searched = 0
        while (found := self._pending.find(end, searched)) < 0:
            searched = max(0, len(self._pending) - len(end))
            more = self._socket.recv(65_536)
            if not more:
                raise _Ended
            self._pending += more
        result, self._pending = self._pending[:found], self._pending[found + len(end):]
        return result


def _path(argument: str) -> str:
    """The address between the angle brackets of MAIL FROM:<…> or RCPT TO:<…>."""
    found = re.search(r"<(.*?)>", argument)
    return found.group(1) if found else argument
