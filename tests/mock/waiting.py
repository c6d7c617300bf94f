"""Waiting for what must come true."""

from __future__ import annotations

import time
from collections.abc import Callable

LIMIT_S = 10.0


def until(is_so: Callable[[], bool], limit_s: float = LIMIT_S) -> None:
    """Looks again and again, and fails when it does not come true."""
    end = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < end, "it has not come true"
        time.sleep(0.005)
