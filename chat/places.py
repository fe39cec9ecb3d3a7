"""Telling this process's visitors their places: one reading of a lane for all of its sockets.

A lane's order is (score, ticket), and each socket knows both of its own. So the tickets at the marks are
enough to place everybody between two of them: whatever waits, a reading costs the same.
"""

from __future__ import annotations

import uuid
from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Protocol

from chat import runtime
from chat.actions.estimates import LaneFacts, lane_facts, range_from
from chat.actions.rebuild import with_queue
from chat.rules.places import EXACT, Told, has_moved, is_news, marks
from chat.rules.types import Lane
from chat.store.queue import LaneMarks

EVERYBODY = 1_000_000  # no lane is longer
MARKS = marks(EVERYBODY)
FRAMES = 300  # told in one round of one lane by one process; the others in the next rounds, from the front
REFRESHED = 50  # of these, at most so many for a range alone


class Waiter(Protocol):
    """A visitor's socket, as it waits."""

    ticket: uuid.UUID
    lane: Lane
    is_waiting: bool
    told: Told | None

    @property
    def score_ms(self) -> int: ...
    def tell_place(self, now: Told) -> None: ...


class Board:
    """Tells places. Lanes that changed are marked, and told once a round."""

    def __init__(self) -> None:
        self._changed: set[Lane] = set()
        self._told: dict[Lane, tuple[LaneMarks, LaneFacts]] = {}  # by which everybody has been told

    def mark(self, lane: Lane) -> None:
        self._changed.add(lane)

    async def tell(self, sockets: Iterable[Waiter], now: datetime, *, everywhere: bool) -> None:
        """Tell what is news in the lanes that changed, or ``everywhere``. Raises StoreDown or ChatError."""
        waiting: dict[Lane, list[Waiter]] = {}
        for socket in sockets:
            if socket.is_waiting:
                waiting.setdefault(socket.lane, []).append(socket)
        due = [lane for lane in waiting if everywhere or lane in self._changed]
        self._changed.clear()
        for lane in due:
            reading = await with_queue(partial(runtime.current().queue.marks, lane, EXACT, MARKS))
            facts = await lane_facts(lane)
            before = self._told.pop(lane, None)
            is_news = everywhere or before is None or before[1] is not facts or moves(before[0], reading)
            if is_news and self._tell_lane(reading, facts, waiting[lane], now):
                self._changed.add(lane)
            else:
                self._told[lane] = reading, facts

    def _tell_lane(self, reading: LaneMarks, facts: LaneFacts, sockets: list[Waiter], now: datetime) -> bool:
        """Tell a lane's sockets; true when there is more to tell than one round may."""
        ranges: dict[int, Told] = {}
        news: list[tuple[int, Waiter]] = []
        moved: list[Waiter] = []
        for socket, place in _placed(reading, sockets):
            if place not in ranges:
                ranges[place] = Told(place, range_from(facts, place, now))
            if is_news(socket.told, ranges[place]):
                news.append((place, socket))
            elif socket.told is not None and has_moved(socket.told.range, ranges[place].range):
                moved.append(socket)
        news.sort(key=lambda one: one[0])
        for place, socket in news[:FRAMES]:
            socket.tell_place(ranges[place])
        spare = min(REFRESHED, max(0, FRAMES - len(news)))
        for socket in moved[:spare]:
            if socket.told is not None:
                socket.tell_place(ranges[socket.told.place])
        return len(news) > FRAMES or len(moved) > spare


def moves(before: LaneMarks, now: LaneMarks) -> bool:
    """Tell whether somebody's place is another than before.

    Who comes to the end of a lane moves nobody, and in a rush hundreds do so in a second.
    """
    pairs = (zip(before.front, now.front, strict=False), zip(before.keys, now.keys, strict=False))
    return any(one != other for pair in pairs for one, other in pair)


def _placed(reading: LaneMarks, sockets: Iterable[Waiter]) -> Iterable[tuple[Waiter, int]]:
    """Give each socket's place as it is told. Who belongs into the front and is not there has gone."""
    exact = {ticket: place for place, ticket in enumerate(reading.front, 1)}
    for socket in sockets:
        if not socket.is_waiting:
            continue
        ticket = str(socket.ticket)
        place = exact.get(ticket)
        if place is None and reading.waiting > EXACT:
            index = bisect_left(reading.keys, (socket.score_ms, ticket))
            place = MARKS[min(index, len(MARKS) - 1)] if index else None
        if place is not None:
            yield socket, place
