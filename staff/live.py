"""The queue as the staff sees it: counted once a process and second, pushed to every staff socket.

What boards show beyond the queue (``staff.watch``) is gathered by the same task, at the same pace. Each frame
is written once for all who get it: ten boards cost what one does, and a socket's write.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Protocol

import msgspec

from chat import runtime
from chat.events import ALARMS_TOPIC, EMERGENCIES_TOPIC, LANES_TOPIC, AnyEvent, LaneChanged
from chat.protocol import CounselorLoad, QueueStats, encode
from chat.rules.errors import ChatError
from chat.store.errors import QueueLost, StoreDown
from chat.tasks import end_tasks
from notalone import clock
from staff.counts import Counts
from staff.sessions import Member
from staff.watch import Watch

logger = logging.getLogger(__name__)

EVERY_S = 1.0
QUIET_EVERY = 5  # seconds between two counts when no hint came
PEOPLE_EVERY_S = 5.0  # to boards, when only signs of life have changed


class Watcher(Protocol):
    """A staff socket that wants the counts; a board wants more."""

    member: Member | None
    wants_people: bool
    is_board: bool

    def put_text(self, frame: bytes) -> None: ...


class Board:
    """One a process. Counts while somebody watches."""

    def __init__(self, parts: runtime.Runtime) -> None:
        self._watchers: set[Watcher] = set()
        self._newcomers: set[Watcher] = set()
        self._counts = Counts()
        self._watch = Watch(self._counts)
        self._people: list[CounselorLoad] = []
        self._people_at = float("-inf")
        self._due = asyncio.Event()
        self._is_changed = False
        self.latest: QueueStats | None = None
        for topic in (LANES_TOPIC, ALARMS_TOPIC, EMERGENCIES_TOPIC):
            parts.hub.subscribe(topic, self._hear)
        parts.stoppers.append(self.stop)
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        await end_tasks([self._task])

    def join(self, watcher: Watcher) -> None:
        """Show the counts to a socket from now on, the first time at once; all of it when it is a board."""
        self._watchers.add(watcher)
        self._newcomers.add(watcher)
        self._due.set()

    def leave(self, watcher: Watcher) -> None:
        self._watchers.discard(watcher)
        self._newcomers.discard(watcher)

    def _hear(self, event: AnyEvent) -> None:
        self._is_changed = True
        if not isinstance(event, LaneChanged):
            self._watch.look_again()
            self._due.set()
        elif event.urgent:
            self._due.set()

    async def _run(self) -> None:
        quiet = 0
        while True:
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._due.wait()
            except TimeoutError:
                quiet += 1
            is_due = self._due.is_set() or self._is_changed or quiet >= QUIET_EVERY
            self._due.clear()
            if not is_due or not self._watchers:
                continue
            quiet = 0
            self._is_changed = False
            try:
                await self._show()
            except (StoreDown, QueueLost, ChatError) as error:
                logger.info("the board waits: %s", type(error).__name__)
            except Exception:
                logger.exception("the board failed")

    async def _show(self) -> None:
        boards = [one for one in self._watchers if one.is_board]
        newcomers, self._newcomers = self._newcomers, set()
        try:
            self.latest = await self._counts.count(for_boards=bool(boards))
        except BaseException:
            self._newcomers |= newcomers & self._watchers
            raise
        self._show_counts(self.latest, newcomers)
        if boards:
            await self._watch.show(boards, newcomers, clock.now())

    def _show_counts(self, stats: QueueStats, newcomers: set[Watcher]) -> None:
        brief = encode(msgspec.structs.replace(stats, people=None))
        full = encode(stats)
        is_news = self._is_news(stats.people or [])
        for watcher in list(self._watchers):
            is_owed = watcher.wants_people and (is_news or watcher in newcomers or not watcher.is_board)
            watcher.put_text(full if is_owed else brief)

    def _is_news(self, people: list[CounselorLoad]) -> bool:
        """Tell whether boards get the people: when one has changed, or signs of life are five seconds old."""
        is_same = _without_signs(people) == self._people
        if is_same and time.monotonic() - self._people_at < PEOPLE_EVERY_S:
            return False
        self._people, self._people_at = _without_signs(people), time.monotonic()
        return True


def _without_signs(people: list[CounselorLoad]) -> list[CounselorLoad]:
    return [msgspec.structs.replace(one, seen_at=None) for one in people]


def current() -> Board:
    """Give this process's board, starting it the first time."""
    parts = runtime.current()
    board = parts.board
    if not isinstance(board, Board):
        board = parts.board = Board(parts)
    return board
