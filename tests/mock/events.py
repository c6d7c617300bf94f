"""Listens to /api/events as a browser does."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mock import TIMEOUT_S, Mock


@dataclass(frozen=True)
class Event:
    name: str
    id: int | None
    data: Any


class EventStream:
    """`with EventStream(mock) as events:` is being listened; events.next() waits for one."""

    def __init__(
        self, mock: Mock, headers: Mapping[str, str] | None = None, timeout_s: float = TIMEOUT_S
    ) -> None:
        where = urlsplit(mock.url)
        self._connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout_s)
        self._connection.request("GET", "/api/events", headers=dict(headers or {}))
        self.response = self._connection.getresponse()
        assert self.response.status == 200
        self.hello = self._block()

    def __enter__(self) -> EventStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.response.close()
        self._connection.close()

    def _block(self) -> dict[str, str]:
        """The fields up to a blank line; comments are left out. Empty: the stream has ended."""
        fields: dict[str, str] = {}
        while (line := self.response.readline()) not in (b"\n", b""):
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
        return fields

    def next_or_end(self) -> Event | None:
        """The next event; None: the server has ended the stream."""
        fields: dict[str, str] = {}
        while "event" not in fields:
            fields = self._block()
            if not fields and self.response.isclosed():
                return None
        assert fields.keys() <= {"event", "id", "data"}
        id = int(fields["id"]) if "id" in fields else None
        return Event(fields["event"], id, json.loads(fields["data"]))

    def next(self) -> Event:
        event = self.next_or_end()
        assert event, "the stream has ended"
        return event

    def ids(self, count: int) -> list[int | None]:
        return [self.next().id for _ in range(count)]
