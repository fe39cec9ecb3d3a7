"""Make the queue again from the rows, and put right where the two differ."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from weakref import WeakKeyDictionary

from django.db.models import Max

from chat import db, runtime
from chat.actions.wishes import read_waiting
from chat.models import Assignment, Conversation, Counselor
from chat.rules.types import Lane
from chat.store.errors import QueueLost, StoreDown
from chat.store.presence import CounselorState
from chat.store.queue import Queue
from chat.store.rebuild import Snapshot
from notalone import clock, metrics

logger = logging.getLogger(__name__)

T = TypeVar("T")


def read_counselor(counselor_id: str) -> CounselorState | None:
    """Read what the queue must know of one counselor (a database thread's work)."""
    row = Counselor.objects.prefetch_related("lanes").filter(id=counselor_id).first()
    if row is None:
        return None
    held = Conversation.objects.filter(counselor=row, state=Conversation.OPEN).values_list(
        "ticket_id", flat=True
    )
    return _state(row, [str(ticket) for ticket in held])


def _state(row: Counselor, held: list[str]) -> CounselorState:
    return CounselorState(
        id=str(row.id),
        state="available" if row.state == Counselor.AVAILABLE else "away",
        capacity=row.capacity,
        lanes=tuple(_lane(lane.audience, lane.language) for lane in row.lanes.all()),
        held=tuple(held),
    )


def _lane(audience: str, language: str) -> Lane:
    return Lane("youth" if audience == "youth" else "general", language)


def read_snapshot() -> Snapshot:
    """Read the whole queue (a database thread's work)."""
    return Snapshot(waiting=read_waiting(), counselors=_with_turns(read_counselors()))


def _with_turns(counselors: list[CounselorState]) -> list[CounselorState]:
    """Say when each was assigned last, so that the longest idle is still the next."""
    rows = Assignment.objects.filter(counselor__in=[one.id for one in counselors]).values_list("counselor")
    turns = {str(key): ms(at) for key, at in rows.annotate(newest=Max("assigned_at"))}
    return [replace(one, last_assigned_ms=turns.get(one.id)) for one in counselors]


def read_counselors() -> list[CounselorState]:
    """Read who is available or holds a conversation (a database thread's work)."""
    held: dict[str, list[str]] = {}
    talks = Conversation.objects.filter(state=Conversation.OPEN, counselor__isnull=False)
    for counselor, ticket in talks.values_list("counselor_id", "ticket_id"):
        held.setdefault(str(counselor), []).append(str(ticket))
    return [
        _state(row, held.get(str(row.id), []))
        for row in Counselor.objects.prefetch_related("lanes")
        if row.state == Counselor.AVAILABLE or str(row.id) in held
    ]


_under_way: WeakKeyDictionary[runtime.Runtime, asyncio.Task[bool]] = WeakKeyDictionary()


async def rebuild() -> bool:
    """Rebuild the queue in Redis from the rows; false when another process did it meanwhile.

    Of a process's callers one does it, or waits for the other process, and the others wait for that one.
    """
    parts = runtime.current()
    task = _under_way.get(parts)
    if task is None or task.done():
        task = _under_way[parts] = parts.beside(_rebuild(parts.queue))
    return await asyncio.shield(task)  # who gives up waiting does not end it for the others


async def _rebuild(queue: Queue) -> bool:
    started = time.monotonic()
    done = await queue.rebuild(lambda: db.run(read_snapshot), now_ms=clock.epoch_ms(clock.now()))
    if done:
        metrics.REBUILDS.inc()
        logger.warning("the queue was rebuilt from the database in %.2f s", time.monotonic() - started)
    return done


async def with_queue(work: Callable[[], Awaitable[T]]) -> T:
    """Do something with the queue; when it was lost, rebuild it and try once more. Raises StoreDown."""
    try:
        return await work()
    except QueueLost:
        await rebuild()
    try:
        return await work()
    except QueueLost as error:
        raise StoreDown("the queue is being rebuilt") from error


def ms(instant: datetime) -> int:
    """Give an instant in the queue's unit."""
    return clock.epoch_ms(instant)
