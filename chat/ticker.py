"""What a process does for its sockets by the clock: places, warnings, leases, and a look at the rows.

Hints may be lost; so every few seconds the process asks the database once for all of its sockets
whether a talk has moved on or a ticket has changed. That look has a task of its own and asks Redis for
nothing: with Redis away, each of its commands may take two seconds, and the look is then all there is.
Nothing here decides anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol, TypeVar
from weakref import WeakKeyDictionary

from chat import campaigns, control, db, places, runtime
from chat.actions.availability import renew_lease
from chat.actions.desk import read_held_ids
from chat.actions.place import Standing, read_changes, read_standings
from chat.actions.rebuild import ms
from chat.actions.sweep import end_windows
from chat.actions.talk import read_heads
from chat.events import LANES_TOPIC, AnyEvent, LaneChanged
from chat.rules.errors import ChatError
from chat.rules.hours import state_of, talk_ends_at, warning_due, window_closes_at
from chat.rules.types import Hours, Lane
from chat.store.errors import QueueLost, StoreDown
from chat.tasks import end_tasks
from notalone import clock

logger = logging.getLogger(__name__)

T = TypeVar("T")

TICK_S = 1.0
LOOK_EVERY_S = 3.0  # what a lost hint may cost
END_EVERY = 3  # ticks
BEAT_EVERY = 10
BACK_EVERY = 10
CHUNK = 500  # tickets in one command or query
CHANGES_MARGIN = timedelta(seconds=15)  # another process's clock, and a commit that took its time


class Talker(Protocol):
    """A socket that follows conversations."""

    def talks(self) -> Iterable[uuid.UUID]: ...
    def hours(self) -> Iterable[Hours]: ...
    def look(self, talk: uuid.UUID, last_seq: int, state: str) -> None: ...
    def warn(self, closes_at: datetime, ends_at: datetime) -> None: ...
    def tell_window(self, hours: Hours, closes_at: datetime, ends_at: datetime) -> None: ...


class Waiter(Talker, places.Waiter, Protocol):
    """A visitor's socket."""

    def look_at_ticket(self, standing: Standing) -> None: ...


class Deskside(Talker, Protocol):
    """A counselor's socket."""

    counselor: uuid.UUID | None

    def look_at_desk(self, held: set[uuid.UUID]) -> None: ...


