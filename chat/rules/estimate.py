"""How long someone in the queue may still wait: a range that is meant to be believed.

What is known: how many slots there are, how long each talk under way has lasted, how long the last talks
took, and how many give up waiting. From these follows how many people will have gone from the front of the
lane by each later minute, and how far that may be wrong. ``python -m bench estimates`` plays evenings and
counts how often the true wait fell into the range; docs/estimates.md has its table, and says where the
constants are from.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

TALKS_NEEDED = 3
PATIENT_S = 300  # who has waited for so long gives up at another rate than who has just come
STEP_S = 180
STEPS = 120  # six hours, a whole evening
_MINUTE_S = 60
_HOUR_STEPS = 3600 // STEP_S

# Fitted to evenings that were played, see docs/estimates.md.
_AWAY_SHARE = 0.5  # of the counselors whose desk is open but away, so many come back soon
_EARLY, _LATE = 2.1, 1.45  # standard deviations on each side
_COUNT_VARIANCE = 1.35  # of the number gone, as a share of it
_DOUBT, _DOUBT_HOUR, _DOUBT_TALKS = 0.05, 0.15, 0.2  # variances of the pace: at once, an hour, by few talks
_DOUBT_OPENING, _OPENING_S = 0.3, 1200.0  # … and at the opening, which fades: who else will come to answer?
_WITHIN = 0.8  # a place is reached when so much of its step is still to go
_PRIOR_TALKS, _PRIOR_LOG_S, _PRIOR_SPREAD = 5, math.log(42 * 60), 0.6
_PRIOR_LEAVERS, _PRIOR_PATIENCE_S = 2.0, 3600.0


@dataclass(frozen=True, slots=True)
class Range:
    """Seconds, in whole minutes. ``by_close``: your turn comes before the window ends, even at ``high_s``."""

    low_s: int
    high_s: int
    by_close: bool


@dataclass(frozen=True, slots=True)
class LaneNow:
    """What is known of a lane at one moment.

    ``slots``: the whole capacity of the available counselors who serve it, ``away_slots`` that of those
    whose desk is open but away. ``running_s``: how long each talk of the available has lasted. ``ended_s``:
    the lengths of the last talks, some dozens at most. Of the last half hour: ``left``, how many gave up
    after more than PATIENT_S, and ``waited_s``, how long all together waited beyond PATIENT_S. ``open_s``:
    for how long the lane's window has been open.
    """

    slots: int
    running_s: Sequence[float]
    ended_s: Sequence[float]
    away_slots: int = 0
    left: int = 0
    waited_s: float = 0.0
    open_s: float = math.inf


class Outlook:
    """When each place of a lane will be reached: early, if all goes well, and late, if it does not."""

    def __init__(self, now: LaneNow) -> None:
        self.now = now

    def wait(self, place: int, closes_in_s: int | None) -> Range:
        """Give the range for a 1-based place, rounded outward; it never gets earlier with a later place."""
        low_s = _reach(self._early, place - _WITHIN)
        high_s = max(1, math.ceil(_reach(self._late, place - _WITHIN) / _MINUTE_S)) * _MINUTE_S
        by_close = closes_in_s is None or high_s <= closes_in_s
        return Range(math.floor(low_s / _MINUTE_S) * _MINUTE_S, high_s, by_close)

    @cached_property
    def _early(self) -> list[float]:
        return self._bound(_EARLY)

    @cached_property
    def _late(self) -> list[float]:
        return self._bound(-_LATE)

    def _bound(self, deviations: float) -> list[float]:
        """Shift the number gone by each step; it never falls, and never below a tenth of what is expected."""
        few = _DOUBT_TALKS / (len(self.now.ended_s) + _PRIOR_TALKS)
        new = _DOUBT_OPENING**2 * math.exp(-self.now.open_s / _OPENING_S)
        curve: list[float] = []
        highest = 0.0
        for step, expected in enumerate(self._gone):
            doubt = _DOUBT**2 + _DOUBT_HOUR**2 * step / _HOUR_STEPS + few + new
            deviation = math.sqrt(_COUNT_VARIANCE * expected + doubt * expected * expected)
            highest = max(highest, expected / 10, expected + deviations * deviation)
            curve.append(highest)
        return curve

    @cached_property
    def _gone(self) -> list[float]:
        """How many have gone from the front by the end of each step, taken or having given up.

        Whoever gives up in front of someone spares them a step: so a talk that ends later counts for more.
        """
        leavers = self.now.left + _PRIOR_LEAVERS
        leaving = leavers / (self.now.waited_s + _PRIOR_LEAVERS * _PRIOR_PATIENCE_S)
        gone = [0.0]
        for step, ended in enumerate(self._ends()):
            worth = math.exp(min(leaving * (step + 0.5) * STEP_S, 5.0))
            gone.append(gone[-1] + ended * worth)
        return gone

    def _ends(self) -> list[float]:
        """How many talks end in each step: those under way, by their age, and those that follow them."""
        mean, spread = fit_talks(self.now.ended_s, self.now.running_s)
        lasts = [_survival(step * STEP_S, mean, spread) for step in range(2 * STEPS + 2)]
        ends_at = [lasts[step] - lasts[step + 1] for step in range(STEPS)]
        ages = self._ages()
        ends: list[float] = []
        for step in range(STEPS):
            old = sum(
                count * (lasts[age + step] - lasts[age + step + 1]) / lasts[age]
                for age, count in ages.items()
            )
            following = sum(ends[begun] * ends_at[step - begun] for begun in range(step))
            ends.append(old + following)
        return ends

    def _ages(self) -> dict[int, float]:
        """Count talks by their age in steps. A slot that is just being filled counts as one that begins."""
        slots = self.now.slots + _AWAY_SHARE * self.now.away_slots
        ages: dict[int, float] = {0: max(0.0, slots - len(self.now.running_s))}
        for age_s in self.now.running_s:
            age = min(round(age_s / STEP_S), STEPS)
            ages[age] = ages.get(age, 0) + 1
        return ages


def look_ahead(now: LaneNow) -> Outlook | None:
    """Make a lane's outlook; None where nothing honest can be said: nobody serves, or too little is known."""
    if now.slots <= 0 or len(now.ended_s) < TALKS_NEEDED:
        return None
    return Outlook(now)


