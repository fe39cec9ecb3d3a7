"""Words of command between processes, through the Channels layer: rights taken away, campaigns or ready
sentences changed.

The hub carries the talk, many events a second; this carries a handful a day, and any process can say
one, a management command too. A word lost is made good: rights are looked at every minute, campaigns
read anew every two seconds, ready sentences when a desk connects again.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from chat import campaigns, runtime
from chat.events import READY_TOPIC, ReadyChanged, StaffRevoked, user_topic
from chat.tasks import end_tasks

logger = logging.getLogger(__name__)

GROUP = "control"
RETRY_S = 2.0


def _layer() -> Any:
    layer = get_channel_layer()
    assert layer is not None  # noqa: S101 — the settings name one
    return layer


async def say(kind: str, **fields: str) -> None:
    """Say a word of command: to this process at once, to the others if Redis is there.

    Heard twice is heard once.
    """
    word = {"type": kind, **fields}
    obey(word, runtime.at_hand())
    try:
        await _layer().group_send(GROUP, word)
    except (RedisError, OSError, TimeoutError):
        logger.warning("%s did not reach the other processes", kind)


async def revoke(user: str) -> None:
    """Make the user's sockets look at their rights at once, in every process."""
    await say("staff.revoked", user=user)


async def campaigns_changed() -> None:
    """Make every process read the campaigns anew."""
    await say("campaigns.changed")


async def ready_changed(organization: str) -> None:
    """Have an organization's desks read their ready sentences anew; those of all where it is empty."""
    await say("ready.changed", organization=organization)


def start(parts: runtime.Runtime) -> None:
    """Listen in this process until its parts stop."""
    task = asyncio.create_task(_listen(parts))

    async def stop() -> None:
        await end_tasks([task])

    parts.stoppers.append(stop)


async def _listen(parts: runtime.Runtime) -> None:
    layer = _layer()
    while True:
        try:
            channel = await layer.new_channel()
            await layer.group_add(GROUP, channel)
            while True:
                obey(await layer.receive(channel), parts)
        except Exception as error:  # a client library's own faults too: this process must hear again
            if not isinstance(error, RedisError | OSError):
                logger.warning("the words of command are heard anew", exc_info=True)
            await asyncio.sleep(RETRY_S)


def obey(word: dict[str, Any], parts: runtime.Runtime | None) -> None:
    """Do in this process what was said; an unknown word is another version's. Without parts there are no
    sockets that could be told."""
    match word:
        case {"type": "staff.revoked", "user": str(user)} if parts is not None:
            parts.hub.deliver(user_topic(user), StaffRevoked(user=user))
        case {"type": "ready.changed", "organization": str(organization)} if parts is not None:
            parts.hub.deliver(READY_TOPIC, ReadyChanged(organization=organization))
        case {"type": "campaigns.changed"}:
            campaigns.stale()
