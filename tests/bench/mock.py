#!/usr/bin/python3
"""prankmock against its peers, fed by Postfix's smtp-source -d, in turn, in one run.

    tests/bench/mock.sh             installs the peers, builds, and measures
    tests/bench/mock.py BINARY MAILDEV

smtp-sink keeps nothing; MailDev and aiosmtpd are what people use in prankmock's place. Prints the
median rate of each over the rounds and prankmock's ratio to it, round by round, then the memory of
prankmock after 200,000 messages against its bounds. It judges nothing.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

ROUNDS = 5
SESSIONS = 16
MESSAGE_BYTES = 2048
MEMORY_MESSAGES = 200_000
MAX_BYTES = 64 << 20


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for_greeting(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as one:
                if one.recv(3) == b"220":
                    return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nothing greets on port {port}")


@contextmanager
def running(words: list[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for_greeting(port)
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def feed(port: int, messages: int) -> float:
    """Messages a second."""
    start = time.monotonic()
    subprocess.run(
        ["/usr/sbin/smtp-source", "-d", "-s", str(SESSIONS), "-m", str(messages), "-l",
         str(MESSAGE_BYTES), "-f", "a@example.test", "-t", "b@example.test",
         f"inet:127.0.0.1:{port}"], check=True, stderr=subprocess.DEVNULL)
    return messages / (time.monotonic() - start)


def peers(binary: str, maildev: str, folder: str) -> dict[str, tuple[list[str], int, int]]:
    """Name, command, port, and how many messages a round: enough for a second or more."""
    ports = [free_port() for _ in range(6)]
    return {
        "prankmock": ([binary, "--smtp", f"127.0.0.1:{ports[0]}", "--http", "127.0.0.1:0", "-q",
                       "--tls-dir", folder], ports[0], 40_000),
        "smtp-sink": (["/usr/sbin/smtp-sink", "-u", "nobody", f"127.0.0.1:{ports[1]}", "1000"],
                      ports[1], 40_000),
        "MailDev": (["node", maildev, "--ip", "127.0.0.1", "-s", str(ports[2]), "--web-ip",
                     "127.0.0.1", "-w", str(ports[3]), "--silent", "--max-emails", "1000"],
                    ports[2], 2_000),
        "aiosmtpd": (["/usr/bin/python3", "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{ports[4]}",
                      "-c", "aiosmtpd.handlers.Sink"], ports[4], 3_000),
    }


def measure_rates(binary: str, maildev: str) -> None:
    rates: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        servers = peers(binary, maildev, folder)
        for number in range(ROUNDS + 1):
            for name, (words, port, messages) in servers.items():
                with running(words, port):
                    rate = feed(port, messages)
                if number:  # the first round warms up
                    rates.setdefault(name, []).append(rate)
    print(f"messages of {MESSAGE_BYTES} bytes over {SESSIONS} kept-alive sessions, "
          f"{ROUNDS} rounds in turn")
    for name, all_rates in rates.items():
        ratios = [mine / other for mine, other in zip(rates["prankmock"], all_rates)]
        print(f"{name:10} {statistics.median(all_rates):9.0f} msg/s   prankmock/{name} "
              f"{min(ratios):.2f} {statistics.median(ratios):.2f} {max(ratios):.2f} "
              "(min median max)")


def memory_kib(pid: int, field: str) -> int:
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(rf"{field}:\s+(\d+)", status.read())[1])  # type: ignore[index]


def measure_memory(binary: str) -> None:
    port, web = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        words = [binary, "--smtp", f"127.0.0.1:{port}", "--http", f"127.0.0.1:{web}", "-q",
                 "--tls-dir", folder, "--max-messages", "100000", "--max-bytes", str(MAX_BYTES)]
        with running(words, port) as process:
            before = memory_kib(process.pid, "VmRSS")
            feed(port, MEMORY_MESSAGES)
            with urllib.request.urlopen(f"http://127.0.0.1:{web}/api/stats") as answer:
                stats = json.load(answer)
            print(f"after {stats['received']} messages with --max-bytes {MAX_BYTES >> 20} MiB: kept "
                  f"{stats['kept']} in {stats['kept_bytes'] / 2**20:.1f} MiB; resident before "
                  f"{before / 1024:.1f} MiB, at its peak "
                  f"{memory_kib(process.pid, 'VmHWM') / 1024:.1f} MiB")


if __name__ == "__main__":
    measure_rates(sys.argv[1], sys.argv[2])
    measure_memory(sys.argv[1])