def fit_talks(ended_s: Sequence[float], running_s: Sequence[float]) -> tuple[float, float]:
    """Fit the logarithm of a talk's length: mean and standard deviation.

    A talk under way counts as one of at least its age; without these an evening's first talks to end, the
    short ones, would stand for all. By expectation–maximization (Dempster, Laird, Rubin, 1977).
    """
    seen = [math.log(max(length, _MINUTE_S)) for length in ended_s]
    bounds = [math.log(max(age, _MINUTE_S)) for age in running_s]
    base = _PRIOR_TALKS * _PRIOR_LOG_S + sum(seen)
    base_squares = _PRIOR_TALKS * (_PRIOR_SPREAD**2 + _PRIOR_LOG_S**2) + sum(log_s * log_s for log_s in seen)
    count = _PRIOR_TALKS + len(seen) + len(bounds)
    mean, spread = _PRIOR_LOG_S, _PRIOR_SPREAD
    for _ in range(10):
        hazards = [_hazard((bound - mean) / spread) for bound in bounds]
        total = base + sum(mean + spread * hazard for hazard in hazards)
        squares = base_squares + sum(
            mean * mean + spread * spread + spread * (bound + mean) * hazard
            for bound, hazard in zip(bounds, hazards, strict=True)
        )
        mean = total / count
        spread = min(max(math.sqrt(max(squares / count - mean * mean, 0.01)), 0.3), 1.2)
    return mean, spread


def _reach(curve: Sequence[float], place: float) -> float:
    """Find when a curve reaches a place (s); beyond its end it goes on as straight as in its last hour."""
    index = bisect_left(curve, place)
    if index == 0:
        return 0.0
    if index == len(curve):
        a_step = max((curve[-1] - curve[-1 - _HOUR_STEPS]) / _HOUR_STEPS, 1e-3)
        return (len(curve) - 1 + (place - curve[-1]) / a_step) * STEP_S
    before, after = curve[index - 1], curve[index]
    return (index - 1 + (place - before) / (after - before)) * STEP_S


def _hazard(at: float) -> float:
    """The standard normal's density over its upper tail."""
    tail = math.erfc(at / math.sqrt(2)) / 2
    return at + 1 / at if tail < 1e-9 else math.exp(-at * at / 2) / math.sqrt(2 * math.pi) / tail


def _survival(length_s: float, mean: float, spread: float) -> float:
    """The share of talks that last longer."""
    if length_s <= 0:
        return 1.0
    return max(math.erfc((math.log(length_s) - mean) / spread / math.sqrt(2)) / 2, 1e-12)