class Ticker:
    """One a process. Sockets join and leave."""

    def __init__(self) -> None:
        self.waiters: set[Waiter] = set()
        self.desks: set[Deskside] = set()
        self._places = places.Board()
        self._looked_at: datetime | None = None
        self._round: list[uuid.UUID] = []  # who is still to be looked at, one by one
        self._closes: dict[Hours, datetime] = {}
        self._warned: WeakKeyDictionary[Talker, dict[datetime, int]] = WeakKeyDictionary()
        self._tick = 0
        self._is_look_due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, parts: runtime.Runtime) -> None:
        parts.hub.subscribe(LANES_TOPIC, self._hear)
        parts.hub.on_relinked = self.look_soon
        parts.stoppers.append(self.stop)
        self._tasks = [asyncio.create_task(self._tick_forever()), asyncio.create_task(self._look_forever())]

    async def stop(self) -> None:
        await end_tasks(self._tasks)

    def look_soon(self) -> None:
        """Look at the rows at once, and do at the next tick all that is due: hints may have been lost."""
        self._is_look_due.set()
        self._tick = -1

    def _hear(self, event: AnyEvent) -> None:
        if isinstance(event, LaneChanged):
            self._places.mark(Lane("youth" if event.audience == "youth" else "general", event.language))

    async def _tick_forever(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._tick += 1
            await _guard(lambda: self.tick(clock.now()))

    async def _look_forever(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._is_look_due.wait()
            self._is_look_due.clear()
            await _guard(lambda: self.look(clock.now()))

    async def tick(self, now: datetime) -> None:
        """Do what is due, but for the look."""
        if not self.waiters and not self.desks:
            return
        await campaigns.loaded()
        await self._watch_windows(now)
        if self._tick % BEAT_EVERY == 0:
            await self._beat(now)
        await self._places.tell(self.waiters, now, everywhere=self._tick % BACK_EVERY == 0)

    # --- the rows ---

    async def look(self, now: datetime) -> None:
        """Ask the database what has happened to this process's talks and tickets."""
        await self._look_at_talks()
        await self._look_at_desks()
        if self.waiters:
            await self._look_at_tickets(now)

    async def _look_at_tickets(self, now: datetime) -> None:
        """Read what has changed since the last look, the tickets of talks, and some of those that wait.

        However many wait, it is a few hundred rows.
        """
        since = (self._looked_at or now) - CHANGES_MARGIN
        standings = await db.run(read_changes, since)
        self._looked_at = now
        some = [waiter.ticket for waiter in self.waiters if not waiter.is_waiting]
        if not self._round:
            self._round = [waiter.ticket for waiter in self.waiters if waiter.is_waiting]
        some += self._round[-CHUNK:]
        del self._round[-CHUNK:]
        for chunk in chunked(some):
            standings |= await db.run(read_standings, chunk)
        for waiter in list(self.waiters):
            if waiter.ticket in standings:
                waiter.look_at_ticket(standings[waiter.ticket])

    async def _look_at_talks(self) -> None:
        sockets: list[Talker] = [*self.waiters, *self.desks]
        talks = {talk for socket in sockets for talk in socket.talks()}
        if talks:
            heads = await db.run(read_heads, list(talks))
            for socket in sockets:
                for talk in list(socket.talks()):
                    if talk in heads:
                        socket.look(talk, *heads[talk])

    async def _look_at_desks(self) -> None:
        counselors = {desk.counselor for desk in self.desks if desk.counselor}
        if counselors:
            held = await db.run(read_held_ids, list(counselors))
            for desk in list(self.desks):
                if desk.counselor in counselors:
                    desk.look_at_desk(held.get(desk.counselor, set()))

    # --- signs of life ---

    async def _beat(self, now: datetime) -> None:
        for tickets in chunked([str(socket.ticket) for socket in self.waiters]):
            await runtime.current().queue.touch(tickets, ms(now))
        # together: one that Redis lets wait for its time limit must not use up the others' leases
        counselors = {desk.counselor for desk in self.desks if desk.counselor}
        await asyncio.gather(*(renew_lease(counselor) for counselor in counselors))

    # --- windows ---

    async def _watch_windows(self, now: datetime) -> None:
        is_over = False
        sockets: list[Talker] = [*self.waiters, *self.desks]
        for hours in {one for socket in sockets for one in socket.hours()}:
            campaign = campaigns.at_hand().named(hours.campaign)
            if campaign is None:
                continue
            closes_at = window_closes_at(campaign, hours.audience, now)
            ends_at = talk_ends_at(campaign, hours.audience, now)
            if closes_at is not None and ends_at is not None:
                if closes_at > now:
                    self._tell_change(hours, closes_at, ends_at)
                self._warn(hours, closes_at, ends_at, now)
            service = campaign.service("chat", hours.audience)
            is_over = is_over or service is None or not state_of(campaign, service, now).is_open
        if is_over and (self._tick % END_EVERY == 0 or any(w.is_waiting for w in self.waiters)):
            await end_windows(now)

    def _tell_change(self, hours: Hours, closes_at: datetime, ends_at: datetime) -> None:
        """Tell everybody of these hours when their window's end is another than a second ago."""
        before = self._closes.get(hours)
        self._closes[hours] = closes_at
        if before == closes_at:
            return
        # a visitor's socket knows what it has told; of the staff nobody is told what was so before
        for socket in [*self.waiters, *(self.desks if before else ())]:
            if hours in socket.hours():
                socket.tell_window(hours, closes_at, ends_at)

    def _warn(self, hours: Hours, closes_at: datetime, ends_at: datetime, now: datetime) -> None:
        """Warn each socket once a mark: one that came after the others were told is told at once.

        In the grace only who talks is told.
        """
        if warning_due(closes_at, ends_at, now, None) is None:
            return
        is_grace = closes_at <= now
        end = ends_at if is_grace else closes_at
        for socket in [*self.waiters, *self.desks]:
            if hours not in socket.hours() or (is_grace and not any(socket.talks())):
                continue
            marks = self._warned.setdefault(socket, {})
            due = warning_due(closes_at, ends_at, now, marks.get(end))
            if due is not None:
                marks[end] = due
                socket.warn(closes_at, ends_at)


def chunked(things: Iterable[T]) -> Iterator[list[T]]:
    """Cut into pieces that nobody else has to wait for long."""
    rest = iter(things)
    while piece := list(islice(rest, CHUNK)):
        yield piece


async def _guard(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except (ChatError, StoreDown, QueueLost) as error:
        logger.info("what is done by the clock waits: %s", type(error).__name__)
    except Exception:
        logger.exception("what is done by the clock failed")


def current() -> Ticker:
    """Give this process's ticker, starting it the first time."""
    parts = runtime.current()
    ticker = parts.ticker
    if not isinstance(ticker, Ticker):
        ticker = parts.ticker = Ticker()
        ticker.start(parts)
        control.start(parts)
    return ticker
