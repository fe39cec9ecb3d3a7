"""The queue as the staff sees it: counted once a process and second, pushed to every staff socket."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Protocol

from chat import campaigns, db, runtime
from chat.actions.rebuild import ms, with_queue
from chat.actions.sweep import all_lanes
from chat.events import LANES_TOPIC, AnyEvent, LaneChanged
from chat.models import Counselor
from chat.protocol import CounselorCounts, CounselorLoad, LaneStats, QueueStats
from chat.rules.errors import ChatError
from chat.rules.types import Lane
from chat.store.errors import QueueLost, StoreDown
from chat.store.presence import CounselorSeen
from chat.tasks import end_tasks
from notalone import clock, metrics

logger = logging.getLogger(__name__)

EVERY_S = 1.0
QUIET_EVERY = 5  # seconds between two counts when no hint came
NAMES_FRESH_S = 30.0


class Watcher(Protocol):
    """A staff socket that wants the counts."""

    wants_people: bool

    def show_stats(self, stats: QueueStats) -> None: ...


class Board:
    """One a process. Counts while somebody watches."""

    def __init__(self, parts: runtime.Runtime) -> None:
        self._watchers: set[Watcher] = set()
        self._names: dict[str, tuple[str, str]] = {}
        self._names_at = float("-inf")
        self._due = asyncio.Event()
        self._is_changed = False
        self.latest: QueueStats | None = None
        parts.hub.subscribe(LANES_TOPIC, self._hear)
        parts.stoppers.append(self.stop)
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        await end_tasks([self._task])

    def join(self, watcher: Watcher) -> None:
        """Show the counts to a socket from now on, the first time at once."""
        self._watchers.add(watcher)
        self._due.set()

    def leave(self, watcher: Watcher) -> None:
        self._watchers.discard(watcher)

    def _hear(self, event: AnyEvent) -> None:
        self._is_changed = True
        if isinstance(event, LaneChanged) and event.urgent:
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
            await self._show()

    async def _show(self) -> None:
        try:
            stats = await self.count()
        except (StoreDown, QueueLost, ChatError) as error:
            logger.info("the board waits: %s", type(error).__name__)
            return
        except Exception:
            logger.exception("the board failed")
            return
        self.latest = stats
        counts_alone = QueueStats(lanes=stats.lanes, counselors=stats.counselors, free_slots=stats.free_slots)
        for watcher in list(self._watchers):
            watcher.show_stats(stats if watcher.wants_people else counts_alone)

    async def count(self) -> QueueStats:
        """Count lanes and counselors. Raises StoreDown, or ChatError ``unavailable``."""
        parts = runtime.current()
        now_ms = ms(clock.now())
        lanes = await all_lanes()
        counts = await with_queue(lambda: parts.queue.counts(lanes))
        seen = await with_queue(lambda: parts.presence.counselors(now_ms))
        names = await self._people()
        for count in counts:
            metrics.WAITING.labels(count.lane.audience, count.lane.language).set(count.waiting)
        return QueueStats(
            lanes=[
                LaneStats(
                    audience=count.lane.audience,
                    language=count.lane.language,
                    waiting=count.waiting,
                    oldest_wait_s=_waited_s(count.oldest_opened_ms, now_ms),
                    accepting=_is_accepting(count.lane),
                )
                for count in counts
            ],
            counselors=_counts(seen, now_ms, len(names)),
            free_slots=sum(_free(one, now_ms) for one in seen),
            people=_people_of(seen, names, now_ms),
        )

    async def _people(self) -> dict[str, tuple[str, str]]:
        if time.monotonic() - self._names_at > NAMES_FRESH_S:
            self._names = await db.run(_read_people)
            self._names_at = time.monotonic()
        return self._names


def _read_people() -> dict[str, tuple[str, str]]:
    rows = Counselor.objects.filter(user__is_active=True).values_list(
        "id", "name", "user__organization__name"
    )
    return {str(key): (name, organization or "") for key, name, organization in rows}


def _is_accepting(lane: Lane) -> bool:
    loaded = campaigns.at_hand()
    campaign = loaded.current(clock.now())
    return campaign is not None and loaded.is_lane_accepting(campaign, lane.audience, lane.language)


def _waited_s(opened_ms: int | None, now_ms: int) -> int:
    return max(0, (now_ms - opened_ms) // 1000) if opened_ms is not None else 0


def _is_here(one: CounselorSeen, now_ms: int) -> bool:
    return one.lease_until_ms > now_ms


def _state(one: CounselorSeen, now_ms: int) -> str:
    if one.state != "available" or not _is_here(one, now_ms):
        return "away"
    return "busy" if one.load >= one.capacity else "available"


def _free(one: CounselorSeen, now_ms: int) -> int:
    return one.capacity - one.load if _state(one, now_ms) == "available" else 0


def _counts(seen: list[CounselorSeen], now_ms: int, everybody: int) -> CounselorCounts:
    states = [_state(one, now_ms) for one in seen]
    available, busy = states.count("available"), states.count("busy")
    return CounselorCounts(available=available, busy=busy, away=max(0, everybody - available - busy))


def _people_of(
    seen: list[CounselorSeen], names: dict[str, tuple[str, str]], now_ms: int
) -> list[CounselorLoad]:
    by_id = {one.id: one for one in seen}
    people = []
    for key, (name, organization) in sorted(names.items(), key=lambda item: (item[1][1], item[1][0])):
        one = by_id.get(key)
        people.append(
            CounselorLoad(
                id=key,
                name=name,
                organization=organization,
                state=_state(one, now_ms) if one else "away",
                load=one.load if one else 0,
                capacity=one.capacity if one else 0,
                online=_is_here(one, now_ms) if one else False,
            )
        )
    return people


def current() -> Board:
    """Give this process's board, starting it the first time."""
    parts = runtime.current()
    board = parts.board
    if not isinstance(board, Board):
        board = parts.board = Board(parts)
    return board
