"""A rate is the rate of all connections together, and no second has more than it allows.

5 s in every run; PRANKCURL_PACE_S=20 for as long as you like.
"""

from __future__ import annotations

import os
import signal
import time

from campaigns import Campaign, CampaignFolder, group, scripted, victim
from runner import Prankcurl
from scripted_session import Answer
from scripted_smtp import ScriptedSmtp

RATE = 10  # a second
CONNECTIONS = 8
FINAL_S = 0.75  # how long the server takes for a message, so that all connections are needed
SPAN_S = float(os.environ.get("PRANKCURL_PACE_S", "5"))
TOLERANCE = RATE * SPAN_S * 0.05
LATE = 1  # a message that the machine let go a moment late stands in the next second
START_S = 20


class Clock:
    """The moment of every MAIL command, of all connections, but for the very first.

    That one goes alone: other connections are made when a first has shown that it works.
    """

    def __init__(self) -> None:
        self.moments: list[float] = []
        self._is_first = True

    def note(self, _sender: str) -> Answer:
        if not self._is_first:
            self.moments.append(time.monotonic())
        self._is_first = False
        return Answer("250 2.1.0 sender ok")

    def wait(self, span_s: float) -> None:
        """Until so much time has passed since the first of them."""
        until = time.monotonic() + START_S
        while not self.moments:
            assert time.monotonic() < until, "nothing is sent"
            time.sleep(0.01)
        time.sleep(max(0.0, self.moments[0] + span_s - time.monotonic()))

    def most_in(self, span_s: float) -> int:
        """In any span of this length, wherever it begins."""
        return max(sum(begin <= one < begin + span_s for one in self.moments)
                   for begin in self.moments)


def many_pairs(count: int) -> Campaign:
    """Groups of two, as `**changes`."""
    pairs = [[f"{name}{n}@example.test" for name in ("ada", "ben")] for n in range(count)]
    return {"victims": [victim(address) for pair in pairs for address in pair],
            "groups": [group(f"pair {n}", pair) for n, pair in enumerate(pairs)]}


def test_the_rate_is_kept_over_all_connections(
    prankcurl: Prankcurl, campaign: CampaignFolder
) -> None:
    clock = Clock()
    script = {"mail": clock.note, "final": lambda _: Answer("250 2.0.0 ok", delay_s=FINAL_S)}
    with ScriptedSmtp(script) as server:
        path = campaign(server.url, server=scripted(server.url), delivery={"rate": f"{RATE}/s"},
                        **many_pairs(int(RATE * SPAN_S * 2) + 20))
        with prankcurl.start("send", "--yes", "-j", str(CONNECTIONS), path) as running:
            clock.wait(SPAN_S)
            running.process.send_signal(signal.SIGINT)
            running.finish().expect(130)
    begun = sum(moment < clock.moments[0] + SPAN_S for moment in clock.moments)
    print(f"{begun} messages in {SPAN_S:.0f} s over {server.connections} connections, "
          f"{clock.most_in(1.0)} at the most in a second")
    assert abs(begun - RATE * SPAN_S) <= TOLERANCE, "5 % more or less"
    assert clock.most_in(1.0) <= RATE + LATE
    assert server.connections == CONNECTIONS
    assert len(server.accepted) == len(clock.moments) + 1, "what was begun is brought to its end"
