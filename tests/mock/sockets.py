"""What the kernel knows about a socket: whether the other side has read what was sent."""

from __future__ import annotations

import os
import socket
import ssl
import struct
import time

from mock import TIMEOUT_S

_QUEUES = 4  # column of /proc/net/tcp: bytes that were not confirmed, bytes that were not read


def send_alone(connection: socket.socket | ssl.SSLSocket, part: bytes) -> None:
    """Sends, and comes back when the other side has taken it: what follows is a read of its own."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(part)
    end = time.monotonic() + TIMEOUT_S
    while _unread(connection):
        assert time.monotonic() < end, "the other side does not read"
        os.sched_yield()


def vanish(connection: socket.socket | ssl.SSLSocket) -> None:
    """Ends the connection with a reset, as a crashed client would."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _unread(connection: socket.socket | ssl.SSLSocket) -> int:
    """Bytes that wait for the other side, on this machine."""
    here, there = (_name(*address) for address in
                   (connection.getsockname()[:2], connection.getpeername()[:2]))
    with open("/proc/net/tcp", encoding="ascii") as table:
        line = next((line for line in table if f" {there} {here} " in line), None)
    return int(line.split()[_QUEUES].partition(":")[2], 16) if line else 0


def _name(host: str, port: int) -> str:
    (address,) = struct.unpack("=I", socket.inet_aton(host))
    return f"{address:08X}:{port:04X}"
