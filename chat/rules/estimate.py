"""How long someone in the queue may still wait: a range that is meant to be believed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

TALKS_NEEDED = 3
_SPREAD = 1.28  # standard deviations each side that hold 8 of 10 outcomes
_STEP_S = 60


@dataclass(frozen=True, slots=True)
class Range:
    """Seconds, in whole minutes. ``by_close``: your turn comes before the window ends, even at ``high_s``."""

    low_s: int
    high_s: int
    by_close: bool


def estimate(
    position: int, free_slots: int, slots: int, recent_talks_s: Sequence[int], closes_in_s: int | None
) -> Range | None:
    """Estimate the wait of the visitor at a 1-based place in a lane, None where nothing honest can be said.

    ``slots`` is the whole capacity of the available counselors who serve the lane, ``free_slots`` the
    part of it that nobody holds; ``recent_talks_s`` are the lengths of the lane's last talks.

    Whoever has a free slot waits less than a minute. The others wait for ``ahead`` talks to end; these
    end once in (mean talk / slots), with a variance of ``ahead`` such steps (Poisson) and of
    ``ahead² / talks`` because the mean itself is known from few talks. The range holds 8 of 10 outcomes, is
    rounded outward to minutes, and never shrinks from one place to the next.
    """
    if slots <= 0:
        return None
    ahead = max(position, 1) - max(free_slots, 0)
    if ahead <= 0:
        return _range(0, _STEP_S, closes_in_s)
    talks = len(recent_talks_s)
    if talks < TALKS_NEEDED:
        return None
    step_s = max(sum(recent_talks_s) / talks, 1) / slots
    spread = _SPREAD * math.sqrt(ahead + ahead * ahead / talks)
    return _range(max(ahead - spread, 0) * step_s, (ahead + spread) * step_s, closes_in_s)


def _range(low_s: float, high_s: float, closes_in_s: int | None) -> Range:
    high = math.ceil(high_s / _STEP_S) * _STEP_S
    by_close = closes_in_s is None or high <= closes_in_s
    return Range(math.floor(low_s / _STEP_S) * _STEP_S, high, by_close)
