"""Evenings at the chat, played by chance: who comes, who answers, how long each talk takes, who gives up.

Everything is drawn from one seed. Nothing here knows a rule of the service but the order of the lane.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

MINUTE_S, HOUR_S = 60.0, 3600.0
OPEN_S = 6 * HOUR_S  # 16:00 to 22:00
LOOK_BACK_S = 1800.0
RECENT_TALKS = 60
PATIENT_S = 300.0


@dataclass
class Visitor:
    """``leaves_at``: when patience ends. ``taken_at``: when it was their turn, None if that never came."""

    came_at: float
    boost_s: float
    leaves_at: float
    taken_at: float | None = None


@dataclass
class Counselor:
    """At the desk in ``[comes_at, goes_at)``, save the breaks; talks under way are brought to their end."""

    capacity: int
    comes_at: float
    goes_at: float
    breaks: list[tuple[float, float]]
    talks: list[float] = field(default_factory=list)  # when each began

    def is_here(self, at: float) -> bool:
        """Whether they take new talks now."""
        return self.comes_at <= at < self.goes_at and not any(a <= at < b for a, b in self.breaks)

    def is_away(self, at: float) -> bool:
        """Whether their desk is open, but takes no new talks: in a break, or ending the last ones."""
        is_ending = at >= self.goes_at and bool(self.talks)
        return is_ending or (self.comes_at <= at < self.goes_at and not self.is_here(at))


@dataclass(frozen=True)
class Moment:
    """What the service can know at a moment, and who waits, in the lane's order.

    ``paired_waits``: when, and after how long, each was taken in the last half hour; ``left`` and
    ``waited_s``: how many gave up in it after five minutes and more, and how long all together waited
    beyond these.
    """

    at: float
    slots: int
    away_slots: int
    running_s: list[float]
    ended_s: list[float]
    paired_waits: list[tuple[float, float]]
    left: int
    waited_s: float
    line: list[Visitor]


class Evening:
    """One evening. Iterate to see it minute by minute."""

    def __init__(self, seed: int) -> None:
        draw = self._draw = random.Random(seed)
        self._mean_s = draw.uniform(41, 54) * MINUTE_S
        self._spread = draw.uniform(0.45, 0.75)
        self.counselors = [self._counselor() for _ in range(draw.randint(4, 24))]
        slots = sum(one.capacity for one in self.counselors if one.is_here(300))
        self._coming = self._arrivals(max(slots, 4))
        self._line: list[tuple[float, int, Visitor]] = []
        self._ends: list[tuple[float, int, Counselor, float]] = []
        self._ended = [self._talk_s() for _ in range(RECENT_TALKS if draw.random() < 0.8 else 0)]
        self._left: list[tuple[float, float]] = []
        self._taken: list[tuple[float, float]] = []
        self.visitors: list[Visitor] = []

    def _talk_s(self) -> float:
        mean = math.log(self._mean_s) - self._spread**2 / 2
        return max(MINUTE_S, self._draw.lognormvariate(mean, self._spread))

    def _counselor(self) -> Counselor:
        draw = self._draw
        comes = 0.0 if draw.random() < 0.6 else draw.uniform(0, 4 * HOUR_S)
        goes = comes + draw.uniform(2, 6) * HOUR_S
        breaks, at = [], comes
        while (at := at + draw.expovariate(1 / (1.7 * HOUR_S))) < goes:
            breaks.append((at, at + draw.uniform(10, 25) * MINUTE_S))
        return Counselor(draw.choice((2, 3, 3)), comes, goes, breaks)

    def _arrivals(self, slots: int) -> list[Visitor]:
        """A rush at the opening, and a tail that thins out; two of three can not be served."""
        draw = self._draw
        rush = int(slots * draw.uniform(1, 6))
        times = [draw.expovariate(1 / (4 * MINUTE_S)) for _ in range(rush)]
        a_second = slots / self._mean_s * draw.uniform(0.8, 3)
        at = 0.0
        while (at := at + draw.expovariate(a_second)) < OPEN_S:
            if draw.random() < 1 - 0.6 * at / OPEN_S:
                times.append(at)
        patience = draw.uniform(30, 120) * MINUTE_S
        return [self._visitor(at, patience) for at in sorted(times)]

    def _visitor(self, at: float, patience_s: float) -> Visitor:
        draw = self._draw
        boost = draw.choice((5, 10, 20)) * MINUTE_S if draw.random() < 0.1 else 0.0
        stays = (
            draw.expovariate(1 / (4 * MINUTE_S))
            if draw.random() < 0.15
            else draw.weibullvariate(patience_s, 0.9)
        )
        return Visitor(at, boost, at + stays)

    def __iter__(self) -> Iterator[Moment]:
        """Play in steps of ten seconds; give each minute."""
        coming = iter(self._coming)
        following = next(coming, None)
        at = 0.0
        while at < OPEN_S:
            self._end_talks(at)
            while following is not None and following.came_at <= at:
                self.visitors.append(following)
                heapq.heappush(
                    self._line, (following.came_at - following.boost_s, len(self.visitors), following)
                )
                following = next(coming, None)
            self._leave(at)
            self._pair(at)
            if at % 60 == 0:
                yield self._moment(at)
            at += 10

    def _end_talks(self, at: float) -> None:
        while self._ends and self._ends[0][0] <= at:
            ended_at, _, counselor, began_at = heapq.heappop(self._ends)
            counselor.talks.remove(began_at)
            self._ended.append(ended_at - began_at)

    def _leave(self, at: float) -> None:
        gone = [one for one in self._line if one[2].leaves_at <= at]
        if gone:
            self._left += [(at, at - one[2].came_at) for one in gone]
            self._line = [one for one in self._line if one[2].leaves_at > at]
            heapq.heapify(self._line)

    def _pair(self, at: float) -> None:
        free = [one for one in self.counselors if one.is_here(at) and len(one.talks) < one.capacity]
        while self._line and free:
            counselor = min(free, key=lambda one: len(one.talks))
            _, _, visitor = heapq.heappop(self._line)
            visitor.taken_at = at
            self._taken.append((at, at - visitor.came_at))
            began_at = at + len(self._taken) * 1e-6  # each its own
            counselor.talks.append(began_at)
            heapq.heappush(self._ends, (at + self._talk_s(), len(self._taken), counselor, began_at))
            free = [one for one in free if len(one.talks) < one.capacity]

    def _moment(self, at: float) -> Moment:
        here = [one for one in self.counselors if one.is_here(at)]
        line = [one[2] for one in sorted(self._line)]
        back = min(LOOK_BACK_S, at)
        lately = [(when, wait) for when, wait in self._left if when > at - back]
        taken = [(when, wait) for when, wait in self._taken if when > at - back]
        gone = lately + taken
        waited = sum(min(max(at - one.came_at - PATIENT_S, 0), back) for one in line)
        waited += sum(min(max(wait - PATIENT_S, 0), when - (at - back)) for when, wait in gone)
        return Moment(
            at=at,
            slots=sum(one.capacity for one in here),
            away_slots=sum(one.capacity for one in self.counselors if one.is_away(at)),
            running_s=[at - began for one in here for began in one.talks],
            ended_s=self._ended[-RECENT_TALKS:],
            paired_waits=taken,
            left=sum(wait > PATIENT_S for _, wait in lately),
            waited_s=waited,
            line=line,
        )
