"""What the benchmarks of the sender share: a sink, campaigns of any size, and running a sender."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LIMIT_S = 1200


@dataclass
class Sink:
    """A running sink; `messages` is known when it has ended."""

    port: int
    messages: int = -1


@contextmanager
def running_sink(binary: Path, final_delay_ms: int) -> Iterator[Sink]:
    process = subprocess.Popen([str(binary), "--final-delay-ms", str(final_delay_ms)],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        sink = Sink(int(process.stdout.readline()))
        yield sink
    finally:
        process.terminate()
        told = process.communicate(timeout=10)[0]
    sink.messages = int(told.split()[0])


def write_campaign(path: Path, pranks: int, port: int) -> None:
    """Groups of three, each message to two people."""
    people = [{"name": f"Person {n}", "address": f"p{n}@example.test"} for n in range(3 * pranks)]
    campaign = {
        "campaign": "bench",
        "seed": 20270401,
        "organiser": {"name": "Nadia Rossi", "address": "nadia@example.test"},
        "server": {"url": f"smtp://127.0.0.1:{port}", "starttls": "never"},
        "consent": {"domains": ["example.test"]},
        "victims": people,
        "groups": {"count": pranks, "min_size": 3},
        "messages": [{
            "name": "coffee", "subject": "{{author.name}} broke the coffee machine",
            "text": "Dear {{#recipients}}{{name}}, {{/recipients}}\n\n" + "It was me.\n" * 60,
        }],
        "delivery": {"messages_per_connection": 1_000_000},
    }
    path.write_text(json.dumps(campaign))


def seconds_of(words: list[str], **how: object) -> float:
    """How long the command takes, from its start to its end. It must succeed."""
    begin = time.monotonic()
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   timeout=LIMIT_S, **how)  # type: ignore[call-overload]
    return time.monotonic() - begin
