"""How often something has happened within a minute."""

from __future__ import annotations

import time
from collections import deque

MINUTE_S = 60.0


class Rate:
    """Count what happens on one socket; the oldest is forgotten after a minute."""

    __slots__ = ("_times",)

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def hit(self) -> int:
        """Count once more; give how often it has happened within the last minute."""
        now = time.monotonic()
        self._times.append(now)
        while self._times[0] <= now - MINUTE_S:
            self._times.popleft()
        return len(self._times)

    def take_back(self) -> int:
        """Do not count the last one after all; give the whole seconds until there is room for it."""
        self._times.pop()
        return int(MINUTE_S - (time.monotonic() - self._times[0])) + 1 if self._times else 1

    def clear(self) -> None:
        self._times.clear()
