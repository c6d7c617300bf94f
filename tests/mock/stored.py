"""Sends messages that are to be kept, and looks at what is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mock import Mock
from raw_client import RawClient, greeted
from smtp_cases import RECIPIENT, SENDER

MESSAGES = [
    b"Subject: one\r\n\r\ntext\r\n", b"", b"\r\n", b"no header\r\n", b"..dots\r\n.\r\n",
    bytes(range(0x0e, 0x100)) + b"\x00\x01\r\n", "Subject: größe\r\n\r\n🎈\r\n".encode(),
    b"Subject: big\r\n\r\n" + b"x" * 200_000 + b"\r\n",
]


def send(client: RawClient, message: bytes, sender: str = SENDER, to: str = RECIPIENT) -> int:
    """As these bytes; the code of the reply to the message."""
    for line, code in ((sender, 250), (to, 250), ("DATA", 354)):
        assert client.say(line).code == code
    stuffed = message.replace(b"\r\n.", b"\r\n..")
    client.send((b"." if stuffed.startswith(b".") else b"") + stuffed + b".\r\n")
    return client.reply().code


def send_all(mock: Mock, messages: list[bytes]) -> None:
    with greeted(mock) as client:
        assert {send(client, message) for message in messages} == {250}


def files(folder: Path, below: str = "new") -> list[Path]:
    """By the number that is in their name."""
    return sorted((folder / below).iterdir(), key=number_in)


def number_in(path: Path) -> int:
    found = re.search(r"Q(\d+)\.", path.name)
    return int(found[1]) if found else 0


def everything(mock: Mock) -> list[tuple[dict[str, Any], bytes]]:
    """All that is known of each message, oldest first."""
    ids = sorted(one["id"] for one in mock.messages(limit=100_000))
    return [(mock.message(id), mock.raw(id)) for id in ids]


def end_of_message(client: RawClient) -> int:
    """The last code; 421 also when the connection has broken down before it could be read."""
    try:
        client.send(b"\r\n.\r\n")
        return client.reply().code
    except OSError:
        return 421
    finally:
        client.socket.close()
