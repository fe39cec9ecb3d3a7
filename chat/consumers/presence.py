"""Who is here, as the other side is told: at once when somebody comes, later when somebody goes.

A phone in a tunnel comes and goes; only an absence of some seconds is worth a word.
"""

from __future__ import annotations

import asyncio
import uuid

from chat import runtime
from chat.actions.rebuild import ms
from chat.events import PresenceChanged, conversation_topic
from chat.store.errors import StoreDown
from notalone import clock

GONE_AFTER_S = 8.0


def say_here(conversation: uuid.UUID, who: str) -> None:
    _say(conversation, who, online=True)


async def say_gone_later(conversation: uuid.UUID, ticket: str) -> None:
    """Say that the visitor is gone, unless another socket of theirs has come meanwhile."""
    left_ms = ms(clock.now())
    await asyncio.sleep(GONE_AFTER_S)
    try:
        seen = await runtime.current().queue.last_seen([ticket])
    except StoreDown:
        return
    if seen[0] is None or seen[0] <= left_ms:
        _say(conversation, "visitor", online=False)


def _say(conversation: uuid.UUID, who: str, *, online: bool) -> None:
    event = PresenceChanged(conversation=str(conversation), who=who, online=online)
    runtime.current().hub.publish(conversation_topic(str(conversation)), event)
