"""A whole transaction as bytes."""

from __future__ import annotations

from raw_client import RawClient
from smtp_cases import RECIPIENT, SENDER

TRANSACTION = f"{SENDER}\r\n{RECIPIENT}\r\nDATA\r\n".encode()
END = b"\r\n.\r\n"


def begin_message(client: RawClient) -> None:
    """Up to the 354."""
    client.send(TRANSACTION)
    assert [client.reply().code for _ in range(3)] == [250, 250, 354]


def unstuffed(text: bytes) -> bytes:
    """What RFC 5321 §4.5.2 makes of the lines of a message; only CR LF ends one."""
    return b"\r\n".join(line[1:] if line[:1] == b"." else line for line in text.split(b"\r\n"))
