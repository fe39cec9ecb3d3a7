"""Writing the queue anew after Redis has lost it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from chat.rules.types import Lane
from chat.store.errors import QueueLost, StoreDown
from chat.store.keys import REBUILD_LOCK_MS, Keys
from chat.store.presence import CounselorState, counselor_words
from chat.store.scripts import Client, run

CHUNK = 500  # tickets a script: a few milliseconds, so that nobody else waits long
POLL_S = 0.05
POLLS = 600  # 30 s: three times the lock of one who died


class Wishes(NamedTuple):
    """To whom a ticket goes first, if they are free; and to whom never."""

    knows: str = ""
    avoids: tuple[str, ...] = ()

    def text(self) -> str:
        """Write them as the scripts read them; empty where there are none."""
        return f"{self.knows};{','.join(self.avoids)}" if self.knows or self.avoids else ""


NO_WISHES = Wishes()


class Waiting(NamedTuple):
    """A ticket's place: ``score_ms`` orders the lane, ``opened_ms`` tells the wait."""

    ticket: str
    lane: Lane
    score_ms: int
    opened_ms: int
    wishes: Wishes = NO_WISHES


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the database says; ``waiting`` in any order."""

    waiting: Sequence[Waiting]
    counselors: Sequence[CounselorState]


LoadSnapshot: TypeAlias = Callable[[], Awaitable[Snapshot]]


async def rebuild(redis: Client, keys: Keys, snapshot: Snapshot | LoadSnapshot, now_ms: int) -> bool:
    """Rebuild, or wait for whoever does; see ``Queue.rebuild``."""
    token = secrets.token_hex(8)
    for _ in range(POLLS):
        answer = await run(redis, "rebuild_begin", keys.tag, token, REBUILD_LOCK_MS)
        if answer == "stands":
            return False
        if answer == "mine":
            try:
                if await _write(redis, keys, token, snapshot, now_ms):
                    return True
            except BaseException:  # the lock must not outlive us, whatever it was
                with suppress(StoreDown):
                    await run(redis, "rebuild_abandon", keys.tag, token)
                raise
        await asyncio.sleep(POLL_S)
    raise QueueLost


async def _write(
    redis: Client, keys: Keys, token: str, snapshot: Snapshot | LoadSnapshot, now_ms: int
) -> bool:
    found = snapshot if isinstance(snapshot, Snapshot) else await snapshot()
    lock = (token, REBUILD_LOCK_MS, now_ms)
    for chunk in _chunks(found.waiting):
        if not await run(redis, "rebuild_waiting", keys.tag, *lock, *chunk):
            return False
    for counselor in found.counselors:
        assigned = "" if counselor.last_assigned_ms is None else counselor.last_assigned_ms
        words = (*counselor_words(counselor), assigned, *(counselor.held or ()))
        if not await run(redis, "rebuild_counselor", keys.tag, *lock, *words):
            return False
    return bool(await run(redis, "rebuild_finish", keys.tag, token))


def _chunks(waiting: Sequence[Waiting]) -> Iterator[list[str | int]]:
    for start in range(0, len(waiting), CHUNK):
        yield [
            word
            for ticket, lane, score_ms, opened_ms, wishes in waiting[start : start + CHUNK]
            for word in (ticket, str(lane), score_ms, opened_ms, wishes.text())
        ]
