"""A campaign of many small groups, and a server that takes its time, both drawn from a seed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

Rules = list[dict[str, Any]]

CLASSES = 6  # of delays, at each step
LONGEST_MS = {"connect": 30, "rcpt": 8, "data": 15, "body": 10, "final": 30}
STEPS = ("rcpt", "data", "body", "final")  # at which a group is slow
REFUSED = 0.3  # so many groups are at first
LATER = {  # what some groups are told at first, so that pranks wait to be tried again
    "grey": ("rcpt", "451 4.7.1 greylisted, try again"),
    "busy": ("final", "451 4.3.0 not now"),
}
DELIVERY = {"attempts": 50, "first_retry": "10ms", "give_up_after": "1h"}


@dataclass(frozen=True)
class Scenario:
    """`members` are those of each group, the author first."""

    members: list[list[str]]
    rules: Rules

    def write(self, path: Path, server_url: str) -> None:
        people = [address for group in self.members for address in group]
        campaign = {
            "campaign": "crash",
            "seed": 20270401,
            "organiser": {"name": "Nadia Rossi", "address": "nadia@example.test"},
            "server": {"url": server_url, "starttls": "never"},
            "consent": {"domains": ["example.test"]},
            "victims": [{"name": one.partition("@")[0], "address": one} for one in people],
            "groups": [{"name": f"group {number}", "members": group, "author": group[0]}
                       for number, group in enumerate(self.members, 1)],
            "messages": [{"name": "coffee", "subject": "{{author.name}} broke it",
                          "text": "Dear all,\n\nit was me.\n.\n\n{{author.name}}\n"}],
            "delivery": DELIVERY,
        }
        path.write_text(json.dumps(campaign, indent=1))


def draw(random: Random, pranks: int, with_refusals: bool) -> Scenario:
    """Without refusals each of the sender's connections lasts from its start to its end."""
    kinds = list(LATER) if with_refusals else []
    return Scenario([_draw_group(random, kinds, number) for number in range(pranks)],
                    _draw_rules(random))


def _draw_group(random: Random, kinds: list[str], number: int) -> list[str]:
    """A recipient's address says how long the server takes for it, and what it says at first."""
    slow = "-".join(f"{step}{random.randrange(CLASSES)}" for step in STEPS)
    kind = random.choice(kinds) if kinds and random.random() < REFUSED else "plain"
    # A greylisted one is alone: no prank is ever accepted for one recipient and not for the other.
    recipients = 1 if kind == "grey" else random.choice((1, 2))
    addresses = [f"{kind}-{slow}-{number}{letter}@example.test" for letter in "ab"[:recipients]]
    return [f"author-{number}@example.test", *addresses]


def _draw_rules(random: Random) -> Rules:
    """At every step the first that matches is carried out."""
    rules: Rules = [
        {"step": step, "recipient": f"{kind}-*", "attempt": 1, "reply": reply,
         "delay": _delay(random, step)}
        for kind, (step, reply) in LATER.items()
    ]
    rules += [{"step": "connect", "connection": number, "delay": _delay(random, "connect")}
              for number in range(1, 400) if random.random() < 0.5]
    rules += [
        {"step": step, "recipient": f"*-{step}{number}-*", "delay": _delay(random, step)}
        for step in STEPS for number in range(CLASSES)
        if number  # the first class is as fast as can be
    ]
    return rules


def _delay(random: Random, step: str) -> str:
    return f"{random.randint(1, LONGEST_MS[step])}ms"
