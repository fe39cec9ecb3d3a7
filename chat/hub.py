"""Process-wide fan-out: listeners of this process first, the other processes through Redis.

All processes listen to one Redis channel. What is published waits in a list and goes out as one
sealed text, so a burst costs one command here and one reading in each other process, and Redis, its
slow log and its monitors see no word. A process opens only the events that one of its own sockets
listens for, and passes over its own texts unopened. Each says once a second that it is here; who has
heard no other for a while keeps its events to itself. Everything is a hint: when Redis is away the
batch is dropped, and the readers catch up from the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import msgspec
import redis.asyncio
from redis.exceptions import RedisError

from chat.events import AnyEvent
from chat.sealing import SealBroken, open_event, seal_event
from chat.store.errors import StoreDown
from chat.store.keys import Keys
from chat.store.scripts import command
from chat.tasks import end_tasks

logger = logging.getLogger(__name__)

Listener = Callable[[AnyEvent], None]

_encode = msgspec.json.Encoder().encode
_split = msgspec.json.Decoder(list[tuple[str, msgspec.Raw]]).decode
_decode = msgspec.json.Decoder(AnyEvent).decode
_HERE_EVERY_S = 1.0
_ALONE_AFTER_S = 5.0
_LEISURE_S = 0.05
_MAX_NOTED = 10_000  # topics: of some seconds
_MAX_UNSENT = 10_000
_MAX_BATCH = 500  # some 200 KB: more would hold up what comes after it


class Hub:
    """Deliver events by topic. ``linked`` tells whether Redis is heard now."""

    def __init__(self, client: redis.asyncio.Redis, namespace: str) -> None:
        self._redis = client
        self._channel = f"{Keys(namespace).tag}:ev"
        self._process = secrets.token_hex(4)
        self._listeners: dict[str, set[Listener]] = {}
        self._unsent: list[tuple[str, AnyEvent]] = []
        self._has_unsent = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._is_new = asyncio.Event()
        self._count = self._forgotten = 0
        self._newest: OrderedDict[str, int] = OrderedDict()  # topic → the number of what was heard last of it
        self._is_alone = False
        self._heard_at = 0.0
        self.linked = False
        self.on_relinked: Callable[[], None] = lambda: None

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._publish_forever()),
            asyncio.create_task(self._hear_forever()),
            asyncio.create_task(self._say_here_forever()),
        ]

    async def stop(self) -> None:
        await end_tasks(self._tasks)
        self._tasks = []

    def subscribe(self, topic: str, listener: Listener) -> None:
        if not self._listeners:
            self._is_new.set()
        self._listeners.setdefault(topic, set()).add(listener)

    def unsubscribe(self, topic: str, listener: Listener) -> None:
        listeners = self._listeners.get(topic)
        if listeners is None:
            return
        listeners.discard(listener)
        if not listeners:
            del self._listeners[topic]

    def publish(self, topic: str, event: AnyEvent, *, at_leisure: bool = False) -> None:
        """Deliver here at once, and to the other processes with the next batch.

        ``at_leisure``: it may wait ``_LEISURE_S`` for others of its kind: they come by the hundred in a rush.
        """
        self.deliver(topic, event)
        if self._is_alone or len(self._unsent) >= _MAX_UNSENT:
            return
        self._unsent.append((topic, event))
        if not at_leisure:
            self._has_unsent.set()
        elif len(self._unsent) == 1:  # else what stands before it has set the time
            asyncio.get_running_loop().call_later(_LEISURE_S, self._has_unsent.set)

    @property
    def count(self) -> int:
        """Say how many events have been heard: what ``was_heard`` is asked with."""
        return self._count

    def was_heard(self, topic: str, since: int) -> bool:
        """Tell whether a topic had an event after ``since``, listened for or not, or may have had one.

        Who has read a row, and listens only now, reads it again then.
        """
        return self._newest.get(topic, 0) > since or self._forgotten > since

    def _note(self, topic: str) -> None:
        self._count += 1
        self._newest[topic] = self._count
        self._newest.move_to_end(topic)
        if len(self._newest) > _MAX_NOTED:
            _, self._forgotten = self._newest.popitem(last=False)

    def deliver(self, topic: str, event: AnyEvent) -> None:
        """Deliver to the listeners of this process alone."""
        self._note(topic)
        for listener in tuple(self._listeners.get(topic, ())):
            try:
                listener(event)
            except Exception:  # one socket's fault must not keep the event from the others
                logger.exception("a listener failed on %s", type(event).__name__)

    async def _publish_forever(self) -> None:
        while True:
            await self._has_unsent.wait()
            batch, self._unsent = self._unsent[:_MAX_BATCH], self._unsent[_MAX_BATCH:]
            if not self._unsent:
                self._has_unsent.clear()
            if not batch:  # what waited at leisure went out with what could not
                continue
            try:
                await self._say(seal_event(_encode(batch)))
            except Exception as error:  # whatever it was, the next batch goes out
                is_expected = isinstance(error, StoreDown)
                logger.warning(
                    "%d events did not reach the other processes", len(batch), exc_info=not is_expected
                )
                await asyncio.sleep(0.2)

    async def _say_here_forever(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_HERE_EVERY_S):
                    await self._is_new.wait()
            self._is_new.clear()
            if self.linked and self._listeners:  # who only speaks, as the timers do, need not be told
                self._is_alone = time.monotonic() - self._heard_at > _ALONE_AFTER_S
                with contextlib.suppress(Exception):  # the next one is due in a second
                    await self._say("")

    async def _say(self, sealed: str) -> None:
        await command(self._redis, "PUBLISH", self._channel, f"{self._process}|{sealed}")

    async def _hear_forever(self) -> None:
        pause = 0.1
        while True:
            pubsub = self._redis.pubsub()
            try:
                await pubsub.subscribe(self._channel)
                await self._hear(pubsub)
            except Exception as error:  # a client library's own faults too: this process must hear again
                if not isinstance(error, RedisError | OSError):
                    logger.warning("the hub connects anew", exc_info=True)
                pause = 0.1 if self.linked else min(pause * 2, 2.0)
                self.linked = self._is_alone = False
                await asyncio.sleep(pause)
            finally:
                with contextlib.suppress(Exception):
                    await pubsub.aclose()  # type: ignore[no-untyped-call]  # redis-py leaves it untyped

    async def _hear(self, pubsub: Any) -> None:
        while True:
            message = await pubsub.get_message(ignore_subscribe_messages=False, timeout=1.0)
            if message is None:
                continue
            if message["type"] == "subscribe":  # once a connection, also a new one of the library's own
                self.linked, self._heard_at = True, time.monotonic()
                self._is_new.set()
                self.on_relinked()
            if message["type"] == "message":
                self._receive(message["data"])

    def _receive(self, text: str) -> None:
        process, _, sealed = text.partition("|")
        if process == self._process:
            return
        self._is_alone, self._heard_at = False, time.monotonic()
        if not sealed:
            return
        try:
            batch = _split(open_event(sealed))
        except (msgspec.MsgspecError, SealBroken):
            logger.warning("a batch of events of another version was passed over")
            return
        for topic, raw in batch:
            if topic not in self._listeners:
                self._note(topic)
                continue
            try:
                event = _decode(raw)
            except msgspec.MsgspecError:
                logger.warning("an event of another version was passed over")
                continue
            self.deliver(topic, event)
