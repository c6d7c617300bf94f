"""A listener that nobody may talk to: hostile mails point to it."""

from __future__ import annotations

import socket
import threading

REPLY = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"


class Trap:
    """Counts who connects, and keeps the beginning of every request."""

    def __init__(self) -> None:
        self.connections = 0
        self.requests: list[bytes] = []
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # ended
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._listen_to, args=(connection,), daemon=True).start()

    def _listen_to(self, connection: socket.socket) -> None:
        try:
            while said := connection.recv(4096):
                self.requests.append(said[:200])
                connection.sendall(REPLY)
        except OSError:
            pass  # ended

    def end(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        for connection in (self._listener, *self._open):
            connection.close()
