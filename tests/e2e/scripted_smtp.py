"""A small SMTP server that misbehaves on demand, for faults a real server cannot be asked to show.

A script says what the server does at each step; where it says nothing, the server is well-behaved:

    ScriptedSmtp({"rcpt": Answer("451 4.3.0 later")})             the same each time
    ScriptedSmtp({"final": [Answer("554 no"), None]})             the first time only
    ScriptedSmtp({"rcpt": lambda argument: Answer(f"550 no {argument}")})

Steps: connect ehlo helo starttls auth noop mail rcpt data body final idle quit. `body` comes right after
the 354, before anything of the message is read; `idle` right after the reply to the final dot.
A list is used up over all connections together, then the server is well-behaved again.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Sequence

from certificates import Certificates
from scripted_session import Answer, Record, Session

Step = Answer | Sequence[Answer | None] | Callable[[str], Answer] | None

_WELL_BEHAVED = {
    "connect": "220 scripted.example.test ESMTP",
    "helo": "250 scripted.example.test",
    "starttls": "220 2.0.0 go ahead",
    "auth": "235 2.7.0 welcome",
    "mail": "250 2.1.0 sender ok",
    "rcpt": "250 2.1.5 recipient ok",
    "noop": "250 2.0.0 ok",
    "data": "354 go ahead",
    "body": "",
    "final": "250 2.0.0 Ok: queued as SCRIPTED",
    "idle": "",
    "quit": "221 2.0.0 bye",
}


class ScriptedSmtp(Record):
    """The server: `with ScriptedSmtp(script) as server:` listens on loopback, port or a free one.

    It keeps the whole dialogue and every message it received; leaving the block ends all
    connections, so what was recorded is complete then. With `certs` it offers STARTTLS with the
    good certificate; `auth` are the mechanisms it offers ("PLAIN LOGIN"): it takes any credentials.
    With `smtputf8` it offers that too, behind STARTTLS where there is one.
    """

    def __init__(
        self, script: dict[str, Step] | None = None, certs: Certificates | None = None,
        auth: str = "", port: int = 0, smtputf8: bool = False,
    ) -> None:
        super().__init__()
        self.connections = 0
        self.port = port
        self._script = script or {}
        self._auth = auth
        self._smtputf8 = smtputf8
        self._tls: ssl.SSLContext | None = None
        if certs:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certs.good.cert, certs.good.key)
        self._uses: dict[str, int] = {}
        self._threads: list[threading.Thread] = []
        self._sessions: list[Session] = []
        self._listener = socket.socket()
        self._acceptor = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> ScriptedSmtp:
        # A small window, so that a client cannot hand over much that nobody reads.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", self.port))
        self._listener.listen(16)
        self.port = self._listener.getsockname()[1]
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._acceptor.join(10)
        self._listener.close()
        for session in self._sessions:
            session.end()
        for thread in self._threads:
            thread.join(10)
        assert not self.errors, f"the scripted server itself failed: {self.errors}"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # shut down by __exit__
            self.connections += 1
            session = Session(connection, self.connections, self._answer_to, self, self._tls)
            thread = threading.Thread(target=session.run, daemon=True)
            self._sessions.append(session)
            self._threads.append(thread)
            thread.start()

    def _answer_to(self, step: str, argument: str) -> Answer:
        planned = self._script.get(step)
        if callable(planned):
            planned = planned(argument)
        if isinstance(planned, Sequence):
            used = self._uses.get(step, 0)
            self._uses[step] = used + 1
            planned = planned[used] if used < len(planned) else None
        if planned is None:
            planned = Answer(self._ehlo_reply() if step == "ehlo" else _WELL_BEHAVED[step])
        return planned

    def _ehlo_reply(self) -> str:
        lines = ["scripted.example.test", "8BITMIME"]
        lines += [f"AUTH {self._auth}"] if self._auth else []
        lines += ["STARTTLS"] if self._tls else []
        lines += ["SMTPUTF8"] if self._smtputf8 else []
        return "\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])
