"""Who is here, as the other side is told: at once when somebody comes, later when somebody goes.

A phone in a tunnel comes and goes; only an absence of some seconds is worth a word.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Iterable

from django.conf import settings

from chat import runtime, ticker
from chat.actions.rebuild import ms
from chat.events import AnyEvent, PresenceChanged, conversation_topic
from chat.store.errors import QueueLost, StoreDown
from notalone import clock

GONE_AFTER_S = 8.0
COUNSELOR_GONE_AFTER_S = 12.0  # longer than from beat to beat, which tell of a tab in another process


def say_here(conversation: uuid.UUID, who: str) -> None:
    _say(conversation, who, online=True)


async def say_gone_later(conversation: uuid.UUID, ticket: str) -> None:
    """Say that the visitor is gone, unless another socket of theirs has come meanwhile.

    The other socket says so itself. If that word was lost, its signs of life tell, as far as two
    processes' clocks agree.
    """
    parts, topic = runtime.current(), conversation_topic(str(conversation))
    is_back = asyncio.Event()

    def hear(event: AnyEvent) -> None:
        if isinstance(event, PresenceChanged) and event.who == "visitor" and event.online:
            is_back.set()

    parts.hub.subscribe(topic, hear)
    left_ms = ms(clock.now())
    try:
        with contextlib.suppress(StoreDown):
            await parts.queue.touch([ticket], left_ms)
        async with asyncio.timeout(GONE_AFTER_S):
            await is_back.wait()
    except TimeoutError:
        if await _is_unseen_since(ticket, left_ms):
            _say(conversation, "visitor", online=False)
    finally:
        parts.hub.unsubscribe(topic, hear)


async def _is_unseen_since(ticket: str, left_ms: int) -> bool:
    try:
        seen = await runtime.current().queue.last_seen([ticket])
    except StoreDown:
        return False
    return seen[0] is None or seen[0] <= left_ms


async def say_counselor_gone_later(conversations: Iterable[uuid.UUID], counselor: uuid.UUID) -> None:
    """Say that the counselor is gone, unless another tab is there, here or in another process."""
    left_ms = ms(clock.now())
    await asyncio.sleep(COUNSELOR_GONE_AFTER_S)
    parts = runtime.current()
    if any(desk.counselor == counselor for desk in ticker.current().desks):
        return
    try:
        seen = await parts.presence.counselors(left_ms)
    except (StoreDown, QueueLost):
        return
    lease_at_leaving_ms = left_ms + settings.COUNSELOR_LEASE_S * 1000
    if any(one.id == str(counselor) and one.lease_until_ms > lease_at_leaving_ms for one in seen):
        return
    for conversation in conversations:
        _say(conversation, "counselor", online=False)


def _say(conversation: uuid.UUID, who: str, *, online: bool) -> None:
    event = PresenceChanged(conversation=str(conversation), who=who, online=online)
    runtime.current().hub.publish(conversation_topic(str(conversation)), event)
